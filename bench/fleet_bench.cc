// What a trip of a vehicle costs: loops of one-way lanes with docks on them, and a grid of lanes
// both ways where vehicles have to make room for each other. items_per_second counts trips.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "base/random.h"
#include "factory/fleet.h"

namespace {

using windtunnel::base::RandomStream;
namespace des = windtunnel::des;
using namespace windtunnel::factory;

std::string name_of(int64_t place) { return std::to_string(place); }

Plant loop_of(int64_t places) {
  Plant plant;
  for (int64_t i = 0; i < places; ++i) {
    plant.places.push_back({name_of(i), i == 0 ? 64 : 1, 0});
    plant.lanes.push_back({name_of(i), name_of((i + 1) % places), Duration::s(10), false, 4, true});
  }
  return plant;
}

Plant grid_of(int64_t side) {
  Plant plant;
  for (int64_t i = 0; i < side * side; ++i) {
    plant.places.push_back({name_of(i), i == 0 ? 64 : 1, 0});
    if (i % side > 0) plant.lanes.push_back({name_of(i - 1), name_of(i), Duration::s(10)});
    if (i >= side) plant.lanes.push_back({name_of(i - side), name_of(i), Duration::s(10)});
  }
  return plant;
}

// Makes one call after the other, each between two places.
des::Process caller(Sim& sim, Vehicles& vehicles, uint32_t places, uint64_t index) {
  RandomStream random(1, "calls", index);
  for (;;) {
    const uint32_t from = 1 + static_cast<uint32_t>(random.below(places - 1));
    const uint32_t to = 1 + static_cast<uint32_t>((from + random.below(places - 2)) % (places - 1));
    co_await vehicles.carry({.from = from, .to = to});
    co_await sim.delay(Duration::s(5));
  }
}

void run(benchmark::State& state, const Plant& plant, int64_t count) {
  const Layout layout = Layout::build(plant);
  Fleet fleet;
  fleet.vehicles = count;
  fleet.load = fleet.unload = Duration::s(10);
  Sim sim;
  Vehicles vehicles(sim, layout, fleet);
  for (int64_t i = 0; i < 2 * count; ++i) {
    sim.spawn(
        caller(sim, vehicles, static_cast<uint32_t>(layout.places()), static_cast<uint64_t>(i)));
  }
  sim.run_until(Time::at(Duration::s(20'000)));
  vehicles.restart(sim.now());
  for (auto _ : state) sim.run_until(sim.now() + Duration::s(20'000));
  const FleetOutcome outcome = vehicles.outcome(sim.now());
  state.SetItemsProcessed(outcome.trips);
  const auto trips = static_cast<double>(outcome.trips);
  state.counters["events_per_trip"] = static_cast<double>(sim.events()) / trips;
  state.counters["deadlocks_per_trip"] = static_cast<double>(outcome.deadlocks) / trips;
  state.counters["stuck"] = vehicles.stuck() ? 1 : 0;
}

void loop_of_docks(benchmark::State& state) { run(state, loop_of(24), state.range(0)); }
BENCHMARK(loop_of_docks)->Arg(4)->Arg(16);

void grid_both_ways(benchmark::State& state) { run(state, grid_of(8), state.range(0)); }
BENCHMARK(grid_both_ways)->Arg(4)->Arg(16);

}  // namespace
BENCHMARK_MAIN();
