#include "des/quantile_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace windtunnel::des {

double QuantileSketch::lower_edge(uint32_t bucket) {
  return std::bit_cast<double>(uint64_t{bucket} << (52 - kPartBits));
}

void QuantileSketch::add(double x, int64_t times) {
  WT_CHECK(x >= 0 && std::isfinite(x), "a sketch takes finite observations from zero up");
  WT_CHECK(times >= 0, "a negative number of observations");
  if (times == 0) return;
  min_ = count_ == 0 ? x : std::min(min_, x);
  max_ = count_ == 0 ? x : std::max(max_, x);
  count_ += times;
  if (x < std::numeric_limits<double>::min()) {
    zeros_ += times;
    return;
  }
  const uint32_t bucket = bucket_of(x);
  cover(bucket);
  counts_[bucket - first_] += times;
}

// Grows by whole factors of two, so that a slowly rising maximum does not copy every time.
void QuantileSketch::cover(uint32_t bucket) {
  constexpr uint32_t kOctave = 1u << kPartBits;
  if (bucket >= first_ && bucket - first_ < counts_.size()) return;
  const uint32_t begin = bucket / kOctave * kOctave;
  const uint32_t end = begin + kOctave;
  if (counts_.empty()) {
    first_ = begin;
    counts_.resize(kOctave);
    return;
  }
  if (begin < first_) {
    counts_.insert(counts_.begin(), first_ - begin, 0);
    first_ = begin;
  }
  if (end > first_ + counts_.size()) counts_.resize(end - first_);
}

void QuantileSketch::merge(const QuantileSketch& other) {
  if (other.count_ == 0) return;
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = count_ == 0 ? other.max_ : std::max(max_, other.max_);
  count_ += other.count_;
  zeros_ += other.zeros_;
  if (other.counts_.empty()) return;
  cover(other.first_);
  cover(other.first_ + static_cast<uint32_t>(other.counts_.size()) - 1);
  for (size_t i = 0; i < other.counts_.size(); ++i) {
    counts_[other.first_ - first_ + i] += other.counts_[i];
  }
}

double QuantileSketch::quantile(double q) const {
  WT_CHECK(q >= 0 && q <= 1, "a quantile lies between 0 and 1");
  if (count_ == 0) return 0;
  // Rank from 1; the subtraction keeps 0.95 * 100 from becoming 96.
  const double exact_rank = q * static_cast<double>(count_);
  const auto rank = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(exact_rank - 1e-9)));
  if (rank == 1) return min_;
  if (rank >= count_) return max_;
  int64_t below = zeros_;
  if (rank <= below) return 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    if (rank > below) continue;
    const uint32_t bucket = first_ + static_cast<uint32_t>(i);
    const double middle = (lower_edge(bucket) + lower_edge(bucket + 1)) / 2;
    return std::clamp(middle, min_, max_);
  }
  return max_;
}

std::vector<QuantileSketch::Point> QuantileSketch::points() const {
  std::vector<Point> out;
  const auto all = static_cast<double>(count_);
  int64_t below = zeros_;
  if (zeros_ > 0) out.push_back({0, static_cast<double>(below) / all});
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    below += counts_[i];
    const double edge = lower_edge(first_ + static_cast<uint32_t>(i) + 1);
    out.push_back({std::min(edge, max_), static_cast<double>(below) / all});
  }
  return out;
}

}  // namespace windtunnel::des
