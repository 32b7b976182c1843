#include "des/store.h"

#include <gtest/gtest.h>

#include <memory>
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
using Part = std::unique_ptr<int>;  // items need not be copyable

struct World {
  Sim sim;
  Lines lines;
  Kernel& kernel() { return sim; }
  void log(const std::string& what) {
    lines.push_back(std::to_string(sim.now().ticks()) + " " + what);
  }
};

Process produce(World& world, Store<Part>& store, int first, int count, int64_t gap) {
  for (int i = first; i < first + count; ++i) {
    co_await world.sim.delay(Duration::us(gap));
    co_await store.put(std::make_unique<int>(i));
    world.log("put " + std::to_string(i));
  }
}

Process consume(World& world, Store<Part>& store, int count, int64_t gap) {
  for (int i = 0; i < count; ++i) {
    const Part part = co_await store.get();
    world.log("got " + std::to_string(*part));
    co_await world.sim.delay(Duration::us(gap));
  }
}

TEST(Store, GetWaitsForPut) {
  World world;
  Store<Part> store(world.sim);
  world.sim.spawn(consume(world, store, 2, 1));
  world.sim.spawn(produce(world, store, 0, 2, 5));
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"5 put 0", "5 got 0", "10 put 1", "10 got 1"}));
}

TEST(Store, PutWaitsForRoom) {
  World world;
  Store<Part> store(world.sim, 2);
  world.sim.spawn(produce(world, store, 0, 4, 1));
  world.sim.spawn(consume(world, store, 4, 10));
  world.sim.run_until(Time::at(Duration::us(9)));
  EXPECT_EQ(store.size(), 2);
  EXPECT_EQ(store.putters(), 1);  // 0 went straight through, 1 and 2 are inside, 3 came at 4
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"1 put 0", "1 got 0", "2 put 1", "3 put 2", "11 got 1", "11 put 3",
                                "21 got 2", "31 got 3"}));
}

TEST(Store, KeepsTheOrderOfItemsAndOfThoseWhoWait) {
  World world;
  Store<Part> store(world.sim, 1);
  for (int i = 0; i < 4; ++i) world.sim.spawn(produce(world, store, 10 * i, 1, 1));
  world.sim.run();
  EXPECT_EQ(store.putters(), 3);
  world.sim.spawn(consume(world, store, 4, 0));
  world.sim.run();
  EXPECT_EQ(world.lines, (Lines{"1 put 0", "1 got 0", "1 put 10", "1 got 10", "1 put 20",
                                "1 got 20", "1 put 30", "1 got 30"}));
  EXPECT_EQ(store.size(), 0);
}

Process picky_get(World& world, Store<Part>& store) {
  auto outcome = co_await store.get().interruptible();
  world.log(outcome.interrupted ? "no part" : "part");
  EXPECT_EQ(outcome.item.has_value(), !outcome.interrupted);
}

Process picky_put(World& world, Store<Part>& store) {
  auto outcome = co_await store.put(std::make_unique<int>(5)).interruptible();
  world.log(outcome.interrupted ? "kept " + std::to_string(**outcome.item) : "put");
}

TEST(Store, InterruptedWaitsLoseNothing) {
  World world;
  Store<Part> store(world.sim, 1);
  const ProcessId getter = world.sim.spawn(picky_get(world, store));
  world.sim.run_until(Time::at(Duration::us(1)));
  EXPECT_EQ(store.getters(), 1);
  world.sim.interrupt(getter, {1, 0});
  world.sim.run();
  EXPECT_EQ(store.getters(), 0);

  Part filler = std::make_unique<int>(1);
  EXPECT_TRUE(store.try_put(filler));
  Part more = std::make_unique<int>(2);
  EXPECT_FALSE(store.try_put(more));
  EXPECT_NE(more, nullptr);
  const ProcessId putter = world.sim.spawn(picky_put(world, store));
  world.sim.run();
  EXPECT_EQ(store.putters(), 1);
  world.sim.interrupt(putter, {1, 0});
  world.sim.run();
  EXPECT_EQ(store.putters(), 0);
  EXPECT_EQ(world.lines, (Lines{"1 no part", "1 kept 5"}));
  EXPECT_EQ(*store.try_get().value(), 1);
  EXPECT_FALSE(store.try_get().has_value());
}

TEST(Store, LevelIsWeightedByTime) {
  World world;
  Store<int> store(world.sim);
  int item = 1;
  store.try_put(item);
  world.sim.run_until(Time::at(Duration::us(6)));
  store.try_put(item);
  world.sim.run_until(Time::at(Duration::us(10)));
  EXPECT_DOUBLE_EQ(store.level().mean(world.sim.now_ticks()), 1.4);
  EXPECT_EQ(store.level().max(), 2);
}

TEST(Store, MayDieBeforeItsUsers) {
  World world;
  {
    Store<Part> store(world.sim, 1);
    world.sim.spawn(consume(world, store, 1, 0));
    world.sim.run();
  }
  EXPECT_EQ(world.sim.processes(), 1);
}

}  // namespace
}  // namespace windtunnel::des
