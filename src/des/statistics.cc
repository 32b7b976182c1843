#include "des/statistics.h"

#include <algorithm>
#include <cmath>

namespace windtunnel::des {

void Tally::merge(const Tally& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const auto mine = static_cast<double>(count_);
  const auto theirs = static_cast<double>(other.count_);
  const double shift = other.mean_ - mean_;
  mean_ += shift * theirs / (mine + theirs);
  squares_ += other.squares_ + shift * shift * mine * theirs / (mine + theirs);
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
}

double Tally::variance() const {
  return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1);
}

double Tally::deviation() const { return std::sqrt(variance()); }

}  // namespace windtunnel::des
