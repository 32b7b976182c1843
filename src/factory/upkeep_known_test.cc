// Machines that break down against closed forms: facts of queueing and reliability.
#include <gtest/gtest.h>

#include <algorithm>

#include "des/store.h"
#include "factory/upkeep_fixture.h"

namespace windtunnel::factory {
namespace {

using namespace upkeep_testing;
using base::TimeDistribution;

// All means in seconds, exponential.
UpkeepRules::Mode random_mode(FailBy by, int64_t between, int64_t repair, Roster* crew = nullptr) {
  Breakdown breakdown;
  breakdown.by = by;
  breakdown.between = TimeDistribution::exponential(Duration::s(between));
  breakdown.repair = TimeDistribution::exponential(Duration::s(repair));
  return {breakdown, crew};
}

struct RunLength {
  int64_t warm_up;
  int64_t length;
};

void run(World& world, const RunLength& length) {
  world.sim.run_until(Time::at(Duration::s(length.warm_up)));
  world.restart();
  world.sim.run_until(Time::at(Duration::s(length.warm_up + length.length)));
}

// ---- machines and a repair crew: birth and death of the number of machines down

double exact_availability(int machines, int crew, double up, double repair) {
  double weight = 1;
  double sum = 0;
  double down_mean = 0;
  for (int down = 0; down <= machines; ++down) {
    sum += weight;
    down_mean += weight * down;
    weight *= (machines - down) / up / (std::min(down + 1, crew) / repair);
  }
  return 1 - down_mean / sum / machines;
}

void check_repair_shop(int machines, int crew, int64_t up, int64_t repair) {
  const auto samples = replicate([&](uint64_t seed) {
    World world(seed, Time::at(Duration::s(202'000)));
    Roster fitters(world.sim, crew, {});
    for (int i = 0; i < machines; ++i) {
      world.add({.modes = {random_mode(FailBy::kClock, up, repair, &fitters)}});
    }
    run(world, {2'000, 200'000});
    return 1 - world.share(MachineState::kDown);
  });
  judge(samples,
        exact_availability(machines, crew, static_cast<double>(up), static_cast<double>(repair)),
        0.01);
}

TEST(UpkeepKnown, TenMachinesOneFitter) {
  EXPECT_NEAR(exact_availability(10, 1, 100, 8), 0.84756, 5e-6);
  check_repair_shop(10, 1, 100, 8);
}
TEST(UpkeepKnown, TenMachinesTwoFitters) {
  EXPECT_NEAR(exact_availability(10, 2, 100, 8), 0.91888, 5e-6);
  check_repair_shop(10, 2, 100, 8);
}
TEST(UpkeepKnown, TwentyMachinesTwoFitters) { check_repair_shop(20, 2, 50, 4); }

// ---- a queue in front of a machine that fails while it runs: facts case 7

des::Process customers(World& world, des::Store<Time>& queue) {
  base::RandomStream random(world.seed, "arrivals");
  for (;;) {
    co_await world.sim.delay(Duration::from_seconds(random.exponential(1 / 0.7)));
    co_await queue.put(world.sim.now());
  }
}

des::Process serve(World& world, des::Store<Time>& queue, des::Tally& wait) {
  base::RandomStream random(world.seed, "service");
  Upkeep& upkeep = world.machines[0].upkeep;
  for (;;) {
    const Time came = co_await queue.get();
    wait.add((world.sim.now() - came).seconds());
    const Duration length = Duration::from_seconds(random.exponential(1));
    if (upkeep.undisturbed(length)) {
      upkeep.begin();
      co_await world.sim.delay(length);
      upkeep.end(length);
    } else {
      co_await upkeep.work(length);
    }
    world.machines[0].clock.set(world.sim.now(), MachineState::kStarved);
  }
}

TEST(UpkeepKnown, QueueBeforeAMachineThatFailsRunning) {
  std::vector<double> waits = replicate([&](uint64_t seed) {
    World world(seed, Time::at(Duration::s(152'000)));
    des::Store<Time> queue(world.sim);
    des::Tally wait;
    world.add({.modes = {random_mode(FailBy::kRunning, 20, 2)}});
    world.sim.spawn(customers(world, queue));
    world.sim.spawn(serve(world, queue, wait));
    world.sim.run_until(Time::at(Duration::s(2'000)));
    wait = {};
    world.sim.run_until(Time::at(Duration::s(152'000)));
    return wait.mean();
  });
  judge(waits, 4.291304347826087, 0.03);
}

// ---- availability

double availability_at_work(uint64_t seed, const UpkeepRules& rules, Duration length) {
  World world(seed, Time::at(Duration::s(401'000)));
  world.add(rules);
  Log log;
  world.sim.spawn(work_on(world, world.machines[0], length, 1'000'000'000, log));
  run(world, {1'000, 400'000});
  return world.share(MachineState::kWorking);
}

// Failures by running time come one at a time: the odds against work add up.
TEST(UpkeepKnown, RunningModesShareTheTime) {
  const UpkeepRules one{.modes = {random_mode(FailBy::kRunning, 20, 5)}};
  judge(replicate([&](uint64_t seed) { return availability_at_work(seed, one, Duration::s(3)); }),
        1 / (1 + 5.0 / 20), 0.02);
  const UpkeepRules two{
      .modes = {random_mode(FailBy::kRunning, 20, 5), random_mode(FailBy::kRunning, 50, 20)}};
  judge(replicate([&](uint64_t seed) { return availability_at_work(seed, two, Duration::s(3)); }),
        1 / (1 + 5.0 / 20 + 20.0 / 50), 0.02);
}

// Failures by the clock go on beside each other: availabilities multiply.
TEST(UpkeepKnown, ClockModesAreIndependent) {
  const UpkeepRules two{
      .modes = {random_mode(FailBy::kClock, 20, 5), random_mode(FailBy::kClock, 50, 20)}};
  judge(replicate([&](uint64_t seed) { return availability_at_work(seed, two, Duration::s(3)); }),
        20.0 / 25 * 50 / 70, 0.02);
}

// An operation of 3 s with a chance of 1 in 10 to be preceded by a repair of 12 s.
TEST(UpkeepKnown, FailuresPerOperationLengthenTheCycle) {
  UpkeepRules::Mode mode = random_mode(FailBy::kOperation, 1, 12);
  mode.breakdown.per_operation = {1, 10};
  const UpkeepRules rules{.modes = {mode}};
  judge(replicate([&](uint64_t seed) { return availability_at_work(seed, rules, Duration::s(3)); }),
        3 / (3 + 1.2), 0.02);
}

// An operation of length t made anew after every failure takes (e^(t/up) - 1) up of work and
// (e^(t/up) - 1) repairs.
TEST(UpkeepKnown, RestartedOperationsTakeTheirTimeAgain) {
  UpkeepRules::Mode mode = random_mode(FailBy::kRunning, 20, 5);
  mode.breakdown.after = AfterRepair::kRestart;
  const auto ends = replicate([&](uint64_t seed) {
    World world(seed, Time::at(Duration::s(400'000)));
    world.add({.modes = {mode}});
    Log log;
    world.sim.spawn(work_on(world, world.machines[0], Duration::s(10), 1'000'000'000, log));
    world.sim.run_until(Time::at(Duration::s(400'000)));
    return 400'000.0 / static_cast<double>(log.ends.size());
  });
  judge(ends, std::expm1(0.5) * (20 + 5), 0.02);
}

}  // namespace
}  // namespace windtunnel::factory
