// Breakdowns, shifts and stops of one machine against arithmetic by hand.
#include "factory/upkeep.h"

#include <gtest/gtest.h>

#include "factory/upkeep_fixture.h"
#include "tests/support/episodes.h"

namespace windtunnel::factory {
namespace {

using namespace upkeep_testing;
using base::TimeDistribution;

UpkeepRules::Mode mode(FailBy by, Duration between, Duration repair,
                       AfterRepair after = AfterRepair::kResume) {
  Breakdown breakdown;
  breakdown.by = by;
  breakdown.between = TimeDistribution::constant(between);
  breakdown.repair = TimeDistribution::constant(repair);
  breakdown.after = after;
  return {breakdown, nullptr};
}

// Ends of `count` operations of `length`, from the start of the run.
Log run(World& world, Duration length, int64_t count, Time end = day_at(29, 0)) {
  Log log;
  world.sim.spawn(work_on(world, world.machines.front(), length, count, log));
  world.sim.run_until(end);
  return log;
}

TEST(Upkeep, WithoutRulesNothingHappens) {
  World world;
  world.add({});
  const Log log = run(world, hours(3), 4);
  EXPECT_EQ(log.ends.back(), day_at(1, 12));
  EXPECT_EQ(world.sim.processes(), 0);
  EXPECT_EQ(world.time_in(MachineState::kWorking), hours(12));
}

// Runs 4 h, is down 1 h: three operations of 3 h are struck at 4, 8 and not any more.
TEST(Upkeep, RunningTimeAgesOnlyAtWork) {
  World world;
  world.add({.modes = {mode(FailBy::kRunning, hours(4), hours(1))}});
  const Log log = run(world, hours(3), 3);
  EXPECT_EQ(log.ends, (std::vector{day_at(1, 3), day_at(1, 7), day_at(1, 11)}));
  EXPECT_EQ(world.machines[0].upkeep.breakdowns(), 2);
  EXPECT_EQ(world.time_in(MachineState::kDown), hours(2));
  EXPECT_EQ(world.time_in(MachineState::kWorking), hours(9));
}

TEST(Upkeep, RunningTimeThatEndsWithAnOperationStrikesTheNext) {
  World world;
  world.add({.modes = {mode(FailBy::kRunning, hours(4), hours(1))}});
  const Log log = run(world, hours(4), 2);
  EXPECT_EQ(log.ends, (std::vector{day_at(1, 4), day_at(1, 9)}));
  EXPECT_EQ(world.machines[0].upkeep.breakdowns(), 1);
}

TEST(Upkeep, RestartsTheOperation) {
  World world;
  world.add({.modes = {mode(FailBy::kRunning, hours(4), hours(1), AfterRepair::kRestart)}});
  // The second is struck after one hour and made whole again from 5 to 8; the third after 1 h.
  EXPECT_EQ(run(world, hours(3), 3).ends, (std::vector{day_at(1, 3), day_at(1, 8), day_at(1, 13)}));
}

TEST(Upkeep, ScrapsThePieceAndIsRepairedBeforeTheNext) {
  World world;
  world.add({.modes = {mode(FailBy::kRunning, hours(4), hours(1), AfterRepair::kScrap)}});
  const Log log = run(world, hours(3), 3);
  EXPECT_EQ(log.scrapped, 1);
  EXPECT_EQ(log.ends, (std::vector{day_at(1, 3), day_at(1, 4), day_at(1, 8)}));
}

TEST(Upkeep, StrikesByTheClockAlsoWhileIdle) {
  World world;
  Machine& machine = world.add({.modes = {mode(FailBy::kClock, hours(10), hours(2))}});
  world.sim.run_until(day_at(2, 0));
  EXPECT_EQ(machine.upkeep.breakdowns(), 2);  // at 10 and 22
  EXPECT_EQ(world.time_in(MachineState::kDown), hours(4));
  EXPECT_EQ(world.time_in(MachineState::kStarved), hours(20));
}

TEST(Upkeep, StrikesByTheClockInTheMiddleOfAnOperation) {
  for (const auto& [after, end] : {std::pair(AfterRepair::kResume, day_at(1, 14)),
                                   std::pair(AfterRepair::kRestart, day_at(1, 16))}) {
    World world;
    world.add({.modes = {mode(FailBy::kClock, hours(10), hours(2), after)}});
    EXPECT_EQ(run(world, hours(4), 3, day_at(2, 0)).ends.back(), end);
  }
  World world;
  world.add({.modes = {mode(FailBy::kClock, hours(10), hours(2), AfterRepair::kScrap)}});
  const Log log = run(world, hours(4), 4, day_at(2, 0));
  EXPECT_EQ(log.scrapped, 1);
  EXPECT_EQ(log.ends[2], day_at(1, 10));  // lost at once
  EXPECT_EQ(log.ends[3], day_at(1, 16));  // and the next when it is up
}

TEST(Upkeep, CertainFailureBeforeEveryOperation) {
  World world;
  UpkeepRules::Mode every = mode(FailBy::kOperation, Duration::zero(), hours(1));
  every.breakdown.per_operation = {1, 1};
  world.add({.modes = {every}});
  EXPECT_EQ(run(world, hours(3), 3).ends, (std::vector{day_at(1, 4), day_at(1, 8), day_at(1, 12)}));
}

TEST(Upkeep, ModesAreRepairedEachOnItsOwn) {
  World world;
  // By the clock at 5 until 15; running time of 3 h at 3 until 4, then from 15 on.
  world.add({.modes = {mode(FailBy::kClock, hours(5), hours(10)),
                       mode(FailBy::kRunning, hours(3), hours(1))}});
  // Works 0-3, 4-5, 15-17; down 17-18; works 18-19.
  EXPECT_EQ(run(world, hours(7), 1, day_at(1, 20)).ends.at(0), day_at(1, 19));
  EXPECT_EQ(world.machines[0].upkeep.breakdowns(), 3);
}

// ---- shifts

TEST(Upkeep, SuspendsAtTheEndOfTheShift) {
  World world;
  world.add({.hours = day_shift()});
  // 8-16 on Monday, the rest and the next piece on Tuesday.
  EXPECT_EQ(run(world, hours(6), 3).ends,
            (std::vector{day_at(1, 14), day_at(2, 12), day_at(3, 10)}));
  EXPECT_EQ(world.time_in(MachineState::kOff), hours(28 * 24 - 20 * 8));
}

TEST(Upkeep, FinishesWhatItHasBegun) {
  World world;
  world.add({.hours = day_shift(), .at_shift_end = AtShiftEnd::kFinish});
  EXPECT_EQ(run(world, hours(6), 3).ends,
            (std::vector{day_at(1, 14), day_at(1, 20), day_at(2, 14)}));
  EXPECT_EQ(world.time_in(MachineState::kWorking), hours(18));
  // Four hours of overtime on Monday.
  EXPECT_EQ(world.time_in(MachineState::kOff), hours(28 * 24 - 20 * 8 - 4));
}

TEST(Upkeep, RepairsGoOnAfterTheShift) {
  World world;
  world.add({.modes = {mode(FailBy::kRunning, hours(7), hours(10))}, .hours = day_shift()});
  // Struck on Monday at 15, up on Tuesday at 1, an hour of work at 8.
  EXPECT_EQ(run(world, hours(8), 1).ends.at(0), day_at(2, 9));
  EXPECT_EQ(world.time_in(MachineState::kDown), hours(1));
}

TEST(Upkeep, ARepairWaitsForItsCrew) {
  World world;
  Roster fitters(world.sim, 1, day_shift());
  UpkeepRules::Mode failure = mode(FailBy::kRunning, hours(12), hours(6));
  failure.crew = &fitters;
  world.add({.modes = {failure}});
  // Down on Monday at 12, four hours of repair on Monday and two on Tuesday: up at 10.
  EXPECT_EQ(run(world, hours(13), 1).ends.at(0), day_at(2, 11));
  EXPECT_EQ(world.time_in(MachineState::kDown), hours(22));
}

TEST(Upkeep, OperatorsLeaveAtTheEndOfTheirShift) {
  for (const auto& [at_end, end] : {std::pair(AtShiftEnd::kSuspend, day_at(2, 10)),
                                    std::pair(AtShiftEnd::kFinish, day_at(1, 18))}) {
    World world;
    Roster people(world.sim, 2, day_shift());
    world.add({.at_shift_end = at_end, .operators = &people, .operators_needed = 2});
    EXPECT_EQ(run(world, hours(10), 1).ends.at(0), end);
    EXPECT_EQ(world.time_in(MachineState::kWorking), hours(10));
  }
}

TEST(Upkeep, OperatorsGoElsewhereWhileTheMachineIsDown) {
  World world;
  Roster people(world.sim, 1, {});
  world.add({.modes = {mode(FailBy::kRunning, hours(2), hours(5))}, .operators = &people});
  world.add({.operators = &people});
  Log first;
  Log second;
  world.sim.spawn(work_on(world, world.machines[0], hours(3), 1, first));
  world.sim.spawn(work_on(world, world.machines[1], hours(4), 1, second));
  world.sim.run_until(day_at(2, 0));
  EXPECT_EQ(second.ends.at(0), day_at(1, 6));  // from 2, when the first broke down
  EXPECT_EQ(first.ends.at(0), day_at(1, 8));
  EXPECT_EQ(world.time_in(MachineState::kWaiting), hours(2));
}

des::Process set_up_and_work(World& world, Machine& machine, Log& log) {
  co_await machine.upkeep.set_up(hours(4));
  log.ends.push_back(world.sim.now());
  co_await machine.upkeep.work(hours(4));
  log.ends.push_back(world.sim.now());
}

TEST(Upkeep, ASetupDoesNotAgeAndIsNotSpoilt) {
  World world;
  Roster setters(world.sim, 1, {});
  world.add({.modes = {mode(FailBy::kRunning, hours(3), hours(1), AfterRepair::kRestart),
                       mode(FailBy::kClock, hours(2), hours(10), AfterRepair::kScrap)},
             .setup_crew = &setters});
  Log log;
  world.sim.spawn(set_up_and_work(world, world.machines[0], log));
  world.sim.run_until(day_at(1, 15));
  EXPECT_EQ(log.ends.at(0), day_at(1, 14));  // 0-2, 12-14
  EXPECT_EQ(world.time_in(MachineState::kSetup), hours(4));
  EXPECT_EQ(setters.busy().area(world.sim.now_ticks()), hours(4).ticks());
}

TEST(Upkeep, OutagesThatTouchAreOne) {
  World world;
  world.add({.outages = {{hours(6), hours(2)}, {hours(2), hours(1)}, {hours(7), hours(3)}}});
  // Works 0-2, 3-6, 10-...
  EXPECT_EQ(run(world, hours(4), 2).ends, (std::vector{day_at(1, 5), day_at(1, 13)}));
  EXPECT_EQ(world.machines[0].upkeep.breakdowns(), 0);
  EXPECT_EQ(world.time_in(MachineState::kDown), hours(5));
}

// ---- properties

// Work done is open time: a machine that always has something to do works whenever nothing is in
// the way, and every operation gets its length, whatever cut it into pieces.
TEST(Upkeep, WorkDoneIsOpenTime) {
  constexpr uint64_t kSeed = 3;
  SCOPED_TRACE(kSeed);
  base::RandomStream random(kSeed, "rules");
  const auto some = [&](int64_t hours_max) {
    return Duration::ticks(
        1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(hours(hours_max).ticks()))));
  };
  for (int64_t episode = 0; episode < windtunnel::testing::episodes(200); ++episode) {
    World world(static_cast<uint64_t>(episode));
    UpkeepRules rules;
    if (random.below(2) == 0) rules.hours = day_shift();
    if (random.below(2) == 0) rules.modes.push_back(mode(FailBy::kRunning, some(30), some(10)));
    if (random.below(2) == 0) rules.modes.push_back(mode(FailBy::kClock, some(60), some(10)));
    if (random.below(2) == 0) rules.outages = {{some(200), some(40)}, {some(400), some(40)}};
    world.add(rules);
    const Duration length = some(6);
    Log log;
    world.sim.spawn(work_on(world, world.machines[0], length, 1'000'000, log));
    world.sim.run_until(day_at(29, 0));
    const Duration working = world.time_in(MachineState::kWorking);
    const Duration open = rules.hours.open_between(Time::zero(), day_at(29, 0));
    ASSERT_EQ(working + world.time_in(MachineState::kDown), open) << episode;
    ASSERT_EQ(world.time_in(MachineState::kOff), hours(28 * 24) - open) << episode;
    ASSERT_EQ(static_cast<int64_t>(log.ends.size()), working / length) << episode;
  }
}

// The short cut without a task does what work() does, to the tick.
TEST(Upkeep, TheShortCutChangesNothing) {
  constexpr uint64_t kSeed = 4;
  SCOPED_TRACE(kSeed);
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto run_one = [&](bool short_cut) {
      World world(kSeed + seed);
      UpkeepRules::Mode running = mode(FailBy::kRunning, hours(1), hours(1));
      running.breakdown.between = TimeDistribution::exponential(hours(9));
      UpkeepRules::Mode clock = running;
      clock.breakdown.by = FailBy::kClock;
      UpkeepRules::Mode operation = running;
      operation.breakdown.by = FailBy::kOperation;
      operation.breakdown.per_operation = {1, 7};
      UpkeepRules rules{.modes = {running, clock, operation}, .hours = day_shift()};
      Roster nobody(world.sim, 1, {});
      if (!short_cut) rules.operators = &nobody;  // always there, and never undisturbed
      world.add(rules);
      return run(world, Duration::s(2000), 300).ends;
    };
    const std::vector<Time> with = run_one(true);
    ASSERT_EQ(with, run_one(false)) << "seed " << seed;
    ASSERT_GT(with.size(), 100u);
  }
}

}  // namespace
}  // namespace windtunnel::factory
