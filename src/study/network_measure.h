// From a finished world to measurements: what a network run reports, and what limited it.
#pragma once

#include "report/measurements.h"
#include "study/network_world.h"

namespace windtunnel::study {

// Everything but `scenario`, `title` and `run`. Completion times count from a flow's start to the
// sender's knowledge that everything has arrived.
report::Measurements measure(const NetworkWorld& world);

// A network that has run, whatever its hosts did.
struct NetworkView {
  const NetworkPlan& plan;
  const fabric::Network& network;
  const NetworkSampler& sampler;
  node::NicTotals nics;
  base::Duration period;  // in which the hosts had something to do
};
NetworkView view_of(const NetworkWorld& world);

// Metrics of packets and queues; series of links and queues.
void add_network_metrics(report::Measurements& m, const NetworkView& view);
void add_network_series(report::Measurements& m, const NetworkView& view);

// The link that was busy for the largest share of the run, and what that means for the flows.
report::Bottleneck find_bottleneck(const NetworkView& view);

}  // namespace windtunnel::study
