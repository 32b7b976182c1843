// The disjunctive graph of a job shop: operations, the order within jobs, and a chosen order on
// each machine; longest ways to and from each operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "planning/job_shop.h"

namespace windtunnel::planning {

class JobShopGraph {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  explicit JobShopGraph(const JobShop& shop);

  uint32_t operations() const { return static_cast<uint32_t>(time_.size()); }
  size_t machines() const { return machines_; }
  void set_orders(const MachineOrders& orders);
  MachineOrders orders() const;

  // Heads, tails and makespan from the orders; false when these wait for each other in a ring.
  bool evaluate();

  int64_t makespan() const { return makespan_; }
  int64_t time(uint32_t op) const { return time_[op]; }
  int64_t head(uint32_t op) const { return head_[op]; }  // earliest start
  int64_t tail(uint32_t op) const { return tail_[op]; }  // longest way after its end
  uint32_t machine(uint32_t op) const { return machine_[op]; }
  uint32_t job_before(uint32_t op) const { return job_before_[op]; }
  uint32_t job_after(uint32_t op) const { return job_after_[op]; }
  uint32_t machine_before(uint32_t op) const { return machine_before_[op]; }
  uint32_t machine_after(uint32_t op) const { return machine_after_[op]; }
  bool critical(uint32_t op) const { return head_[op] + time_[op] + tail_[op] == makespan_; }

  // Moves `op` on its machine to right behind or right before `other`. evaluate() must follow.
  void move_behind(uint32_t op, uint32_t other);
  void move_before(uint32_t op, uint32_t other);

 private:
  void link(uint32_t before, uint32_t after);  // on their machine; kNone: an end
  void take_out(uint32_t op);
  int64_t end(uint32_t op) const { return op == kNone ? 0 : head_[op] + time_[op]; }
  int64_t follow(uint32_t op) const { return op == kNone ? 0 : time_[op] + tail_[op]; }

  size_t machines_;
  std::vector<int64_t> time_;
  std::vector<uint32_t> machine_;
  std::vector<uint32_t> job_before_;
  std::vector<uint32_t> job_after_;
  std::vector<uint32_t> machine_before_;
  std::vector<uint32_t> machine_after_;
  std::vector<int64_t> head_;
  std::vector<int64_t> tail_;
  std::vector<uint32_t> turn_;  // a topological order
  std::vector<uint8_t> waits_;  // for how many of the two before
  int64_t makespan_ = 0;
};

}  // namespace windtunnel::planning
