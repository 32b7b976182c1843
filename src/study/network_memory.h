// Memory of a network run, reckoned before anything is laid out: from the description, the size of
// the fabric and the number of flows, never from the flows themselves.
#pragma once

#include "base/units.h"
#include "study/network_schema.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {

// Resident memory that a run needs; an upper estimate. Tests compare it with what runs take.
base::Bytes estimate_memory(const NetworkScenario& scenario, const RunRequest& request);

}  // namespace windtunnel::study
