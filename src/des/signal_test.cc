#include "des/signal.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/units.h"
#include "des/combine.h"
#include "des/resource.h"
#include "des/simulation.h"
#include "des/store.h"

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

Process listen(World& world, Signal& signal, std::string name) {
  for (;;) {
    co_await signal.wait();
    world.log(name);
  }
}

TEST(Signal, WakesAllOrOneInOrder) {
  World world;
  Signal signal(world.sim);
  world.sim.spawn(listen(world, signal, "a"));
  world.sim.spawn(listen(world, signal, "b"));
  signal.notify_all();  // nobody waits yet: not remembered
  world.run_to(1);
  signal.notify_all();
  world.run_to(2);
  signal.notify_one();
  world.run_to(3);
  signal.notify_one();
  world.run_to(4);
  EXPECT_EQ(world.lines, (Lines{"1 a", "1 b", "2 a", "3 b"}));
  EXPECT_EQ(signal.waiting(), 2);
}

Process needs(World& world, Signal& signal, const int& stock, int amount) {
  co_await signal.until([&stock, amount] { return stock >= amount; });
  world.log("has " + std::to_string(amount));
}

TEST(Signal, UntilWaitsForItsCondition) {
  World world;
  Signal signal(world.sim);
  int stock = 1;
  world.sim.spawn(needs(world, signal, stock, 3));
  world.sim.spawn(needs(world, signal, stock, 1));
  world.sim.spawn(needs(world, signal, stock, 2));
  world.run_to(1);
  for (stock = 2; stock < 4; ++stock) {
    signal.notify_all();
    world.run_to(world.sim.now().ticks() + 1);
  }
  EXPECT_EQ(world.lines, (Lines{"0 has 1", "1 has 2", "2 has 3"}));
}

TEST(Signal, NotifyOneSkipsThoseWhoseConditionFails) {
  World world;
  Signal signal(world.sim);
  int stock = 0;
  world.sim.spawn(needs(world, signal, stock, 5));
  world.sim.spawn(needs(world, signal, stock, 2));
  world.run_to(1);
  stock = 2;
  signal.notify_one();
  world.run_to(2);
  EXPECT_EQ(world.lines, (Lines{"1 has 2"}));
  EXPECT_EQ(signal.waiting(), 1);
}

Process passes(World& world, Gate& gate, std::string name, int64_t at) {
  co_await world.sim.delay(Duration::us(at));
  co_await gate.wait();
  world.log(name);
}

TEST(Gate, LetsThroughWhileOpen) {
  World world;
  Gate gate(world.sim);
  const Lines names{"p0", "p1", "p2", "p3"};
  for (size_t i = 0; i < names.size(); ++i) {
    world.sim.spawn(passes(world, gate, names[i], static_cast<int64_t>(i)));
  }
  world.run_to(2);
  gate.open();
  world.run_to(3);
  gate.close();
  world.run_to(9);
  EXPECT_EQ(world.lines, (Lines{"2 p0", "2 p1", "2 p2"}));
  EXPECT_EQ(gate.waiting(), 1);
}

Process with_timeout(World& world, Store<std::string>& store, int64_t timeout) {
  auto first = co_await any_of(store.get(), world.sim.delay(Duration::us(timeout)));
  world.log(first.index() == 0 ? std::get<0>(first) : "timeout");
}

TEST(AnyOf, TakesTheFirstAndGivesUpTheRest) {
  World world;
  Store<std::string> store(world.sim);
  world.sim.spawn(with_timeout(world, store, 5));
  world.sim.spawn(with_timeout(world, store, 50));
  world.run_to(7);
  EXPECT_EQ(store.getters(), 1);
  std::string item = "item";
  store.try_put(item);
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"5 timeout", "7 item"}));
  EXPECT_EQ(world.sim.now().ticks(), 7) << "the other timeout was cancelled";
  EXPECT_EQ(world.sim.pending(), 0);
}

Process either(World& world, Resource& a, Resource& b) {
  auto first = co_await any_of(a.acquire(), b.acquire());
  world.log("index " + std::to_string(first.index()));
  co_await world.sim.delay(Duration::us(10));
}

