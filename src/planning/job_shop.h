// The job shop: every job visits machines in an order of its own, each machine does one operation
// at a time, none is interrupted. Wanted is the plan that ends soonest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "planning/flow_shop.h"

namespace windtunnel::planning {

struct JobShop {
  struct Operation {
    uint32_t machine = 0;
    int64_t time = 0;  // 0 to kJobTimeMax
  };
  size_t machines = 0;
  std::vector<std::vector<Operation>> jobs = {};
};

// Operations are numbered job after job: the first of job 1 follows the last of job 0.
using MachineOrders = std::vector<std::vector<uint32_t>>;  // by machine, operations in order

struct JobShopTimes {
  std::vector<int64_t> start;  // by operation, as early as the orders allow
  int64_t makespan = 0;
};
// Nothing when the orders wait for each other in a ring. They must name each operation once, on its
// machine.
std::optional<JobShopTimes> job_shop_times(const JobShop& shop, const MachineOrders& orders);

// What no plan can go below: the longest job, and for each machine the best schedule of its
// operations alone when they may be interrupted, with what their jobs need before and after
// (Jackson's preemptive schedule, Carlier 1982).
int64_t job_shop_bound(const JobShop& shop);

}  // namespace windtunnel::planning
