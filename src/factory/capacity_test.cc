#include "factory/capacity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

namespace windtunnel::factory {
namespace {

constexpr double kYear = 8760.0 * 3600;

Station station(std::string name, int64_t machines) {
  Station s;
  s.name = std::move(name);
  s.machines = machines;
  return s;
}

Breakdown breakdown(Duration between, Duration repair) {
  Breakdown b;
  b.between = TimeDistribution::exponential(between);
  b.repair = TimeDistribution::exponential(repair);
  return b;
}

Step step(std::string at, Duration time) {
  Step s;
  s.station = std::move(at);
  s.time = TimeDistribution::constant(time);
  return s;
}

// The reference plant F0 of the factory facts: 43 joints of one item a robot here.
Plant f0() {
  Plant plant;
  plant.stations = {station("joints", 1), station("assembly", 1), station("benches", 10)};
  plant.stations[0].breakdowns = {breakdown(Duration::s(20 * 3600), Duration::s(5400))};
  plant.stations[1].breakdowns = {breakdown(Duration::s(40 * 3600), Duration::s(7200))};
  Item joint{.name = "joint", .route = {step("joints", Duration::s(45))}};
  joint.route[0].yield = {98, 100};
  Item robot{.name = "robot",
             .route = {step("assembly", Duration::s(2400)), step("benches", Duration::s(18'000))}};
  robot.route[0].parts = {{"joint", 43}};
  robot.route[1].yield = {8, 10};
  robot.route[1].on_fail = OnFail::kRework;
  plant.items = {joint, robot};
  plant.stocks = {{.item = "joint"}};
  plant.releases = {{.name = "joints", .kind = ReleaseKind::kLots, .shares = {{.item = "joint"}}},
                    {.name = "robots", .shares = {{.item = "robot"}}}};
  return plant;
}

// 8,760 h / 0.7 h of assembly; 10 benches of 5 h at 1.25 tests a robot; 43 joints of 45 s at 98 %.
TEST(Capacity, OfTheReferencePlant) {
  const Capacity capacity = find_capacity(f0());
  ASSERT_EQ(capacity.stations.size(), 3U);
  EXPECT_NEAR(capacity.stations[1].rate * kYear, 8760 / 0.7, 0.01);
  EXPECT_NEAR(capacity.stations[2].rate * kYear, 10 * 8760 / (5 * 1.25), 0.01);
  EXPECT_NEAR(capacity.stations[0].rate * kYear, kYear / (43 * 45 / 0.98 * 1.075), 0.01);
  EXPECT_EQ(capacity.narrowest, 1U);
}

// Ten in a hundred go back to the first of two steps: 1 / 0.9 visits of both.
TEST(Capacity, CountsVisitsOfALoop) {
  Item item{.name = "x", .route = {step("a", Duration::s(1)), step("b", Duration::s(1))}};
  item.route[1].yield = {9, 10};
  item.route[1].on_fail = OnFail::kRework;
  item.route[1].rework_to = "a";
  const auto visits = visits_per_finished(item);
  ASSERT_EQ(visits.size(), 2U);
  EXPECT_NEAR(visits[0], 1 / 0.9, 1e-9);
  EXPECT_NEAR(visits[1], 1 / 0.9, 1e-9);
}

// Scrap of the second step costs both steps, scrap of the first only itself.
TEST(Capacity, MakesScrappedPiecesAgain) {
  Item item{.name = "x", .route = {step("a", Duration::s(1)), step("b", Duration::s(1))}};
  item.route[0].yield = {1, 2};
  item.route[1].yield = {4, 5};
  const auto visits = visits_per_finished(item);
  EXPECT_NEAR(visits[1], 1 / 0.8, 1e-9);
  EXPECT_NEAR(visits[0], 1 / 0.8 / 0.5, 1e-9);
}

TEST(Capacity, CountsOnlyOpenHours) {
  Plant plant = f0();
  plant.calendars = {{.name = "day",
                      .shifts = {{.first_day = 1,
                                  .last_day = 5,
                                  .from = Duration::s(6 * 3600),
                                  .until = Duration::s(22 * 3600)}}}};
  plant.stations[1].calendar = "day";
  const Capacity capacity = find_capacity(plant);
  EXPECT_NEAR(capacity.stations[1].rate * kYear, 8760 / 0.7 * 80 / 168, 0.01);
}

TEST(Capacity, OfAPlantThatShipsNothingIsWithoutLimit) {
  Plant plant = f0();
  plant.items.pop_back();
  EXPECT_TRUE(std::isinf(find_capacity(plant).rate));
}

}  // namespace
}  // namespace windtunnel::factory
