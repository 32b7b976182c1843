#include "study/claim_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "scenario/suggest.h"
#include "study/claim_jobs.h"
#include "study/claim_names.h"
#include "study/claim_sweeps.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;
using catalog::Dimension;

class Planner {
 public:
  Planner(SheetFile sheet, const catalog::Catalog& catalog, bool quick)
      : sheet_(std::move(sheet)), catalog_(catalog), quick_(quick), jobs_(plan_.runs, plan_.jobs) {}

  ClaimPlanResult operator()() {
    plan_.text = sheet_.text;
    plan_.file = sheet_.file;
    if (sheet_.text.name.empty()) complain("name", "`name` is missing or empty");
    if (sheet_.text.claims.empty()) complain("claims", "a sheet has at least one claim");
    for (size_t i = 0; i < sheet_.text.inputs.size(); ++i) input(i);
    for (size_t i = 0; i < sheet_.text.runs.size(); ++i) run(i);
    for (size_t i = 0; i < sheet_.text.bills.size(); ++i) bill(i);
    plan_.base_jobs.resize(plan_.runs.size());
    std::set<std::string> ids;
    for (size_t i = 0; i < sheet_.text.claims.size(); ++i) {
      const ClaimText& text = sheet_.text.claims[i];
      if (!text.id.empty() && !ids.insert(text.id).second) {
        complain(fmt::format("claims[{}].id", i),
                 fmt::format("claim `{}` is given twice", text.id));
      }
      claim(i);
    }
    check_unused();
    if (errors_.empty()) return std::move(plan_);
    scenario::sort_by_place(errors_);
    return tl::unexpected(std::move(errors_));
  }

 private:
  // --- complaints ------------------------------------------------------------------------------

  base::SourceMark at(const std::string& path) const { return sheet_.marks.at(path); }
  void complain(const std::string& path, std::string message, std::string hint = {}) {
    errors_.push_back({at(path), std::move(message), std::move(hint)});
  }
  void complain(const std::string& path, const base::Error& error) {
    complain(path, error.message, error.hint);
  }
  void append(const Errors& errors) { errors_.insert(errors_.end(), errors.begin(), errors.end()); }

  bool required(const std::string& path, const char* key, const std::string& value) {
    if (!value.empty()) return true;
    const std::string whole = fmt::format("{}.{}", path, key);
    complain(sheet_.marks.given(whole) ? whole : path,
             fmt::format("`{}` is missing or empty", key));
    return false;
  }

  // A name that is free; complains otherwise.
  bool new_name(const std::string& path, const std::string& name) {
    if (!required(path, "name", name)) return false;
    const base::Status fresh = names_.check_new(name);
    if (!fresh) complain(path + ".name", fresh.error());
    return fresh.has_value();
  }

  std::optional<BoundFormula> formula(const std::string& path, const char* key,
                                      const std::string& text) {
    if (!required(path, key, text)) return {};
    base::Result<BoundFormula> bound = names_.bind(text, at(fmt::format("{}.{}", path, key)));
    if (!bound) {
      errors_.push_back(bound.error());
      return {};
    }
    return std::move(*bound);
  }

  // --- inputs, runs, bills ---------------------------------------------------------------------

  void input(size_t i) {
    const InputText& text = sheet_.text.inputs[i];
    const std::string path = fmt::format("inputs[{}]", i);
    ClaimInput input;
    input.name = text.name;
    input.label = text.label.empty() ? text.name : text.label;
    input.mark = text.mark;
    input.source = text.source;
    input.date = text.date;
    const bool fresh = new_name(path, text.name);
    if (text.from.empty() == text.value.empty()) {
      complain(path, "expected either `value` or `from` (the catalog)");
      return;
    }
    const bool good =
        text.from.empty() ? input_value(text, path, input) : input_from(text, path, input);
    if (!good || !fresh) return;
    if (!text.set.empty()) change_input(text, path, input);
    names_.add_input(text.name, plan_.inputs.size(), input.value.dimension);
    plan_.inputs.push_back(std::move(input));
  }

