// From what the user wrote to what the rooms below run: every `auto` resolved, faults expanded to
// links, flows laid out. Pure: the same description gives the same plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "braid/config.h"
#include "fabric/network.h"
#include "fabric/topology.h"
#include "node/roce_nic.h"
#include "node/workload.h"
#include "report/measurements.h"
#include "study/network_schema.h"

namespace windtunnel::study {

struct NetworkPlan {
  NetworkDescription description;
  fabric::Topology topology;  // of hosts numbered by position
  fabric::QueueSettings queue;
  std::vector<fabric::Fault> faults;
  node::Workload workload;
  braid::EndpointConfig braid;  // frame sizes and round trip hold for either transport
  node::RoceNicOptions roce;

  base::Duration base_rtt;  // unloaded round trip of the longest path
  int64_t bdp_packets = 0;  // base_rtt x link rate, in whole packets, rounded up
  base::Duration rto_min;
  std::vector<fabric::PortEnd> watched_queues;  // of output.series_queues
  std::vector<report::Assumption> assumptions;
};

// Switches and links of the fabric or of its topology file.
base::Result<fabric::TopologyDescription> describe_topology(const NetworkScenario& scenario);

// Errors name the key and where it is written.
base::Result<NetworkPlan> plan_network(const NetworkScenario& scenario);

// What a lossless network is promised and this one cannot keep: queues too small for what still
// flies when a pause is on its way. Empty where queues drop or trim, or hold enough.
std::optional<base::Error> pfc_warning(const NetworkPlan& plan);

// Links a selector means, in its order. Error when an index is outside the network.
base::Result<std::vector<fabric::PortEnd>> select_links(const fabric::Topology& topology,
                                                        const LinkSelector& selector,
                                                        std::optional<int64_t> count);
base::Result<std::vector<fabric::Fault>> plan_faults(const fabric::Topology& topology,
                                                     const std::vector<FaultDescription>& faults);

// `failure` lines of a matrix: links that are down from the start, in both directions.
base::Result<std::vector<fabric::Fault>> matrix_failures(const fabric::Topology& topology,
                                                         const ConnectionMatrix& matrix);

}  // namespace windtunnel::study
