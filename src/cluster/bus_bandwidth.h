// Bandwidth as nccl-tests report it (doc/PERFORMANCE.md of NVIDIA/nccl-tests, "Summary"): algbw is
// size over time, busbw is algbw times a factor that makes it comparable with the rate of a port,
// whatever the number of ranks.
#pragma once

#include "base/units.h"
#include "cluster/collective.h"

namespace windtunnel::cluster {

// all-reduce 2 (n - 1) / n; reduce-scatter, all-gather, all-to-all (n - 1) / n; broadcast and
// send 1. One rank moves nothing: its factor is 0, except for broadcast.
constexpr base::Ratio bus_factor(Operation operation, uint32_t ranks) {
  const int64_t n = ranks;
  switch (operation) {
    case Operation::kAllReduce:
      return {2 * (n - 1), n};
    case Operation::kReduceScatter:
    case Operation::kAllGather:
    case Operation::kAllToAll:
      return {n - 1, n};
    default:
      return {1, 1};
  }
}

struct Bandwidth {
  base::Rate algorithm;  // algbw
  base::Rate bus;        // busbw
};

// Both rounded down; zero for an empty span.
constexpr Bandwidth bandwidth_of(const Goal& goal, uint32_t ranks, base::Duration time) {
  if (time.ps() <= 0) return {};
  const base::Ratio factor = bus_factor(goal.operation, ranks);
  const base::Int128 moved = static_cast<base::Int128>(goal.bytes.count()) * factor.part * 8 *
                             base::Picoseconds::kPerSecond;
  const base::Int128 bus = moved / (static_cast<base::Int128>(time.ps()) * factor.whole);
  return {base::average_rate(goal.bytes, time),
          base::Rate::bits_per_second(static_cast<int64_t>(bus))};
}

}  // namespace windtunnel::cluster