  bool input_value(const InputText& text, const std::string& path, ClaimInput& input) {
    const base::Result<catalog::Figure> value = catalog::parse_figure(text.value);
    if (!value) {
      complain(path + ".value", value.error());
      return false;
    }
    if (value->value < 0) {
      complain(path + ".value",
               fmt::format("found {}, expected nothing negative", scenario::quoted(text.value)));
    }
    input.value = *value;
    input.percent = text.value.find('%') != std::string::npos;
    required(path, "source", text.source);
    if (!sheet_.marks.given(path + ".mark")) {
      complain(path, "`mark` is missing, expected how the number is known");
    }
    if (catalog::is_money(value->dimension)) required(path, "date", text.date);
    return true;
  }

  bool input_from(const InputText& text, const std::string& path, ClaimInput& input) {
    const base::Result<catalog::Catalog::Found> found = catalog_.figure(text.from);
    if (!found) {
      complain(path + ".from", found.error());
      return false;
    }
    input.value = found->value;
    input.percent = found->figure->text.find('%') != std::string::npos;
    input.mark = found->figure->mark;
    input.source = fmt::format("{}: {}", found->part->name, found->figure->source);
    input.date = found->figure->date;
    return true;
  }

  // What the command line puts in its place must be of the same kind. Where it is not, formulas go
  // on with the input as it was: one mistake, one message.
  void change_input(const InputText& text, const std::string& path, ClaimInput& input) {
    const base::Result<catalog::Figure> value = catalog::parse_figure(text.set);
    if (!value) {
      complain(path + ".set", value.error());
      return;
    }
    if (value->dimension != input.value.dimension || value->value < 0) {
      complain(path + ".set",
               fmt::format("found {}, expected a quantity like {}, not negative",
                           scenario::quoted(text.set), scenario::quoted(text.from + text.value)));
      return;
    }
    input.value = *value;
    input.percent = text.set.find('%') != std::string::npos;
    input.mark = catalog::Mark::kAssumed;
    input.source = "--set";
    input.date = "as given";
  }

  void run(size_t i) {
    const RunText& text = sheet_.text.runs[i];
    const std::string path = fmt::format("runs[{}]", i);
    ClaimRun run;
    run.name = text.name;
    run.label = text.label.empty() ? text.name : text.label;
    run.at = at(path);
    if (!new_name(path, text.name)) return;
    const int ways =
        (text.like.empty() ? 0 : 1) + (text.scenario.given() ? 1 : 0) + (sheet_.inlines[i] ? 1 : 0);
    if (ways != 1) {
      complain(path, "expected one of `scenario` (a file), `inline` and `like` (an earlier run)");
      return;
    }
    if (!text.like.empty()) {
      const base::Result<size_t> model = names_.run(text.like);
      if (!model) {
        complain(path + ".like", model.error());
        return;
      }
      const ClaimRun& from = plan_.runs[*model];
      run.file = from.file;
      run.source = from.source;
      run.inlined = from.inlined;
      run.set = from.set;
    } else if (sheet_.inlines[i]) {
      run.file = sheet_.file;
      run.source = "inline";
      run.inlined = sheet_.inlines[i];
    } else {
      run.file = text.scenario.resolved;
      run.source = text.scenario.text;
    }
    run.set.insert(run.set.end(), text.set.begin(), text.set.end());
    if (quick_) run.set.insert(run.set.end(), text.quick.begin(), text.quick.end());
    const auto kind = kind_of_run(run);
    if (!kind) {
      append(kind.error());
      return;
    }
    run.kind = *kind;
    names_.add_run(run.name, plan_.runs.size(), run.kind);
    plan_.runs.push_back(std::move(run));
  }

  void bill(size_t i) {
    const BillText& text = sheet_.text.bills[i];
    const std::string path = fmt::format("bills[{}]", i);
    ClaimBill bill{text.name, text.label.empty() ? text.name : text.label, {}, {}};
    const bool fresh = new_name(path, text.name);
    if (text.lines.empty()) complain(path, "a bill has at least one line");
    bool good = fresh && !text.lines.empty();
    for (size_t k = 0; k < text.lines.size(); ++k) {
      good = bill_line(text.lines[k], fmt::format("{}.lines[{}]", path, k), bill) && good;
    }
    if (!good) return;
    names_.add_bill(text.name, plan_.bills.size(), bill.dimension);
    plan_.bills.push_back(std::move(bill));
  }

