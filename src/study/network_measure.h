// From a finished world to measurements: what a network run reports, and what limited it.
#pragma once

#include "report/measurements.h"
#include "study/network_world.h"

namespace windtunnel::study {

// Everything but `scenario`, `title` and `run`. Completion times count from a flow's start to the
// sender's knowledge that everything has arrived.
report::Measurements measure(const NetworkWorld& world);

// The link that was busy for the largest share of the run, and what that means for the flows.
report::Bottleneck find_bottleneck(const NetworkWorld& world);

}  // namespace windtunnel::study
