// What a fault during a collective did to the rate at which data arrived, and how long it took
// until the rate was where it settled afterwards.
#pragma once

#include <optional>
#include <vector>

#include "base/units.h"
#include "fabric/fault.h"
#include "fabric/topology.h"
#include "report/measurements.h"
#include "study/collective_world.h"

namespace windtunnel::study {

// Of rates sampled at equal intervals. A rate is the mean of an interval and its neighbours on the
// same side of the fault.
//
//   before     mean of the second half of the time before the fault
//   after      where it settles: mean of the second half of the time between fault and `end`
//   lowest     the lowest rate between fault and `end`
//   recovered  the interval, the lowest one or one behind it, in which the rate is where it settles
//              but for 10 %, or twice what it fell of itself before the fault; the fault's own when
//              the lowest is no lower; empty when none is
struct Recovery {
  double before = 0;
  double after = 0;
  double lowest = 0;
  std::optional<size_t> recovered = {};
};

// `fault` is the interval in which it came; `end` the first that no longer counts, because those
// who are done early leave the others alone. Empty when either side of the fault is shorter than
// four intervals.
std::optional<Recovery> find_recovery(const std::vector<double>& rates, size_t fault, size_t end);

// The positions below the links that the faults touch: of a cable between switches those below the
// lower one. All false: no fault comes after the beginning.
std::vector<bool> hosts_touched(const fabric::Topology& topology,
                                const std::vector<fabric::Fault>& faults);

// Metrics `recovery.*` and the series `recovery.rate`; nothing for a run without a fault after its
// beginning.
void add_recovery(report::Measurements& m, const CollectiveWorld& world);

}  // namespace windtunnel::study