  bool bill_line(const BillLineText& text, const std::string& path, ClaimBill& bill) {
    required(path, "what", text.what);
    auto count = formula(path, "count", text.count);
    auto each = formula(path, "each", text.each);
    if (!count || !each) return false;
    if (!count->dimension.plain()) {
      complain(path + ".count", fmt::format("found a count in {}, expected a plain number",
                                            catalog::to_string(count->dimension)));
      return false;
    }
    if (!catalog::is_money(each->dimension) ||
        (!bill.lines.empty() && each->dimension != bill.dimension)) {
      complain(path + ".each",
               fmt::format("found a price in {}, expected {}", catalog::to_string(each->dimension),
                           bill.lines.empty() ? "a currency" : catalog::to_string(bill.dimension)));
      return false;
    }
    bill.dimension = each->dimension;
    bill.lines.push_back({text.what, std::move(*count), std::move(*each)});
    return true;
  }

  // --- claims ----------------------------------------------------------------------------------

  void claim(size_t i) {
    const ClaimText& text = sheet_.text.claims[i];
    const std::string path = fmt::format("claims[{}]", i);
    PlannedClaim claim;
    claim.text = text;
    required(path, "id", text.id);
    required(path, "title", text.title);
    required(path, "says", text.says);
    required(path, "source", text.source);
    names_.forget_figures();
    for (size_t k = 0; k < text.figures.size(); ++k) {
      figure(text.figures[k], fmt::format("{}.figures[{}]", path, k), claim);
    }
    verdict(path, claim);
    for (size_t k = 0; k < text.assumptions.size(); ++k) {
      const std::string where = fmt::format("{}.assumptions[{}]", path, k);
      required(where, "text", text.assumptions[k].text);
      if (!sheet_.marks.given(where + ".mark")) {
        complain(where, "`mark` is missing, expected how the assumption is known");
      }
    }
    for (const ClaimFigure& f : claim.figures) use(f.value, claim);
    for (size_t k = 0; k < text.sensitivity.size(); ++k) sensitivity(k, path, claim);
    for (size_t k = 0; k < text.plots.size(); ++k) plot(k, path, claim);
    plan_.claims.push_back(std::move(claim));
  }

  void figure(const ClaimFigureText& text, const std::string& path, PlannedClaim& claim) {
    const bool fresh = new_name(path, text.name);
    auto value = formula(path, "value", text.value);
    const base::Result<catalog::Unit> unit = catalog::parse_unit(text.unit);
    if (!unit) complain(path + ".unit", unit.error());
    if (!fresh || !value || !unit) return;
    if (unit->dimension != value->dimension) {
      complain(path + ".value", fmt::format("found a value in {}, expected one in {} ({})",
                                            catalog::to_string(value->dimension),
                                            catalog::to_string(unit->dimension), text.unit));
      return;
    }
    names_.add_figure(text.name, claim.figures.size(), value->dimension);
    claim.figures.push_back({text.name, text.label.empty() ? text.name : text.label,
                             std::move(*value), text.unit, unit->factor});
  }

  void verdict(const std::string& claim_path, PlannedClaim& claim) {
    const VerdictText& text = claim.text.verdict;
    const std::string path = claim_path + ".verdict";
    if (!text.untestable.empty()) {
      if (!text.figure.empty() || !text.at_least.empty() || !text.at_most.empty()) {
        complain(path, "a claim is either computed or `untestable`, not both");
      }
      return;
    }
    if (text.at_least.empty() && text.at_most.empty()) {
      complain(path, "expected `at_least`, `at_most` or `untestable`: no verdict can be computed");
    }
    if (!required(path, "figure", text.figure)) return;
    std::vector<std::string> known;
    for (size_t k = 0; k < claim.figures.size(); ++k) {
      known.push_back(claim.figures[k].name);
      if (claim.figures[k].name == text.figure) claim.decides = k;
    }
    if (!claim.decides) {
      complain(path + ".figure",
               fmt::format("unknown figure {} of this claim", scenario::quoted(text.figure)),
               scenario::suggestion(text.figure, known));
      return;
    }
    const Dimension& dimension = claim.figures[*claim.decides].value.dimension;
    claim.at_least = bound(path, "at_least", text.at_least, dimension);
    claim.at_most = bound(path, "at_most", text.at_most, dimension);
  }

