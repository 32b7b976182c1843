#include "planning/mixed_line.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::planning {

int64_t MixedLine::total_share() const {
  int64_t sum = 0;
  for (const LineModel& model : models) sum += model.share;
  return sum;
}

LineTasks MixedLine::weighted() const {
  LineTasks tasks;
  tasks.precedences = precedences;
  for (const LineModel& model : models) {
    WT_CHECK(model.share >= 1, "a model of the mix is made");
    WT_CHECK(model.times.size() == models.front().times.size(), "every model has all tasks");
    tasks.times.resize(model.times.size(), 0);
    for (size_t task = 0; task < model.times.size(); ++task)
      tasks.times[task] += model.share * model.times[task];
  }
  return tasks;
}

MixedBalance balance_mixed_line(const MixedLine& line, size_t stations,
                                const BalanceLimits& limits) {
  MixedBalance mixed;
  mixed.balance = shortest_cycle(line.weighted(), stations, limits);
  if (line.models.empty()) return mixed;
  mixed.mean_cycle_time =
      static_cast<double>(mixed.balance.cycle_time.value) / static_cast<double>(line.total_share());
  for (const LineModel& model : line.models) {
    const std::vector<int64_t> loads = station_loads(model.times, mixed.balance);
    const auto longest = std::max_element(loads.begin(), loads.end());
    if (longest == loads.end()) {
      mixed.bottlenecks.push_back({});
    } else {
      mixed.bottlenecks.push_back({static_cast<size_t>(longest - loads.begin()), *longest});
    }
  }
  return mixed;
}

}  // namespace windtunnel::planning
