// Small plants for tests, in as few words as possible.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "factory/model.h"
#include "factory/plant.h"

namespace windtunnel::factory {

inline Duration seconds(double s) { return Duration::from_seconds(s); }
inline TimeDistribution constant(double s) { return TimeDistribution::constant(seconds(s)); }
inline TimeDistribution exponential(double s) { return TimeDistribution::exponential(seconds(s)); }

inline Step step_at(const std::string& station, const TimeDistribution& time) {
  Step step;
  step.station = station;
  step.time = time;
  return step;
}
inline Station station_named(const std::string& name, std::optional<int64_t> buffer = {},
                             int64_t machines = 1) {
  Station station;
  station.name = name;
  station.buffer = buffer;
  station.machines = machines;
  return station;
}
inline Item item_named(const std::string& name, std::vector<Step> route = {}) {
  Item item;
  item.name = name;
  item.route = std::move(route);
  return item;
}
inline Stock stock_of(const std::string& item, std::optional<int64_t> capacity = {}) {
  Stock stock;
  stock.item = item;
  stock.capacity = capacity;
  return stock;
}
inline Release arrivals_of(const std::string& item, const TimeDistribution& between) {
  Release release;
  release.name = item + " arrive";
  release.kind = ReleaseKind::kArrivals;
  release.shares = {{item, 1, 1, {}}};
  release.between = between;
  return release;
}
inline Release endless(const std::string& item) {
  Release release;
  release.name = item + " without end";
  release.kind = ReleaseKind::kSaturated;
  release.shares = {{item, 1, 1, {}}};
  return release;
}

// Stations s0, s1, ... in a row with the same buffer, and an item "piece" that visits them all.
inline Plant line_of(const std::vector<TimeDistribution>& times, std::optional<int64_t> buffer) {
  Plant plant;
  Item item = item_named("piece");
  for (size_t i = 0; i < times.size(); ++i) {
    std::string name = std::to_string(i);
    name.insert(name.begin(), 's');
    plant.stations.push_back(station_named(name, buffer));
    item.route.push_back(step_at(name, times[i]));
  }
  plant.items.push_back(item);
  return plant;
}

inline Plant even_line(size_t stations, const TimeDistribution& time,
                       std::optional<int64_t> buffer) {
  std::vector<TimeDistribution> times;
  for (size_t i = 0; i < stations; ++i) times.push_back(time);
  return line_of(times, buffer);
}

inline Outcome run(const Plant& plant, double measured_s, double warm_up_s = 0, uint64_t seed = 1) {
  const Model model = Model::build(plant);
  RunOptions options;
  options.seed = seed;
  options.warm_up = seconds(warm_up_s);
  options.measured = seconds(measured_s);
  return run_plant(model, options);
}

inline double per_second(const Outcome& outcome, size_t item = 0) {
  return static_cast<double>(outcome.items[item].finished) / outcome.measured.seconds();
}
inline double share(const Outcome& outcome, size_t station, MachineState state) {
  return outcome.stations[station].shares[static_cast<size_t>(state)];
}

}  // namespace windtunnel::factory
