// From the description of a collective to what runs: the network's plan, where the ranks sit, the
// collective, and the closed form it is held against.
#pragma once

#include <memory>
#include <vector>

#include "cluster/bounds.h"
#include "cluster/collectives.h"
#include "node/message_types.h"
#include "study/collective_description.h"
#include "study/network_plan.h"

namespace windtunnel::study {

struct CollectiveScenario {
  CollectiveDescription description;
  NetworkScenario network;  // the sections of a network, with the nodes the servers need
  cluster::CollectiveSpec spec;
  std::vector<uint32_t> gpu_of_rank;
};

using CollectiveResult = tl::expected<CollectiveScenario, std::vector<base::Error>>;

// From a tree of this kind, overrides applied. Errors are all that were found.
CollectiveResult read_collective(const scenario::Node& root);
std::string collective_schema();

// The GPU of each rank.
std::vector<uint32_t> place_ranks(const CollectiveDescription& description);

struct CollectivePlan {
  NetworkPlan network;
  node::ServerShape shape;
  node::ServerFabric server;
  node::DmaPath dma;
  node::Background background;
  base::Bytes posted_max;    // two bandwidth-delay products
  base::Duration bound;      // alpha-beta closed form of the algorithm, headers included
  base::Duration no_faster;  // no algorithm can
};

// Errors name the key and where it is written.
base::Result<CollectivePlan> plan_collective(const CollectiveScenario& scenario);

}  // namespace windtunnel::study
