#include "planning/vehicle_shop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "planning/vehicle_search.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

VehicleShop random_shop(base::RandomStream& random) {
  VehicleShop shop;
  shop.shop.machines = 1 + random.below(2);
  shop.vehicles = 1 + random.below(2);
  shop.shop.jobs.resize(1 + random.below(3));
  for (auto& job : shop.shop.jobs) {
    const size_t operations = 1 + random.below(2);
    for (size_t i = 0; i < operations; ++i)
      job.push_back({static_cast<uint32_t>(random.below(shop.shop.machines)),
                     static_cast<int64_t>(random.below(9))});
  }
  shop.travel.assign(shop.places() * shop.places(), 0);
  for (size_t from = 0; from < shop.places(); ++from)
    for (size_t to = 0; to < shop.places(); ++to)
      if (from != to)
        shop.travel[from * shop.places() + to] = static_cast<int64_t>(random.below(7));
  return shop;
}

// Every list of steps, evaluated from the beginning.
void enumerate(const VehicleShop& shop, std::vector<VehicleStep>& steps, std::vector<size_t>& done,
               int64_t& least) {
  bool all = true;
  for (uint32_t job = 0; job < done.size(); ++job) {
    if (done[job] == 2 * shop.shop.jobs[job].size()) continue;
    all = false;
    const bool carry = done[job]++ % 2 == 0;
    for (uint32_t vehicle = 0; vehicle < (carry ? shop.vehicles : 1); ++vehicle) {
      steps.push_back({job, carry ? vehicle : VehicleStep::kProcess});
      enumerate(shop, steps, done, least);
      steps.pop_back();
    }
    --done[job];
  }
  if (all) least = std::min(least, vehicle_times(shop, steps).makespan);
}

TEST(VehicleShop, SearchMeetsEnumeration) {
  int64_t judged = 0;
  for (int64_t episode = 0; episode < testing::episodes(150); ++episode) {
    SCOPED_TRACE("seed 61, episode " + std::to_string(episode));
    base::RandomStream random(61, "vehicles", static_cast<uint64_t>(episode));
    const VehicleShop shop = random_shop(random);
    size_t operations = 0;
    for (const auto& job : shop.shop.jobs) operations += job.size();
    if (operations > 4) continue;
    ++judged;
    std::vector<VehicleStep> steps;
    std::vector<size_t> done(shop.shop.jobs.size(), 0);
    int64_t least = std::numeric_limits<int64_t>::max();
    enumerate(shop, steps, done, least);
    const VehiclePlan found = best_vehicle_plan(shop);
    EXPECT_EQ(found.makespan.value, least);
    EXPECT_TRUE(found.makespan.optimal());
    EXPECT_EQ(vehicle_times(shop, found.steps).makespan, least);
    EXPECT_LE(vehicle_bound(shop), least);
    const VehiclePlan narrow = best_vehicle_plan(shop, {.width = 1});
    EXPECT_GE(narrow.makespan.value, least);
    EXPECT_LE(narrow.makespan.lower_bound, least);
  }
  EXPECT_GE(judged, testing::episodes(150) / 2);
}

TEST(VehicleShop, AVehicleTravelsEmptyToFetch) {
  // One vehicle, two machines in a row: 2 to reach either, 3 between them, 5 back.
  const VehicleShop shop{{2, {{{0, 10}, {1, 1}}, {{1, 4}}}}, 1, {0, 2, 2, 5, 0, 3, 5, 3, 0}};
  const std::vector<VehicleStep> steps{{0, 0}, {0, VehicleStep::kProcess},
                                       {1, 0}, {1, VehicleStep::kProcess},
                                       {0, 0}, {0, VehicleStep::kProcess}};
  const VehicleTimes times = vehicle_times(shop, steps);
  // Job 0 arrives at 2; the vehicle is back at 7 and brings job 1 at 9; it waits at machine 0 from
  // 12, where job 0 is done at 12, and sets it down at 15.
  EXPECT_EQ(times.start[0][0], 2);
  EXPECT_EQ(times.start[1][0], 9);
  ASSERT_EQ(times.trips.size(), 3u);
  EXPECT_EQ(times.trips[2].sets_out, 9);
  EXPECT_EQ(times.trips[2].leaves, 12);
  EXPECT_EQ(times.trips[2].arrives, 15);
  EXPECT_EQ(times.makespan, 16);
}

TEST(VehicleShop, MachinesMayTakeWhoCameLater) {
  // Two jobs on one vehicle to the same machine; the list of steps has the second done first.
  const VehicleShop shop{{1, {{{0, 5}}, {{0, 7}}}}, 1, {0, 1, 1, 0}};
  const std::vector<VehicleStep> steps{
      {0, 0}, {1, 0}, {1, VehicleStep::kProcess}, {0, VehicleStep::kProcess}};
  const VehicleTimes times = vehicle_times(shop, steps);
  EXPECT_EQ(times.start[1][0], 3);
  EXPECT_EQ(times.start[0][0], 10);
}

TEST(VehicleShop, StopKeepsTheBestSoFar) {
  base::RandomStream random(62, "stop");
  const VehicleShop shop = random_shop(random);
  int64_t asked = 0;
  const VehiclePlan plan = best_vehicle_plan(shop, {.stop = [&asked] { return ++asked > 1'000; }});
  EXPECT_EQ(vehicle_times(shop, plan.steps).makespan, plan.makespan.value);
}

}  // namespace
}  // namespace windtunnel::planning
