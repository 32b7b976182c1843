#include "study/claim_plan_plots.h"

#include <fmt/format.h>

#include <utility>

#include "scenario/suggest.h"

namespace windtunnel::study {
namespace {

using catalog::Dimension;

class PlotPlanner {
 public:
  PlotPlanner(PlanDraft& draft, PlannedClaim& claim) : draft_(draft), claim_(claim) {}

  void operator()(const std::string& path, const PlotText& text) {
    draft_.required(path, "title", text.title);
    const base::Result<catalog::Unit> unit = catalog::parse_unit(text.unit);
    if (!unit) {
      draft_.complain(path + ".unit", unit.error());
      return;
    }
    ClaimPlot plot;
    plot.text = text;
    switch (text.kind) {
      case PlotKind::kCurve:
        lines(path, *unit, plot);
        curve(path, *unit, plot);
        break;
      case PlotKind::kBars:
        lines(path, *unit, plot);
        for (const ClaimLine& line : plot.lines) draft_.use(line.value, claim_);
        break;
      case PlotKind::kSeries:
      case PlotKind::kBottleneck:
        whole_runs(path, plot);
        break;
      case PlotKind::kBreakEven:
        break_even(path, plot);
        break;
    }
    claim_.plots.push_back(std::move(plot));
  }

 private:
  void lines(const std::string& path, const catalog::Unit& unit, ClaimPlot& plot) {
    if (plot.text.lines.empty()) draft_.complain(path, "expected `lines`: nothing would be drawn");
    for (size_t i = 0; i < plot.text.lines.size(); ++i) {
      const std::string where = fmt::format("{}.lines[{}]", path, i);
      auto value = draft_.formula(where, "value", plot.text.lines[i].value);
      if (!value) continue;
      if (value->dimension != unit.dimension) {
        draft_.complain(where + ".value",
                        fmt::format("found a value in {}, expected one in {} ({})",
                                    catalog::to_string(value->dimension),
                                    catalog::to_string(unit.dimension), plot.text.unit));
        continue;
      }
      plot.lines.push_back({plot.text.lines[i].label, std::move(*value)});
    }
  }

  void curve(const std::string& path, const catalog::Unit& unit, ClaimPlot& plot) {
    if (!plot.text.reference.empty()) {
      plot.reference = draft_.bound(path, "reference", plot.text.reference, unit.dimension);
    }
    std::vector<const BoundFormula*> formulas;
    for (const ClaimLine& line : plot.lines) formulas.push_back(&line.value);
    if (plot.reference) draft_.use(*plot.reference, claim_);
    const bool complete = plot.lines.size() == plot.text.lines.size();
    plot.vary = draft_.sweep(plot.text.vary, path + ".vary", formulas, complete, claim_);
  }

  void whole_runs(const std::string& path, ClaimPlot& plot) {
    if (plot.text.runs.empty()) draft_.complain(path, "expected `runs`: nothing would be drawn");
    if (plot.text.kind == PlotKind::kSeries) draft_.required(path, "series", plot.text.series);
    for (size_t i = 0; i < plot.text.runs.size(); ++i) {
      const base::Result<size_t> run = draft_.names.run(plot.text.runs[i]);
      if (!run) {
        draft_.complain(fmt::format("{}.runs[{}]", path, i), run.error());
        continue;
      }
      plot.runs.push_back(*run);
      draft_.use_run(*run);
    }
  }

  void break_even(const std::string& path, ClaimPlot& plot) {
    if (!claim_.decides) {  // the mistake of a verdict that could be computed is its own
      if (!claim_.text.verdict.untestable.empty()) {
        draft_.complain(path, "a break-even needs a verdict to be computed");
      }
      return;
    }
    const base::Result<size_t> solved = draft_.names.input(plot.text.solve);
    if (!solved) {
      draft_.complain(path + ".solve", solved.error());
      return;
    }
    plot.solve = *solved;
    const Dimension& dimension = draft_.plan.inputs[*solved].value.dimension;
    plot.from = end(path, "from", plot.text.from, dimension);
    plot.to = end(path, "to", plot.text.to, dimension);
    plot.vary = draft_.sweep(plot.text.vary, path + ".vary",
                             {&claim_.figures[*claim_.decides].value}, true, claim_);
    if (plot.vary && !plot.vary->input)
      draft_.complain(path + ".vary", "expected an `input` to vary");
  }

  double end(const std::string& path, const char* key, const std::string& text,
             const Dimension& dimension) {
    const std::string where = fmt::format("{}.{}", path, key);
    if (!draft_.required(path, key, text)) return 0;
    const base::Result<catalog::Figure> value = catalog::parse_figure(text);
    if (!value) {
      draft_.complain(where, value.error());
      return 0;
    }
    if (value->dimension != dimension) {
      draft_.complain(where, fmt::format("found {}, expected a value in {}", scenario::quoted(text),
                                         catalog::to_string(dimension)));
    }
    return value->value;
  }

  PlanDraft& draft_;
  PlannedClaim& claim_;
};

}  // namespace

void plan_plots(PlanDraft& draft, const std::string& claim_path, PlannedClaim& claim) {
  PlotPlanner plan(draft, claim);
  for (size_t k = 0; k < claim.text.plots.size(); ++k) {
    plan(fmt::format("{}.plots[{}]", claim_path, k), claim.text.plots[k]);
  }
}

}  // namespace windtunnel::study
