// For tests of the upkeep: a world with machines, their clocks and crews, without any plant.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "des/confidence.h"
#include "des/replication.h"
#include "factory/upkeep.h"

namespace windtunnel::factory::upkeep_testing {

constexpr Duration hours(int64_t n) { return Duration::s(3600 * n); }
constexpr Time day_at(int64_t day, int64_t hour) { return Time::at(hours(24 * (day - 1) + hour)); }
inline OpenHours day_shift() { return OpenHours({"day", {{1, 5, hours(8), hours(16)}}}); }

struct Machine {
  Machine(Sim& sim, StationClock& station, BarBook& bars, const UpkeepRules& rules, uint32_t index,
          uint64_t seed)
      : clock(station, bars, 0, index),
        upkeep(sim, clock, rules, base::RandomStream(seed, "machine").child(index)) {}
  MachineClock clock;
  Upkeep upkeep;
};

struct World {
  explicit World(uint64_t run_seed = 1, Time end = day_at(30, 0))
      : seed(run_seed), station(hours(24), end) {}
  Sim& kernel() { return sim; }

  Machine& add(UpkeepRules given) {
    rules.push_back(std::move(given));
    const auto index = static_cast<uint32_t>(machines.size());
    return machines.emplace_back(sim, station, bars, rules.back(), index, seed);
  }
  double share(MachineState state) {
    for (Machine& machine : machines) machine.clock.settle(sim.now());
    return station.shares()[static_cast<size_t>(state)];
  }
  Duration time_in(MachineState state) {
    for (Machine& machine : machines) machine.clock.settle(sim.now());
    return Duration::ticks(station.total()[static_cast<size_t>(state)]);
  }
  void restart() {
    for (Machine& machine : machines) machine.clock.settle(sim.now());
    station.restart();
  }

  uint64_t seed;
  Sim sim;
  StationClock station;
  BarBook bars;
  std::deque<UpkeepRules> rules;
  std::deque<Machine> machines;
};

// Operations one after the other, whatever happens; when each ended, and how.
struct Log {
  std::vector<Time> ends;
  int64_t scrapped = 0;
};

inline des::Process work_on(World& world, Machine& machine, Duration length, int64_t count,
                            Log& log) {
  for (int64_t i = 0; i < count; ++i) {
    if (machine.upkeep.undisturbed(length)) {
      machine.upkeep.begin();
      co_await world.sim.delay(length);
      machine.upkeep.end(length);
    } else if (co_await machine.upkeep.work(length) == WorkEnd::kScrapped) {
      ++log.scrapped;
    }
    log.ends.push_back(world.sim.now());
    machine.clock.set(world.sim.now(), MachineState::kStarved);
  }
}

// The 99.9 % interval of replications contains `exact` and is no wider than that share of it.
inline void judge(const std::vector<double>& samples, double exact, double precision) {
  const des::Interval interval = des::confidence_interval(samples, 0.999);
  EXPECT_LE(std::abs(interval.mean - exact), interval.half_width);
  EXPECT_LE(interval.half_width, precision * exact);
}

inline std::vector<double> replicate(const std::function<double(uint64_t)>& run) {
  return des::replicate({.count = 20, .seed = 1, .threads = 2},
                        [&](des::Replication r) { return run(r.seed); });
}

}  // namespace windtunnel::factory::upkeep_testing
