// From a finished host run to measurements: flows, lanes, parts, and what limited the run.
#pragma once

#include <string>
#include <vector>

#include "node/host_machine.h"
#include "node/host_traffic.h"
#include "report/measurements.h"
#include "study/host_schema.h"

namespace windtunnel::study {

struct HostOutcome {
  const HostScenario& scenario;
  const node::HostMachine& machine;
  std::vector<node::HostFlowResult> flows;  // as scenario.flows
  base::Duration measured;                  // length of the measurement
};

// Of the measurement, in which a lane was busy.
double busy_share(const HostOutcome& outcome, uint32_t lane);

// Everything but title, scenario, fingerprint and run.
report::Measurements measure_host(const HostOutcome& outcome);
std::string host_links_csv(const HostOutcome& outcome);

}  // namespace windtunnel::study
