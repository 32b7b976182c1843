#include "study/instance_vehicles.h"

#include <fmt/format.h>

#include <utility>

#include "study/instance_text.h"

namespace windtunnel::study {
namespace {

constexpr int64_t kPlacesMax = 1'000;
constexpr int64_t kJobsMax = 1'000;
constexpr int64_t kOperationsMax = 1'000;
constexpr int64_t kVehiclesMax = 100;
using planning::kJobTimeMax;

bool read_job(InstanceLines& lines, size_t job, planning::JobShop& shop) {
  const std::string name = fmt::format("job {}", job + 1);
  if (!lines.next(name)) return false;
  const auto operations =
      lines.whole(0, fmt::format("{}: number of operations", name), 1, kOperationsMax);
  if (!operations || !lines.has(1 + 2 * static_cast<size_t>(*operations), name)) return false;
  shop.jobs.emplace_back();
  for (size_t i = 0; i < static_cast<size_t>(*operations); ++i) {
    const auto machine = lines.whole(1 + 2 * i, fmt::format("{}: machine", name), 1,
                                     static_cast<int64_t>(shop.machines));
    const auto time = lines.whole(2 + 2 * i, fmt::format("{}: time", name), 0, kJobTimeMax);
    if (!machine || !time) return false;
    shop.jobs.back().push_back({static_cast<uint32_t>(*machine - 1), *time});
  }
  return true;
}

}  // namespace

base::Result<VehicleLayout> read_vehicle_layout(std::string_view text, const std::string& file) {
  InstanceLines lines(text, file);
  if (!lines.next("the number of places") || !lines.has(1, "number of places"))
    return lines.error();
  const auto places = lines.whole(0, "number of places", 2, kPlacesMax);
  if (!places) return lines.error();
  VehicleLayout layout{static_cast<size_t>(*places), {}};
  for (size_t from = 0; from < layout.places; ++from) {
    const std::string name = fmt::format("travel times from place {}", from);
    if (!lines.next(name)) return lines.error();
    const auto row = lines.row(layout.places, name, 0, kJobTimeMax);
    if (!row) return lines.error();
    layout.travel.insert(layout.travel.end(), row->begin(), row->end());
  }
  if (!lines.ends()) return lines.error();
  return layout;
}

base::Result<VehicleJobs> read_vehicle_jobs(std::string_view text, const std::string& file) {
  InstanceLines lines(text, file);
  const char* const header = "numbers of jobs, machines and vehicles";
  if (!lines.next(header) || !lines.has(3, header)) return lines.error();
  const auto jobs = lines.whole(0, "number of jobs", 1, kJobsMax);
  const auto machines = lines.whole(1, "number of machines", 1, kPlacesMax - 1);
  const auto vehicles = lines.whole(2, "number of vehicles", 1, kVehiclesMax);
  if (!jobs || !machines || !vehicles) return lines.error();
  VehicleJobs set;
  set.shop.machines = static_cast<size_t>(*machines);
  set.vehicles = static_cast<size_t>(*vehicles);
  for (size_t job = 0; job < static_cast<size_t>(*jobs); ++job)
    if (!read_job(lines, job, set.shop)) return lines.error();
  if (!lines.ends()) return lines.error();
  return set;
}

base::Result<planning::VehicleShop> vehicle_shop(VehicleJobs jobs, VehicleLayout layout) {
  if (layout.places != jobs.shop.machines + 1)
    return base::fail(fmt::format("the layout has {} machines and the job set {}",
                                  layout.places - 1, jobs.shop.machines));
  return planning::VehicleShop{std::move(jobs.shop), jobs.vehicles, std::move(layout.travel)};
}

}  // namespace windtunnel::study
