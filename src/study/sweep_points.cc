#include "study/sweep_points.h"

#include <fmt/format.h>

#include "base/check.h"
#include "des/confidence.h"

namespace windtunnel::study {

std::vector<Variant> cross(const std::vector<Variation>& variations) {
  std::vector<Variant> points(1);
  for (const Variation& variation : variations) {
    std::vector<Variant> crossed;
    for (const Variant& point : points) {
      for (const std::string& value : variation.values) {
        Variant next = point;
        next.name += fmt::format("{}{}={}", point.name.empty() ? "" : ", ", variation.path, value);
        next.settings.push_back({variation.path, value});
        crossed.push_back(std::move(next));
      }
    }
    points = std::move(crossed);
  }
  return points;
}

report::Measurements summarise(const std::vector<report::Measurements>& runs) {
  WT_CHECK(!runs.empty(), "a point of a sweep has a run");
  report::Measurements summary = runs.front();
  summary.series.clear();
  if (runs.size() == 1) return summary;
  for (report::Metric& metric : summary.metrics) {
    des::Tally tally;
    for (const report::Measurements& run : runs) {
      const report::Metric* same = report::find_metric(run, metric.name);
      if (same == nullptr) continue;
      tally.add(same->value);
    }
    metric.value = tally.mean();
    if (tally.count() > 1) metric.ci95 = des::confidence_interval(tally).half_width;
  }
  return summary;
}

}  // namespace windtunnel::study
