#include "des/process.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/units.h"
#include "des/simulation.h"

namespace windtunnel::des {
namespace {

using Sim = Simulation<base::Microseconds>;
using Duration = Sim::Duration;
using Time = Sim::Time;
using Lines = std::vector<std::string>;

struct Log {
  Lines lines;
  void add(const Sim& sim, const std::string& what) {
    lines.push_back(std::to_string(sim.now().ticks()) + " " + what);
  }
};

Process tick(Sim& sim, Log& log, std::string name, int64_t step, int count) {
  for (int i = 0; i < count; ++i) {
    co_await sim.delay(Duration::us(step));
    log.add(sim, name);
  }
}

TEST(Process, RunsInTimeOrder) {
  Sim sim;
  Log log;
  sim.spawn(tick(sim, log, "a", 3, 2));
  sim.spawn(tick(sim, log, "b", 2, 3));
  EXPECT_EQ(sim.run(), RunEnd::kExhausted);
  // At 6, b scheduled its third step (at 4) after a scheduled its second (at 3).
  EXPECT_EQ(log.lines, (Lines{"2 b", "3 a", "4 b", "6 a", "6 b"}));
  EXPECT_EQ(sim.frames().live(), 0);
  EXPECT_EQ(sim.processes(), 0);
}

TEST(Process, TiesGoByDeclaredEntity) {
  Sim sim;
  Log log;
  const EntityId first = sim.add_entity();
  const EntityId second = sim.add_entity();
  sim.spawn(tick(sim, log, "b", 2, 1), {second});
  sim.spawn(tick(sim, log, "a", 2, 1), {first});
  sim.run();
  EXPECT_EQ(log.lines, (Lines{"2 a", "2 b"}));
}

Task<int> measure(Sim& sim, int value) {
  co_await sim.delay(Duration::us(value));
  co_return value * 2;
}

Process steps(Sim& sim, Log& log) {
  const int a = co_await measure(sim, 3);
  const int b = co_await measure(sim, a);
  log.add(sim, "sum " + std::to_string(a + b));
  co_await tick(sim, log, "inner", 1, 2);
  log.add(sim, "done");
}

TEST(Process, AwaitsStepsAndTheirResults) {
  Sim sim;
  Log log;
  sim.spawn(steps(sim, log));
  sim.run();
  EXPECT_EQ(log.lines, (Lines{"9 sum 18", "10 inner", "11 inner", "11 done"}));
  EXPECT_EQ(sim.frames().live(), 0);
}

// A million steps that end at once must not pile up on the stack.
Task<int> immediate(Sim&) { co_return 1; }
Process many_steps(Sim& sim, int64_t& sum) {
  for (int i = 0; i < 1'000'000; ++i) sum += co_await immediate(sim);
}

TEST(Process, StepsThatEndAtOnceDoNotGrowTheStack) {
  Sim sim;
  int64_t sum = 0;
  sim.spawn(many_steps(sim, sum));
  sim.run();
  EXPECT_EQ(sum, 1'000'000);
}

Process parent(Sim& sim, Log& log) {
  const ProcessId child = sim.spawn(tick(sim, log, "child", 2, 2));
  log.add(sim, "spawned");
  co_await sim.join(child);
  log.add(sim, "joined");
  co_await sim.join(child);
  log.add(sim, "joined again");
}

TEST(Process, JoinWaitsForTheEnd) {
  Sim sim;
  Log log;
  sim.spawn(parent(sim, log));
  sim.run();
  EXPECT_EQ(log.lines, (Lines{"0 spawned", "2 child", "4 child", "4 joined", "4 joined again"}));
}

// A job of 10 that goes on after each interruption of 3.
Process job(Sim& sim, Log& log) {
  Duration left = Duration::us(10);
  while (left > Duration::zero()) {
    const auto outcome = co_await sim.delay(left).interruptible();
    left = outcome.remaining;
    if (outcome.interrupted) {
      log.add(sim, "cause " + std::to_string(outcome.interruption.cause) + " left " +
                       std::to_string(left.ticks()));
      co_await sim.delay(Duration::us(3));
    }
  }
  log.add(sim, "done");
}

Process interrupter(Sim& sim, ProcessId victim, std::vector<int64_t> gaps,
                    std::vector<Delivery>& deliveries) {
  for (const int64_t gap : gaps) {
    co_await sim.delay(Duration::us(gap));
    deliveries.push_back(sim.interrupt(victim, {7, 0}));
  }
}

TEST(Process, InterruptSaysCauseAndRemainder) {
  Sim sim;
  Log log;
  std::vector<Delivery> deliveries;
  const ProcessId victim = sim.spawn(job(sim, log));
  sim.spawn(interrupter(sim, victim, {4, 5, 20}, deliveries));
  sim.run();
  // Works 0-4, down 4-7, works 7-9, down 9-12, works 12-16.
  EXPECT_EQ(log.lines, (Lines{"4 cause 7 left 6", "9 cause 7 left 4", "16 done"}));
  EXPECT_EQ(deliveries,
            (std::vector<Delivery>{Delivery::kDelivered, Delivery::kDelivered, Delivery::kGone}));
  EXPECT_EQ(sim.pending(), 0);
}

TEST(Process, AnInterruptWaitsForAWaitThatAllowsIt) {
  Sim sim;
  Log log;
  std::vector<Delivery> deliveries;
  const ProcessId victim = sim.spawn(job(sim, log));
  sim.spawn(interrupter(sim, victim, {4, 1, 1}, deliveries));
  sim.run();
  // The second arrives at 5 during the repair 4-7 and strikes as soon as work goes on; the third
  // finds the second pending.
  EXPECT_EQ(log.lines, (Lines{"4 cause 7 left 6", "7 cause 7 left 6", "16 done"}));
  EXPECT_EQ(deliveries,
            (std::vector<Delivery>{Delivery::kDelivered, Delivery::kPending, Delivery::kDropped}));
}

Process strikes_twice(Sim& sim, ProcessId victim, std::vector<Delivery>& deliveries) {
  co_await sim.delay(Duration::us(4));
  deliveries.push_back(sim.interrupt(victim, {1, 0}));
  deliveries.push_back(sim.interrupt(victim, {2, 0}));
}

TEST(Process, ASecondInterruptDoesNotChangeTheFirst) {
  Sim sim;
  Log log;
  std::vector<Delivery> deliveries;
  const ProcessId victim = sim.spawn(job(sim, log));
  sim.spawn(strikes_twice(sim, victim, deliveries));
  sim.run();
  EXPECT_EQ(log.lines, (Lines{"4 cause 1 left 6", "7 cause 2 left 6", "16 done"}));
  EXPECT_EQ(deliveries, (std::vector<Delivery>{Delivery::kDelivered, Delivery::kPending}));
}

TEST(Process, APendingInterruptCanBeTakenBack) {
  Sim sim;
  Log log;
  const ProcessId victim = sim.spawn(tick(sim, log, "t", 5, 1));
  sim.run_until(Time::at(Duration::us(1)));
  EXPECT_EQ(sim.interrupt(victim, {3, 4}), Delivery::kPending);
  EXPECT_EQ(sim.take_interrupt(victim), (Interruption{3, 4}));
  EXPECT_EQ(sim.take_interrupt(victim), std::nullopt);
}

struct Tracer {
  int& count;
  explicit Tracer(int& n) : count(n) { ++count; }
  Tracer(const Tracer&) = delete;
  ~Tracer() { --count; }
};

Process inner_holder(Sim& sim, int& alive) {
  const Tracer tracer(alive);
  co_await sim.delay(Duration::s(10));
}
Process holder(Sim& sim, int& alive) {
  const Tracer tracer(alive);
  co_await inner_holder(sim, alive);
}
Process waits_for(Sim& sim, ProcessId other, Log& log) {
  co_await sim.join(other);
  log.add(sim, "joined");
}

TEST(Process, DestroyingTheSimulationDestroysSuspendedFrames) {
  int alive = 0;
  Log log;
  {
    Sim sim;
    const ProcessId held = sim.spawn(holder(sim, alive));
    sim.spawn(waits_for(sim, held, log));
    sim.spawn(holder(sim, alive));
    sim.run_until(Time::at(Duration::s(1)));
    sim.spawn(holder(sim, alive));  // never starts
    EXPECT_EQ(alive, 4);
    // Two frames for each holder that has started, one for each other; a compiler may merge a step
    // into the frame that awaits it.
    EXPECT_GE(sim.frames().live(), 4);
    EXPECT_LE(sim.frames().live(), 6);
  }
  EXPECT_EQ(alive, 0);
  EXPECT_TRUE(log.lines.empty());
}

TEST(Process, KillDestroysWhereItWaits) {
  int alive = 0;
  Log log;
  Sim sim;
  const ProcessId held = sim.spawn(holder(sim, alive));
  sim.spawn(waits_for(sim, held, log));
  sim.run_until(Time::at(Duration::us(1)));
  EXPECT_TRUE(sim.alive(held));
  EXPECT_TRUE(sim.kill(held));
  EXPECT_FALSE(sim.kill(held));
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(sim.run(), RunEnd::kExhausted);
  EXPECT_EQ(log.lines, (Lines{"1 joined"}));
  EXPECT_EQ(sim.now().ticks(), 1);
}

TEST(Process, ATaskThatNeverRanIsDestroyed) {
  int alive = 0;
  Sim sim;
  { const Process dropped = holder(sim, alive); }
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(sim.frames().live(), 0);
}

// Members of a class that knows the simulation are processes too.
class Station {
 public:
  explicit Station(Sim& sim) : sim_(sim) {}
  Kernel& kernel() const { return sim_; }
  Process day() {
    co_await delay(Duration::us(5));
    ++days_;
  }
  int days() const { return days_; }

