#include "des/kernel.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "des/simulation.h"

namespace windtunnel::des {
namespace {

using Sim = Simulation<base::Picoseconds>;
using base::Duration;
using base::Time;

// Records what it handles and may react.
class Recorder {
 public:
  explicit Recorder(Sim& sim) : sim_(sim), target(sim.add_target(*this)) {}
  void handle(const Event& event) {
    seen.push_back({sim_.now().ticks(), event.kind});
    data.push_back(event.data);
    if (event.kind == kChain && event.data > 0) {
      sim_.schedule(Duration::ticks(1), {target, kChain, event.data - 1});
    }
    if (event.kind == kStop) sim_.stop();
  }
  static constexpr uint32_t kChain = 100;
  static constexpr uint32_t kStop = 101;
  std::vector<std::pair<int64_t, uint32_t>> seen;
  std::vector<uint64_t> data;

 private:
  Sim& sim_;

 public:
  TargetId target;
};

using Seen = std::vector<std::pair<int64_t, uint32_t>>;

TEST(Kernel, RunsByTimeThenClassThenOriginThenSequence) {
  Sim sim;
  Recorder recorder(sim);
  const EntityId early = sim.add_entity();
  const EntityId late = sim.add_entity();
  const Time at = Time::at(Duration::ticks(10));
  sim.act_as(late);
  sim.schedule(at, {recorder.target, 3});
  sim.schedule(at, {recorder.target, 0, 0, EventClass::kFirst});
  sim.schedule(at, {recorder.target, 4});
  sim.act_as(early);
  sim.schedule(at, {recorder.target, 1});
  sim.schedule(at, {recorder.target, 2});
  sim.schedule(at, {recorder.target, 5, 0, EventClass::kLast});
  sim.schedule(Time::at(Duration::ticks(9)), {recorder.target, 9});
  EXPECT_EQ(sim.run(), RunEnd::kExhausted);
  EXPECT_EQ(recorder.seen, (Seen{{9, 9}, {10, 0}, {10, 1}, {10, 2}, {10, 3}, {10, 4}, {10, 5}}));
}

TEST(Kernel, WindowsAreHalfOpenAndCompose) {
  const auto run = [](const std::vector<int64_t>& ends) {
    Sim sim;
    Recorder recorder(sim);
    sim.schedule(Duration::ticks(1), {recorder.target, Recorder::kChain, 20});
    for (const int64_t end : ends) sim.run_until(Time::at(Duration::ticks(end)));
    EXPECT_EQ(sim.now().ticks(), ends.back());
    return std::pair(recorder.seen, sim.fingerprint().value());
  };
  const auto whole = run({11});
  EXPECT_EQ(whole.first.size(), 10u);  // at 1 to 10: the event at 11 has not run
  EXPECT_EQ(run({3, 4, 9, 11}), whole);
}

TEST(Kernel, SaysHowARunEnded) {
  Sim sim;
  Recorder recorder(sim);
  EXPECT_EQ(sim.run_until(Time::at(Duration::ticks(5))), RunEnd::kExhausted);
  sim.schedule(Duration::ticks(5), {recorder.target, 1});
  EXPECT_EQ(sim.run_until(Time::at(Duration::ticks(10))), RunEnd::kReached);
  sim.schedule(Duration::ticks(1), {recorder.target, Recorder::kStop});
  sim.schedule(Duration::ticks(2), {recorder.target, 2});
  EXPECT_EQ(sim.run(), RunEnd::kStopped);
  EXPECT_EQ(sim.now().ticks(), 11);
  EXPECT_EQ(sim.run(), RunEnd::kExhausted);
  EXPECT_EQ(sim.now().ticks(), 12);
  EXPECT_EQ(sim.events(), 3);
}

TEST(Kernel, CancelledTimersDoNotRunNorMoveTheClock) {
  Sim sim;
  Recorder recorder(sim);
  const TimerId kept = sim.schedule_timer(Duration::ticks(5), {recorder.target, 1, 77});
  const TimerId gone = sim.schedule_timer(Duration::ticks(9), {recorder.target, 2, 88});
  EXPECT_EQ(sim.pending(), 2);
  EXPECT_TRUE(sim.cancel(gone));
  EXPECT_FALSE(sim.cancel(gone));
  EXPECT_EQ(sim.pending(), 1);
  EXPECT_EQ(sim.run(), RunEnd::kExhausted);
  EXPECT_EQ(sim.now().ticks(), 5);
  EXPECT_EQ(recorder.seen, (Seen{{5, 1}}));
  EXPECT_EQ(recorder.data, (std::vector<uint64_t>{77}));
  EXPECT_FALSE(sim.cancel(kept));
  // The slots are used again, under new generations.
  const TimerId next = sim.schedule_timer(Duration::ticks(1), {recorder.target, 3});
  EXPECT_FALSE(sim.cancel(kept));
  EXPECT_FALSE(sim.cancel(gone));
  EXPECT_TRUE(sim.cancel(next));
}

// Sets a far timeout and cancels it, over and over: the usual life of a timeout.
TEST(Kernel, CancelledTimersDoNotPileUp) {
  Sim sim;
  Recorder recorder(sim);
  std::vector<TimerId> alive;
  for (int i = 0; i < 10; ++i) {
    alive.push_back(sim.schedule_timer(Duration::s(1000), {recorder.target, 1}));
  }
  for (int i = 0; i < 100000; ++i) {
    const TimerId timer = sim.schedule_timer(Duration::s(2000), {recorder.target, 2});
    ASSERT_TRUE(sim.cancel(timer));
    ASSERT_EQ(sim.pending(), 10);
    ASSERT_LT(timer.slot, 200u) << "slots are not used again";
  }
  sim.run();
  EXPECT_EQ(recorder.seen.size(), 10u);
}

TEST(Kernel, TwoWorldsInOneProcessDoNotMeet) {
  Sim a;
  Sim b;
  Recorder in_a(a);
  Recorder in_b(b);
  a.schedule(Duration::ticks(1), {in_a.target, Recorder::kChain, 3});
  b.schedule(Duration::ticks(2), {in_b.target, Recorder::kChain, 1});
  for (int64_t t = 1; t < 9; ++t) {
    a.run_until(Time::at(Duration::ticks(t)));
    b.run_until(Time::at(Duration::ticks(t)));
  }
  EXPECT_EQ(in_a.seen.size(), 4u);
  EXPECT_EQ(in_b.seen.size(), 2u);
  EXPECT_NE(a.fingerprint().value(), b.fingerprint().value());
}

TEST(Kernel, FingerprintHashesTheChosenIngredients) {
  const auto run = [](KernelOptions options, int64_t at, uint32_t kind, uint64_t data) {
    Sim sim(options);
    Recorder recorder(sim);
    sim.schedule(Duration::ticks(at), {recorder.target, kind, data});
    sim.run();
    return sim.fingerprint().value();
  };
  const KernelOptions usual;
  EXPECT_EQ(run(usual, 1, 1, 1), run(usual, 1, 1, 2));
  EXPECT_NE(run(usual, 1, 1, 1), run(usual, 1, 2, 1));
  EXPECT_NE(run(usual, 1, 1, 1), run(usual, 2, 1, 1));
  KernelOptions time_only;
  time_only.fingerprint_kind = false;
  EXPECT_EQ(run(time_only, 1, 1, 1), run(time_only, 1, 2, 1));
  KernelOptions all;
  all.fingerprint_data = true;
  EXPECT_NE(run(all, 1, 1, 1), run(all, 1, 1, 2));
}

TEST(Kernel, TapSeesEveryEvent) {
  Sim sim;
  Recorder recorder(sim);
  int64_t tapped = 0;
  sim.set_tap({&tapped, [](void* context, const Event&) { ++*static_cast<int64_t*>(context); }});
  sim.schedule(Duration::ticks(1), {recorder.target, Recorder::kChain, 9});
  sim.run();
  EXPECT_EQ(tapped, 10);
  EXPECT_EQ(sim.events(), 10);
}

TEST(KernelDeathTest, RefusesThePast) {
  Sim sim;
  Recorder recorder(sim);
  sim.run_until(Time::at(Duration::ticks(10)));
  EXPECT_DEATH(sim.schedule(Time::at(Duration::ticks(9)), {recorder.target, 1}), "past");
  EXPECT_DEATH(sim.run_until(Time::at(Duration::ticks(9))), "past");
}

}  // namespace
}  // namespace windtunnel::des
