#include "factory/world.h"

#include <algorithm>
#include <string>

namespace windtunnel::factory {
namespace {

constexpr Duration kMinute = Duration::s(60);

// As many stretches as are wanted at most, each a whole number of minutes where that is not
// nothing.
Duration stretch_of(const RunOptions& options) {
  const int64_t count = std::max<int64_t>(1, static_cast<int64_t>(options.stretches_max));
  const Duration whole = options.warm_up + options.measured;
  Duration stretch = Duration::ticks(std::max<int64_t>(1, (whole.ticks() + count - 1) / count));
  if (stretch > kMinute) {
    stretch = kMinute * ((stretch.ticks() + kMinute.ticks() - 1) / kMinute.ticks());
  }
  return stretch;
}

size_t stretches(const World& world) {
  return static_cast<size_t>((world.end.ticks() + world.stretch.ticks() - 1) /
                             world.stretch.ticks());
}

}  // namespace

World::World(const CompiledPlant& compiled, const RunOptions& run_options)
    : plant(compiled),
      options(run_options),
      end(Time::at(run_options.warm_up + run_options.measured)),
      stretch(stretch_of(run_options)),
      bars(run_options.gantt, run_options.bars_max),
      in_process(0, stretch.ticks(), std::max<size_t>(2, (stretches(*this) + 1) / 2 * 2)),
      flow(*this),
      stores(*this),
      feeds(*this, run_options.seed) {
  stations.reserve(plant.stations.size());
  for (size_t i = 0; i < plant.stations.size(); ++i) {
    stations.emplace_back(plant.stations[i], plant.plant.stations[i], pieces,
                          StationClock(stretch, end));
  }
  for (const CompiledStep& step : plant.steps) {
    const uint32_t first = plant.items[step.item].step;
    const auto position = static_cast<uint64_t>(&step - &plant.steps[first]);
    const base::RandomStream stream =
        base::RandomStream(options.seed, plant.plant.items[step.item].name).child(position);
    streams.push_back({stream.child("time"), stream.child("docking"), stream.child("yield"),
                       stream.child("rework")});
  }
  items.resize(plant.items.size());
  for (ItemBook& book : items) book.finished_by_stretch.resize(stretches(*this));
  for (uint32_t station = 0; station < stations.size(); ++station) {
    const CompiledStation& made = plant.stations[station];
    for (uint32_t i = 0; i < made.machines.size(); ++i) {
      machines.push_back(std::make_unique<Machine>(*this, station, i, made.machine + i));
    }
  }
  for (const std::unique_ptr<Machine>& machine : machines) sim.spawn(machine->run());
  feeds.start();
}

void World::settle_clocks() {
  for (const std::unique_ptr<Machine>& machine : machines) machine->clock.settle(sim.now());
}

void World::restart() {
  settle_clocks();
  const int64_t now = sim.now_ticks();
  for (StationRun& station : stations) {
    station.clock.restart();
    station.book.restart(now);
  }
  for (ItemBook& item : items) item.restart(now);
  for (LoopRun& loop : flow.loops) loop.in_use.restart(now);
  stores.restart(now);
}

}  // namespace windtunnel::factory
