// Fat trees of two and three tiers, once or in several planes, as coordinates.
//
// Units are numbered hosts first, then switches: plane by plane, tier by tier. Nothing is stored
// per pair of units; a switch knows its own coordinates and a route is arithmetic. Where hosts are
// not attached in order (rail-optimised networks), `position` says where a host sits; everything in
// this room speaks of positions.
//
// Three tiers: a pod has pod_hosts / down[0] ToRs and up[0] / bundle[1] aggregation switches, each
// ToR linked to each of them; aggregation switch j of a pod is linked to core switches
// j, j + A, j + 2A... (A aggregation switches a pod). Two tiers: every leaf is linked to every
// spine.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace windtunnel::fabric {

struct TierDescription {
  uint32_t down = 0;              // ports towards the hosts
  uint32_t up = 0;                // ports away from them; 0 in the top tier
  uint32_t bundle = 1;            // parallel cables to each neighbour below
  base::Rate link_rate;           // of the links below this tier
  base::Duration link_latency;    // of the links below this tier
  base::Duration switch_latency;  // added to what arrives at this tier's switches
};

struct TopologyDescription {
  uint32_t hosts = 0;
  uint32_t pod_hosts = 0;  // hosts below one aggregation layer; = hosts in two tiers
  uint32_t planes = 1;     // independent copies of the network; a host has one port in each
  uint32_t rails = 1;      // NICs per server when rail-optimised, 1 otherwise
  std::vector<TierDescription> tiers;  // 2 or 3, from the hosts up
};

struct SwitchModel {
  uint8_t tier = 0;
  uint8_t plane = 0;
  uint32_t index = 0;      // within its tier and plane
  uint32_t port_base = 0;  // first output port, among all switch ports
  uint16_t down = 0;
  uint16_t up = 0;
  // Route: positions [first, first + span) lie below; (position - first) / stride picks the child.
  uint32_t first = 0;
  uint32_t span = 0;
  uint32_t stride = 1;
  uint64_t stride_reciprocal = 0;  // ceil(2^40 / stride); exact for positions below 2^20
  uint16_t bundle = 1;
  uint64_t salt = 0;

  // Output port for a parcel to `position`. HOT
  uint32_t route(uint32_t position, uint32_t flow, uint16_t entropy) const {
    const uint32_t below = position - first;
    if (below < span) {
      const auto child = static_cast<uint32_t>((uint64_t{below} * stride_reciprocal) >> 40);
      if (bundle == 1) [[likely]]
        return child;
      return child * bundle + spread(flow, entropy, bundle);
    }
    return down + spread(flow, entropy, up);
  }

 private:
  // Salted hash of (flow, entropy), as ECMP does it per switch.
  uint32_t spread(uint32_t flow, uint16_t entropy, uint32_t ways) const {
    uint64_t x = (uint64_t{flow} << 16 | entropy) ^ salt;
    x *= 0x9e3779b97f4a7c15ULL;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    return static_cast<uint32_t>(((x >> 32) * ways) >> 32);
  }
};

// One end of a cable: unit and port on it.
struct PortEnd {
  uint32_t unit = 0;
  uint32_t port = 0;
};

class Topology {
 public:
  // Checks that the description closes (radices, pods, bundles agree).
  static base::Result<Topology> build(const TopologyDescription& description, uint64_t seed);

  const TopologyDescription& description() const { return description_; }
  uint32_t hosts() const { return description_.hosts; }
  uint32_t planes() const { return description_.planes; }
  uint32_t switches() const { return static_cast<uint32_t>(switches_.size()); }
  uint32_t units() const { return hosts() + switches(); }
  uint32_t switch_ports() const { return switch_ports_; }
  const SwitchModel& switch_at(uint32_t index) const { return switches_[index]; }
  bool is_host(uint32_t unit) const { return unit < hosts(); }
  uint32_t switch_of_unit(uint32_t unit) const { return unit - hosts(); }
  uint32_t unit_of_switch(uint32_t index) const { return index + hosts(); }

  // Ports of a unit; of a host one a plane.
  uint32_t ports_of(uint32_t unit) const {
    if (is_host(unit)) return planes();
    const SwitchModel& s = switches_[switch_of_unit(unit)];
    return uint32_t{s.down} + s.up;
  }

  // The other end of the cable at (unit, port); tier of the link = tier of its upper switch.
  PortEnd peer(PortEnd end) const;
  uint32_t link_tier(PortEnd end) const;
  // Position of host number `host` (identity unless rail-optimised).
  uint32_t position(uint32_t host) const;
  uint32_t host_at(uint32_t position) const;

  // Links between two hosts of different pods, and their one-way latency, switches included.
  uint32_t diameter() const { return 2 * static_cast<uint32_t>(description_.tiers.size()); }
  base::Duration diameter_latency() const;
  base::Duration link_latency_min() const;
  // Longest way from the last bit leaving one unit to the next unit looking at the parcel.
  base::Duration flight_max() const;
  // "tor 3", "agg 1.2" style names: tier name and index, plane when there are several.
  std::string switch_name(uint32_t index) const;
  std::string port_name(PortEnd end) const;
  // First switch index and count of a tier in a plane.
  uint32_t tier_first(uint32_t plane, uint32_t tier) const;
  uint32_t tier_count(uint32_t tier) const { return tier_counts_[tier]; }
  static const char* tier_name(uint32_t tier, uint32_t tiers);

 private:
  base::Status check_ports() const;
  base::Status check_tiers() const;
  base::Status check_hosts() const;
  base::Status check_latencies() const;
  base::Status check_units() const;
  void count_switches();
  void place_switches(uint64_t seed);
  PortEnd peer_down(const SwitchModel& s, uint32_t port) const;
  PortEnd peer_up(const SwitchModel& s, uint32_t port) const;
  uint32_t aggs_per_pod() const;

  TopologyDescription description_;
  std::array<uint32_t, 3> tier_counts_{};
  std::vector<SwitchModel> switches_;
  uint32_t switch_ports_ = 0;
};

}  // namespace windtunnel::fabric
