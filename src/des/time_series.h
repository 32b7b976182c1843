// An integer that changes in time, as a curve of bounded length: mean, minimum and maximum per bin.
// When the bins are used up, neighbours are merged and the bins become twice as wide, so a run of
// any length keeps between half and all of the bins. Times are ticks and must not decrease.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/units.h"

namespace windtunnel::des {

class TimeSeries {
 public:
  struct Bin {
    int64_t begin = 0;  // ticks
    int64_t end = 0;
    double mean = 0;  // weighted by time
    int64_t min = 0;
    int64_t max = 0;
  };

  // bin_ticks >= 1; bins_max even and >= 2. Memory: 32 bytes per bin.
  TimeSeries(int64_t start, int64_t bin_ticks, size_t bins_max = 512, int64_t value = 0);

  void set(int64_t now, int64_t value);
  void add(int64_t now, int64_t change) { set(now, value_ + change); }
  int64_t value() const { return value_; }
  int64_t bin_ticks() const { return bin_ticks_; }

  // The bins up to `now`; the last one may be shorter. Empty when no time has passed.
  std::vector<Bin> bins(int64_t now) const;

 private:
  struct Cell {
    base::Int128 area = 0;
    int64_t min = 0;
    int64_t max = 0;
  };
  void spread(int64_t now);
  void halve();
  int64_t begin_of(size_t cell) const { return start_ + static_cast<int64_t>(cell) * bin_ticks_; }

  int64_t start_;
  int64_t bin_ticks_;
  size_t bins_max_;
  int64_t value_;
  int64_t changed_;          // up to where `cells_` is filled
  std::vector<Cell> cells_;  // the last one may be filled in part
};

}  // namespace windtunnel::des
