// A host scenario from its description to its measurements.
#pragma once

#include <string>
#include <vector>

#include "report/measurements.h"
#include "study/commands.h"
#include "study/host_schema.h"

namespace windtunnel::study {

struct HostRun {
  report::Measurements measurements;
  std::string links_csv;  // every lane: from, to, kind, rate, busy share, data
  Progress progress;
  bool stopped = false;  // the observer said so; measurements are empty then
};

// Error: the policy of a server leaves no way for an item of traffic, with the place of the item.
base::Result<HostRun> run_host(const HostScenario& scenario, Observer& observer);

// Metrics, per flow NAME of the scenario and for all:
//   flow.NAME.bandwidth             bit/s of payload in place
//   flow.NAME.latency.{mean,p50,p99}  s, of one operation of `block` bytes
//   flow.NAME.operations, bandwidth.total
//   item.NAME.bandwidth             of all flows of an item of traffic that makes several
//   link.LANE.busy                  share of time, of the ten busiest lanes
//   parts.{nics,nics_with_switch,switch_chips,switch_lanes,root_lanes,links}

}  // namespace windtunnel::study
