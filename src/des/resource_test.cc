#include "des/resource.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "des/simulation.h"

namespace windtunnel::des {
namespace {

using Sim = Simulation<base::Microseconds>;
using Duration = Sim::Duration;
using Time = Sim::Time;
using Lines = std::vector<std::string>;

struct World {
  Sim sim;
  Lines lines;
  Kernel& kernel() { return sim; }
  void log(const std::string& what) {
    lines.push_back(std::to_string(sim.now().ticks()) + " " + what);
  }
  void run_to(int64_t us) { sim.run_until(Time::at(Duration::us(us))); }
};

struct User {
  std::string name;
  int64_t arrives = 0;
  int64_t holds = 10;
  AcquireOptions options = {};
};

Process use(World& world, Resource& resource, User user) {
  co_await world.sim.delay(Duration::us(user.arrives));
  const Grant grant = co_await resource.acquire(user.options);
  world.log(user.name + " in");
  co_await world.sim.delay(Duration::us(user.holds));
  world.log(user.name + " out");
}

TEST(Resource, ServesInOrderOfArrival) {
  World world;
  Resource desk(world.sim, 2);
  world.sim.spawn(use(world, desk, {"a", 0, 10}));
  world.sim.spawn(use(world, desk, {"b", 1, 4}));
  world.sim.spawn(use(world, desk, {"c", 2, 3}));
  world.sim.spawn(use(world, desk, {"d", 3, 1}));
  world.run_to(3);
  EXPECT_EQ(desk.in_use(), 2);
  EXPECT_EQ(desk.waiting(), 1);  // d arrives at 3, which has not run
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"0 a in", "1 b in", "5 b out", "5 c in", "8 c out", "8 d in",
                                "9 d out", "10 a out"}));
  EXPECT_EQ(desk.in_use(), 0);
  // a 10, b 4, c 3, d 1 busy; c waited 3 and d waited 5, over 10.
  EXPECT_DOUBLE_EQ(desk.busy().mean(world.sim.now_ticks()), 1.8);
  EXPECT_DOUBLE_EQ(desk.queue().mean(world.sim.now_ticks()), 0.8);
}

TEST(Resource, ServesBetterPrioritiesFirst) {
  World world;
  Resource desk(world.sim, 1);
  world.sim.spawn(use(world, desk, {"first", 0, 10, {1, 5}}));
  world.sim.spawn(use(world, desk, {"low", 1, 1, {1, 5}}));
  world.sim.spawn(use(world, desk, {"mid", 2, 1, {1, 3}}));
  world.sim.spawn(use(world, desk, {"high", 3, 1, {1, -1}}));
  world.sim.spawn(use(world, desk, {"mid2", 4, 1, {1, 3}}));
  world.sim.run();
  EXPECT_EQ(world.lines,
            (Lines{"0 first in", "10 first out", "10 high in", "11 high out", "11 mid in",
                   "12 mid out", "12 mid2 in", "13 mid2 out", "13 low in", "14 low out"}));
}

TEST(Resource, NobodyOvertakesALargeRequest) {
  World world;
  Resource desk(world.sim, 3);
  world.sim.spawn(use(world, desk, {"a", 0, 10, {2}}));
  world.sim.spawn(use(world, desk, {"all", 1, 5, {3}}));
  world.sim.spawn(use(world, desk, {"small", 2, 1, {1}}));
  world.sim.spawn(use(world, desk, {"urgent", 3, 1, {1, -1}}));
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"0 a in", "3 urgent in", "4 urgent out", "10 a out", "10 all in",
                                "15 all out", "15 small in", "16 small out"}));
}

Process impatient(World& world, Resource& resource, int64_t arrives) {
  co_await world.sim.delay(Duration::us(arrives));
  AcquireOutcome outcome = co_await resource.acquire({3}).interruptible();
  world.log(outcome.interrupted ? "gave up" : "got it");
  EXPECT_EQ(outcome.grant.held(), !outcome.interrupted);
}

