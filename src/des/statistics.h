// What a run counts while it runs: levels weighted by time and tallies of observations. Both keep
// a fixed number of words whatever the length of the run. Quantiles are in quantile_sketch.h, time
// series in time_series.h, intervals over replications in confidence.h.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace windtunnel::des {

// An integer that changes in time, such as a queue length: its mean weighted by time, exactly.
// Times are ticks and must not decrease.
class Level {
 public:
  explicit Level(int64_t now = 0, int64_t value = 0) { restart(now, value); }

  void set(int64_t now, int64_t value) {
    area_ += static_cast<base::Int128>(value_) * (now - changed_);
    changed_ = now;
    value_ = value;
    if (value > max_) max_ = value;
    if (value < min_) min_ = value;
  }
  void add(int64_t now, int64_t change) { set(now, value_ + change); }
  // Forgets the past and keeps the value: for the end of the warm-up.
  void restart(int64_t now) { restart(now, value_); }

  int64_t value() const { return value_; }
  int64_t min() const { return min_; }  // since the last restart
  int64_t max() const { return max_; }
  // Sum of value x ticks since the last restart.
  base::Int128 area(int64_t now) const {
    return area_ + static_cast<base::Int128>(value_) * (now - changed_);
  }
  // Mean over time since the last restart; the value itself when no time has passed.
  double mean(int64_t now) const {
    if (now == start_) return static_cast<double>(value_);
    return static_cast<double>(area(now)) / static_cast<double>(now - start_);
  }

 private:
  void restart(int64_t now, int64_t value) {
    start_ = changed_ = now;
    value_ = min_ = max_ = value;
    area_ = 0;
  }
  int64_t start_ = 0;
  int64_t changed_ = 0;
  int64_t value_ = 0;
  int64_t min_ = 0;
  int64_t max_ = 0;
  base::Int128 area_ = 0;
};

// Observations one by one: count, mean, variance, extremes. Welford's update, which does not lose
// digits when the variance is small beside the mean (Welford, Technometrics 1962).
class Tally {
 public:
  void add(double x) {
    if (count_ == 0) min_ = max_ = x;
    if (x < min_) min_ = x;
    if (x > max_) max_ = x;
    ++count_;
    const double before = x - mean_;
    mean_ += before / static_cast<double>(count_);
    squares_ += before * (x - mean_);
  }
  // As if all of `other` had been added, up to rounding (Chan, Golub, LeVeque 1979). Merge in a
  // fixed order where results must be identical to the last bit.
  void merge(const Tally& other);

  int64_t count() const { return count_; }
  double mean() const { return mean_; }
  double sum() const { return mean_ * static_cast<double>(count_); }
  double variance() const;  // of the sample, over count - 1; 0 below two observations
  double deviation() const;
  double min() const { return min_; }  // 0 when empty, like max
  double max() const { return max_; }

 private:
  int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // sum of squared deviations from the mean
  double min_ = 0;
  double max_ = 0;
};

}  // namespace windtunnel::des
