// Plain trees for tests and benchmarks. Scenarios describe theirs otherwise (study).
#pragma once

#include <cstdint>

#include "base/check.h"
#include "fabric/topology.h"

namespace windtunnel::fabric {

inline TierDescription uniform_tier(uint32_t down, uint32_t up, base::Rate rate,
                                    base::Duration latency) {
  TierDescription t;
  t.down = down;
  t.up = up;
  t.link_rate = rate;
  t.link_latency = latency;
  return t;
}

// Full-bisection three-tier tree of radix k where hosts = k^3 / 4; over-subscribed by making the
// ToRs' uplinks fewer.
inline TopologyDescription fat_tree_3(uint32_t hosts, uint32_t oversubscription, base::Rate rate,
                                      base::Duration latency) {
  uint64_t k = 2;
  while (k * k * k / 4 < hosts) k += 2;
  WT_CHECK(k * k * k / 4 == hosts, "a three-tier fat tree has k^3/4 hosts for an even k");
  const auto half = static_cast<uint32_t>(k / 2);
  WT_CHECK(half % oversubscription == 0, "the uplinks of a ToR do not divide");
  TopologyDescription d;
  d.hosts = hosts;
  d.pod_hosts = half * half;
  d.tiers = {uniform_tier(half, half / oversubscription, rate, latency),
             uniform_tier(half, half, rate, latency), uniform_tier(2 * half, 0, rate, latency)};
  return d;
}

// Leaf-spine: leaves of `leaf_down` hosts with leaf_down / oversubscription uplinks, one spine for
// each uplink.
inline TopologyDescription leaf_spine(uint32_t hosts, uint32_t leaf_down, uint32_t oversubscription,
                                      base::Rate rate, base::Duration latency) {
  WT_CHECK(hosts % leaf_down == 0, "hosts do not divide over leaves");
  WT_CHECK(leaf_down % oversubscription == 0, "the uplinks of a leaf do not divide");
  TopologyDescription d;
  d.hosts = hosts;
  d.pod_hosts = hosts;
  d.tiers = {uniform_tier(leaf_down, leaf_down / oversubscription, rate, latency),
             uniform_tier(hosts / leaf_down, 0, rate, latency)};
  return d;
}

}  // namespace windtunnel::fabric
