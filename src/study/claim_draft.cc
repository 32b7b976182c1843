#include "study/claim_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "study/claim_sweeps.h"

namespace windtunnel::study {

PlanDraft::PlanDraft(SheetFile of, const catalog::Catalog& parts, bool reduced)
    : sheet(std::move(of)), catalog(parts), quick(reduced), jobs(plan.runs, plan.jobs) {
  plan.text = sheet.text;
  plan.file = sheet.file;
}

void PlanDraft::complain(const std::string& path, std::string message, std::string hint) {
  errors_.push_back({at(path), std::move(message), std::move(hint)});
}
void PlanDraft::complain(const std::string& path, const base::Error& error) {
  complain(path, error.message, error.hint);
}
void PlanDraft::append(const std::vector<base::Error>& more) {
  errors_.insert(errors_.end(), more.begin(), more.end());
}

bool PlanDraft::required(const std::string& path, const char* key, const std::string& value) {
  if (!value.empty()) return true;
  const std::string whole = fmt::format("{}.{}", path, key);
  complain(sheet.marks.given(whole) ? whole : path, fmt::format("`{}` is missing or empty", key));
  return false;
}

// A name that is free; complains otherwise.
bool PlanDraft::new_name(const std::string& path, const std::string& name) {
  if (!required(path, "name", name)) return false;
  const base::Status fresh = names.check_new(name);
  if (!fresh) complain(path + ".name", fresh.error());
  return fresh.has_value();
}

std::optional<BoundFormula> PlanDraft::formula(const std::string& path, const char* key,
                                               const std::string& text) {
  if (!required(path, key, text)) return {};
  base::Result<BoundFormula> found = names.bind(text, at(fmt::format("{}.{}", path, key)));
  if (!found) {
    errors_.push_back(found.error());
    return {};
  }
  return std::move(*found);
}

std::optional<BoundFormula> PlanDraft::bound(const std::string& path, const char* key,
                                             const std::string& text,
                                             const catalog::Dimension& dimension) {
  if (text.empty()) return {};
  auto value = formula(path, key, text);
  if (value && value->dimension != dimension) {
    complain(fmt::format("{}.{}", path, key),
             fmt::format("found a bound in {}, expected one in {} like the figure",
                         catalog::to_string(value->dimension), catalog::to_string(dimension)));
    return {};
  }
  return value;
}

void PlanDraft::runs_of(const BoundFormula& formula, const PlannedClaim& claim,
                        std::set<size_t>& runs) const {
  for (const NameReference& name : formula.names) {
    if (name.kind == NameReference::Kind::kMetric) runs.insert(name.index);
    if (name.kind == NameReference::Kind::kFigure) {
      runs_of(claim.figures[name.index].value, claim, runs);
    }
    if (name.kind != NameReference::Kind::kBill) continue;
    for (const BillLine& line : plan.bills[name.index].lines) {
      runs_of(line.count, claim, runs);
      runs_of(line.each, claim, runs);
    }
  }
}

void PlanDraft::use(const BoundFormula& formula, const PlannedClaim& claim) {
  std::set<size_t> runs;
  runs_of(formula, claim, runs);
  for (const size_t r : runs) use_run(r);
}

void PlanDraft::use_run(size_t r) {
  if (plan.base_jobs[r]) return;
  const auto job = jobs.need(r, {}, plan.runs[r].at);
  if (job) {
    plan.base_jobs[r] = *job;
  } else if (failed.insert(r).second) {
    append(job.error());
  }
}

std::optional<ClaimSweep> PlanDraft::sweep(const SweepText& text, const std::string& path,
                                           const std::vector<const BoundFormula*>& formulas,
                                           bool complete, const PlannedClaim& claim) {
  std::set<size_t> runs;
  for (const BoundFormula* formula : formulas) runs_of(*formula, claim, runs);
  SweepContext context{plan, names, jobs, sheet.marks, runs, complete};
  auto planned = plan_sweep(text, path, context);
  if (!planned) {
    append(planned.error());
    return {};
  }
  swept.insert(runs.begin(), runs.end());
  // Runs that the sweep leaves alone are needed as they are.
  for (const size_t r : runs) {
    const bool alone = std::any_of(planned->points.begin(), planned->points.end(),
                                   [&](const ClaimPoint& p) { return !p.jobs[r]; });
    if (alone) use_run(r);
  }
  return std::move(*planned);
}

ClaimPlanResult PlanDraft::finish() {
  if (errors_.empty()) return std::move(plan);
  std::erase_if(errors_, is_consequence);
  WT_CHECK(!errors_.empty(), "a consequence follows from a mistake");
  scenario::sort_by_place(errors_);
  return tl::unexpected(std::move(errors_));
}

}  // namespace windtunnel::study
