// A job shop in which vehicles carry the jobs: from the load station to the first machine and from
// machine to machine (Bilge and Ulusoy, Operations Research 43, 1995). A vehicle carries one job,
// travels empty to fetch it and stays where it set down the last one. Machines have room for all
// who wait. The plan ends with the last operation; what travels after that does not count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "planning/job_shop.h"

namespace windtunnel::planning {

struct VehicleShop {
  JobShop shop = {};
  size_t vehicles = 0;
  // From place to place, row after row: place 0 is the load station, place m + 1 machine m. Need
  // not be symmetric.
  std::vector<int64_t> travel = {};

  size_t places() const { return shop.machines + 1; }
  int64_t travel_time(size_t from, size_t to) const { return travel[from * places() + to]; }
};

}  // namespace windtunnel::planning
