// Machines of a plant that break down, wait for people and keep hours. The upkeep itself is tested
// beside it; here it meets queues, blocking and parts.
#include <gtest/gtest.h>

#include "factory/plant_fixture.h"

namespace windtunnel::factory {
namespace {

Breakdown breaks(FailBy by, double between, double repair) {
  Breakdown breakdown;
  breakdown.by = by;
  breakdown.between = exponential(between);
  breakdown.repair = exponential(repair);
  return breakdown;
}

// Buzacott's line: unit operations, a machine fails with chance p before an operation and is
// repaired with chance r in each unit of time after it. N = buffer + 2.
TEST(RunUpkeep, TwoMachinesWithGeometricFailures) {
  const int64_t buffers[] = {2, 10};
  const double expected[] = {0.84094, 0.85985};
  for (size_t i = 0; i < 2; ++i) {
    Plant plant = even_line(2, constant(1), buffers[i]);
    for (Station& station : plant.stations) {
      Breakdown breakdown;
      breakdown.by = FailBy::kOperation;
      breakdown.per_operation = {1, 100};
      breakdown.repair.shape = base::TimeShape::kGeometric;
      breakdown.repair.mean = seconds(10);
      breakdown.repair.slot = seconds(1);
      station.breakdowns.push_back(breakdown);
    }
    plant.releases.push_back(endless("piece"));
    const Outcome out = run(plant, 1'000'000, 1000);
    EXPECT_NEAR(per_second(out), expected[i], 0.004) << buffers[i];
    EXPECT_NEAR(static_cast<double>(out.stations[1].breakdowns) / 1e6, 0.01 * expected[i], 0.0004);
  }
}

TEST(RunUpkeep, RunningTimeFailuresLengthenTheOperation) {
  Plant plant = line_of({exponential(1)}, {});
  plant.stations[0].breakdowns = {breaks(FailBy::kRunning, 20, 2)};
  plant.releases.push_back(arrivals_of("piece", exponential(1 / 0.7)));
  const Outcome out = run(plant, 1'000'000, 1000);
  EXPECT_NEAR(out.stations[0].wait.mean(), 4.2913, 0.2);
  EXPECT_NEAR(share(out, 0, MachineState::kWorking), 0.7, 0.004);
  EXPECT_NEAR(share(out, 0, MachineState::kDown), 0.07, 0.004);
}

// Ten machines that fail by the clock and one crew, with and without work to do.
TEST(RunUpkeep, MachinesThatWaitForTheRepairCrew) {
  for (const bool busy : {false, true}) {
    Plant plant = line_of({constant(1)}, 0);
    plant.stations[0].machines = 10;
    plant.stations[0].breakdowns = {breaks(FailBy::kClock, 100, 8)};
    plant.stations[0].breakdowns[0].crew = "crew";
    plant.crews.push_back({"crew", 1, "", {}});
    if (busy) plant.releases.push_back(endless("piece"));
    const Outcome out = run(plant, 200'000, 1000);
    EXPECT_NEAR(1 - share(out, 0, MachineState::kDown), 0.84756, 0.008);
    EXPECT_NEAR(out.crews[0].waiting_mean, 0.8463, 0.06);
    EXPECT_NEAR(share(out, 0, MachineState::kWorking), busy ? 0.84756 : 0, 0.008);
  }
}

// An idle machine that is down takes nothing; what came meanwhile is taken when it is up again.
TEST(RunUpkeep, WorkWaitsForTheNextShift) {
  Plant plant = line_of({constant(3600)}, {});
  plant.calendars.push_back({"days", {{1, 7, Duration::s(8 * 3600), Duration::s(16 * 3600)}}});
  plant.stations[0].calendar = "days";
  plant.releases.push_back(arrivals_of("piece", constant(6 * 3600)));
  const Outcome out = run(plant, 10 * 86'400);
  EXPECT_NEAR(share(out, 0, MachineState::kOff), 2.0 / 3, 1e-9);
  EXPECT_NEAR(share(out, 0, MachineState::kWorking), 4.0 / 24, 0.01);
  EXPECT_EQ(out.stations[0].queue_max, 3);
  EXPECT_FALSE(out.stuck) << out.stuck_where;
}

// Two stations share one operator: together they work no more than all the time.
TEST(RunUpkeep, OperatorsAreShared) {
  Plant plant = even_line(2, constant(10), 5);
  for (Station& station : plant.stations) station.operators = "people";
  plant.crews.push_back({"people", 1, "", Money::whole(30)});
  plant.releases.push_back(endless("piece"));
  const Outcome out = run(plant, 100'000, 1000);
  EXPECT_NEAR(per_second(out), 0.05, 0.001);
  EXPECT_NEAR(share(out, 0, MachineState::kWorking) + share(out, 1, MachineState::kWorking), 1,
              1e-6);
  EXPECT_NEAR(out.crews[0].busy_mean, 1, 1e-6);
  EXPECT_NEAR(out.cost, 30 * 100'000 / 3600.0, 0.01);
}

TEST(RunUpkeep, ABreakdownCanCostThePiece) {
  Plant plant = line_of({constant(10)}, {});
  plant.stations[0].breakdowns = {breaks(FailBy::kRunning, 100, 10)};
  plant.stations[0].breakdowns[0].after = AfterRepair::kScrap;
  plant.releases.push_back(endless("piece"));
  const Outcome out = run(plant, 100'000);
  EXPECT_EQ(out.items[0].scrapped, out.stations[0].breakdowns);
  EXPECT_GT(out.items[0].scrapped, 500);
  EXPECT_LE(out.items[0].released - out.items[0].finished - out.items[0].scrapped, 3);
}

}  // namespace
}  // namespace windtunnel::factory
