#include "report/measurements.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace windtunnel::report {

const Metric* find_metric(const Measurements& measurements, std::string_view name) {
  const auto found = std::ranges::find(measurements.metrics, name, &Metric::name);
  return found == measurements.metrics.end() ? nullptr : &*found;
}

namespace {

// Which of n sorted samples become points: evenly spaced through the body with half of the budget,
// and with the other half at tail distances 1, 1+1, 1+2, 1+4 ... growing geometrically from the
// largest sample, so that p99.9 of a long tail is still a point.
std::vector<size_t> chosen_ranks(size_t n, size_t max_points) {
  std::vector<size_t> ranks;
  if (n <= max_points) {
    for (size_t i = 0; i < n; ++i) ranks.push_back(i);
    return ranks;
  }
  const size_t half = std::max<size_t>(max_points / 2, 2);
  for (size_t i = 0; i < half; ++i) ranks.push_back(i * (n - 1) / (half - 1));
  const double growth = std::pow(static_cast<double>(n), 1.0 / static_cast<double>(half));
  double distance = 1;
  for (size_t i = 0; i + half < max_points; ++i, distance *= growth) {
    const size_t back = std::min(n, static_cast<size_t>(distance));
    ranks.push_back(n - back);
  }
  std::ranges::sort(ranks);
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

}  // namespace

Distribution make_distribution(std::vector<double> samples, std::string_view unit,
                               size_t max_points) {
  WT_CHECK(max_points >= 4, "a distribution needs at least four points");
  for (const double sample : samples) WT_CHECK(!std::isnan(sample), "a sample is not a number");
  std::ranges::sort(samples);
  Distribution result{.unit = std::string(unit), .count = samples.size(), .points = {}};
  const double n = static_cast<double>(samples.size());
  for (const size_t rank : chosen_ranks(samples.size(), max_points)) {
    // Equal samples share the largest rank among them: the share "at or below" is exact.
    const auto last = std::upper_bound(samples.begin(), samples.end(), samples[rank]);
    const double share = static_cast<double>(last - samples.begin()) / n;
    const Distribution::Point point{samples[rank], share};
    if (result.points.empty() || result.points.back() != point) result.points.push_back(point);
  }
  return result;
}

double quantile(const Distribution& distribution, double share) {
  WT_CHECK(!distribution.points.empty(), "an empty distribution has no quantile");
  const auto found =
      std::ranges::lower_bound(distribution.points, share, {}, &Distribution::Point::share);
  return found == distribution.points.end() ? distribution.points.back().value : found->value;
}

}  // namespace windtunnel::report
