// Memory a run may take: what the machine has left, what the process is allowed, and whether an
// estimate fits. Running out half way would lose the run, or the machine to swapping, so it is
// refused before it begins.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace windtunnel::study {

// The scarcest of several limits.
struct MemoryRoom {
  base::Bytes bytes;
  std::string of;  // whose limit: "this machine has", "this container (cgroup) has"
};

// Where the kernel says so: `proc` and `cgroup` are the folders /proc and /sys/fs/cgroup, or a
// test's copies of them. Looks at MemAvailable, and at the limits of every control group around
// this process (version 2: memory.max, memory.high; version 1: memory.limit_in_bytes), each less
// what its group uses and cannot give back. Empty when nothing is said.
std::optional<MemoryRoom> memory_room(const std::string& proc = "/proc",
                                      const std::string& cgroup = "/sys/fs/cgroup");

struct MemoryDemand {
  base::Bytes need;                  // of one run
  std::optional<base::Bytes> limit;  // limits.memory of the scenario
  int runs_at_a_time = 1;
  bool force = false;  // run although there is less; `limit` holds nevertheless
};
// Errors: what is needed, what there is, and what to do about it.
base::Status check_memory(const MemoryDemand& demand, const std::optional<MemoryRoom>& room);

// "needs about 120 MB of memory (12.3 GB are free)", with the number of runs where there are
// several.
std::string memory_text(const MemoryDemand& demand, const std::optional<MemoryRoom>& room);

}  // namespace windtunnel::study
