#include "planning/vehicle_shop.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::planning {

void check_vehicle_shop(const VehicleShop& shop) {
  WT_CHECK(shop.vehicles >= 1, "something carries the jobs");
  WT_CHECK(shop.travel.size() == shop.places() * shop.places(), "travel times are square");
  for (const int64_t time : shop.travel)
    WT_CHECK(time >= 0 && time <= kJobTimeMax, "travel time is within kJobTimeMax");
  for (const auto& job : shop.shop.jobs)
    for (const JobShop::Operation& operation : job)
      WT_CHECK(operation.machine < shop.shop.machines && operation.time >= 0 &&
                   operation.time <= kJobTimeMax,
               "operations are within bounds");
}

VehicleTimes vehicle_times(const VehicleShop& shop, std::span<const VehicleStep> steps) {
  const size_t jobs = shop.shop.jobs.size();
  std::vector<uint32_t> place(jobs, 0);
  std::vector<int64_t> ready(jobs, 0);  // at its place, done there
  std::vector<bool> carried(jobs, false);
  std::vector<uint32_t> vehicle_place(shop.vehicles, 0);
  std::vector<int64_t> vehicle_ready(shop.vehicles, 0);
  std::vector<int64_t> machine_ready(shop.shop.machines, 0);
  VehicleTimes times;
  times.start.resize(jobs);
  for (const VehicleStep& step : steps) {
    WT_CHECK(step.job < jobs, "a step names a job");
    auto& started = times.start[step.job];
    WT_CHECK(started.size() < shop.shop.jobs[step.job].size(), "the job is not done yet");
    const JobShop::Operation& next = shop.shop.jobs[step.job][started.size()];
    int64_t& job_ready = ready[step.job];
    if (step.vehicle == VehicleStep::kProcess) {
      WT_CHECK(carried[step.job], "the job is where its operation is");
      started.push_back(std::max(job_ready, machine_ready[next.machine]));
      job_ready = machine_ready[next.machine] = started.back() + next.time;
      times.makespan = std::max(times.makespan, job_ready);
      carried[step.job] = false;
      continue;
    }
    WT_CHECK(step.vehicle < shop.vehicles && !carried[step.job], "a vehicle fetches the job once");
    const uint32_t from = place[step.job];
    const uint32_t to = next.machine + 1;
    const int64_t sets_out = vehicle_ready[step.vehicle];
    const int64_t there = sets_out + shop.travel_time(vehicle_place[step.vehicle], from);
    const int64_t leaves = std::max(there, job_ready);
    job_ready = leaves + shop.travel_time(from, to);
    times.trips.push_back({step.job, step.vehicle, from, to, sets_out, leaves, job_ready});
    vehicle_ready[step.vehicle] = job_ready;
    vehicle_place[step.vehicle] = place[step.job] = to;
    carried[step.job] = true;
  }
  for (size_t job = 0; job < jobs; ++job)
    WT_CHECK(times.start[job].size() == shop.shop.jobs[job].size(), "all operations are done");
  return times;
}

}  // namespace windtunnel::planning
