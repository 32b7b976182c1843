// Confidence intervals for means of independent, identically distributed observations, such as one
// result per replication. Student's t: exact for normal observations; for others the coverage
// approaches the level as their number grows. Observations within one run are not independent:
// use replications, or BatchMeans (output_analysis.h).
#pragma once

#include <cstdint>
#include <span>

#include "des/statistics.h"

namespace windtunnel::des {

struct Interval {
  double mean = 0;
  double half_width = 0;  // infinite below two observations
  int64_t count = 0;      // observations
  double level = 0.95;

  double low() const { return mean - half_width; }
  double high() const { return mean + half_width; }
  bool contains(double x) const { return x >= low() && x <= high(); }
  // half_width / |mean|; infinite for a mean of zero.
  double relative() const;
};

// level in (0, 1).
Interval confidence_interval(const Tally& tally, double level = 0.95);
Interval confidence_interval(std::span<const double> observations, double level = 0.95);

// The mean of a[i] - b[i], for two systems run with common random numbers: what both share cancels.
// Both spans have the same size.
Interval paired_difference(std::span<const double> a, std::span<const double> b,
                           double level = 0.95);

}  // namespace windtunnel::des