 private:
  Sim& sim_;
  int days_ = 0;
};

TEST(Process, MayBeAMemberFunction) {
  Sim sim;
  Station station(sim);
  sim.spawn(station.day());
  sim.run();
  EXPECT_EQ(station.days(), 1);
}

Process spawner(Sim& sim, int depth) {
  for (int i = 0; depth > 0 && i < 10; ++i) sim.spawn(spawner(sim, depth - 1));
  co_await sim.delay(Duration::us(1));
}

// Spawning while running moves the process table under the running process.
TEST(Process, TableMayGrowWhileProcessesRun) {
  Sim sim;
  sim.spawn(spawner(sim, 4));
  sim.run();
  EXPECT_EQ(sim.frames().total(), 11111);
  EXPECT_EQ(sim.frames().live(), 0);
}

Process throws(Sim& sim) {
  co_await sim.delay(Duration::us(1));
  throw 1;
}
Process wrong_tick(Sim&) { co_await delay(base::Duration::ns(1)); }
Process kills_itself(Sim& sim) {
  co_await sim.delay(Duration::us(1));
  sim.kill(sim.current_process());
}

TEST(ProcessDeathTest, FaultsAbort) {
  Sim sim;
  EXPECT_DEATH((sim.spawn(throws(sim)), sim.run()), "no exception leaves a process");
  EXPECT_DEATH((sim.spawn(wrong_tick(sim)), sim.run()), "another tick");
  EXPECT_DEATH((sim.spawn(kills_itself(sim)), sim.run()), "kill itself");
}

}  // namespace
}  // namespace windtunnel::des
