// Quantiles of any number of observations in bounded memory, with a stated error.
//
// Observations are counted in buckets: each factor of two is cut into 128 equal parts, found from
// the bits of the double, without a logarithm. So
//   |quantile(q) - exact| <= exact / 256  (0.39 %),
// where exact is the nearest-rank quantile, the smallest observation with at least q * count
// observations at or below it. Minimum and maximum are exact. Memory is 1 KiB per factor of two
// between the smallest and the largest positive observation (40 KiB from a microsecond to an hour
// and far beyond), at most 2 MiB, whatever the count.
//
// Deterministic: merging adds counts, so any order of merging gives the same sketch. The idea of
// fixed relative buckets is that of HdrHistogram and DDSketch (Masson, Rim, Lee, VLDB 2019).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace windtunnel::des {

class QuantileSketch {
 public:
  static constexpr double kRelativeError = 1.0 / 256;

  // x must be finite and not negative; below the smallest normal double it counts as zero.
  // HOT: counted at once where something near it was counted before. Only buckets of observations
  // that may be added are ever there, so that needs no other check.
  void add(double x) {
    const uint32_t at = bucket_of(x) - first_;
    if (at >= counts_.size()) {
      add(x, 1);
      return;
    }
    ++counts_[at];
    ++count_;
    if (x < min_) min_ = x;
    if (x > max_) max_ = x;
  }
  void add(double x, int64_t times);
  void merge(const QuantileSketch& other);

  int64_t count() const { return count_; }
  double min() const { return min_; }  // 0 when empty, like max and quantile
  double max() const { return max_; }
  // q in [0, 1].
  double quantile(double q) const;

  // The distribution as steps: `share` of all observations lie at or below `value`. One point per
  // bucket that is not empty, ascending; the last share is 1.
  struct Point {
    double value = 0;
    double share = 0;
  };
  std::vector<Point> points() const;

 private:
  static constexpr int kPartBits = 7;

  // Exponent and leading bits of the mantissa, as one number that grows with x.
  static uint32_t bucket_of(double x) {
    return static_cast<uint32_t>(std::bit_cast<uint64_t>(x) >> (52 - kPartBits));
  }
  static double lower_edge(uint32_t bucket);
  void cover(uint32_t bucket);

  uint32_t first_ = 0;           // the bucket of counts_[0]
  std::vector<int64_t> counts_;  // empty until a positive observation comes
  int64_t zeros_ = 0;
  int64_t count_ = 0;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace windtunnel::des
