#include "factory/world.h"

#include <algorithm>
#include <string>
#include <utility>

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
      ledger(plant.stations.size()),
      keeps_ledger(!plant.orders.empty()),
      flow(*this),
      stores(*this),
      feeds(*this, run_options.seed) {
  if (plant.layout) vehicles.emplace(sim, *plant.layout, *plant.plant.fleet);
  make_rules();
  make_stations();
  make_streams();
  items.resize(plant.items.size());
  for (ItemBook& book : items) book.finished_by_stretch.resize(stretches(*this));
  active = static_cast<int64_t>(machines.size());  // each looks for work first
  for (const std::unique_ptr<Machine>& machine : machines) sim.spawn(machine->run());
  feeds.start();
}

void World::make_rules() {
  const auto hours_of = [&](uint32_t calendar) {
    return calendar == kNone ? OpenHours() : OpenHours(plant.plant.calendars[calendar]);
  };
  const auto crew_of = [&](uint32_t crew) { return crew == kNone ? nullptr : crews[crew].get(); };
  for (size_t i = 0; i < plant.plant.crews.size(); ++i) {
    const int64_t count = plant.plant.crews[i].count;
    crews.push_back(std::make_unique<Roster>(sim, count, hours_of(plant.crew_calendars[i])));
  }
  for (size_t i = 0; i < plant.stations.size(); ++i) {
    const CompiledStation& made = plant.stations[i];
    const Station& station = plant.plant.stations[i];
    UpkeepRules of_station;
    for (size_t k = 0; k < station.breakdowns.size(); ++k) {
      of_station.modes.push_back({station.breakdowns[k], crew_of(made.repair_crews[k])});
    }
    of_station.outages = station.outages;
    of_station.hours = hours_of(made.calendar);
    of_station.at_shift_end = station.at_shift_end;
    of_station.operators = crew_of(made.operators);
    of_station.operators_needed = station.operators_needed;
    of_station.setup_crew = crew_of(made.setup_crew);
    rules.push_back(std::move(of_station));
  }
}

void World::make_stations() {
  stations.reserve(plant.stations.size());
  for (size_t i = 0; i < plant.stations.size(); ++i) {
    stations.emplace_back(plant.stations[i], plant.plant.stations[i], pieces,
                          StationClock(stretch, end));
  }
  for (uint32_t station = 0; station < stations.size(); ++station) {
    const CompiledStation& made = plant.stations[station];
    for (uint32_t i = 0; i < made.machines.size(); ++i) {
      machines.push_back(std::make_unique<Machine>(*this, station, i, made.machine + i));
    }
  }
}

// A step's chance depends on its item and place in the route alone.
void World::make_streams() {
  for (const CompiledStep& step : plant.steps) {
    const uint32_t first = plant.items[step.item].step;
    const auto position = static_cast<uint64_t>(&step - &plant.steps[first]);
    const base::RandomStream stream =
        base::RandomStream(options.seed, plant.plant.items[step.item].name).child(position);
    streams.push_back({stream.child("time"), stream.child("docking"), stream.child("yield"),
                       stream.child("rework")});
  }
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
  for (const std::unique_ptr<Machine>& machine : machines) machine->restart();
  for (const std::unique_ptr<Roster>& crew : crews) {
    crew->busy().restart(now);
    crew->queue().restart(now);
  }
  for (LoopRun& loop : flow.loops) loop.in_use.restart(now);
  stores.restart(now);
  if (vehicles) vehicles->restart(sim.now());
}

}  // namespace windtunnel::factory
