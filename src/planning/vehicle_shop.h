// A job shop in which vehicles carry the jobs: from the load station to the first machine and from
// machine to machine (Bilge and Ulusoy, Operations Research 43, 1995). A vehicle carries one job,
// travels empty to fetch it and stays where it set down the last one. Machines have room for all
// who wait. The plan ends with the last operation; what travels after that does not count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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

// Checks sizes and ranges: what a reader or a caller must have made sure of.
void check_vehicle_shop(const VehicleShop& shop);

// A plan is a list of steps. Each vehicle makes its trips, and each machine its operations, in the
// order of the list; everything happens as early as that allows.
struct VehicleStep {
  static constexpr uint32_t kProcess = 0xffffffff;
  uint32_t job = 0;
  uint32_t vehicle = kProcess;  // carries the job to its next operation; kProcess: that is done
};

struct VehicleTrip {
  uint32_t job = 0;
  uint32_t vehicle = 0;
  uint32_t from = 0;  // places
  uint32_t to = 0;
  int64_t sets_out = 0;  // empty, from where the vehicle stood
  int64_t leaves = 0;    // with the job
  int64_t arrives = 0;
};

struct VehicleTimes {
  std::vector<VehicleTrip> trips;           // in the order of the list
  std::vector<std::vector<int64_t>> start;  // by job, then operation
  int64_t makespan = 0;
};
// `steps` must carry each job to each of its operations before the operation is done, and do all.
VehicleTimes vehicle_times(const VehicleShop& shop, std::span<const VehicleStep> steps);

}  // namespace windtunnel::planning
