// A steady run allocates nothing, and its memory does not grow: this executable counts its operator
// new, and the second half of a run must not call it.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "des/combine.h"
#include "des/quantile_sketch.h"
#include "des/resource.h"
#include "des/simulation.h"
#include "des/statistics.h"
#include "des/store.h"
#include "des/time_series.h"
#include "tests/support/counted_new.h"

namespace windtunnel::des {
namespace {

using ::windtunnel::testing::allocations;

using Sim = Simulation<base::Microseconds>;
using Duration = Sim::Duration;
using Time = Sim::Time;
using base::RandomStream;

// Seconds to run first, and then to run without an allocation.
void expect_steady(Sim& sim, int64_t warm_up_s, int64_t length_s, int64_t events_min) {
  sim.run_until(Time::at(Duration::s(warm_up_s)));
  const int64_t events_before = sim.events();
  const int64_t reserved_before = sim.frames().bytes_reserved();
  const int64_t before = allocations.load();
  sim.run_until(sim.now() + Duration::s(length_s));
  EXPECT_EQ(allocations.load() - before, 0);
  EXPECT_EQ(sim.frames().bytes_reserved(), reserved_before);
  EXPECT_GT(sim.events() - events_before, events_min);
}

struct Books {
  Tally stay;
  QuantileSketch sketch;
};

Process customer(Sim& sim, Resource& server, RandomStream& service, Books& books) {
  const Time arrived = sim.now();
  const Grant grant = co_await server.acquire();
  co_await sim.delay(Duration::from_seconds(service.exponential(1)));
  const double stay = (sim.now() - arrived).seconds();
  books.stay.add(stay);
  books.sketch.add(stay);
}
Process arrivals(Sim& sim, Resource& server, RandomStream arrival, RandomStream service,
                 Books& books) {
  for (;;) {
    co_await sim.delay(Duration::from_seconds(arrival.exponential(1 / 0.8)));
    sim.spawn(customer(sim, server, service, books));
  }
}

// A process per customer at load 0.8. The longest queue so far sets how many frames there are; the
// warm-up of 400,000 customers makes a record in the second half unlikely, and the seed is fixed.
TEST(Steady, MM1AllocatesNothing) {
  constexpr uint64_t kSeed = 3;
  SCOPED_TRACE(kSeed);
  Sim sim;
  Resource server(sim, 1);
  Books books;
  books.sketch.add(1e-9);
  books.sketch.add(1e9);
  sim.spawn(
      arrivals(sim, server, RandomStream(kSeed, "arrival"), RandomStream(kSeed, "service"), books));
  expect_steady(sim, 500'000, 250'000, 390'000);
  EXPECT_LT(sim.frames().live(), 200);
  EXPECT_GT(sim.frames().total(), 500'000);
}

struct Part {
  int64_t number = 0;
};
Process station(Sim& sim, Store<Part>& in, Store<Part>& out, RandomStream random) {
  for (;;) {
    const Part part = co_await in.get();
    Duration left = Duration::us(static_cast<int64_t>(1 + random.below(1'000'000)));
    while (left > Duration::zero()) left = (co_await sim.delay(left).interruptible()).remaining;
    co_await out.put(part);
  }
}
Process source(Sim&, Store<Part>& out) {
  for (int64_t number = 0;; ++number) co_await out.put({number});
}
// Takes a part, or gives up after a while: a timeout that is cancelled nearly every time.
Process sink(Sim& sim, Store<Part>& in, TimeSeries& series) {
  for (;;) {
    const auto first = co_await any_of(in.get(), sim.delay(Duration::s(3600)));
    if (first.index() == 0) series.add(sim.now_ticks(), 1);
  }
}
Process trouble(Sim& sim, std::vector<ProcessId> victims, RandomStream random) {
  for (;;) {
    co_await sim.delay(Duration::us(static_cast<int64_t>(random.below(2'000'000))));
    sim.interrupt(victims[random.below(victims.size())], {1, 0});
  }
}

TEST(Steady, ALineWithInterruptsAndTimeoutsAllocatesNothing) {
  Sim sim;
  std::vector<std::unique_ptr<Store<Part>>> buffers;
  for (int i = 0; i < 6; ++i) buffers.push_back(std::make_unique<Store<Part>>(sim, 3));
  TimeSeries series(0, 1'000'000, 64);
  sim.spawn(source(sim, *buffers[0]));
  std::vector<ProcessId> stations;
  for (size_t i = 0; i < 5; ++i) {
    stations.push_back(
        sim.spawn(station(sim, *buffers[i], *buffers[i + 1], RandomStream(1, "station", i))));
  }
  sim.spawn(sink(sim, *buffers[5], series));
  sim.spawn(trouble(sim, stations, RandomStream(1, "trouble")));
  expect_steady(sim, 20'000, 20'000, 100'000);
  EXPECT_LT(sim.pending(), 20);
}

class Chains {
 public:
  explicit Chains(Sim& sim) : sim_(sim), random_(1, "chains"), target_(sim.add_target(*this)) {}
  void handle(const Event&) { start(); }
  void start() {
    sim_.schedule(Duration::us(static_cast<int64_t>(random_.below(1'000'000))), {target_});
  }

 private:
  Sim& sim_;
  RandomStream random_;
  TargetId target_;
};

// Enough pending events to be in buckets. The number in one bucket varies, and with it the scratch
// space for sorting one, which settles in the first minutes.
TEST(Steady, ManyPlainEventsAllocateNothing) {
  Sim sim;
  Chains chains(sim);
  for (int i = 0; i < 20'000; ++i) chains.start();
  expect_steady(sim, 60, 20, 700'000);
}

}  // namespace
}  // namespace windtunnel::des
