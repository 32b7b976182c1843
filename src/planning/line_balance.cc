#include "planning/line_balance.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "planning/ideal_layers.h"

namespace windtunnel::planning {
namespace {

void check_tasks(const LineTasks& tasks) {
  WT_CHECK(tasks.times.size() <= kLineTasksMax, "no more tasks than kLineTasksMax");
  for (const int64_t time : tasks.times)
    WT_CHECK(time >= 0 && time <= kTaskTimeMax, "time is within kTaskTimeMax");
  for (const auto& [first, second] : tasks.precedences)
    WT_CHECK(first < tasks.times.size() && second < tasks.times.size(), "precedences name tasks");
  WT_CHECK(precedence_ring(tasks).empty(), "no task waits for itself");
}

int64_t total(std::span<const int64_t> times) {
  return std::accumulate(times.begin(), times.end(), int64_t{0});
}
int64_t longest(std::span<const int64_t> values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}
int64_t divided_up(int64_t a, int64_t b) { return b == 0 ? 0 : (a + b - 1) / b; }

LineBalance balance_of(const LineTasks& tasks, std::vector<uint32_t> station_of) {
  LineBalance balance{std::move(station_of), {}, {}};
  for (const uint32_t station : balance.station_of)
    balance.stations.value = std::max<int64_t>(balance.stations.value, station + 1);
  balance.cycle_time.value = longest(station_loads(tasks.times, balance));
  return balance;
}

}  // namespace

std::vector<uint32_t> precedence_ring(const LineTasks& tasks) {
  // Takes away tasks that wait for nothing; what cannot be taken away leads back into a ring.
  std::vector<std::vector<uint32_t>> before(tasks.times.size());
  std::vector<std::vector<uint32_t>> after(tasks.times.size());
  for (const auto& [first, second] : tasks.precedences) {
    before[second].push_back(first);
    after[first].push_back(second);
  }
  std::vector<size_t> waits(before.size());
  std::vector<uint32_t> free;
  for (uint32_t task = 0; task < before.size(); ++task)
    if ((waits[task] = before[task].size()) == 0) free.push_back(task);
  for (size_t i = 0; i < free.size(); ++i)
    for (const uint32_t next : after[free[i]])
      if (--waits[next] == 0) free.push_back(next);
  if (free.size() == before.size()) return {};
  uint32_t at = 0;
  while (waits[at] == 0) ++at;
  std::vector<uint32_t> walk;
  while (std::find(walk.begin(), walk.end(), at) == walk.end()) {
    walk.push_back(at);
    at = *std::find_if(before[at].begin(), before[at].end(),
                       [&](uint32_t task) { return waits[task] > 0; });
  }
  std::vector<uint32_t> ring(std::find(walk.begin(), walk.end(), at), walk.end());
  std::reverse(ring.begin(), ring.end());
  return ring;
}

int64_t stations_bound(std::span<const int64_t> times, int64_t cycle_time) {
  const int64_t by_work = divided_up(total(times), cycle_time);
  int64_t halves = 0;  // in half stations: longer than a half, and exactly a half
  int64_t sixths = 0;  // longer than 2/3: 6, exactly 2/3: 4, above 1/3: 3, exactly 1/3: 2
  for (const int64_t time : times) {
    halves += 2 * time > cycle_time ? 2 : (2 * time == cycle_time ? 1 : 0);
    if (3 * time > 2 * cycle_time) {
      sixths += 6;
    } else if (3 * time == 2 * cycle_time) {
      sixths += 4;
    } else if (3 * time > cycle_time) {
      sixths += 3;
    } else if (3 * time == cycle_time) {
      sixths += 2;
    }
  }
  const int64_t some = times.empty() ? 0 : 1;
  if (cycle_time == 0) return some;
  return std::max({some, by_work, divided_up(halves, 2), divided_up(sixths, 6)});
}

std::vector<int64_t> station_loads(std::span<const int64_t> times, const LineBalance& balance) {
  std::vector<int64_t> loads(static_cast<size_t>(balance.stations.value), 0);
  for (size_t task = 0; task < times.size(); ++task) loads[balance.station_of[task]] += times[task];
  return loads;
}

std::optional<LineBalance> fewest_stations(const LineTasks& tasks, int64_t cycle_time,
                                           const BalanceLimits& limits) {
  check_tasks(tasks);
  WT_CHECK(cycle_time >= 0 && cycle_time <= kTaskTimeMax, "cycle time is within kTaskTimeMax");
  if (longest(tasks.times) > cycle_time) return std::nullopt;
  IdealLayers layers(tasks, std::max<size_t>(1, limits.width));
  int64_t bound = stations_bound(tasks.times, cycle_time);
  for (int64_t stations = bound;; ++stations) {
    IdealLayers::Answer answer = layers.fit(cycle_time, stations);
    if (!answer.feasible) {
      if (answer.complete && bound == stations) bound = stations + 1;
      continue;
    }
    LineBalance balance = balance_of(tasks, std::move(answer.station_of));
    balance.stations.lower_bound = bound;
    return balance;
  }
}

LineBalance shortest_cycle(const LineTasks& tasks, size_t stations, const BalanceLimits& limits) {
  check_tasks(tasks);
  WT_CHECK(stations > 0, "a line has a station");
  const auto count = static_cast<int64_t>(stations);
  IdealLayers layers(tasks, std::max<size_t>(1, limits.width));
  LineBalance best =
      balance_of(tasks, std::vector<uint32_t>(tasks.times.size(), 0));  // all in one station
  int64_t bound = std::max(longest(tasks.times), divided_up(total(tasks.times), count));
  bool proved = true;  // `bound` counts what was refuted, and not only what was not found
  int64_t low = bound;
  int64_t step = 1;  // the answer is mostly near the bound: look there first, then by halves
  while (low < best.cycle_time.value) {
    const int64_t half = low + (best.cycle_time.value - low) / 2;
    const int64_t tried = std::min(half, low + step - 1);
    IdealLayers::Answer answer = layers.fit(tried, count);
    if (answer.feasible) {
      best = balance_of(tasks, std::move(answer.station_of));
    } else {
      low = tried + 1;
      step *= 2;
      proved = proved && answer.complete;
      if (proved) bound = low;
    }
  }
  best.cycle_time.lower_bound = bound;
  best.stations.lower_bound = best.stations.value;
  return best;
}

}  // namespace windtunnel::planning
