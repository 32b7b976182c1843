#include "planning/flow_shop_insertion.h"

#include <algorithm>

namespace windtunnel::planning {

FlowShopInsertion::FlowShopInsertion(const FlowShop& shop)
    : shop_(shop),
      machines_(shop.machines),
      stride_(shop.setups.empty() ? 0 : shop.jobs),
      setups_(shop.machines * std::max<size_t>(1, stride_ * stride_), 0),
      heads_((shop.jobs + 1) * shop.machines, 0),
      tails_((shop.jobs + 1) * shop.machines, 0) {
  for (size_t m = 0; m < shop.setups.size(); ++m)
    for (size_t from = 0; from < stride_; ++from)
      for (size_t to = 0; to < stride_; ++to)
        setups_[(from * stride_ + to) * machines_ + m] = shop.setups[m].at(from, to);
}

FlowShopInsertion::Place FlowShopInsertion::best_place(std::span<const uint32_t> order,
                                                       uint32_t job) {
  compute_heads(order);
  compute_tails(order);
  Place best{makespan_at(order, 0, job), 0};
  for (size_t position = 1; position <= order.size(); ++position) {
    const int64_t length = makespan_at(order, position, job);
    if (length < best.makespan) best = {length, position};
  }
  return best;
}

// The setup of the first job must not count: it is added to a time of 0 there, and heads of an
// empty machine are taken without it.
void FlowShopInsertion::compute_heads(std::span<const uint32_t> order) {
  for (size_t i = 0; i < order.size(); ++i) {
    const int64_t* const time = times(order[i]);
    int64_t* const head = &heads_[i * machines_];
    int64_t arrives = 0;
    if (i == 0) {
      for (size_t m = 0; m < machines_; ++m) head[m] = arrives += time[m];
      continue;
    }
    const int64_t* const before = head - machines_;
    const int64_t* const setup = setups(order[i - 1], order[i]);
    for (size_t m = 0; m < machines_; ++m)
      head[m] = arrives = std::max(arrives, before[m] + setup[m]) + time[m];
  }
}

void FlowShopInsertion::compute_tails(std::span<const uint32_t> order) {
  for (size_t i = order.size(); i-- > 0;) {
    const int64_t* const time = times(order[i]);
    int64_t* const tail = &tails_[i * machines_];
    int64_t follows = 0;
    if (i + 1 == order.size()) {
      for (size_t m = machines_; m-- > 0;) tail[m] = follows += time[m];
      continue;
    }
    const int64_t* const after = tail + machines_;
    const int64_t* const setup = setups(order[i], order[i + 1]);
    for (size_t m = machines_; m-- > 0;)
      tail[m] = follows = std::max(follows, after[m] + setup[m]) + time[m];
  }
}

int64_t FlowShopInsertion::makespan_at(std::span<const uint32_t> order, size_t position,
                                       uint32_t job) const {
  const bool first = position == 0;
  const bool last = position == order.size();
  const int64_t* const time = times(job);
  const int64_t* const head = first ? nullptr : &heads_[(position - 1) * machines_];
  const int64_t* const into = first ? nullptr : setups(order[position - 1], job);
  const int64_t* const tail = last ? nullptr : &tails_[position * machines_];
  const int64_t* const out = last ? nullptr : setups(job, order[position]);
  int64_t arrives = 0;
  int64_t longest = 0;
  for (size_t m = 0; m < machines_; ++m) {
    arrives = (first ? arrives : std::max(arrives, head[m] + into[m])) + time[m];
    longest = std::max(longest, last ? arrives : arrives + out[m] + tail[m]);
  }
  return longest;
}

}  // namespace windtunnel::planning
