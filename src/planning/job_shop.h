// The job shop: every job visits machines in an order of its own, each machine does one operation
// at a time, none is interrupted. Wanted is the plan that ends soonest.
#pragma once

#include <cstddef>
#include <cstdint>
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

}  // namespace windtunnel::planning
