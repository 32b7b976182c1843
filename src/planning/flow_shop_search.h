// Good orders of a permutation flow shop: insertion by total time (Nawaz, Enscore, Ham 1983), then
// iterated greedy (Ruiz and Stuetzle, European Journal of Operational Research 177, 2007; with
// setups 187, 2008). All places of a job are tried at the price of one by Taillard's acceleration.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "planning/flow_shop.h"
#include "planning/search.h"

namespace windtunnel::planning {

struct FlowShopOrder {
  std::vector<uint32_t> order;
  Bounded makespan;
  int64_t iterations = 0;
};

// Jobs by falling total time, each put where the makespan grows least.
std::vector<uint32_t> insertion_order(const FlowShop& shop);

// An iteration takes a few jobs out, puts each back at its best place and descends by insertions.
FlowShopOrder searched_flow_shop(const FlowShop& shop, const SearchLimits& limits,
                                 base::RandomStream random);

}  // namespace windtunnel::planning
