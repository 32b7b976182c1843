#include "planning/setup_matrix.h"

#include <numeric>
#include <utility>

#include "base/check.h"

namespace windtunnel::planning {

SetupMatrix::SetupMatrix(size_t families, std::vector<int64_t> rows)
    : families_(families), rows_(std::move(rows)) {
  WT_CHECK(rows_.size() == families * families, "a setup matrix is square");
  for (const int64_t setup : rows_)
    WT_CHECK(setup >= -kSetupMax && setup <= kSetupMax, "setup is within kSetupMax");
}

void SetupMatrix::set(size_t from, size_t to, int64_t setup) {
  WT_CHECK(from < families_ && to < families_, "both are families");
  WT_CHECK(setup >= -kSetupMax && setup <= kSetupMax, "setup is within kSetupMax");
  rows_[from * families_ + to] = setup;
}

int64_t SetupMatrix::path_setup(std::span<const uint32_t> order) const {
  int64_t sum = 0;
  for (size_t i = 0; i + 1 < order.size(); ++i)
    if (order[i] != order[i + 1]) sum += at(order[i], order[i + 1]);
  return sum;
}

int64_t SetupMatrix::cycle_setup(std::span<const uint32_t> order) const {
  if (order.size() < 2 || order.front() == order.back()) return path_setup(order);
  return path_setup(order) + at(order.back(), order.front());
}

double SetupMatrix::mean_cycle_setup() const {
  if (families_ < 2) return 0;
  int64_t sum = 0;
  for (size_t from = 0; from < families_; ++from)
    for (size_t to = 0; to < families_; ++to)
      if (from != to) sum += at(from, to);
  return static_cast<double>(sum) / static_cast<double>(families_ - 1);
}

SetupMatrix SetupMatrix::transposed() const {
  std::vector<int64_t> rows(rows_.size());
  for (size_t from = 0; from < families_; ++from)
    for (size_t to = 0; to < families_; ++to) rows[to * families_ + from] = at(from, to);
  return {families_, std::move(rows)};
}

SetupMatrix SetupMatrix::negated() const {
  std::vector<int64_t> rows = rows_;
  for (int64_t& setup : rows) setup = -setup;
  return {families_, std::move(rows)};
}

std::vector<uint32_t> given_order(size_t families) {
  std::vector<uint32_t> order(families);
  std::iota(order.begin(), order.end(), 0U);
  return order;
}

bool is_order(std::span<const uint32_t> order, size_t families) {
  std::vector<bool> seen(families, false);
  for (const uint32_t family : order) {
    if (family >= families || seen[family]) return false;
    seen[family] = true;
  }
  return order.size() == families;
}

}  // namespace windtunnel::planning
