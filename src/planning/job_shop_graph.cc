#include "planning/job_shop_graph.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::planning {

JobShopGraph::JobShopGraph(const JobShop& shop) : machines_(shop.machines) {
  for (const auto& job : shop.jobs) {
    for (size_t i = 0; i < job.size(); ++i) {
      const uint32_t op = operations();
      WT_CHECK(job[i].machine < shop.machines, "an operation names a machine");
      WT_CHECK(job[i].time >= 0 && job[i].time <= kJobTimeMax, "time is within kJobTimeMax");
      time_.push_back(job[i].time);
      machine_.push_back(job[i].machine);
      job_before_.push_back(i == 0 ? kNone : op - 1);
      job_after_.push_back(i + 1 == job.size() ? kNone : op + 1);
    }
  }
  machine_before_.assign(time_.size(), kNone);
  machine_after_.assign(time_.size(), kNone);
  head_.assign(time_.size(), 0);
  tail_.assign(time_.size(), 0);
  waits_.assign(time_.size(), 0);
}

void JobShopGraph::set_orders(const MachineOrders& orders) {
  WT_CHECK(orders.size() == machines_, "an order for each machine");
  std::vector<bool> seen(time_.size(), false);
  size_t named = 0;
  for (size_t m = 0; m < machines_; ++m) {
    for (size_t i = 0; i < orders[m].size(); ++i, ++named) {
      const uint32_t op = orders[m][i];
      WT_CHECK(op < operations() && machine_[op] == m && !seen[op],
               "an order names operations of its machine, each once");
      seen[op] = true;
      machine_before_[op] = i == 0 ? kNone : orders[m][i - 1];
      machine_after_[op] = i + 1 == orders[m].size() ? kNone : orders[m][i + 1];
    }
  }
  WT_CHECK(named == time_.size(), "orders name all operations");
}

MachineOrders JobShopGraph::orders() const {
  MachineOrders orders(machines_);
  for (uint32_t first = 0; first < operations(); ++first) {
    if (machine_before_[first] != kNone) continue;
    for (uint32_t op = first; op != kNone; op = machine_after_[op])
      orders[machine_[op]].push_back(op);
  }
  return orders;
}

bool JobShopGraph::evaluate() {
  turn_.clear();
  for (uint32_t op = 0; op < operations(); ++op) {
    waits_[op] = static_cast<uint8_t>((job_before_[op] != kNone ? 1 : 0) +
                                      (machine_before_[op] != kNone ? 1 : 0));
    if (waits_[op] == 0) turn_.push_back(op);
  }
  makespan_ = 0;
  for (size_t i = 0; i < turn_.size(); ++i) {
    const uint32_t op = turn_[i];
    head_[op] = std::max(end(job_before_[op]), end(machine_before_[op]));
    makespan_ = std::max(makespan_, end(op));
    for (const uint32_t next : {job_after_[op], machine_after_[op]})
      if (next != kNone && --waits_[next] == 0) turn_.push_back(next);
  }
  if (turn_.size() != time_.size()) return false;
  for (size_t i = turn_.size(); i-- > 0;) {
    const uint32_t op = turn_[i];
    tail_[op] = std::max(follow(job_after_[op]), follow(machine_after_[op]));
  }
  return true;
}

void JobShopGraph::link(uint32_t before, uint32_t after) {
  if (before != kNone) machine_after_[before] = after;
  if (after != kNone) machine_before_[after] = before;
}

void JobShopGraph::take_out(uint32_t op) { link(machine_before_[op], machine_after_[op]); }

void JobShopGraph::move_behind(uint32_t op, uint32_t other) {
  take_out(op);
  const uint32_t after = machine_after_[other];
  link(other, op);
  link(op, after);
}

void JobShopGraph::move_before(uint32_t op, uint32_t other) {
  take_out(op);
  const uint32_t before = machine_before_[other];
  link(before, op);
  link(op, other);
}

}  // namespace windtunnel::planning
