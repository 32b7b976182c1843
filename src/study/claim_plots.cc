#include "study/claim_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "study/claim_judge.h"
#include "study/claim_sensitivity.h"

namespace windtunnel::study {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

report::Curve curve_of(const PlotContext& context, const PlannedClaim& claim,
                       const ClaimPlot& plot) {
  report::Curve curve = axis_of(*plot.vary);
  curve.log_x = plot.text.log_x;
  curve.log_y = plot.text.log_y;
  for (const ClaimLine& line : plot.lines) {
    const ShownUnit unit = shown_unit(plot.text.unit, line.value.dimension);
    curve.unit = unit.name;
    report::Curve::Line values{line.label, {}};
    for (const ClaimPoint& point : plot.vary->points) {
      const ClaimChanges changes = changes_at(*plot.vary, point);
      values.values.push_back(context.values.value(claim, line.value, changes) * unit.factor);
    }
    curve.lines.push_back(std::move(values));
    if (plot.reference) {
      curve.reference = context.values.value(claim, *plot.reference) * unit.factor;
      curve.reference_label = plot.text.reference_label;
    }
  }
  return curve;
}

report::Bars bars_of(const PlotContext& context, const PlannedClaim& claim, const ClaimPlot& plot) {
  report::Bars bars;
  bars.parts = {""};
  for (const ClaimLine& line : plot.lines) {
    const ShownUnit unit = shown_unit(plot.text.unit, line.value.dimension);
    bars.unit = unit.name;
    bars.rows.push_back({line.label, {context.values.value(claim, line.value) * unit.factor}});
  }
  return bars;
}

// For each value along the axis, the value of another input at which the claim just holds.
report::Curve break_even_of(const PlotContext& context, const PlannedClaim& claim,
                            const ClaimPlot& plot) {
  const ClaimInput& solved = context.plan.inputs[plot.solve];
  const ShownUnit unit = shown_unit("1", solved.value.dimension);
  report::Curve curve = axis_of(*plot.vary);
  curve.unit = unit.name;
  report::Curve::Line line{solved.label, {}};
  for (const ClaimPoint& point : plot.vary->points) {
    ClaimChanges changes = changes_at(*plot.vary, point);
    const auto margin = [&](double x) {
      changes.inputs[plot.solve] = x;
      return context.values.margin(claim, changes);
    };
    line.values.push_back(find_root(margin, plot.from, plot.to).value_or(kNone) * unit.factor);
  }
  curve.lines.push_back(std::move(line));
  curve.reference = solved.value.value * unit.factor;
  curve.reference_label = fmt::format("{}, as assumed", solved.label);
  return curve;
}

// What limited each run, and for what share of its time.
report::Bars bottlenecks_of(const PlotContext& context, const ClaimPlot& plot) {
  report::Bars bars;
  bars.unit = report::unit::kShare;
  const auto part = [&bars](const std::string& name) {
    const auto known = std::find(bars.parts.begin(), bars.parts.end(), name);
    if (known != bars.parts.end()) return static_cast<size_t>(known - bars.parts.begin());
    bars.parts.push_back(name);
    return bars.parts.size() - 1;
  };
  for (const size_t r : plot.runs) {
    report::Bars::Row row{context.plan.runs[r].label, {}};
    const auto add = [&](const std::string& what, double share) {
      if (what.empty()) return;
      const size_t p = part(what);
      row.values.resize(std::max(row.values.size(), p + 1), kNone);
      row.values[p] = share;
    };
    const report::Bottleneck& limit = context.results[context.plan.base_jobs[r].value()].bottleneck;
    add(limit.what, limit.share);
    for (const report::Bottleneck::Share& next : limit.runners) add(next.what, next.share);
    bars.rows.push_back(std::move(row));
  }
  for (report::Bars::Row& row : bars.rows) row.values.resize(bars.parts.size(), kNone);
  return bars;
}

}  // namespace

void add_plot(const PlotContext& context, const PlannedClaim& claim, const ClaimPlot& plot,
              std::vector<report::ClaimPlotResult>& plots) {
  const std::string& title = plot.text.title;
  const std::string& about = plot.text.about;
  switch (plot.text.kind) {
    case PlotKind::kCurve:
      plots.push_back({title, about, curve_of(context, claim, plot)});
      break;
    case PlotKind::kBars:
      plots.push_back({title, about, bars_of(context, claim, plot)});
      break;
    case PlotKind::kBreakEven:
      plots.push_back({title, about, break_even_of(context, claim, plot)});
      break;
    case PlotKind::kBottleneck:
      plots.push_back({title, about, bottlenecks_of(context, plot)});
      break;
    case PlotKind::kSeries:
      for (const size_t r : plot.runs) {
        const report::Measurements& m = context.results[context.plan.base_jobs[r].value()];
        for (const report::Series& series : m.series) {
          if (series.name != plot.text.series) continue;
          plots.push_back(
              {fmt::format("{}: {}", title, context.plan.runs[r].label), about, series});
        }
      }
      break;
  }
}

}  // namespace windtunnel::study