TEST(Resource, LeavingTheLineLetsOthersPass) {
  World world;
  Resource desk(world.sim, 3);
  world.sim.spawn(use(world, desk, {"a", 0, 10, {2}}));
  const ProcessId head = world.sim.spawn(impatient(world, desk, 1));
  world.sim.spawn(use(world, desk, {"small", 2, 1, {1}}));
  world.run_to(4);
  EXPECT_EQ(world.sim.interrupt(head, {1, 0}), Delivery::kDelivered);
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"0 a in", "4 small in", "4 gave up", "5 small out", "10 a out"}));
}

// Works for `work` in all, whatever takes the machine away in between.
Process persistent(World& world, Resource& machine, std::string name, int64_t work,
                   AcquireOptions options) {
  Duration left = Duration::us(work);
  while (left > Duration::zero()) {
    const Grant grant = co_await machine.acquire(options);
    world.log(name + " in");
    const auto outcome = co_await world.sim.delay(left).interruptible();
    left = outcome.remaining;
    if (!outcome.interrupted) continue;
    EXPECT_EQ(outcome.interruption.cause, Interruption::kPreempted);
    EXPECT_TRUE(grant.revoked());
    EXPECT_FALSE(grant.held());
    world.log(name + " preempted");
  }
  world.log(name + " done");
}

TEST(Resource, PreemptsTheWorstAndLatestHolder) {
  World world;
  Resource machine(world.sim, 2);
  world.sim.spawn(persistent(world, machine, "good", 20, {1, 1}));
  world.sim.spawn(persistent(world, machine, "bad", 20, {1, 2}));
  world.sim.spawn(use(world, machine, {"failure", 5, 3, {1, 0, true}}));
  world.sim.spawn(use(world, machine, {"polite", 6, 1, {1, 0, false}}));
  world.sim.run();
  EXPECT_EQ(world.lines,
            (Lines{"0 good in", "0 bad in", "5 failure in", "5 bad preempted", "8 failure out",
                   "8 polite in", "9 polite out", "9 bad in", "20 good done", "24 bad done"}));
}

TEST(Resource, DoesNotPreemptEqualsNorInVain) {
  World world;
  Resource machine(world.sim, 2);
  world.sim.spawn(persistent(world, machine, "a", 10, {1, 1}));
  world.sim.spawn(persistent(world, machine, "b", 10, {1, 2}));
  // Equal to a and better than b: can free only one of the two it wants.
  world.sim.spawn(use(world, machine, {"both", 5, 1, {2, 1, true}}));
  world.sim.run();
  EXPECT_EQ(world.lines,
            (Lines{"0 a in", "0 b in", "10 a done", "10 b done", "10 both in", "11 both out"}));
}

TEST(Resource, WhatPreemptionFreesBeyondNeedGoesToTheLine) {
  World world;
  Resource machine(world.sim, 3);
  world.sim.spawn(persistent(world, machine, "wide", 10, {3, 2}));
  world.sim.spawn(use(world, machine, {"waits", 1, 5, {2, 1}}));
  world.sim.spawn(use(world, machine, {"urgent", 2, 1, {1, 0, true}}));
  world.sim.run();
  // At 2 the wide user loses all three: one goes to the urgent user, two to the one in line.
  EXPECT_EQ(world.lines, (Lines{"0 wide in", "2 urgent in", "2 wide preempted", "2 waits in",
                                "3 urgent out", "7 waits out", "7 wide in", "15 wide done"}));
}

TEST(Resource, CapacityMayFallAndRise) {
  World world;
  Resource crew(world.sim, 2);
  world.sim.spawn(persistent(world, crew, "a", 10, {1, 1}));
  world.sim.spawn(persistent(world, crew, "b", 10, {1, 1}));
  world.run_to(4);
  crew.set_capacity(1, Shrink::kRevoke);
  world.run_to(6);
  EXPECT_EQ(crew.in_use(), 1);
  crew.set_capacity(0);
  EXPECT_EQ(crew.in_use(), 1) << "a holder keeps what it has until it gives it back";
  world.run_to(20);
  crew.set_capacity(5);
  world.sim.run();
  EXPECT_EQ(world.lines,
            (Lines{"0 a in", "0 b in", "4 b preempted", "10 a done", "20 b in", "26 b done"}));
}

