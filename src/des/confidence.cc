#include "des/confidence.h"

#include <cmath>
#include <limits>

#include "base/check.h"
#include "des/student_t.h"

namespace windtunnel::des {

double Interval::relative() const {
  if (mean == 0) return std::numeric_limits<double>::infinity();
  return half_width / std::abs(mean);
}

Interval confidence_interval(const Tally& tally, double level) {
  WT_CHECK(level > 0 && level < 1, "a confidence level lies between 0 and 1");
  const int64_t n = tally.count();
  if (n < 2) return {tally.mean(), std::numeric_limits<double>::infinity(), n, level};
  const double t = student_t_quantile(0.5 + level / 2, static_cast<double>(n - 1));
  return {tally.mean(), t * tally.deviation() / std::sqrt(static_cast<double>(n)), n, level};
}

Interval confidence_interval(std::span<const double> observations, double level) {
  Tally tally;
  for (const double x : observations) tally.add(x);
  return confidence_interval(tally, level);
}

Interval paired_difference(std::span<const double> a, std::span<const double> b, double level) {
  WT_CHECK(a.size() == b.size(), "pairs need two lists of the same length");
  Tally tally;
  for (size_t i = 0; i < a.size(); ++i) tally.add(a[i] - b[i]);
  return confidence_interval(tally, level);
}

}  // namespace windtunnel::des
