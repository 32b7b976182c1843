// What a run costs this machine: processor time, wall time, memory. The only part of the library
// that reads clocks, and nothing it returns may reach a simulation.
#pragma once

#include <cstdint>

#include "base/units.h"

namespace windtunnel::study {

struct Stamp {
  double cpu_seconds = 0;  // user and system
  double wall_seconds = 0;
};
// CPU time of the calling thread alone, so that runs beside each other are told apart, or of the
// whole process for a run on several threads.
Stamp stamp(uint32_t threads);

// Largest resident set of the process so far.
base::Bytes peak_rss();

}  // namespace windtunnel::study