TEST(Resource, TryAcquireDoesNotWait) {
  World world;
  Resource desk(world.sim, 1);
  Grant first = desk.try_acquire();
  EXPECT_TRUE(first.held());
  EXPECT_FALSE(desk.try_acquire().held());
  Grant moved = std::move(first);
  EXPECT_EQ(desk.in_use(), 1);
  moved.release();
  EXPECT_EQ(desk.in_use(), 0);
  moved.release();
  EXPECT_TRUE(desk.try_acquire().held());
  EXPECT_EQ(desk.in_use(), 0) << "a grant is given back when it goes out of scope";
}

TEST(Resource, KillReleasesGrantsAndPlacesInLine) {
  World world;
  Resource desk(world.sim, 1);
  const ProcessId holder = world.sim.spawn(use(world, desk, {"a", 0, 100}));
  const ProcessId second = world.sim.spawn(use(world, desk, {"b", 1, 1}));
  world.sim.spawn(use(world, desk, {"c", 2, 1}));
  world.run_to(5);
  world.sim.kill(second);
  world.sim.kill(holder);
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"0 a in", "5 c in", "6 c out"}));
}

TEST(Resource, MayDieBeforeOrAfterItsUsers) {
  World world;
  {
    Resource desk(world.sim, 1);
    world.sim.spawn(use(world, desk, {"holds", 0, 3}));
    world.sim.spawn(use(world, desk, {"waits", 0, 3}));
    world.run_to(1);
  }
  world.sim.run();  // the holder's grant has become empty; nobody serves the other
  EXPECT_EQ(world.lines, (Lines{"0 holds in", "3 holds out"}));
  EXPECT_EQ(world.sim.processes(), 1);

  auto short_lived = std::make_unique<World>();
  Resource desk(short_lived->sim, 1);
  short_lived->sim.spawn(use(*short_lived, desk, {"holds", 0, 3}));
  short_lived->sim.spawn(use(*short_lived, desk, {"waits", 0, 3}));
  short_lived->run_to(1);
  short_lived.reset();
  EXPECT_EQ(desk.waiting(), 0);
}

// A grant held by no process, such as one that a plain event took: the resource takes it back when
// it dies, the kernel gone before it (address sanitizer sees who asks a dead clock).
TEST(Resource, MayDieAfterItsKernelWithGrantsOut) {
  auto world = std::make_unique<World>();
  Grant grant;
  {
    Resource desk(world->sim, 2);
    grant = desk.try_acquire();
    ASSERT_TRUE(grant.held());
    world.reset();
  }
  EXPECT_FALSE(grant.held());
}

// Under random use the books balance at every step.
Process wanderer(World& world, Resource& resource, base::RandomStream random, int64_t& held) {
  for (;;) {
    co_await world.sim.delay(Duration::us(static_cast<int64_t>(random.below(20))));
    const AcquireOptions options{static_cast<int64_t>(1 + random.below(3)),
                                 static_cast<int32_t>(random.below(3)), random.chance(1, 4)};
    auto outcome = co_await resource.acquire(options).interruptible();
    if (outcome.interrupted) continue;
    held += options.amount;
    co_await world.sim.delay(Duration::us(static_cast<int64_t>(random.below(20)))).interruptible();
    held -= options.amount;
  }
}

TEST(Resource, BooksBalanceUnderRandomUse) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  World world;
  Resource resource(world.sim, 4);
  base::RandomStream random(kSeed, "books");
  std::vector<ProcessId> users;
  int64_t held = 0;
  for (uint64_t i = 0; i < 12; ++i) {
    users.push_back(world.sim.spawn(wanderer(world, resource, random.child(i), held)));
  }
  for (int64_t t = 1; t < 20000; ++t) {
    world.run_to(t);
    ASSERT_EQ(resource.in_use(), held) << "at " << t;
    ASSERT_LE(resource.in_use(), resource.capacity());
    if (random.chance(1, 10)) world.sim.interrupt(users[random.below(12)], {1, 0});
    if (random.chance(1, 50)) {
      resource.set_capacity(static_cast<int64_t>(3 + random.below(3)), Shrink::kRevoke);
      world.sim.run_until(world.sim.now());
    }
  }
  EXPECT_GT(world.sim.events(), 5000);
}

}  // namespace
}  // namespace windtunnel::des
