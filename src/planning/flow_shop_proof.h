// Proof that an order of a permutation flow shop cannot be bettered, or a better one: branch and
// bound that fixes jobs from both ends, always at the end where fewer choices survive (Potts,
// European Journal of Operational Research 5, 1980; Gmys, Mezmaz, Melab, Tuyttens 284, 2020). With
// setups as well, though their bound is weaker.
#pragma once

#include "planning/flow_shop_search.h"

namespace windtunnel::planning {

// Continues from `start`, an order of all jobs. An iteration is one node; memory is O(jobs *
// machines). When the tree is exhausted, the result is optimal and says so; when the limits end it,
// the bound is still the one that `start` brought.
FlowShopOrder proved_flow_shop(const FlowShop& shop, FlowShopOrder start,
                               const SearchLimits& limits);

}  // namespace windtunnel::planning
