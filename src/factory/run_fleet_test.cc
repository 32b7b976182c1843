// Plants whose pieces are carried by vehicles.
#include <gtest/gtest.h>

#include "factory/plant_fixture.h"

namespace windtunnel::factory {
namespace {

Lane lane(const std::string& from, const std::string& to, double time, bool both = true) {
  return {from, to, seconds(time), both, both ? 1 : 20, true};
}

// Two stations at the ends of a lane, one vehicle.
Plant two_ends(int64_t vehicles, double work, double lane_time) {
  Plant plant = line_of({constant(work), constant(work)}, {});
  plant.places = {{"a", 10, 0}, {"b", 10, 0}};
  plant.lanes = {lane("a", "b", lane_time)};
  plant.lanes[0].room = 10;
  plant.stations[0].place = "a";
  plant.stations[1].place = "b";
  Fleet fleet;
  fleet.vehicles = vehicles;
  fleet.load = fleet.unload = seconds(5);
  plant.fleet = fleet;
  return plant;
}

TEST(RunFleet, AMachineIsBlockedUntilItsPieceIsLoaded) {
  Plant plant = two_ends(1, 10, 20);
  plant.releases = {endless("piece")};
  const Outcome out = run(plant, 10'000, 1'000);
  // A trip and the way back take 5 + 20 + 5 + 20 s, so a piece leaves every 50 s.
  EXPECT_NEAR(static_cast<double>(out.items[0].finished), 10'000 / 50.0, 1);
  EXPECT_NEAR(out.stations[0].shares[static_cast<size_t>(MachineState::kBlocked)], 0.8, 0.01);
  EXPECT_NEAR(out.stations[1].shares[static_cast<size_t>(MachineState::kStarved)], 0.8, 0.01);
  EXPECT_NEAR(static_cast<double>(out.fleet.trips), 200, 1);
  EXPECT_NEAR(out.fleet.loaded, 0.6, 0.01);
  EXPECT_NEAR(out.fleet.empty, 0.4, 0.01);
  EXPECT_FALSE(out.stuck) << out.stuck_where;
}

TEST(RunFleet, EnoughVehiclesLeaveTheMachineAsTheBottleneck) {
  Plant plant = two_ends(6, 30, 20);
  plant.releases = {endless("piece")};
  // The machine is blocked while its piece is loaded, and no longer: 35 s a piece.
  const Outcome out = run(plant, 35'000, 1'000);
  EXPECT_NEAR(static_cast<double>(out.items[0].finished), 1'000, 1);
}

TEST(RunFleet, StocksTakeRidesBothWays) {
  Plant plant = two_ends(2, 10, 20);
  plant.items[0].route.pop_back();  // "piece": made at s0, into its stock at b
  plant.stocks = {stock_of("piece", 3)};
  plant.stocks[0].place = "b";
  Item kit = item_named("kit", {step_at("s1", constant(10))});
  kit.route[0].parts = {{"piece", 2}};
  plant.items.push_back(kit);
  plant.stations[1].place = "a";  // the stock is at the other end
  plant.releases = {endless("piece"), endless("kit")};
  const Outcome out = run(plant, 50'000, 1'000);
  EXPECT_FALSE(out.stuck) << out.stuck_where;
  EXPECT_GT(out.items[1].finished, 100);
  EXPECT_LE(out.items[0].stock_max, 3);
  // Two pieces there and one call of two pieces back, one at a time: four trips a kit.
  EXPECT_NEAR(static_cast<double>(out.fleet.trips),
              4.0 * static_cast<double>(out.items[1].finished), 12);
}

TEST(RunFleet, WhatAMachinePassesTogetherRidesTogether) {
  Plant plant = two_ends(1, 10, 20);
  plant.stations[0].batch_min = plant.stations[0].batch_max = 4;
  plant.stations[1].buffer = 8;
  plant.releases = {endless("piece")};
  const auto pieces_per_trip = [&](int64_t carries) {
    plant.fleet->carries = carries;
    const Outcome out = run(plant, 50'000, 1'000);
    EXPECT_FALSE(out.stuck) << out.stuck_where;
    return static_cast<double>(out.items[0].finished) / static_cast<double>(out.fleet.trips);
  };
  EXPECT_NEAR(pieces_per_trip(8), 4, 0.02);
  EXPECT_NEAR(pieces_per_trip(3), 2, 0.02);  // three of them and the fourth
  EXPECT_NEAR(pieces_per_trip(1), 1, 0.02);
}

TEST(RunFleet, PiecesAreConservedAndRunsRepeat) {
  Plant plant = two_ends(2, 10, 7);
  plant.items[0].route[1].yield = {7, 10};
  plant.items[0].route[1].on_fail = OnFail::kRework;
  plant.items[0].route[1].rework_to = "s0";
  plant.items[0].route[1].rework_time = constant(33);
  plant.releases = {arrivals_of("piece", exponential(60))};
  const Outcome out = run(plant, 200'000);
  EXPECT_FALSE(out.stuck) << out.stuck_where;
  EXPECT_NEAR(static_cast<double>(out.items[0].reworked),
              static_cast<double>(out.items[0].finished) * 3 / 7, 150);
  EXPECT_LE(out.items[0].released - out.items[0].finished, 100);
  EXPECT_EQ(out.fingerprint, run(plant, 200'000).fingerprint);
}

TEST(RunFleet, VehiclesThatAreStuckAreReported) {
  Plant plant = two_ends(2, 10, 20);
  plant.places[0].room = plant.places[1].room = 1;
  plant.releases = {endless("piece")};
  const Outcome out = run(plant, 100'000);
  EXPECT_TRUE(out.stuck);
  EXPECT_THAT(out.stuck_where, testing::HasSubstr("vehicle"));
}

}  // namespace
}  // namespace windtunnel::factory
