// Where a single run becomes usable, and how sure one may be of its mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "des/confidence.h"

namespace windtunnel::des {

// MSER-5 (White, Cobb, Spratt 2000): cuts off the first observations such that the standard error
// of the mean of the rest, taken over averages of five, is smallest.
struct WarmUp {
  size_t observations = 0;  // to leave out, a multiple of five
  // False when the best cut lies in the last quarter: the run is too short to tell, or does not
  // settle at all.
  bool settled = false;
};
WarmUp mser5(std::span<const double> observations);

// The mean of correlated observations with an interval, in bounded memory: means over consecutive
// batches are nearly independent once batches are long. Keeps between kBatches and 2 * kBatches
// batches; when there are more, neighbours are merged, so that batches grow with the run.
class BatchMeans {
 public:
  static constexpr size_t kBatches = 32;

  void add(double x);
  int64_t count() const { return count_; }
  double mean() const;
  int64_t batch_size() const { return batch_size_; }
  size_t batches() const { return means_.size(); }  // complete ones
  // Over complete batches. Infinite below two of them.
  Interval interval(double level = 0.95) const;
  // Correlation of neighbouring batch means. With independent batches it is within
  // 2 / sqrt(batches()) of zero 19 times of 20; well above means that the run is too short and the
  // interval too narrow.
  double correlation() const;

 private:
  std::vector<double> means_;
  int64_t batch_size_ = 1;
  int64_t in_batch_ = 0;  // observations of the incomplete batch
  double batch_sum_ = 0;
  int64_t count_ = 0;
};

}  // namespace windtunnel::des
