#include "study/claim_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "scenario/suggest.h"
#include "study/claim_draft.h"
#include "study/claim_givens.h"
#include "study/claim_plan_plots.h"

namespace windtunnel::study {
namespace {

using catalog::Dimension;

class ClaimPlanner {
 public:
  explicit ClaimPlanner(PlanDraft& draft) : draft_(draft) {}

  void operator()() {
    const std::vector<ClaimText>& claims = draft_.sheet.text.claims;
    std::set<std::string> ids;
    for (size_t i = 0; i < claims.size(); ++i) {
      const std::string& id = claims[i].id;
      if (!id.empty() && !ids.insert(id).second) {
        draft_.complain(fmt::format("claims[{}].id", i),
                        fmt::format("claim `{}` is given twice", id));
      }
      claim(i);
    }
  }

 private:
  void claim(size_t i) {
    const ClaimText& text = draft_.sheet.text.claims[i];
    const std::string path = fmt::format("claims[{}]", i);
    PlannedClaim claim;
    claim.text = text;
    draft_.required(path, "id", text.id);
    draft_.required(path, "title", text.title);
    draft_.required(path, "says", text.says);
    draft_.required(path, "source", text.source);
    draft_.names.forget_figures();
    for (size_t k = 0; k < text.figures.size(); ++k) {
      figure(text.figures[k], fmt::format("{}.figures[{}]", path, k), claim);
    }
    verdict(path, claim);
    for (size_t k = 0; k < text.assumptions.size(); ++k) {
      const std::string where = fmt::format("{}.assumptions[{}]", path, k);
      draft_.required(where, "text", text.assumptions[k].text);
      if (!draft_.sheet.marks.given(where + ".mark")) {
        draft_.complain(where, "`mark` is missing, expected how the assumption is known");
      }
    }
    for (const ClaimFigure& f : claim.figures) draft_.use(f.value, claim);
    for (size_t k = 0; k < text.sensitivity.size(); ++k) sensitivity(k, path, claim);
    plan_plots(draft_, path, claim);
    draft_.plan.claims.push_back(std::move(claim));
  }

  void figure(const ClaimFigureText& text, const std::string& path, PlannedClaim& claim) {
    const bool fresh = draft_.new_name(path, text.name);
    auto value = draft_.formula(path, "value", text.value);
    const base::Result<catalog::Unit> unit = catalog::parse_unit(text.unit);
    if (!unit) draft_.complain(path + ".unit", unit.error());
    if (!fresh) return;
    if (value && unit && unit->dimension != value->dimension) {
      draft_.complain(path + ".value", fmt::format("found a value in {}, expected one in {} ({})",
                                                   catalog::to_string(value->dimension),
                                                   catalog::to_string(unit->dimension), text.unit));
      value.reset();
    }
    if (!value || !unit) {
      draft_.names.add_broken_figure(text.name);
      return;
    }
    draft_.names.add_figure(text.name, claim.figures.size(), value->dimension);
    claim.figures.push_back({text.name, text.label.empty() ? text.name : text.label,
                             std::move(*value), text.unit, unit->factor});
  }

  void verdict(const std::string& claim_path, PlannedClaim& claim) {
    const VerdictText& text = claim.text.verdict;
    const std::string path = claim_path + ".verdict";
    if (!text.untestable.empty()) {
      if (!text.figure.empty() || !text.at_least.empty() || !text.at_most.empty()) {
        draft_.complain(path, "a claim is either computed or `untestable`, not both");
      }
      return;
    }
    if (text.at_least.empty() && text.at_most.empty()) {
      draft_.complain(path,
                      "expected `at_least`, `at_most` or `untestable`: no verdict can be computed");
    }
    if (!draft_.required(path, "figure", text.figure)) return;
    claim.decides = decider(path, claim);
    if (!claim.decides) return;
    const Dimension& dimension = claim.figures[*claim.decides].value.dimension;
    claim.at_least = draft_.bound(path, "at_least", text.at_least, dimension);
    claim.at_most = draft_.bound(path, "at_most", text.at_most, dimension);
  }

  // The figure that decides; empty when there is none of that name, or when its own line is wrong.
  std::optional<size_t> decider(const std::string& path, const PlannedClaim& claim) {
    const std::string& wanted = claim.text.verdict.figure;
    for (size_t k = 0; k < claim.figures.size(); ++k) {
      if (claim.figures[k].name == wanted) return k;
    }
    std::vector<std::string> known;
    for (const ClaimFigureText& figure : claim.text.figures) known.push_back(figure.name);
    if (std::find(known.begin(), known.end(), wanted) == known.end()) {
      draft_.complain(path + ".figure",
                      fmt::format("unknown figure {} of this claim", scenario::quoted(wanted)),
                      scenario::suggestion(wanted, known));
    }
    return {};
  }

  void sensitivity(size_t k, const std::string& claim_path, PlannedClaim& claim) {
    const SensitivityText& text = claim.text.sensitivity[k];
    const std::string path = fmt::format("{}.sensitivity[{}]", claim_path, k);
    if (!claim.decides) {
      if (!claim.text.verdict.untestable.empty())
        draft_.complain(path, "an untestable claim varies nothing");
      return;
    }
    const VerdictText& verdict = claim.text.verdict;
    const bool complete = claim.at_least.has_value() == !verdict.at_least.empty() &&
                          claim.at_most.has_value() == !verdict.at_most.empty();
    std::vector<const BoundFormula*> formulas = {&claim.figures[*claim.decides].value};
    for (const auto* bound : {&claim.at_least, &claim.at_most}) {
      if (*bound) formulas.push_back(&**bound);
    }
    auto vary = draft_.sweep(text.vary, path + ".vary", formulas, complete, claim);
    if (vary) claim.sensitivity.push_back({text.why, std::move(*vary)});
  }

  PlanDraft& draft_;
};

// A scenario that nobody uses is read nevertheless, so that its mistakes are known.
void check_unused(PlanDraft& draft) {
  ClaimPlan& plan = draft.plan;
  for (size_t r = 0; r < plan.runs.size(); ++r) {
    if (plan.base_jobs[r] || draft.failed.count(r) > 0 || draft.swept.count(r) > 0) continue;
    const ScenarioResult scenario = read_run(plan.runs[r], plan.runs[r].set);
    if (!scenario) draft.append(scenario.error());
    plan.warnings.push_back({plan.runs[r].at,
                             fmt::format("run `{}` is used by no formula and no plot, and is "
                                         "left out",
                                         plan.runs[r].name),
                             {}});
  }
}

}  // namespace

ClaimPlanResult plan_claims(SheetFile sheet, const catalog::Catalog& catalog, bool quick) {
  PlanDraft draft(std::move(sheet), catalog, quick);
  if (draft.sheet.text.name.empty()) draft.complain("name", "`name` is missing or empty");
  if (draft.sheet.text.claims.empty()) draft.complain("claims", "a sheet has at least one claim");
  plan_givens(draft);
  ClaimPlanner{draft}();
  check_unused(draft);
  return draft.finish();
}

}  // namespace windtunnel::study