TEST(AnyOf, HoldsOnlyWhatItWon) {
  World world;
  Resource a(world.sim, 1);
  Resource b(world.sim, 1);
  for (int i = 0; i < 3; ++i) world.sim.spawn(either(world, a, b));
  world.run_to(1);
  EXPECT_EQ(a.in_use() + b.in_use(), 2);
  EXPECT_EQ(a.waiting() + b.waiting(), 2);
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"0 index 0", "0 index 1", "10 index 0"}));
  EXPECT_EQ(a.in_use() + b.in_use() + a.waiting() + b.waiting(), 0);
}

Process twice(World& world, Signal& signal) {
  const auto first = co_await any_of(signal.wait(), signal.wait());
  world.log("twice " + std::to_string(first.index()));
}

TEST(AnyOf, MayWaitTwiceForOneSignal) {
  World world;
  Signal signal(world.sim);
  world.sim.spawn(twice(world, signal));
  world.sim.spawn(twice(world, signal));
  world.sim.spawn(listen(world, signal, "plain"));
  world.run_to(1);
  EXPECT_EQ(signal.waiting(), 5);
  signal.notify_all();
  world.run_to(2);
  EXPECT_EQ(world.lines, (Lines{"1 twice 0", "1 twice 0", "1 plain"}));
  EXPECT_EQ(signal.waiting(), 1);
}

Process interruptible_any(World& world, Signal& a, Signal& b) {
  const auto outcome = co_await any_of(a.wait(), b.wait()).interruptible();
  world.log(outcome.interrupted ? "interrupted" : "signalled");
  EXPECT_EQ(outcome.first.has_value(), !outcome.interrupted);
}

TEST(AnyOf, CanBeInterrupted) {
  World world;
  Signal a(world.sim);
  Signal b(world.sim);
  const ProcessId waiter = world.sim.spawn(interruptible_any(world, a, b));
  world.run_to(3);
  world.sim.interrupt(waiter, {1, 0});
  world.run_to(4);
  EXPECT_EQ(world.lines, (Lines{"3 interrupted"}));
  EXPECT_EQ(a.waiting() + b.waiting(), 0);
}

Process sleeper(World& world, int64_t us) { co_await world.sim.delay(Duration::us(us)); }

Process waits_for_all(World& world, Gate& gate) {
  const ProcessId child = world.sim.spawn(sleeper(world, 7));
  co_await all_of(gate.wait(), world.sim.join(child), world.sim.delay(Duration::us(2)));
  world.log("all");
}

TEST(AllOf, WaitsForTheLast) {
  World open_early;
  Gate early(open_early.sim, true);
  open_early.sim.spawn(waits_for_all(open_early, early));
  open_early.sim.run();
  EXPECT_EQ(open_early.lines, (Lines{"7 all"}));

  World open_late;
  Gate late(open_late.sim);
  open_late.sim.spawn(waits_for_all(open_late, late));
  open_late.run_to(20);
  late.open();
  open_late.sim.run();
  EXPECT_EQ(open_late.lines, (Lines{"20 all"}));
}

Process all_or_timeout(World& world, Gate& a, Gate& b) {
  const auto first = co_await any_of(all_of(a.wait(), b.wait()), world.sim.delay(Duration::us(9)));
  world.log(first.index() == 0 ? "all" : "timeout");
}

TEST(AnyOf, OfAllOfIsATimeoutForSeveral) {
  World world;
  Gate a(world.sim);
  Gate b(world.sim);
  world.sim.spawn(all_or_timeout(world, a, b));
  world.run_to(3);
  a.open();
  world.run_to(5);
  world.sim.spawn(all_or_timeout(world, a, b));
  world.run_to(12);
  EXPECT_EQ(a.waiting() + b.waiting(), 1);  // the second still waits for b
  b.open();
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"9 timeout", "12 all"}));
}

TEST(AnyOf, IsDestroyedWithItsFrame) {
  World world;
  Signal signal(world.sim);
  Gate gate(world.sim);
  const ProcessId any = world.sim.spawn(twice(world, signal));
  const ProcessId all = world.sim.spawn(waits_for_all(world, gate));
  world.run_to(1);
  world.sim.kill(any);
  world.sim.kill(all);
  EXPECT_EQ(signal.waiting() + gate.waiting(), 0);
  world.sim.run();
  EXPECT_TRUE(world.lines.empty());
}

}  // namespace
}  // namespace windtunnel::des
