// Calls, trips and batteries against arithmetic by hand. The traffic is in traffic_test.cc.
#include "factory/fleet.h"

#include <gtest/gtest.h>

#include "factory/fleet_fixture.h"

namespace windtunnel::factory {
namespace {

using namespace fleet_testing;
using testing::ElementsAre;

TEST(Layout, ShortestWaysInBothDirections) {
  const Layout layout =
      Layout::build(plant_of(4, {one_way(0, 1, 10), one_way(1, 2, 10), one_way(2, 0, 10),
                                 both_ways(2, 3, 5), one_way(0, 3, 100)}));
  EXPECT_EQ(layout.distance(0, 3), Duration::s(25));
  EXPECT_EQ(layout.distance(3, 1), Duration::s(25));
  EXPECT_EQ(layout.distance(1, 1), Duration::zero());
  EXPECT_EQ(layout.arc(layout.next_arc(0, 3)).to, 1u);
  EXPECT_TRUE(layout.arc(layout.next_arc(0, 1)).queues);
  EXPECT_FALSE(layout.arc(layout.next_arc(2, 3)).queues);
  EXPECT_EQ(layout.charger_distance(0), Duration::max());
  EXPECT_EQ(layout.find("3"), 3u);
  EXPECT_EQ(layout.find("4"), Layout::kNone);
}

TEST(Vehicles, OneTripByHand) {
  Shop shop(plant_of(3, {both_ways(0, 1, 30), both_ways(1, 2, 20)}), fleet_of(1));
  shop.call_at(100, 1, 2);
  shop.run_until(1'000);
  EXPECT_THAT(shop.ends, ElementsAre(100 + 30 + 10 + 20 + 10));
  const FleetOutcome outcome = shop.outcome();
  EXPECT_EQ(outcome.trips, 1);
  EXPECT_DOUBLE_EQ(outcome.loaded, 0.04);
  EXPECT_DOUBLE_EQ(outcome.empty, 0.08);  // there, and home again
  EXPECT_DOUBLE_EQ(outcome.idle, 0.88);
  EXPECT_DOUBLE_EQ(outcome.call_wait.mean(), 30);
  EXPECT_DOUBLE_EQ(outcome.energy, 0);
}

TEST(Vehicles, TheNearestFreeOneTakesACallAndTheOldestCallIsTaken) {
  // On a line, two vehicles that start at 0 and, since there is no more room, at 1.
  Shop shop(plant_of(5, {both_ways(0, 1, 10), both_ways(1, 2, 10), both_ways(2, 3, 10),
                         both_ways(3, 4, 10)}),
            fleet_of(2));
  shop.call_at(0, 3, 4);  // by the vehicle at 1
  shop.run_until(1);
  EXPECT_TRUE(shop.vehicles.traffic().standing_at(0, 0));
  EXPECT_FALSE(shop.vehicles.traffic().standing_at(1, 1));
  shop.run_until(1'000);
  EXPECT_THAT(shop.ends, ElementsAre(20 + 10 + 10 + 10));

  Shop one(plant_of(3, {both_ways(0, 1, 10), both_ways(1, 2, 10)}), fleet_of(1));
  one.call_at(0, 1, 2);
  one.call_at(1, 1, 0);
  one.call_at(2, 2, 1);  // nearer to the vehicle when it is done with the first
  one.run_until(1'000);
  // Unloads at 2 at 40; loads at 1 at 50, unloads at 0 at 80; loads at 2 at 100, unloads at 1.
  EXPECT_THAT(one.ends, ElementsAre(40, 80, 130));
}

TEST(Vehicles, TakesACallOnItsWayHome) {
  Shop shop(plant_of(3, {both_ways(0, 1, 30), both_ways(1, 2, 30)}), fleet_of(1));
  shop.call_at(0, 1, 2);    // done at 80, at 1 again at 110
  shop.call_at(100, 2, 1);  // turns there
  shop.run_until(1'000);
  EXPECT_THAT(shop.ends, ElementsAre(80, 110 + 30 + 10 + 30 + 10));
}

TEST(Vehicles, CarriesWhatGoesTheSameWayTogether) {
  Fleet fleet = fleet_of(1);
  fleet.carries = 3;
  Shop shop(plant_of(3, {both_ways(0, 1, 30), both_ways(1, 2, 30)}), fleet);
  for (int64_t i = 0; i < 4; ++i) shop.call_at(i, 1, 2);  // three join before it is there
  shop.call_at(45, 2, 1, 4);                              // two trips
  shop.run_until(1'000);
  // Back at 1 at 110, with the fourth at 2 at 150, and at 160 free. Then 2 -> 1, and again.
  EXPECT_THAT(shop.ends, ElementsAre(80, 80, 80, 160, 160 + 50 + 30 + 50));
  EXPECT_EQ(shop.outcome().trips, 4);
}

TEST(Vehicles, TellsWhenItIsLoaded) {
  Shop shop(plant_of(2, {both_ways(0, 1, 30)}), fleet_of(1));
  double loaded = 0;
  const uint32_t call = shop.vehicles.call({.from = 0, .to = 1});
  const auto wait = [](Shop& s, uint32_t c, double& at) -> des::Process {
    co_await s.vehicles.loaded(c);
    at = s.sim.now().seconds();
    co_await s.vehicles.delivered(c);
    ++s.served;
  };
  shop.sim.spawn(wait(shop, call, loaded));
  shop.run_until(49);
  EXPECT_EQ(loaded, 10);
  EXPECT_EQ(shop.served, 0);
  shop.run_until(60);
  EXPECT_EQ(shop.served, 1);
}

// ---- known answers

// A loop of a given time with vehicles that go round it: facts case 22, min(n/T, 1/d). Load at one
// place, unload at another, both with the slower of them as the bottleneck.
des::Process always_one_more(Shop& shop, int64_t ahead) {
  for (int64_t i = 0; i < ahead; ++i) shop.sim.spawn(shop.make_call(0, {1, 2, 1}, 0));
  while (true) {
    const int64_t before = shop.served;
    co_await shop.sim.delay(Duration::s(1));
    for (int64_t i = before; i < shop.served; ++i) {
      shop.sim.spawn(shop.make_call(0, {1, 2, 1}, 0));
    }
  }
}

double loop_throughput(int64_t n) {
  Plant plant = plant_of(4, {one_way(0, 1, 60, 20), one_way(1, 2, 60, 20), one_way(2, 3, 60, 20),
                             one_way(3, 0, 60, 20)});
  plant.places[0].room = 20;
  Shop shop(plant, fleet_of(n, 40, 30));
  shop.ends.resize(1);
  shop.sim.spawn(always_one_more(shop, 3 * n));
  shop.run_until(10'000);
  const int64_t before = shop.served;
  shop.run_until(10'000 + 310 * 400);
  return static_cast<double>(shop.served - before) / (310 * 400);
}

TEST(Vehicles, ALoopIsLimitedByItsVehiclesOrItsSlowestDock) {
  constexpr double kCycle = 4 * 60 + 40 + 30;
  for (int64_t n = 1; n <= 7; ++n) {
    EXPECT_NEAR(loop_throughput(n), static_cast<double>(n) / kCycle, 2e-5) << n;
  }
  for (const int64_t n : {8, 9, 12, 20}) EXPECT_NEAR(loop_throughput(n), 1.0 / 40, 2e-5) << n;
}

// Calls every 100 s of trips of 310 s: 4 vehicles keep up, 3 do not.
TEST(Vehicles, TheFleetIsAsLargeAsTheWork) {
  for (const int64_t n : {3, 4}) {
    Plant plant = plant_of(4, {one_way(0, 1, 60, 20), one_way(1, 2, 60, 20), one_way(2, 3, 60, 20),
                               one_way(3, 0, 60, 20)});
    plant.places[0].room = 20;
    Shop shop(plant, fleet_of(n, 40, 30));
    for (int64_t i = 0; i < 1'000; ++i) shop.call_at(100 * i, 1, 2);
    shop.run_until(100'000);
    if (n == 4) {
      EXPECT_LE(shop.vehicles.waiting(), 1);
    } else {
      EXPECT_NEAR(static_cast<double>(shop.vehicles.waiting()), 1'000 - 3 * 100'000 / 310.0, 5);
    }
  }
}

// ---- batteries

Plant with_charger(int64_t chargers = 1) {
  Plant plant = plant_of(4, {both_ways(0, 1, 50), both_ways(1, 2, 50), both_ways(0, 3, 50)});
  plant.places[0].room = 10;
  plant.places[3].room = 10;
  plant.places[3].chargers = chargers;
  return plant;
}
Fleet with_battery(int64_t vehicles, int64_t endurance, int64_t charge) {
  Fleet fleet = fleet_of(vehicles);
  fleet.battery.endurance = Duration::s(endurance);
  fleet.battery.charge_time = Duration::s(charge);
  return fleet;
}

TEST(Vehicles, ChargesBelowItsShare) {
  Fleet fleet = with_battery(1, 1'000, 500);
  fleet.battery.charge_below = {1, 2};
  Shop shop(with_charger(), fleet);
  for (int64_t i = 0; i < 3; ++i) shop.call_at(0, 1, 2);
  shop.run_until(10'000);
  // To 1: 50; three times to 2 and twice back: 250. Then home: 100, and nothing more to do.
  EXPECT_EQ(shop.vehicles.traffic().range(0), Duration::s(600));
  shop.call_at(0, 1, 2);
  shop.run_until(20'000);
  // 500 left, which is not below a half, and 400 at home, which is: 350 at the charger. It charges
  // for half as long as it lacks, and drives home.
  EXPECT_EQ(shop.vehicles.traffic().range(0), Duration::s(950));
  EXPECT_DOUBLE_EQ(shop.outcome().charging, 325.0 / 20'000);
  EXPECT_EQ(shop.vehicles.stranded(), 0);
}

TEST(Vehicles, ChargesBeforeACallThatIsTooMuchForIt) {
  Fleet fleet = with_battery(1, 500, 400);
  fleet.battery.charge_below = {0, 1};
  Shop shop(with_charger(), fleet);
  shop.call_at(0, 1, 2);
  shop.call_at(0, 1, 2);
  shop.run_until(5'000);
  // The first leaves 400. The second takes 100, and 150 to the charger, and 100 are a reserve.
  EXPECT_THAT(shop.ends, ElementsAre(120, 240));
  shop.call_at(0, 1, 2);
  shop.run_until(10'000);
  // It has gone home by now, with 200 left, which is too little: to the charger, 280 s for 350.
  EXPECT_DOUBLE_EQ(shop.ends[2], 5'000 + 50 + 280 + 100 + 10 + 50 + 10);
}

TEST(Vehicles, StandInLineForAChargerAndAllGetTheirTurn) {
  Fleet fleet = with_battery(4, 1'500, 900);
  Plant plant = with_charger();
  plant.places[1].room = plant.places[2].room = 4;
  Shop shop(plant, fleet);
  for (int64_t i = 0; i < 200; ++i) shop.call_at(20 * i, i % 3 == 0 ? 2 : 1, i % 3 == 0 ? 1 : 2);
  shop.run_until(200'000);
  EXPECT_EQ(shop.served, 200);
  EXPECT_EQ(shop.vehicles.stranded(), 0);
  EXPECT_GT(shop.outcome().charging, 0.01);
}

TEST(Vehicles, WithoutAChargerABatteryIsChargedByHandWhereItEnds) {
  Shop shop(plant_of(2, {both_ways(0, 1, 50)}), with_battery(1, 100, 60));
  shop.call_at(0, 0, 1);
  shop.call_at(0, 0, 1);
  shop.run_until(1'000);
  // Empty at 0 at 120; charged there at 190, when it has loaded.
  EXPECT_THAT(shop.ends, ElementsAre(70, 70 + 50 + 10 + 60 + 50 + 10));
  EXPECT_EQ(shop.vehicles.stranded(), 1);
}

}  // namespace
}  // namespace windtunnel::factory
