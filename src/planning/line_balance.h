// Assembly line balancing: which station does which task, when some tasks must precede others.
//
// Simple assembly line balancing has two forms. SALBP-1: fewest stations for a cycle time; SALBP-2:
// shortest cycle time for a number of stations. Both by dynamic programming over ideals (sets of
// tasks that hold all their predecessors; Jackson 1956, Held, Karp and Shareshian 1963), station
// load against station load, pruned by the work that remains. As long as no layer holds more than
// `width` ideals the answer is exact; beyond, the most promising stay and the bound says how far
// the answer may be off (bounded dynamic programming, Bautista and Pereira 2009).
//
// Times are whole numbers of one unit that the caller chooses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "planning/search.h"

namespace windtunnel::planning {

inline constexpr size_t kLineTasksMax = 256;
inline constexpr int64_t kTaskTimeMax = int64_t{1} << 40;

struct LineTasks {
  std::vector<int64_t> times = {};                              // each at least 0
  std::vector<std::pair<uint32_t, uint32_t>> precedences = {};  // first before second
};

// Tasks that wait for each other in a ring, each before the next; empty when there are none.
std::vector<uint32_t> precedence_ring(const LineTasks& tasks);

struct LineBalance {
  std::vector<uint32_t> station_of;  // by task, from 0
  Bounded stations;
  Bounded cycle_time;  // the longest station's load, and what no line of so many can go below
};

struct BalanceLimits {
  size_t width = 20'000;  // ideals kept per layer: about 100 bytes each, and 8 per layer and ideal
};

// Nothing when a task is longer than the cycle. The bound of the result's cycle time is 0.
std::optional<LineBalance> fewest_stations(const LineTasks& tasks, int64_t cycle_time,
                                           const BalanceLimits& limits = {});

// At least one station.
LineBalance shortest_cycle(const LineTasks& tasks, size_t stations,
                           const BalanceLimits& limits = {});

// Stations that no balance can do without: by total work, and by tasks of which no two, or no
// three, fit together (Scholl and Becker 2006, bounds 1 to 3).
int64_t stations_bound(std::span<const int64_t> times, int64_t cycle_time);

// Work of each station.
std::vector<int64_t> station_loads(std::span<const int64_t> times, const LineBalance& balance);

}  // namespace windtunnel::planning
