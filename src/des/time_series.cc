#include "des/time_series.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::des {

TimeSeries::TimeSeries(int64_t start, int64_t bin_ticks, size_t bins_max, int64_t value)
    : start_(start), bin_ticks_(bin_ticks), bins_max_(bins_max), value_(value), changed_(start) {
  WT_CHECK(bin_ticks >= 1, "a bin needs at least one tick");
  WT_CHECK(bins_max >= 2 && bins_max % 2 == 0, "the number of bins must be even");
  cells_.reserve(bins_max);
}

void TimeSeries::set(int64_t now, int64_t value) {
  WT_CHECK(now >= changed_, "a time series goes backwards");
  spread(now);
  value_ = value;
  // The new value touches the bin it begins in, even if it changes again at once.
  if (!cells_.empty() && now < begin_of(cells_.size())) {
    cells_.back().min = std::min(cells_.back().min, value);
    cells_.back().max = std::max(cells_.back().max, value);
  }
}

// Fills cells with the present value up to `now`.
void TimeSeries::spread(int64_t now) {
  while (changed_ < now) {
    if (changed_ == begin_of(cells_.size())) {
      if (cells_.size() == bins_max_) halve();
      cells_.push_back({0, value_, value_});
    }
    const int64_t until = std::min(now, begin_of(cells_.size()));
    cells_.back().area += static_cast<base::Int128>(value_) * (until - changed_);
    changed_ = until;
  }
}

void TimeSeries::halve() {
  for (size_t i = 0; i < cells_.size() / 2; ++i) {
    const Cell& a = cells_[2 * i];
    const Cell& b = cells_[2 * i + 1];
    cells_[i] = {a.area + b.area, std::min(a.min, b.min), std::max(a.max, b.max)};
  }
  cells_.resize(cells_.size() / 2);
  bin_ticks_ *= 2;
}

std::vector<TimeSeries::Bin> TimeSeries::bins(int64_t now) const {
  TimeSeries filled = *this;
  filled.spread(now);
  std::vector<Bin> out;
  for (size_t i = 0; i < filled.cells_.size(); ++i) {
    const Cell& cell = filled.cells_[i];
    const int64_t begin = filled.begin_of(i);
    const int64_t end = std::min(filled.begin_of(i + 1), filled.changed_);
    const double mean = static_cast<double>(cell.area) / static_cast<double>(end - begin);
    out.push_back({begin, end, mean, cell.min, cell.max});
  }
  return out;
}

}  // namespace windtunnel::des
