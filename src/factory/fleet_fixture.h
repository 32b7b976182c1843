// For tests of the vehicles: a layout written in a few lines, calls, and a watch over every event.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "factory/fleet.h"

namespace windtunnel::factory::fleet_testing {

inline Plant plant_of(int64_t places, std::vector<Lane> lanes) {
  Plant plant;
  for (int64_t i = 0; i < places; ++i) plant.places.push_back({.name = std::to_string(i)});
  plant.lanes = std::move(lanes);
  return plant;
}
inline Lane one_way(int64_t from, int64_t to, int64_t seconds, int64_t room = 1) {
  return {std::to_string(from), std::to_string(to), Duration::s(seconds), false, room, true};
}
inline Lane both_ways(int64_t from, int64_t to, int64_t seconds) {
  return {std::to_string(from), std::to_string(to), Duration::s(seconds), true, 1, true};
}

struct Shop {
  Shop(const Plant& plant, const Fleet& fleet)
      : layout(Layout::build(plant)), vehicles(sim, layout, fleet) {
    sim.set_tap({&vehicles, [](void* object, const des::Event&) {
                   auto* const v = static_cast<Vehicles*>(object);
                   ASSERT_TRUE(v->traffic().sound());
                 }});
  }
  Sim& kernel() { return sim; }

  // A call at that second; its end in seconds goes to `ends`.
  void call_at(int64_t second, uint32_t from, uint32_t to, int64_t pieces = 1) {
    ends.push_back(-1);
    sim.spawn(make_call(second, {from, to, pieces}, ends.size() - 1));
  }
  des::Process make_call(int64_t second, Move move, size_t index) {
    co_await sim.delay(Duration::s(second));
    co_await vehicles.carry(move);
    ends[index] = sim.now().seconds();
    ++served;
  }
  void run_until(int64_t second) { sim.run_until(Time::at(Duration::s(second))); }
  FleetOutcome outcome() const { return vehicles.outcome(sim.now()); }

  Sim sim;
  Layout layout;
  Vehicles vehicles;
  std::vector<double> ends;
  int64_t served = 0;
};

inline Fleet fleet_of(int64_t vehicles, int64_t load = 10, int64_t unload = 10) {
  Fleet fleet;
  fleet.vehicles = vehicles;
  fleet.load = Duration::s(load);
  fleet.unload = Duration::s(unload);
  return fleet;
}

}  // namespace windtunnel::factory::fleet_testing
