#include "study/network_schema_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace windtunnel::study {
namespace {

using fabric::TopologyDescription;
using Shaped = tl::expected<TopologyDescription, KeyProblem>;

constexpr int64_t kPortsMax = 4'096;      // of a switch, as fabric::Inlet has it
constexpr int64_t kUnitsMax = 1'048'576;  // nodes and switches together, likewise

tl::unexpected<KeyProblem> problem(std::string key, std::string message, std::string hint = {}) {
  return tl::unexpected(
      KeyProblem{"fabric." + std::move(key), std::move(message), std::move(hint)});
}

uint32_t port_count(int64_t n) { return static_cast<uint32_t>(n); }

// Uplinks of a lowest switch with `down` node ports; 0 when they do not divide.
int64_t uplinks(int64_t down, Ratio oversubscription) {
  const int64_t product = down * oversubscription.whole;
  return product % oversubscription.part == 0 ? product / oversubscription.part : 0;
}

tl::unexpected<KeyProblem> uneven_uplinks(int64_t down, Ratio o) {
  const std::string ratio = fmt::format("{}:{}", o.part, o.whole);
  return problem("oversubscription",
                 fmt::format("{} node ports of a lowest switch leave no whole number of uplinks "
                             "at {}",
                             down, ratio),
                 fmt::format("the ports must be a multiple of {}", o.part));
}

int64_t nodes_of_radix(int64_t k, int64_t tiers) { return tiers == 3 ? k * k * k / 4 : k * k / 2; }

// The largest even radix whose full tree has at most this many nodes (at least 2).
int64_t radix_below(int64_t nodes, int64_t tiers) {
  int64_t k = 2;
  while (nodes_of_radix(k + 2, tiers) <= nodes) k += 2;
  return k;
}

// The smallest even radix whose tree has exactly this many nodes when it is full, or with at least
// a quarter of its pods (leaves) present.
std::optional<int64_t> radix_auto(int64_t nodes, int64_t tiers) {
  for (int64_t k = radix_below(nodes, tiers); k <= kPortsMax; k += 2) {
    const int64_t part = tiers == 3 ? k * k / 4 : k / 2;
    const int64_t parts = nodes / part;
    if (4 * parts < k) return std::nullopt;
    if (nodes % part == 0 && parts <= k) return k;
  }
  return std::nullopt;
}

// Radix of the fat tree, checked against the number of nodes.
tl::expected<int64_t, KeyProblem> fat_tree_radix(const FabricDescription& fabric) {
  const int64_t tiers = fabric.tiers;
  const char* formula = tiers == 3 ? "k^3/4" : "k^2/2";
  if (!fabric.radix) {
    if (const auto k = radix_auto(fabric.nodes, tiers)) return *k;
    const int64_t k = radix_below(fabric.nodes, tiers);
    return problem(
        "nodes",
        fmt::format("{} nodes do not close a fat tree of {} tiers, which has {} for an even k, or "
                    "at least a quarter of its {}",
                    fabric.nodes, tiers, formula, tiers == 3 ? "pods" : "leaves"),
        fmt::format("nearest full ones: {} (k = {}) and {} (k = {}); or give fabric.radix",
                    nodes_of_radix(k, tiers), k, nodes_of_radix(k + 2, tiers), k + 2));
  }
  const int64_t k = *fabric.radix;
  if (k % 2 != 0) return problem("radix", fmt::format("found {}, expected an even number", k));
  const int64_t part = tiers == 3 ? k * k / 4 : k / 2;
  if (fabric.nodes % part == 0 && fabric.nodes / part <= k) return k;
  const int64_t full = nodes_of_radix(k, tiers);
  const int64_t below = std::max(std::min(fabric.nodes / part * part, full), part);
  const int64_t above = std::min(below + part, full);
  return problem("nodes",
                 fmt::format("{} nodes are not whole {} of {} nodes (switches of radix {}, at most "
                             "{} of them)",
                             fabric.nodes, tiers == 3 ? "pods" : "leaves", part, k, k),
                 below == above ? fmt::format("nearest: {}", below)
                                : fmt::format("nearest: {} and {}", below, above));
}

Shaped fat_tree(const FabricDescription& fabric) {
  const auto radix = fat_tree_radix(fabric);
  if (!radix) return tl::unexpected(radix.error());
  const int64_t half = *radix / 2;
  const int64_t up = uplinks(half, fabric.oversubscription);
  if (up == 0) return uneven_uplinks(half, fabric.oversubscription);
  TopologyDescription d;
  d.hosts = port_count(fabric.nodes);
  d.pod_hosts = port_count(fabric.tiers == 3 ? half * half : fabric.nodes);
  d.tiers.resize(static_cast<size_t>(fabric.tiers));
  d.tiers[0].down = port_count(half);
  d.tiers[0].up = port_count(up);
  d.tiers[1].down = port_count(fabric.tiers == 3 ? half : fabric.nodes / half);
  if (fabric.tiers == 3) {
    d.tiers[1].up = port_count(half);
    d.tiers[2].down = port_count(fabric.nodes / (half * half));
  }
  return d;
}

// A leaf-spine of leaves with `down` nodes each.
Shaped leaves(const FabricDescription& fabric, int64_t down) {
  const int64_t up = uplinks(down, fabric.oversubscription);
  if (up == 0) return uneven_uplinks(down, fabric.oversubscription);
  const int64_t count = fabric.nodes / down;
  if (down + up > kPortsMax || count > kPortsMax)
    return problem("nodes_per_leaf",
                   fmt::format("{} leaves of {} nodes need switches of {} ports, more than {}",
                               count, down, std::max(down + up, count), kPortsMax));
  if (fabric.radix && std::max(down + up, count) > *fabric.radix)
    return problem("radix", fmt::format("found {}, but a leaf has {} + {} ports and a spine {}",
                                        *fabric.radix, down, up, count));
  TopologyDescription d;
  d.hosts = d.pod_hosts = port_count(fabric.nodes);
  d.tiers.resize(2);
  d.tiers[0].down = port_count(down);
  d.tiers[0].up = port_count(up);
  d.tiers[1].down = port_count(count);
  return d;
}

// The fewest nodes per leaf such that spines have no more than twice the ports of a leaf's lower
// half: what half-and-half switches of one size can do.
int64_t nodes_per_leaf_auto(int64_t nodes, Ratio oversubscription) {
  for (int64_t down = 1; down < nodes && down < kPortsMax; ++down) {
    const bool even = nodes % down == 0 && uplinks(down, oversubscription) > 0;
    if (even && nodes / down <= 2 * down) return down;
  }
  return nodes;
}

Shaped leaf_spine(const FabricDescription& fabric) {
  int64_t down = nodes_per_leaf_auto(fabric.nodes, fabric.oversubscription);
  std::string key = "nodes";
  if (fabric.nodes_per_leaf) {
    down = *fabric.nodes_per_leaf;
    key = "nodes_per_leaf";
  } else if (fabric.radix) {
    const Ratio o = fabric.oversubscription;
    down = std::min(*fabric.radix * o.part / (o.part + o.whole), fabric.nodes);
    key = "radix";
  }
  if (down < 1 || fabric.nodes % down != 0)
    return problem(key, fmt::format("{} nodes are not whole leaves of {}", fabric.nodes, down),
                   "give fabric.nodes_per_leaf, a divisor of fabric.nodes");
  return leaves(fabric, down);
}

// Largest divisor up to 64, the usual number of server ports on a leaf.
int64_t servers_per_group_auto(int64_t servers, Ratio oversubscription) {
  for (int64_t group = std::min<int64_t>(servers, 64); group > 1; --group)
    if (servers % group == 0 && uplinks(group, oversubscription) > 0) return group;
  return 1;
}

Shaped rail_optimised(const FabricDescription& fabric) {
  if (fabric.nodes % fabric.rails != 0)
    return problem(
        "rails",
        fmt::format("{} nodes are not whole servers of {} NICs", fabric.nodes, fabric.rails),
        fmt::format("nearest: fabric.nodes {} and {}",
                    std::max(fabric.nodes / fabric.rails, int64_t{1}) * fabric.rails,
                    (fabric.nodes / fabric.rails + 1) * fabric.rails));
  const int64_t servers = fabric.nodes / fabric.rails;
  const int64_t group =
      fabric.nodes_per_leaf.value_or(servers_per_group_auto(servers, fabric.oversubscription));
  if (servers % group != 0)
    return problem("nodes_per_leaf",
                   fmt::format("{} servers are not whole groups of {}", servers, group));
  Shaped shaped = leaves(fabric, group);
  if (shaped) shaped->rails = port_count(fabric.rails);
  return shaped;
}

Shaped shape_of(const FabricDescription& fabric) {
  switch (fabric.shape) {
    case Shape::kFatTree:
      return fat_tree(fabric);
    case Shape::kLeafSpine:
      return leaf_spine(fabric);
    case Shape::kRailOptimised:
      return rail_optimised(fabric);
  }
  return problem("shape", "unknown shape");
}

int64_t switches_in(const TopologyDescription& d) {
  const int64_t tors = d.hosts / d.tiers[0].down;
  const int64_t second = tors * d.tiers[0].up / d.tiers[1].down;
  if (d.tiers.size() == 2) return tors + second;
  return tors + second + second * d.tiers[1].up / d.tiers[2].down;
}

}  // namespace

tl::expected<TopologyDescription, KeyProblem> resolve_shape(const FabricDescription& fabric) {
  Shaped shaped = shape_of(fabric);
  if (!shaped) return shaped;
  shaped->planes = port_count(fabric.planes);
  for (fabric::TierDescription& tier : shaped->tiers) {
    tier.link_rate = fabric.link_rate;
    tier.link_latency = fabric.link_latency;
    tier.switch_latency = fabric.switch_latency;
  }
  const int64_t units = fabric.nodes + switches_in(*shaped) * fabric.planes;
  if (units > kUnitsMax)
    return problem("nodes",
                   fmt::format("{} nodes and switches are more than {}", units, kUnitsMax));
  return shaped;
}

}  // namespace windtunnel::study
