// The best plan of a job shop with vehicles: all partial plans, layer by layer of equally many
// steps, without those that another one dominates (the same jobs are as far, the vehicles stand at
// the same places, and nothing is ready later) or whose bound is no better than a plan known.
// Exact while no layer holds more than `width` of them; beyond, the most promising stay.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "planning/search.h"
#include "planning/vehicle_shop.h"

namespace windtunnel::planning {

struct VehiclePlan {
  std::vector<VehicleStep> steps;
  Bounded makespan;
};

struct VehicleLimits {
  size_t width = 50'000;            // partial plans kept per layer, some 300 bytes each
  std::function<bool()> stop = {};  // asked once per partial plan
};

VehiclePlan best_vehicle_plan(const VehicleShop& shop, const VehicleLimits& limits = {});

// What no plan can go below: each job alone, each machine with what must come before and after, and
// all loaded trips shared out among the vehicles.
int64_t vehicle_bound(const VehicleShop& shop);

}  // namespace windtunnel::planning
