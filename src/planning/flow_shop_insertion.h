// Where to put one more job into an order of a flow shop: all places in O(jobs * machines)
// (Taillard, European Journal of Operational Research 47, 1990), with setups as well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "planning/flow_shop.h"

namespace windtunnel::planning {

class FlowShopInsertion {
 public:
  explicit FlowShopInsertion(const FlowShop& shop);

  struct Place {
    int64_t makespan = 0;
    size_t position = 0;  // the first of equals
  };
  // The best place of `job` in `order`, which does not hold it.
  Place best_place(std::span<const uint32_t> order, uint32_t job);

 private:
  void compute_heads(std::span<const uint32_t> order);
  void compute_tails(std::span<const uint32_t> order);
  int64_t makespan_at(std::span<const uint32_t> order, size_t position, uint32_t job) const;

  const int64_t* times(uint32_t job) const { return &shop_.times[job * machines_]; }
  const int64_t* setups(uint32_t from, uint32_t to) const {
    return &setups_[stride_ == 0 ? 0 : (from * stride_ + to) * machines_];
  }

  const FlowShop& shop_;
  size_t machines_;
  size_t stride_;                // jobs, or 0 without setups: all pairs then share one row of zeros
  std::vector<int64_t> setups_;  // by pair, then machine
  std::vector<int64_t> heads_;   // row i: when the i-th job of the order leaves each machine
  std::vector<int64_t> tails_;   // row i: from its arrival on each machine to the end
};

}  // namespace windtunnel::planning
