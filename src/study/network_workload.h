// Workload of a scenario: generated, or its htsim connection matrix.
#pragma once

#include "base/result.h"
#include "fabric/topology.h"
#include "node/workload.h"
#include "study/network_schema.h"

namespace windtunnel::study {

// Errors name the keys.
base::Result<node::Workload> plan_workload(const NetworkScenario& scenario,
                                           const fabric::Topology& topology);

}  // namespace windtunnel::study
