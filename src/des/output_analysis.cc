#include "des/output_analysis.h"

#include <limits>

namespace windtunnel::des {

// From the end to the beginning with a running mean and sum of squares: one pass.
WarmUp mser5(std::span<const double> observations) {
  constexpr size_t kBatch = 5;
  const size_t batches = observations.size() / kBatch;
  if (batches < 4) return {};
  Tally rest;
  double best = std::numeric_limits<double>::infinity();
  size_t cut = 0;
  for (size_t batch = batches; batch-- > 0;) {
    double sum = 0;
    for (size_t i = 0; i < kBatch; ++i) sum += observations[batch * kBatch + i];
    rest.add(sum / static_cast<double>(kBatch));
    // The last few batches have a small spread by chance.
    if (rest.count() < 5) continue;
    const auto n = static_cast<double>(rest.count());
    const double error = rest.variance() * (n - 1) / (n * n);
    if (error <= best) {
      best = error;
      cut = batch;
    }
  }
  return {cut * kBatch, cut < batches - batches / 4};
}

void BatchMeans::add(double x) {
  ++count_;
  batch_sum_ += x;
  if (++in_batch_ < batch_size_) return;
  means_.push_back(batch_sum_ / static_cast<double>(batch_size_));
  in_batch_ = 0;
  batch_sum_ = 0;
  if (means_.size() < 2 * kBatches) return;
  for (size_t i = 0; i < kBatches; ++i) means_[i] = (means_[2 * i] + means_[2 * i + 1]) / 2;
  means_.resize(kBatches);
  batch_size_ *= 2;
}

double BatchMeans::mean() const {
  if (count_ == 0) return 0;
  double sum = batch_sum_;
  for (const double mean : means_) sum += mean * static_cast<double>(batch_size_);
  return sum / static_cast<double>(count_);
}

Interval BatchMeans::interval(double level) const { return confidence_interval(means_, level); }

double BatchMeans::correlation() const {
  Tally tally;
  for (const double mean : means_) tally.add(mean);
  const double squares = tally.variance() * static_cast<double>(tally.count() - 1);
  if (tally.count() < 2 || squares == 0) return 0;
  double products = 0;
  for (size_t i = 1; i < means_.size(); ++i) {
    products += (means_[i] - tally.mean()) * (means_[i - 1] - tally.mean());
  }
  return products / squares;
}

}  // namespace windtunnel::des
