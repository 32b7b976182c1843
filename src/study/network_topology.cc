#include "study/network_topology.h"

#include <fmt/format.h>

#include <algorithm>

namespace windtunnel::study {
namespace {

using fabric::TopologyDescription;

// Ports of the smallest switch (half down, half up) with which a leaf-spine of `hosts` closes.
uint32_t nodes_per_leaf_auto(uint32_t hosts) {
  for (uint32_t down = 1; down < hosts; ++down) {
    if (hosts % down == 0 && hosts / down <= 2 * down) return down;
  }
  return hosts;
}

// Largest group of servers, up to 64, that divides them.
uint32_t servers_per_group_auto(uint32_t servers) {
  for (uint32_t group = std::min(servers, 64u); group > 1; --group) {
    if (servers % group == 0) return group;
  }
  return 1;
}

base::Result<TopologyDescription> leaves(const FabricDescription& fabric, uint32_t down) {
  const Ratio o = fabric.oversubscription;
  const int64_t up_times = int64_t{down} * o.whole;
  if (o.part <= 0 || up_times % o.part != 0 || up_times / o.part < 1) {
    return base::fail(fmt::format(
        "fabric.oversubscription: {} node ports of a leaf do not divide into uplinks at {}:{}",
        down, o.part, o.whole));
  }
  TopologyDescription d;
  d.hosts = static_cast<uint32_t>(fabric.nodes);
  if (down == 0 || d.hosts % down != 0) {
    return base::fail(fmt::format("fabric.nodes_per_leaf: {} nodes do not divide into leaves of {}",
                                  d.hosts, down));
  }
  d.pod_hosts = d.hosts;
  d.tiers.resize(2);
  d.tiers[0].down = down;
  d.tiers[0].up = static_cast<uint32_t>(up_times / o.part);
  d.tiers[1].down = d.hosts / down;
  return d;
}

base::Result<TopologyDescription> rails(const FabricDescription& fabric) {
  if (fabric.rails < 1 || fabric.nodes % fabric.rails != 0) {
    return base::fail(fmt::format("fabric.rails: {} nodes do not divide into servers of {}",
                                  fabric.nodes, fabric.rails));
  }
  const auto servers = static_cast<uint32_t>(fabric.nodes / fabric.rails);
  const auto group =
      static_cast<uint32_t>(fabric.nodes_per_leaf.value_or(servers_per_group_auto(servers)));
  if (group == 0 || servers % group != 0) {
    return base::fail(fmt::format(
        "fabric.nodes_per_leaf: {} servers do not divide into groups of {}", servers, group));
  }
  auto d = leaves(fabric, group);
  if (d) d->rails = static_cast<uint32_t>(fabric.rails);
  return d;
}

base::Result<TopologyDescription> two_tiers(const FabricDescription& fabric) {
  const auto hosts = static_cast<uint32_t>(fabric.nodes);
  int64_t down = fabric.nodes_per_leaf.value_or(nodes_per_leaf_auto(hosts));
  if (fabric.radix && !fabric.nodes_per_leaf) {
    const Ratio o = fabric.oversubscription;
    down = *fabric.radix * o.part / (o.part + o.whole);
  }
  return leaves(fabric, static_cast<uint32_t>(down));
}

base::Result<TopologyDescription> three_tiers(const FabricDescription& fabric) {
  const Ratio o = fabric.oversubscription;
  if (o.whole == 0 || o.part % o.whole != 0) {
    return base::fail("fabric.oversubscription: a three-tier fat tree takes whole numbers");
  }
  auto d = fabric::fat_tree_3(static_cast<uint32_t>(fabric.nodes),
                              static_cast<uint32_t>(o.part / o.whole), fabric.link_rate,
                              fabric.link_latency);
  if (!d) return base::fail("fabric.nodes: " + d.error().message, d.error().hint);
  const uint32_t radix = d->tiers[2].down;
  if (fabric.radix && *fabric.radix != radix) {
    return base::fail(
        fmt::format("fabric.radix: {} nodes in three tiers take switches of {} ports, found {}",
                    fabric.nodes, radix, *fabric.radix));
  }
  return d;
}

base::Result<TopologyDescription> shaped(const FabricDescription& fabric) {
  switch (fabric.shape) {
    case Shape::kFatTree:
      return fabric.tiers == 3 ? three_tiers(fabric) : two_tiers(fabric);
    case Shape::kLeafSpine:
      return two_tiers(fabric);
    case Shape::kRailOptimised:
      return rails(fabric);
  }
  return base::fail("unknown shape");
}

}  // namespace

base::Result<TopologyDescription> plan_topology(const NetworkScenario& scenario) {
  const FabricDescription& fabric = scenario.description.fabric;
  if (scenario.topology) {
    TopologyDescription d = scenario.topology->to_fabric();
    d.planes = static_cast<uint32_t>(fabric.planes);
    return d;
  }
  auto d = shaped(fabric);
  if (!d) return d;
  d->planes = static_cast<uint32_t>(fabric.planes);
  for (fabric::TierDescription& tier : d->tiers) {
    tier.link_rate = fabric.link_rate;
    tier.link_latency = fabric.link_latency;
    tier.switch_latency = fabric.switch_latency;
  }
  return d;
}

}  // namespace windtunnel::study
