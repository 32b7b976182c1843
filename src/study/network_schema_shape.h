// The arithmetic of `fabric:`: from a shape and a number of nodes to switches that close.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "fabric/topology.h"
#include "study/network_description.h"

namespace windtunnel::study {

// A mistake of a described key, before it is known where the key is written.
struct KeyProblem {
  std::string key;  // path, such as fabric.nodes
  std::string message;
  std::string hint;
};

// The fabric of the description's shape keys; `topology` (a file) is not looked at. Rates,
// latencies and planes are filled in.
//
//   fat-tree, 3 tiers   radix k, even: k^3/4 nodes in pods of k^2/4, or fewer pods: at least k/4
//                       of them unless radix is given
//   fat-tree, 2 tiers   radix k, even: k^2/2 nodes in leaves of k/2, or fewer leaves, likewise
//   leaf-spine          leaves of nodes_per_leaf, as many spines as a leaf has uplinks
//   rail-optimised      groups of nodes_per_leaf servers; NIC i of each on the group's leaf i
//
// Oversubscription d:u leaves u/d of the uplinks at the lowest switches; it must divide.
tl::expected<fabric::TopologyDescription, KeyProblem> resolve_shape(
    const FabricDescription& fabric);

}  // namespace windtunnel::study
