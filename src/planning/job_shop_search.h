// Good plans of a job shop by tabu search: operations at the ends of critical blocks change places
// (Balas and Vazacopoulos, Management Science 44, 1998; Nowicki and Smutnicki 42, 1996), chosen by
// an estimate of the makespan and forbidden to return for a while.
#pragma once

#include "base/random.h"
#include "planning/job_shop.h"
#include "planning/search.h"

namespace windtunnel::planning {

struct JobShopPlan {
  MachineOrders orders;
  Bounded makespan;
  int64_t iterations = 0;
};

// Jobs by most work left, each operation as soon as machine and job are free.
MachineOrders dispatched_orders(const JobShop& shop);

// An iteration is one move.
JobShopPlan searched_job_shop(const JobShop& shop, const SearchLimits& limits,
                              base::RandomStream random);

}  // namespace windtunnel::planning
