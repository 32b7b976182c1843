// Topology of a scenario: from its shape or from its htsim file.
#pragma once

#include "base/result.h"
#include "fabric/topology.h"
#include "study/network_schema.h"

namespace windtunnel::study {

// Errors name the keys.
base::Result<fabric::TopologyDescription> plan_topology(const NetworkScenario& scenario);

}  // namespace windtunnel::study
