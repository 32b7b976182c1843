// A run allocates nothing once it has warmed up. This file counts the operator new of its
// executable: what a long run calls more often than a short one is what grows with time.
#include <gtest/gtest.h>

#include "factory/plant_fixture.h"
#include "tests/support/counted_new.h"

namespace windtunnel::factory {
namespace {

using ::windtunnel::testing::allocations;

// A line with setups, scrap, breakdowns and a crew, an assembly that takes its parts, rework,
// cards.
Plant busy_plant() {
  Plant plant = line_of({exponential(4), constant(5), exponential(4)}, 3);
  plant.items[0].route[1].yield = {9, 10};
  plant.stocks.push_back(stock_of("piece", 20));
  plant.items.push_back(item_named("other", plant.items[0].route));
  plant.stocks.push_back(stock_of("other", 20));
  Step assemble = step_at("assembly", exponential(20));
  assemble.parts = {{"piece", 2}, {"other", 1}};
  Step test = step_at("benches", exponential(60));
  test.yield = {8, 10};
  test.on_fail = OnFail::kRework;
  test.rework_time = exponential(50);
  plant.items.push_back(item_named("whole", {assemble, test}));
  plant.stations.push_back(station_named("assembly", 2));
  plant.stations.push_back(station_named("benches", 10, 8));
  plant.crews.push_back({"crew", 1, "", {}});
  for (Station& station : plant.stations) {
    Breakdown breakdown;
    breakdown.between = exponential(300);
    breakdown.repair = exponential(20);
    breakdown.crew = "crew";
    station.breakdowns.push_back(breakdown);
  }
  const Duration setup = seconds(10);
  plant.setups.push_back({"setups", {{"piece", {{}, setup}}, {"other", {setup, {}}}}, {1, 1}, {}});
  plant.stations[0].setups = plant.stations[2].setups = "setups";
  Release lots;
  lots.name = "lots";
  lots.kind = ReleaseKind::kLots;
  lots.shares = {{"piece", 1, 10, 15}, {"other", 1, 5, 15}};
  plant.releases = {lots, endless("whole")};
  plant.loops.push_back({"cards", 12, "assembly", "benches", seconds(5)});
  return plant;
}

int64_t allocations_of(const Model& model, double length_s) {
  RunOptions options;
  options.measured = seconds(length_s);
  options.stretches_max = 64;
  const int64_t before = allocations.load();
  const Outcome out = run_plant(model, options);
  EXPECT_GT(out.items[2].finished, static_cast<int64_t>(length_s / 60));
  return allocations.load() - before;
}

TEST(SteadyRun, TenTimesAsLongAllocatesNoMore) {
  const Model model = Model::build(busy_plant());
  const int64_t a = allocations_of(model, 200'000);
  const int64_t b = allocations_of(model, 2'000'000);
  // A record queue or a new octave of a sketch may come late; a piece or an operation never asks
  // for memory, of which there are 20 million more.
  EXPECT_LE(b - a, 40);
}

}  // namespace
}  // namespace windtunnel::factory
