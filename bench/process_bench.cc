// What one event costs: plain records beside coroutine processes, then whole small models.
// items_per_second counts events, except where the name says otherwise.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "des/resource.h"
#include "des/simulation.h"
#include "des/store.h"

namespace {

using windtunnel::base::Microseconds;
using windtunnel::base::RandomStream;
using windtunnel::des::Event;
using windtunnel::des::Grant;
using windtunnel::des::Process;
using windtunnel::des::Resource;
using windtunnel::des::Store;
using windtunnel::des::TargetId;

using Sim = windtunnel::des::Simulation<Microseconds>;
using Duration = Sim::Duration;
using Time = Sim::Time;

Duration random_delay(RandomStream& random) {
  return Duration::us(1 + static_cast<int64_t>(random.below_fast(1000)));
}

// Every event schedules the next one of its chain.
class Chains {
 public:
  explicit Chains(Sim& sim) : sim_(sim), random_(1, "chains"), target_(sim.add_target(*this)) {}
  void start(int64_t count) {
    for (int64_t i = 0; i < count; ++i) sim_.schedule(random_delay(random_), {target_});
  }
  void handle(const Event&) { sim_.schedule(random_delay(random_), {target_}); }

 private:
  Sim& sim_;
  RandomStream random_;
  TargetId target_;
};

void plain_events(benchmark::State& state) {
  Sim sim;
  Chains chains(sim);
  chains.start(state.range(0));
  for (auto _ : state) sim.run_until(sim.now() + Duration::us(1000));
  state.SetItemsProcessed(sim.events());
}
BENCHMARK(plain_events)->Arg(100)->Arg(10000)->Arg(100000);

Process sleeper(Sim& sim, RandomStream& random) {
  for (;;) co_await sim.delay(random_delay(random));
}

void process_delays(benchmark::State& state) {
  Sim sim;
  RandomStream random(1, "chains");
  for (int64_t i = 0; i < state.range(0); ++i) sim.spawn(sleeper(sim, random));
  for (auto _ : state) sim.run_until(sim.now() + Duration::us(1000));
  state.SetItemsProcessed(sim.events());
}
BENCHMARK(process_delays)->Arg(100)->Arg(10000)->Arg(100000);

Process ping(Sim&, Store<int>& in, Store<int>& out) {
  for (;;) co_await out.put(co_await in.get());
}
Process meter(Sim& sim, Store<int>& in, Store<int>& out) {
  for (;;) {
    for (int i = 0; i < 1000; ++i) {
      co_await out.put(i);
      co_await in.get();
    }
    co_await sim.delay(Duration::us(1));
  }
}

// Items are hand-overs from one process to another, without time passing.
void hand_overs(benchmark::State& state) {
  Sim sim;
  Store<int> there(sim);
  Store<int> back(sim);
  sim.spawn(ping(sim, there, back));
  sim.spawn(meter(sim, back, there));
  for (auto _ : state) sim.run_until(sim.now() + Duration::us(1));
  state.SetItemsProcessed(2000 * state.iterations());
}
BENCHMARK(hand_overs);

Process customer(Sim& sim, Resource& server, RandomStream& service) {
  const Grant grant = co_await server.acquire();
  co_await sim.delay(Duration::from_seconds(service.exponential(1.0)));
}
Process arrivals(Sim& sim, Resource& server, RandomStream arrival, RandomStream service) {
  for (;;) {
    co_await sim.delay(Duration::from_seconds(arrival.exponential(1.0 / 0.8)));
    sim.spawn(customer(sim, server, service));
  }
}

// M/M/1 at load 0.8, one process per customer. Items are customers: two events, a spawn, an
// acquire and two logarithms each.
void mm1_customers(benchmark::State& state) {
  Sim sim;
  Resource server(sim, 1);
  sim.spawn(arrivals(sim, server, RandomStream(1, "arrival"), RandomStream(1, "service")));
  for (auto _ : state) sim.run_until(sim.now() + Duration::s(1000));
  state.SetItemsProcessed(sim.events() / 2);
}
BENCHMARK(mm1_customers);

struct Part {
  int64_t number = 0;
};

Process station(Sim& sim, Store<Part>& in, Store<Part>& out, RandomStream random) {
  for (;;) {
    const Part part = co_await in.get();
    co_await sim.delay(Duration::from_seconds(random.gamma(4, 11)));
    co_await out.put(part);
  }
}
Process source(Sim&, Store<Part>& out) {
  for (int64_t number = 0;; ++number) co_await out.put({number});
}
Process sink(Sim&, Store<Part>& in, int64_t& parts) {
  for (;; ++parts) co_await in.get();
}

// A year of a line of seven stations with buffers of four: one iteration makes some 430,000 parts
// at a mean of 44 s each, joints for 10,000 robots.
void line_year(benchmark::State& state) {
  int64_t parts = 0;
  int64_t events = 0;
  for (auto _ : state) {
    Sim sim;
    std::vector<std::unique_ptr<Store<Part>>> buffers;
    for (int i = 0; i < 8; ++i) buffers.push_back(std::make_unique<Store<Part>>(sim, 4));
    sim.spawn(source(sim, *buffers[0]));
    for (size_t i = 0; i < 7; ++i) {
      sim.spawn(station(sim, *buffers[i], *buffers[i + 1], RandomStream(1, "station", i)));
    }
    sim.spawn(sink(sim, *buffers[7], parts));
    sim.run_until(Time::at(Duration::s(8760 * 3600)));
    events += sim.events();
  }
  state.SetItemsProcessed(events);
  state.counters["parts"] = static_cast<double>(parts) / static_cast<double>(state.iterations());
}
BENCHMARK(line_year)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
