#include "study/claim_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "scenario/suggest.h"
#include "study/claim_metrics.h"

namespace windtunnel::study {
namespace {

using Kind = NameReference::Kind;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kBottleneckShare = "bottleneck.share";

// In base units; empty when there is no such metric or none a formula can handle.
std::optional<catalog::Figure> measured(const report::Measurements& m, std::string_view name) {
  if (name == kBottleneckShare) return catalog::Figure{m.bottleneck.share, {}};
  const report::Metric* metric = report::find_metric(m, name);
  if (metric == nullptr) return {};
  const std::optional<catalog::Unit> unit = result_unit(metric->unit);
  if (!unit) return {};
  return catalog::Figure{metric->value * unit->factor, unit->dimension};
}

std::string nearest_metric(const report::Measurements& m, std::string_view name) {
  std::vector<std::string> names;
  for (const report::Metric& metric : m.metrics) names.push_back(metric.name);
  return scenario::suggestion(name, names);
}

}  // namespace

double ClaimValues::metric(const NameReference& name, const ClaimChanges& changes) const {
  std::optional<size_t> job = plan_.base_jobs[name.index];
  if (changes.point != nullptr && changes.point->jobs[name.index]) {
    job = changes.point->jobs[name.index];
  }
  if (!job) return kNone;
  const std::optional<catalog::Figure> figure = measured(results_[*job], name.metric);
  return figure ? figure->value : kNone;
}

double ClaimValues::value(const PlannedClaim& claim, const BoundFormula& formula,
                          const ClaimChanges& changes) const {
  std::vector<double> values;
  for (const NameReference& name : formula.names) {
    switch (name.kind) {
      case Kind::kInput: {
        const auto changed = changes.inputs.find(name.index);
        values.push_back(changed != changes.inputs.end() ? changed->second
                                                         : plan_.inputs[name.index].value.value);
        break;
      }
      case Kind::kMetric:
        values.push_back(metric(name, changes));
        break;
      case Kind::kBill:
        values.push_back(total(plan_.bills[name.index], changes));
        break;
      case Kind::kFigure:
        values.push_back(figure(claim, name.index, changes));
        break;
    }
  }
  return formula.formula.evaluate(values);
}

double ClaimValues::total(const ClaimBill& bill, const ClaimChanges& changes) const {
  const PlannedClaim none;
  double sum = 0;
  for (const BillLine& line : bill.lines) {
    sum += value(none, line.count, changes) * value(none, line.each, changes);
  }
  return sum;
}

double ClaimValues::margin(const PlannedClaim& claim, const ClaimChanges& changes) const {
  const double found = figure(claim, claim.decides.value(), changes);
  double margin = std::numeric_limits<double>::infinity();
  if (claim.at_least) margin = std::min(margin, found - value(claim, *claim.at_least, changes));
  if (claim.at_most) {
    const double below = value(claim, *claim.at_most, changes) - found;
    margin = std::isnan(below) ? kNone : std::min(margin, below);
  }
  return std::isnan(found) ? kNone : margin;
}

std::optional<bool> ClaimValues::holds(const PlannedClaim& claim,
                                       const ClaimChanges& changes) const {
  const double room = margin(claim, changes);
  if (std::isnan(room)) return {};
  return room >= 0;
}

void ClaimValues::check(const BoundFormula& formula, std::vector<base::Error>& errors) const {
  for (const NameReference& name : formula.names) {
    if (name.kind != Kind::kMetric) continue;
    const std::optional<size_t> job = plan_.base_jobs[name.index];
    if (!job) continue;
    const ClaimRun& run = plan_.runs[name.index];
    const std::optional<catalog::Figure> found = measured(results_[*job], name.metric);
    if (!found) {
      errors.push_back({formula.at,
                        fmt::format("run `{}` has measured no `{}`", run.name, name.metric),
                        nearest_metric(results_[*job], name.metric)});
    } else if (const auto thought = metric_dimension(run.kind, name.metric);
               thought && *thought != found->dimension) {
      errors.push_back(
          {formula.at,
           fmt::format("`{}.{}` is in {}, and was thought to be in {}", run.name, name.metric,
                       catalog::to_string(found->dimension), catalog::to_string(*thought)),
           "this is a fault of windtunnel"});
    }
  }
}

std::vector<base::Error> ClaimValues::check() const {
  std::vector<base::Error> errors;
  for (const PlannedClaim& claim : plan_.claims) {
    for (const ClaimFigure& figure : claim.figures) check(figure.value, errors);
    for (const ClaimPlot& plot : claim.plots) {
      for (const ClaimLine& line : plot.lines) check(line.value, errors);
    }
  }
  scenario::sort_by_place(errors);
  return errors;
}

}  // namespace windtunnel::study
