// Readers of Bilge and Ulusoy's job shops with vehicles. A layout is the number of places and their
// travel times, row after row: first the load station, then the machines. A job set is `jobs
// machines vehicles`, then a line per job: its number of operations and pairs `machine time`,
// machines from 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planning/vehicle_shop.h"

namespace windtunnel::study {

struct VehicleLayout {
  size_t places = 0;
  std::vector<int64_t> travel;  // row after row
};
base::Result<VehicleLayout> read_vehicle_layout(std::string_view text, const std::string& file);

struct VehicleJobs {
  planning::JobShop shop;
  size_t vehicles = 0;
};
base::Result<VehicleJobs> read_vehicle_jobs(std::string_view text, const std::string& file);

// An error when the layout has another number of machines than the job set.
base::Result<planning::VehicleShop> vehicle_shop(VehicleJobs jobs, VehicleLayout layout);

}  // namespace windtunnel::study
