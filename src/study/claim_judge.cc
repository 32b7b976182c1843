#include "study/claim_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/version.h"
#include "report/human.h"
#include "report/terminal.h"
#include "study/claim_plots.h"
#include "study/claim_sensitivity.h"

namespace windtunnel::study {
namespace {

using report::ClaimResult;
using report::Verdict;

std::string bound_text(const ClaimValues& values, const PlannedClaim& claim) {
  const ClaimFigure& figure = claim.figures[*claim.decides];
  const ShownUnit unit = shown_unit(figure.unit, figure.value.dimension);
  const auto shown = [&](const BoundFormula& bound) {
    return report::human(values.value(claim, bound) * unit.factor, unit.name);
  };
  std::string text;
  if (claim.at_least) text = "at least " + shown(*claim.at_least);
  if (claim.at_most) text += (text.empty() ? "at most " : ", at most ") + shown(*claim.at_most);
  return text;
}

void add_figures(const ClaimValues& values, const PlannedClaim& claim, ClaimResult& result) {
  for (size_t f = 0; f < claim.figures.size(); ++f) {
    const ClaimFigure& figure = claim.figures[f];
    const ShownUnit unit = shown_unit(figure.unit, figure.value.dimension);
    result.figures.push_back({figure.name, figure.label, figure.value.formula.text(),
                              values.figure(claim, f) * unit.factor, unit.name});
  }
}

// An assumption that names an input shows its value.
std::string assumed_value(const ClaimPlan& plan, const AssumptionText& text) {
  if (!text.value.empty()) return text.value;
  for (const ClaimInput& input : plan.inputs) {
    if (input.name != text.key) continue;
    const ShownUnit unit = shown_unit(input.percent ? "%" : "1", input.value.dimension);
    return report::human(input.value.value * unit.factor, unit.name);
  }
  return {};
}

// Runs that the figures of a claim rest on, in the sheet's order.
void add_runs(const ClaimPlan& plan, const PlannedClaim& claim, ClaimResult& result) {
  std::set<size_t> runs;
  const auto add = [&](const BoundFormula& formula) {
    for (const NameReference& name : formula.names) {
      if (name.kind == NameReference::Kind::kMetric) runs.insert(name.index);
    }
  };
  for (const ClaimFigure& figure : claim.figures) add(figure.value);
  for (const ClaimPlot& plot : claim.plots) {
    for (const ClaimLine& line : plot.lines) add(line.value);
    runs.insert(plot.runs.begin(), plot.runs.end());
  }
  for (const size_t run : runs) result.runs.push_back(plan.runs[run].name);
}

// The conditions of the assumptions that decide something, joined: all must be met where the claim
// holds as assumed, one suffices where it does not.
std::string joined_conditions(const std::vector<report::SensitivityResult>& sensitivity,
                              bool holds_as_assumed) {
  std::string text;
  for (const report::SensitivityResult& result : sensitivity) {
    if (result.condition.empty()) continue;
    text += (text.empty() ? "" : holds_as_assumed ? ", and " : ", or ") + result.condition;
  }
  return text;
}

void decide(const ClaimValues& values, const PlannedClaim& claim, ClaimResult& result) {
  if (!claim.decides) {
    result.verdict = Verdict::kCannotBeTested;
    result.condition = claim.text.verdict.untestable;
    return;
  }
  const ClaimFigure& figure = claim.figures[*claim.decides];
  const ShownUnit unit = shown_unit(figure.unit, figure.value.dimension);
  result.decides = figure.name;
  result.value = values.figure(claim, *claim.decides) * unit.factor;
  result.unit = unit.name;
  result.rule = bound_text(values, claim);
  const std::optional<bool> holds = values.holds(claim);
  if (!holds) {
    result.verdict = Verdict::kCannotBeTested;
    result.condition = "the figure has no value: something it rests on was not measured";
    return;
  }
  bool everywhere = *holds;
  bool nowhere = !*holds;
  for (const report::SensitivityResult& r : result.sensitivity) {
    everywhere = everywhere && r.everywhere;
    nowhere = nowhere && r.nowhere;
  }
  result.verdict = everywhere ? Verdict::kHolds
                   : nowhere  ? Verdict::kDoesNotHold
                              : Verdict::kHoldsIf;
  result.as_assumed = *holds;
  if (result.verdict == Verdict::kHoldsIf) {
    result.condition = joined_conditions(result.sensitivity, *holds);
  }
}

ClaimResult judge(const ClaimPlan& plan, const ClaimValues& values,
                  const std::vector<report::Measurements>& results, const PlannedClaim& claim) {
  ClaimResult result;
  result.id = claim.text.id;
  result.title = claim.text.title;
  result.says = claim.text.says;
  result.source = claim.text.source;
  result.reading = claim.text.reading;
  result.answer = claim.text.answer;
  add_figures(values, claim, result);
  for (const AssumptionText& text : claim.text.assumptions) {
    result.assumptions.push_back({text.text, text.key, assumed_value(plan, text),
                                  std::string(catalog::mark_name(text.mark)), text.source});
  }
  for (const ClaimSensitivity& sensitivity : claim.sensitivity) {
    result.sensitivity.push_back(vary(values, claim, sensitivity));
  }
  decide(values, claim, result);
  for (const ClaimPlot& plot : claim.plots) {
    add_plot({plan, values, results}, claim, plot, result.plots);
  }
  add_runs(plan, claim, result);
  return result;
}

void add_tables(const ClaimPlan& plan, const ClaimValues& values, report::ClaimSheet& sheet) {
  for (const ClaimInput& input : plan.inputs) {
    const ShownUnit unit = shown_unit(input.percent ? "%" : "1", input.value.dimension);
    sheet.inputs.push_back({input.name, input.label, input.value.value * unit.factor, unit.name,
                            std::string(catalog::mark_name(input.mark)), input.source, input.date});
  }
  const PlannedClaim none;
  for (const ClaimBill& bill : plan.bills) {
    report::BillTable table{
        bill.name, bill.label, catalog::report_unit(bill.dimension).name, {}, values.total(bill)};
    for (const BillLine& line : bill.lines) {
      const double count = values.value(none, line.count);
      const double each = values.value(none, line.each);
      table.rows.push_back({line.what, count, each, count * each});
    }
    sheet.bills.push_back(std::move(table));
  }
}

void add_run_rows(const ClaimPlan& plan, const std::vector<report::Measurements>& results,
                  report::ClaimSheet& sheet) {
  for (size_t r = 0; r < plan.runs.size(); ++r) {
    if (!plan.base_jobs[r]) continue;
    const ClaimRun& run = plan.runs[r];
    const report::Measurements& m = results[*plan.base_jobs[r]];
    sheet.runs.push_back({run.name, run.label, run.source, plan.jobs[*plan.base_jobs[r]].set,
                          m.fingerprint, m.seed, report::bottleneck_sentence(m.bottleneck),
                          m.assumptions});
  }
}

report::Shortfall shortfall_of(const ClaimPlan& plan, const ClaimRuns& runs, size_t job) {
  const ClaimRun& run = plan.runs[plan.jobs[job].run];
  return {run.name, run.label.empty() ? run.name : run.label, plan.jobs[job].set,
          runs.shortfalls[job]};
}

// Of the runs that a claim rests on, as the sheet describes them.
void add_shortfalls(const ClaimPlan& plan, const ClaimRuns& runs, ClaimResult& result) {
  for (size_t r = 0; r < plan.runs.size(); ++r) {
    if (!plan.base_jobs[r] || runs.shortfalls[*plan.base_jobs[r]].empty()) continue;
    if (std::ranges::find(result.runs, plan.runs[r].name) == result.runs.end()) continue;
    result.shortfalls.push_back(shortfall_of(plan, runs, *plan.base_jobs[r]));
  }
}

}  // namespace

ShownUnit shown_unit(const std::string& sheet_unit, const catalog::Dimension& dimension) {
  if (dimension.plain()) {
    if (sheet_unit == "%" || sheet_unit == "share" || sheet_unit == "ppm") {
      return {1, report::unit::kShare};
    }
    return {1, sheet_unit == "times" ? "times" : report::unit::kCount};
  }
  const catalog::ReportUnit unit = catalog::report_unit(dimension);
  return {unit.factor, unit.name};
}

report::ClaimSheet judge_claims(const ClaimPlan& plan, const ClaimRuns& runs, bool quick) {
  const std::vector<report::Measurements>& results = runs.results;
  const ClaimValues values(plan, results);
  report::ClaimSheet sheet;
  sheet.version = std::string(base::version());
  sheet.name = plan.text.name;
  sheet.title = plan.text.title;
  sheet.about = plan.text.about;
  sheet.announced = plan.text.announced;
  sheet.source = plan.text.source;
  sheet.quick = quick;
  for (const PlannedClaim& claim : plan.claims) {
    sheet.claims.push_back(judge(plan, values, results, claim));
    add_shortfalls(plan, runs, sheet.claims.back());
  }
  for (size_t j = 0; j < plan.jobs.size(); ++j) {
    if (!runs.shortfalls[j].empty()) sheet.shortfalls.push_back(shortfall_of(plan, runs, j));
  }
  add_tables(plan, values, sheet);
  add_run_rows(plan, results, sheet);
  return sheet;
}

}  // namespace windtunnel::study
