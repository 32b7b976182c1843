// The earliest of a switch's ports: a binary tree of minima over their next times, so that a change
// costs the logarithm of the ports and not all of them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace windtunnel::fabric {

class Earliest {
 public:
  // Forgets everything; `next_of(i)` is the time of entry i < count. count >= 1.
  template <class NextOf>
  void reset(uint32_t count, NextOf&& next_of) {
    leaves_ = std::bit_ceil(count);
    minima_.assign(size_t{2} * leaves_, std::numeric_limits<int64_t>::max());
    for (uint32_t i = 0; i < count; ++i) minima_[leaves_ + i] = next_of(i);
    for (uint32_t node = leaves_; node-- > 1;) {
      minima_[node] = std::min(minima_[2 * node], minima_[2 * node + 1]);
    }
  }
  int64_t time() const { return minima_[1]; }
  // Which entry it is; of several with the same time the lowest. HOT
  uint32_t index() const {
    uint32_t node = 1;
    while (node < leaves_) node = 2 * node + (minima_[2 * node] > minima_[1] ? 1 : 0);
    return node - leaves_;
  }
  // HOT
  void set(uint32_t i, int64_t time) {
    uint32_t node = leaves_ + i;
    minima_[node] = time;
    for (node /= 2; node > 0; node /= 2) {
      minima_[node] = std::min(minima_[2 * node], minima_[2 * node + 1]);
    }
  }

 private:
  uint32_t leaves_ = 1;
  std::vector<int64_t> minima_;  // [1] is the root, [leaves_ + i] entry i; with one leaf, both
};

}  // namespace windtunnel::fabric
