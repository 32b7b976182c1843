// Vehicles in each other's way: who gives way, what happens in circles, and that nobody is left
// waiting. Every event of every test is watched: no zone holds more vehicles than it has room.
#include "factory/traffic.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "factory/fleet_fixture.h"
#include "tests/support/episodes.h"

namespace windtunnel::factory {
namespace {

using namespace fleet_testing;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Gt;

// 0 - 1 - 2 - 3, and a siding 4 at 1. One vehicle at 0, one at 1; they change ends.
TEST(Traffic, TwoThatMeetOnASingleLine) {
  Plant plant = plant_of(
      5, {both_ways(0, 1, 10), both_ways(1, 2, 10), both_ways(2, 3, 10), both_ways(1, 4, 10)});
  Shop shop(plant, fleet_of(2));
  shop.call_at(0, 0, 3);
  shop.call_at(0, 3, 0);
  shop.run_until(2'000);
  EXPECT_THAT(shop.ends, Each(Gt(0)));
  EXPECT_FALSE(shop.vehicles.stuck());
  EXPECT_GE(shop.outcome().deadlocks, 1);
  EXPECT_LE(shop.ends[0], 150);
}

TEST(Traffic, WithoutASidingTheyAreStuckAndItIsSaid) {
  Plant plant = plant_of(4, {both_ways(0, 1, 10), both_ways(1, 2, 10), both_ways(2, 3, 10)});
  Shop shop(plant, fleet_of(2));
  shop.call_at(0, 0, 3);
  shop.call_at(0, 3, 0);
  shop.run_until(100'000);
  EXPECT_TRUE(shop.vehicles.stuck());
  EXPECT_THAT(shop.vehicles.stuck_where(), ::testing::HasSubstr("on its way from"));
}

// Ways around: a square, where the two can pass each other.
TEST(Traffic, GoesAroundWhereThereIsAWayAround) {
  Plant plant = plant_of(6, {both_ways(0, 1, 10), both_ways(1, 2, 10), both_ways(2, 3, 10),
                             both_ways(1, 4, 10), both_ways(4, 2, 10), both_ways(3, 5, 10)});
  Shop shop(plant, fleet_of(2));
  shop.call_at(0, 0, 3);
  shop.call_at(0, 3, 0);
  shop.run_until(1'000);
  EXPECT_THAT(shop.ends, Each(Gt(0)));
  EXPECT_FALSE(shop.vehicles.stuck());
}

// Places 0 to n-1 in a ring of lanes both ways, a vehicle in each: all move at once or nobody does.
TEST(Traffic, AFullRingTurns) {
  for (int64_t n = 3; n <= 8; ++n) {
    std::vector<Lane> lanes;
    for (int64_t i = 0; i < n; ++i) lanes.push_back(both_ways(i, (i + 1) % n, 10));
    Shop shop(plant_of(n, lanes), fleet_of(n));
    for (uint32_t i = 0; i < n; ++i) shop.call_at(0, i, (i + 1) % static_cast<uint32_t>(n));
    shop.run_until(100'000);
    EXPECT_FALSE(shop.vehicles.stuck()) << n;
    EXPECT_THAT(shop.ends, Each(10 + 10 + 10)) << n;
    EXPECT_GE(shop.outcome().deadlocks, 1) << n;
  }
}

// The same one way: they queue in the lanes, and nothing has to be undone.
TEST(Traffic, AFullOneWayRingTurnsByItself) {
  std::vector<Lane> lanes;
  for (int64_t i = 0; i < 5; ++i) lanes.push_back(one_way(i, (i + 1) % 5, 10));
  Shop shop(plant_of(5, lanes), fleet_of(5));
  for (uint32_t i = 0; i < 5; ++i) shop.call_at(0, i, (i + 3) % 5);
  shop.run_until(10'000);
  EXPECT_THAT(shop.ends, Each(10 + 30 + 10));
  EXPECT_EQ(shop.outcome().deadlocks, 0);
}

// A line with the homes of the idle on it, and just enough places behind them.
TEST(Traffic, WhoHasNothingToDoGivesWay) {
  Plant plant = plant_of(6, {both_ways(0, 1, 10), both_ways(1, 2, 10), both_ways(2, 3, 10),
                             both_ways(3, 4, 10), both_ways(4, 5, 10)});
  Shop shop(plant, fleet_of(3));
  shop.call_at(0, 0, 3);
  shop.run_until(1'000);
  EXPECT_THAT(shop.ends, Each(Gt(0)));
  EXPECT_EQ(shop.outcome().deadlocks, 0);  // nobody was deadlocked
}

TEST(Traffic, APocketIsLeftBeforeItIsEntered) {
  // 3 is a dead end behind 2; the one that is at home in it has to come out first.
  Plant plant = plant_of(
      5, {both_ways(0, 1, 10), both_ways(1, 2, 10), both_ways(2, 3, 10), both_ways(1, 4, 10)});
  Fleet fleet = fleet_of(2);
  fleet.home = "3";  // the other starts at 2
  Shop shop(plant, fleet);
  shop.call_at(0, 0, 3);
  shop.run_until(1'000);
  EXPECT_THAT(shop.ends, Each(Gt(0)));
  EXPECT_FALSE(shop.vehicles.stuck());
}

TEST(Traffic, ASingleLaneIsDrivenInOneDirectionAtATime) {
  Plant plant = plant_of(2, {both_ways(0, 1, 100)});
  plant.places[0].room = plant.places[1].room = 4;
  plant.lanes[0].room = 3;
  Shop shop(plant, fleet_of(2, 0, 0));
  shop.call_at(0, 0, 1);
  shop.call_at(10, 1, 0);  // the second vehicle follows the first
  shop.call_at(120, 0, 1);
  shop.run_until(1'000);
  EXPECT_THAT(shop.ends, ElementsAre(100, 210, 310));
}

// ---- anything

// A random layout in which every place can be reached from every other: a random tree of lanes both
// ways, some one-way rings over it.
Plant random_plant(base::RandomStream& random, int64_t places) {
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random.below(static_cast<uint64_t>(n)));
  };
  std::vector<Lane> lanes;
  for (int64_t i = 1; i < places; ++i) {
    lanes.push_back(both_ways(below(i), i, 1 + below(60)));
    if (below(4) == 0) lanes.back().single = false;
    if (below(4) == 0) lanes.back().room = 2;
  }
  for (int64_t rings = below(4); rings > 0; --rings) {
    const int64_t begin = below(places);
    const int64_t length = 2 + below(places);
    for (int64_t i = 0; i < length; ++i) {
      const int64_t from = (begin + i) % places;
      const int64_t to = i + 1 == length ? begin : (from + 1) % places;
      if (from != to) lanes.push_back(one_way(from, to, 1 + below(60), 1 + below(2)));
    }
  }
  Plant plant = plant_of(places, lanes);
  for (Place& place : plant.places) {
    if (below(4) == 0) place.room = 2 + below(3);
    if (below(5) == 0) place.chargers = place.room;
  }
  plant.places[0].chargers = 1;
  return plant;
}

struct Outcomes {
  int64_t runs = 0;
  int64_t stuck = 0;
  int64_t deadlocks = 0;
  int64_t stranded = 0;
};

// Calls are conserved and all served unless the run says that it is stuck.
void run_any(base::RandomStream& random, int64_t vehicles_max, Outcomes& outcomes) {
  const auto below = [&](int64_t n) {
    return static_cast<int64_t>(random.below(static_cast<uint64_t>(n)));
  };
  const int64_t places = 3 + below(12);
  const Plant plant = random_plant(random, places);
  Fleet fleet = fleet_of(1 + below(std::min(vehicles_max, places - 2)), below(40), below(40));
  fleet.carries = 1 + below(3);
  if (below(2) == 0) {
    fleet.battery.endurance = Duration::s(60 * (2 * places + below(10)));
    fleet.battery.charge_time = Duration::s(60 + below(2'000));
  }
  Shop shop(plant, fleet);
  const int64_t calls = 1 + below(60);
  for (int64_t i = 0; i < calls; ++i) {
    const auto from = static_cast<uint32_t>(below(places));
    const auto to = static_cast<uint32_t>((from + 1 + below(places - 1)) % places);
    shop.call_at(below(3'000), from, to, 1 + below(4));
  }
  shop.run_until(2'000'000);
  ++outcomes.runs;
  outcomes.stuck += shop.vehicles.stuck() ? 1 : 0;
  outcomes.deadlocks += shop.outcome().deadlocks;
  outcomes.stranded += shop.vehicles.stranded();
  if (!shop.vehicles.stuck()) {
    ASSERT_EQ(shop.served, calls);
    ASSERT_EQ(shop.vehicles.waiting(), 0);
  }
  const FleetOutcome outcome = shop.outcome();
  ASSERT_NEAR(outcome.loaded + outcome.empty + outcome.waiting + outcome.charging + outcome.idle, 1,
              1e-9);
  if (fleet.battery.endurance) {
    for (uint32_t v = 0; v < fleet.vehicles; ++v) {
      ASSERT_GE(shop.vehicles.traffic().range(v), Duration::zero());
      ASSERT_LE(shop.vehicles.traffic().range(v), *fleet.battery.endurance);
    }
  }
}

void run_many(uint64_t seed, int64_t vehicles_max, Outcomes& outcomes) {
  base::RandomStream random(seed, "layouts");
  for (int64_t episode = 0; episode < windtunnel::testing::episodes(400); ++episode) {
    base::RandomStream of_episode = random.child(static_cast<uint64_t>(episode));
    run_any(of_episode, vehicles_max, outcomes);
    if (::testing::Test::HasFatalFailure()) {
      FAIL() << "seed " << seed << ", episode " << episode;
    }
  }
}

// Being stuck is rare, and only where there are next to no free places.
TEST(Traffic, TwoOrThreeServeEveryCallOnAnyLayout) {
  Outcomes outcomes;
  run_many(1, 3, outcomes);
  EXPECT_LE(outcomes.stuck, outcomes.runs / 200);
  EXPECT_GT(outcomes.deadlocks, outcomes.runs / 10);
}

TEST(Traffic, ManyServeEveryCallOrSayThatTheyAreStuck) {
  Outcomes outcomes;
  run_many(2, 12, outcomes);
  EXPECT_LE(outcomes.stuck, outcomes.runs / 50);
  EXPECT_GT(outcomes.deadlocks, outcomes.runs / 10);
}

}  // namespace
}  // namespace windtunnel::factory
