// How long one machine takes to change over from one family to another, and what that makes of an
// order of families.
//
// Times are whole numbers of one unit that the caller chooses (ticks of a clock, minutes of an
// instance); nothing here converts. The matrix need not be symmetric, and the diagonal is never
// read: a family follows itself without a setup.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace windtunnel::planning {

// Sums of setups must stay exact: no entry may exceed this in size.
inline constexpr int64_t kSetupMax = int64_t{1} << 40;

class SetupMatrix {
 public:
  SetupMatrix() = default;
  // `rows` is row after row, `families` squared entries, each within ±kSetupMax.
  SetupMatrix(size_t families, std::vector<int64_t> rows);

  size_t families() const { return families_; }
  int64_t at(size_t from, size_t to) const { return rows_[from * families_ + to]; }
  void set(size_t from, size_t to, int64_t setup);

  // Time of a changeover from each family to the next, and from the last to the first.
  int64_t cycle_setup(std::span<const uint32_t> order) const;
  // The same without the way back.
  int64_t path_setup(std::span<const uint32_t> order) const;
  // Mean of cycle_setup over all cyclic orders: each arc lies in one of (families - 1) of them.
  double mean_cycle_setup() const;

  SetupMatrix transposed() const;
  SetupMatrix negated() const;

 private:
  size_t families_ = 0;
  std::vector<int64_t> rows_;
};

// The order in which families were given: what a plan without thought would run.
std::vector<uint32_t> given_order(size_t families);

// Whether `order` names each of `families` exactly once.
bool is_order(std::span<const uint32_t> order, size_t families);

}  // namespace windtunnel::planning