  std::optional<BoundFormula> bound(const std::string& path, const char* key,
                                    const std::string& text, const Dimension& dimension) {
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

  // --- runs in use -----------------------------------------------------------------------------

  // Runs that a formula names, through figures of its claim.
  void runs_of(const BoundFormula& formula, const PlannedClaim& claim, std::set<size_t>& runs) {
    for (const NameReference& name : formula.names) {
      if (name.kind == NameReference::Kind::kMetric) runs.insert(name.index);
      if (name.kind == NameReference::Kind::kFigure) {
        runs_of(claim.figures[name.index].value, claim, runs);
      }
      if (name.kind != NameReference::Kind::kBill) continue;
      for (const BillLine& line : plan_.bills[name.index].lines) {
        runs_of(line.count, claim, runs);
        runs_of(line.each, claim, runs);
      }
    }
  }

  void use(const BoundFormula& formula, const PlannedClaim& claim) {
    std::set<size_t> runs;
    runs_of(formula, claim, runs);
    for (const size_t r : runs) use_run(r);
  }

  void use_run(size_t r) {
    if (plan_.base_jobs[r]) return;
    const auto job = jobs_.need(r, {}, plan_.runs[r].at);
    if (job) {
      plan_.base_jobs[r] = *job;
    } else if (failed_.insert(r).second) {
      append(job.error());
    }
  }

  // A scenario that nobody uses is read nevertheless, so that its mistakes are known.
  void check_unused() {
    for (size_t r = 0; r < plan_.runs.size(); ++r) {
      if (plan_.base_jobs[r] || failed_.count(r) > 0 || swept_.count(r) > 0) continue;
      const ScenarioResult scenario = read_run(plan_.runs[r], plan_.runs[r].set);
      if (!scenario) append(scenario.error());
      plan_.warnings.push_back({plan_.runs[r].at,
                                fmt::format("run `{}` is used by no formula and no plot, and is "
                                            "left out",
                                            plan_.runs[r].name),
                                {}});
    }
  }

  // --- sweeps ----------------------------------------------------------------------------------

  std::optional<ClaimSweep> sweep(const SweepText& text, const std::string& path,
                                  const std::vector<const BoundFormula*>& formulas,
                                  const PlannedClaim& claim) {
    std::set<size_t> runs;
    for (const BoundFormula* formula : formulas) runs_of(*formula, claim, runs);
    SweepContext context{plan_, names_, jobs_, sheet_.marks, runs};
    auto sweep = plan_sweep(text, path, context);
    if (!sweep) {
      append(sweep.error());
      return {};
    }
    swept_.insert(runs.begin(), runs.end());
    // Runs that the sweep leaves alone are needed as they are.
    for (const size_t r : runs) {
      const bool alone = std::any_of(sweep->points.begin(), sweep->points.end(),
                                     [&](const ClaimPoint& p) { return !p.jobs[r]; });
      if (alone) use_run(r);
    }
    return std::move(*sweep);
  }

  void sensitivity(size_t k, const std::string& claim_path, PlannedClaim& claim) {
    const SensitivityText& text = claim.text.sensitivity[k];
    const std::string path = fmt::format("{}.sensitivity[{}]", claim_path, k);
    if (!claim.decides) {
      if (!claim.text.verdict.untestable.empty())
        complain(path, "an untestable claim varies nothing");
      return;
    }
    std::vector<const BoundFormula*> formulas = {&claim.figures[*claim.decides].value};
    for (const auto* bound : {&claim.at_least, &claim.at_most}) {
      if (*bound) formulas.push_back(&**bound);
    }
    auto vary = sweep(text.vary, path + ".vary", formulas, claim);
    if (vary) claim.sensitivity.push_back({text.why, std::move(*vary)});
  }

  // --- plots -----------------------------------------------------------------------------------

  void plot(size_t k, const std::string& claim_path, PlannedClaim& claim) {
    const PlotText& text = claim.text.plots[k];
    const std::string path = fmt::format("{}.plots[{}]", claim_path, k);
    required(path, "title", text.title);
    const base::Result<catalog::Unit> unit = catalog::parse_unit(text.unit);
    if (!unit) {
      complain(path + ".unit", unit.error());
      return;
    }
    ClaimPlot plot;
    plot.text = text;
    switch (text.kind) {
      case PlotKind::kCurve:
      case PlotKind::kBars:
        lines(path, *unit, plot);
        if (text.kind == PlotKind::kCurve) curve(path, *unit, plot, claim);
        break;
      case PlotKind::kSeries:
      case PlotKind::kBottleneck:
        whole_runs(path, plot);
        break;
      case PlotKind::kBreakEven:
        break_even(path, plot, claim);
        break;
    }
    for (const ClaimLine& line : plot.lines) {
      if (text.kind == PlotKind::kBars) use(line.value, claim);
    }
    for (const size_t r : plot.runs) use_run(r);
    claim.plots.push_back(std::move(plot));
  }

  void lines(const std::string& path, const catalog::Unit& unit, ClaimPlot& plot) {
    if (plot.text.lines.empty()) complain(path, "expected `lines`: nothing would be drawn");
    for (size_t i = 0; i < plot.text.lines.size(); ++i) {
      const std::string where = fmt::format("{}.lines[{}]", path, i);
      auto value = formula(where, "value", plot.text.lines[i].value);
      if (!value) continue;
      if (value->dimension != unit.dimension) {
        complain(where + ".value", fmt::format("found a value in {}, expected one in {} ({})",
                                               catalog::to_string(value->dimension),
                                               catalog::to_string(unit.dimension), plot.text.unit));
        continue;
      }
      plot.lines.push_back({plot.text.lines[i].label, std::move(*value)});
    }
  }

  void curve(const std::string& path, const catalog::Unit& unit, ClaimPlot& plot,
             PlannedClaim& claim) {
    if (!plot.text.reference.empty()) {
      plot.reference = bound(path, "reference", plot.text.reference, unit.dimension);
    }
    std::vector<const BoundFormula*> formulas;
    for (const ClaimLine& line : plot.lines) formulas.push_back(&line.value);
    if (plot.reference) use(*plot.reference, claim);
    plot.vary = sweep(plot.text.vary, path + ".vary", formulas, claim);
  }

  void whole_runs(const std::string& path, ClaimPlot& plot) {
    if (plot.text.runs.empty()) complain(path, "expected `runs`: nothing would be drawn");
    if (plot.text.kind == PlotKind::kSeries) required(path, "series", plot.text.series);
    for (size_t i = 0; i < plot.text.runs.size(); ++i) {
      const base::Result<size_t> run = names_.run(plot.text.runs[i]);
      if (!run) {
        complain(fmt::format("{}.runs[{}]", path, i), run.error());
        continue;
      }
      plot.runs.push_back(*run);
    }
  }

  void break_even(const std::string& path, ClaimPlot& plot, PlannedClaim& claim) {
    if (!claim.decides) {
      complain(path, "a break-even needs a verdict to be computed");
      return;
    }
    const base::Result<size_t> solved = names_.input(plot.text.solve);
    if (!solved) {
      complain(path + ".solve", solved.error());
      return;
    }
    plot.solve = *solved;
    const Dimension& dimension = plan_.inputs[*solved].value.dimension;
    plot.from = end(path, "from", plot.text.from, dimension);
    plot.to = end(path, "to", plot.text.to, dimension);
    plot.vary =
        sweep(plot.text.vary, path + ".vary", {&claim.figures[*claim.decides].value}, claim);
    if (plot.vary && !plot.vary->input) complain(path + ".vary", "expected an `input` to vary");
  }

  double end(const std::string& path, const char* key, const std::string& text,
             const Dimension& dimension) {
    const std::string where = fmt::format("{}.{}", path, key);
    if (!required(path, key, text)) return 0;
    const base::Result<catalog::Figure> value = catalog::parse_figure(text);
    if (!value) {
      complain(where, value.error());
      return 0;
    }
    if (value->dimension != dimension) {
      complain(where, fmt::format("found {}, expected a value in {}", scenario::quoted(text),
                                  catalog::to_string(dimension)));
    }
    return value->value;
  }

  SheetFile sheet_;
  const catalog::Catalog& catalog_;
  bool quick_;
  ClaimPlan plan_;
  ClaimNames names_;
  ClaimJobs jobs_;
  std::set<size_t> failed_;  // runs whose scenario has been complained about
  std::set<size_t> swept_;
  Errors errors_;
};

}  // namespace

ClaimPlanResult plan_claims(SheetFile sheet, const catalog::Catalog& catalog, bool quick) {
  return Planner(std::move(sheet), catalog, quick)();
}

}  // namespace windtunnel::study
