#include "study/sweep_points.h"

#include <fmt/format.h>

#include <cmath>

#include "base/check.h"
#include "des/student_t.h"

namespace windtunnel::study {
namespace {

constexpr double kConfidence = 0.95;

// Half width of the confidence interval of the mean of `values`.
double half_width(const std::vector<double>& values, double mean) {
  const auto n = static_cast<double>(values.size());
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return des::student_t_quantile(0.5 + kConfidence / 2, n - 1) * std::sqrt(squares / (n - 1) / n);
}

}  // namespace

std::vector<SweepPoint> cross(const std::vector<Variation>& variations) {
  std::vector<SweepPoint> points(1);
  for (const Variation& variation : variations) {
    std::vector<SweepPoint> crossed;
    for (const SweepPoint& point : points) {
      for (const std::string& value : variation.values) {
        SweepPoint next = point;
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
    std::vector<double> values;
    double sum = 0;
    for (const report::Measurements& run : runs) {
      const report::Metric* same = report::find_metric(run, metric.name);
      if (same == nullptr) continue;
      values.push_back(same->value);
      sum += same->value;
    }
    metric.value = sum / static_cast<double>(values.size());
    if (values.size() > 1) metric.ci95 = half_width(values, metric.value);
  }
  return summary;
}

}  // namespace windtunnel::study
