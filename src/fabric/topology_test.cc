#include "fabric/topology.h"

#include <set>
#include <utility>

#include "base/random.h"
#include "fabric/case_fixture.h"
#include "fabric/parcel.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::fabric {
namespace {

constexpr uint64_t kSeed = 20261122;
const base::Rate k400G = base::Rate::gbps(400);
const base::Duration k1us = base::Duration::us(1);

TopologyDescription tree(uint32_t hosts, uint32_t oversubscription = 1) {
  return fat_tree_3(hosts, oversubscription, k400G, k1us);
}
TopologyDescription leaves(uint32_t hosts, uint32_t leaf_down, uint32_t oversubscription = 1) {
  return leaf_spine(hosts, leaf_down, oversubscription, k400G, k1us);
}

// Three tiers with parallel cables everywhere: 2 pods of 3 ToRs of 4 hosts, 3 aggregation switches
// a pod by 2 cables each, 2 cores each by 2 cables.
TopologyDescription bundled() {
  TopologyDescription d;
  d.hosts = 24;
  d.pod_hosts = 12;
  d.tiers.resize(3);
  d.tiers[0].down = 4;
  d.tiers[0].up = 6;
  d.tiers[1].down = 6;
  d.tiers[1].up = 4;
  d.tiers[1].bundle = 2;
  d.tiers[2].down = 4;
  d.tiers[2].bundle = 2;
  for (TierDescription& t : d.tiers) {
    t.link_rate = k400G;
    t.link_latency = k1us;
  }
  return d;
}

TopologyDescription planes(TopologyDescription d, uint32_t count) {
  d.planes = count;
  return d;
}
TopologyDescription rails(TopologyDescription d, uint32_t count) {
  d.rails = count;
  return d;
}

std::vector<TopologyDescription> many_descriptions() {
  std::vector<TopologyDescription> all = {tree(2),
                                          tree(16),
                                          tree(54),
                                          tree(54, 3),
                                          tree(128),
                                          tree(128, 2),
                                          tree(128, 4),
                                          leaves(8, 8),
                                          leaves(64, 8),
                                          leaves(64, 8, 4),
                                          leaves(512, 32),
                                          leaves(6, 1),
                                          bundled(),
                                          planes(bundled(), 3),
                                          planes(tree(16), 8),
                                          rails(leaves(64, 8), 4),
                                          planes(rails(leaves(64, 4), 8), 2)};
  for (uint64_t i = 0; i < 100; ++i) all.push_back(topology_of(draw_case(kSeed + i)));
  return all;
}

// Links from one host to another for one choice of hash inputs; 0 when the way is wrong.
uint32_t hops(const Topology& t, uint32_t src, uint32_t dst, uint32_t plane, uint32_t flow,
              uint16_t entropy) {
  PortEnd at = t.peer({src, plane});
  for (uint32_t hop = 1; hop <= t.diameter(); ++hop) {
    if (t.is_host(at.unit)) return at.unit == dst && at.port == plane ? hop : 0;
    const SwitchModel& s = t.switch_at(t.switch_of_unit(at.unit));
    const uint32_t out = s.route(dst, flow, entropy);
    if (s.plane != plane || out >= uint32_t{s.down} + s.up) return 0;
    at = t.peer({at.unit, out});
  }
  return 0;
}

// What the coordinates of the hosts say the way must take.
uint32_t expected_hops(const TopologyDescription& d, uint32_t src, uint32_t dst) {
  if (src / d.tiers[0].down == dst / d.tiers[0].down) return 2;
  if (d.tiers.size() == 2 || src / d.pod_hosts == dst / d.pod_hosts) return 4;
  return 6;
}

TEST(Topology, TheOtherEndOfTheOtherEndIsThisEnd) {
  for (const TopologyDescription& d : many_descriptions()) {
    const Topology t = Topology::build(d, kSeed).value();
    for (const PortEnd end : all_ends(t)) {
      const PortEnd other = t.peer(end);
      ASSERT_LT(other.unit, t.units());
      const PortEnd back = t.peer(other);
      ASSERT_EQ(std::pair(back.unit, back.port), std::pair(end.unit, end.port))
          << t.port_name(end) << " in a network of " << d.hosts;
      ASSERT_EQ(t.link_tier(end), t.link_tier(other));
      ASSERT_FALSE(t.is_host(end.unit) && t.is_host(other.unit));
    }
  }
}

TEST(Topology, EndsOfCablesAreInNeighbouringTiersOfOnePlane) {
  for (const TopologyDescription& d : many_descriptions()) {
    const Topology t = Topology::build(d, kSeed).value();
    for (const PortEnd end : all_ends(t)) {
      const PortEnd other = t.peer(end);
      if (t.is_host(other.unit)) continue;
      const SwitchModel& s = t.switch_at(t.switch_of_unit(other.unit));
      ASSERT_LT(other.port, uint32_t{s.down} + s.up);
      if (t.is_host(end.unit)) {
        ASSERT_EQ(std::pair(uint32_t{s.tier}, uint32_t{s.plane}), std::pair(0u, end.port));
      } else {
        const SwitchModel& mine = t.switch_at(t.switch_of_unit(end.unit));
        ASSERT_EQ(std::abs(int{mine.tier} - int{s.tier}), 1);
        ASSERT_EQ(mine.plane, s.plane);
      }
    }
  }
}

TEST(Topology, EveryHostReachesEveryOtherByTheShortestWay) {
  base::RandomStream stream(kSeed, "hash inputs");
  for (const TopologyDescription& d : many_descriptions()) {
    const Topology t = Topology::build(d, kSeed).value();
    const bool all = d.hosts <= 64;
    const uint64_t pairs = all ? uint64_t{d.hosts} * d.hosts : 20'000;
    for (uint64_t pair = 0; pair < pairs; ++pair) {
      const uint64_t which = all ? pair : stream.below(uint64_t{d.hosts} * d.hosts);
      const auto src = static_cast<uint32_t>(which / d.hosts);
      const auto dst = static_cast<uint32_t>(which % d.hosts);
      const auto plane = static_cast<uint32_t>(stream.below(d.planes));
      const auto flow = static_cast<uint32_t>(stream.bits());
      const auto entropy = static_cast<uint16_t>(stream.bits());
      ASSERT_EQ(hops(t, src, dst, plane, flow, entropy), expected_hops(d, src, dst))
          << src << " to " << dst << " of " << d.hosts << ", plane " << plane << ", seed " << kSeed;
    }
  }
}

// The sizes of shared measurements: a tree of radix 16, and a leaf-spine with 64 + 64 ports a leaf.
TEST(Topology, TheTreeOf1024HasTheSwitchesOfRadix16) {
  const Topology t = Topology::build(tree(1024), kSeed).value();
  EXPECT_EQ(t.tier_count(0), 128u);
  EXPECT_EQ(t.tier_count(1), 128u);
  EXPECT_EQ(t.tier_count(2), 64u);
  EXPECT_EQ(t.switches(), 320u);
  EXPECT_EQ(t.units(), 1344u);
  EXPECT_EQ(t.switch_ports(), 320u * 16);
  EXPECT_EQ(t.description().pod_hosts, 64u);
  EXPECT_EQ(t.diameter(), 6u);
  EXPECT_EQ(t.diameter_latency(), base::Duration::us(6));
  EXPECT_EQ(hops(t, 0, 7, 0, 1, 1), 2u);
  EXPECT_EQ(hops(t, 0, 63, 0, 1, 1), 4u);
  EXPECT_EQ(hops(t, 0, 64, 0, 1, 1), 6u);
  EXPECT_EQ(hops(t, 1023, 0, 0, 1, 1), 6u);
}

TEST(Topology, TheLeafSpineOf8192Has128LeavesAnd64Spines) {
  const Topology t = Topology::build(leaves(8192, 64), kSeed).value();
  EXPECT_EQ(t.tier_count(0), 128u);
  EXPECT_EQ(t.tier_count(1), 64u);
  EXPECT_EQ(t.tier_count(2), 0u);
  EXPECT_EQ(t.switch_ports(), 128u * 128 + 64u * 128);
  EXPECT_EQ(t.diameter(), 4u);
  EXPECT_EQ(t.diameter_latency(), base::Duration::us(4));
  EXPECT_EQ(hops(t, 0, 63, 0, 1, 1), 2u);
  EXPECT_EQ(hops(t, 0, 8191, 0, 1, 1), 4u);
}

TEST(Topology, PlanesMultiplyEverythingButHosts) {
  const Topology one = Topology::build(bundled(), kSeed).value();
  const Topology four = Topology::build(planes(bundled(), 4), kSeed).value();
  EXPECT_EQ(four.switches(), 4 * one.switches());
  EXPECT_EQ(four.switch_ports(), 4 * one.switch_ports());
  EXPECT_EQ(four.units(), 24 + 4 * one.switches());
  for (uint32_t plane = 0; plane < 4; ++plane) {
    for (uint32_t tier = 0; tier < 3; ++tier) {
      EXPECT_EQ(four.tier_first(plane, tier), plane * one.switches() + one.tier_first(0, tier));
    }
  }
}

TEST(Topology, OversubscriptionTakesUplinksAway) {
  const Topology t = Topology::build(tree(128, 4), kSeed).value();
  EXPECT_EQ(t.description().tiers[0].down, 4u);
  EXPECT_EQ(t.description().tiers[0].up, 1u);
  EXPECT_EQ(t.tier_count(0), 32u);
  EXPECT_EQ(t.tier_count(1), 8u);
  EXPECT_EQ(t.tier_count(2), 4u);
}

TEST(Topology, FlightsIncludeTheSwitchThatReceives) {
  TopologyDescription d = bundled();
  d.tiers[0].link_latency = base::Duration::ns(100);
  d.tiers[1].link_latency = base::Duration::ns(500);
  d.tiers[2].link_latency = base::Duration::ns(50);
  d.tiers[0].switch_latency = base::Duration::ns(900);
  d.tiers[1].switch_latency = base::Duration::ns(30);
  d.tiers[2].switch_latency = base::Duration::ns(7);
  const Topology t = Topology::build(d, kSeed).value();
  EXPECT_EQ(t.link_latency_min(), base::Duration::ns(50));
  // Down from an aggregation switch: its 500 ns cable, then the ToR's 900 ns.
  EXPECT_EQ(t.flight_max(), base::Duration::ns(1400));
  EXPECT_EQ(t.diameter_latency(), base::Duration::ns(2 * 650 + 2 * 900 + 2 * 30 + 7));
}

TEST(Topology, RailsSeatEveryHostOnce) {
  struct Shape {
    uint32_t hosts, leaf_down, rails;
  };
  for (const Shape s : {Shape{64, 8, 4}, Shape{64, 4, 8}, Shape{96, 6, 8}, Shape{16, 1, 16}}) {
    const Topology t = Topology::build(rails(leaves(s.hosts, s.leaf_down), s.rails), 1).value();
    std::set<uint32_t> seats;
    for (uint32_t host = 0; host < s.hosts; ++host) {
      const uint32_t position = t.position(host);
      ASSERT_LT(position, s.hosts);
      EXPECT_EQ(t.host_at(position), host);
      seats.insert(position);
    }
    EXPECT_EQ(seats.size(), s.hosts);
  }
}

// NIC r of every server of a group sits at the same ToR, and no two rails of a server share one.
TEST(Topology, OneRailOneTor) {
  const Topology t = Topology::build(rails(leaves(64, 8), 4), 1).value();
  for (uint32_t server = 0; server < 16; ++server) {
    for (uint32_t rail = 0; rail < 4; ++rail) {
      EXPECT_EQ(t.position(server * 4 + rail) / 8, server / 8 * 4 + rail);
      EXPECT_EQ(t.position(server * 4 + rail) % 8, server % 8);
    }
  }
  const Topology plain = Topology::build(leaves(64, 8), 1).value();
  EXPECT_EQ(plain.position(17), 17u);
  EXPECT_EQ(plain.host_at(17), 17u);
}

TEST(Topology, NamesSayWhereALinkLeads) {
  const Topology t = Topology::build(tree(16), kSeed).value();
  EXPECT_EQ(t.port_name({3, 0}), "host 3 up");
  EXPECT_EQ(t.port_name({16, 0}), "tor 0 down 0 to host 0");
  EXPECT_EQ(t.port_name({16, 2}), "tor 0 up 0 to agg 0");
  EXPECT_EQ(t.switch_name(t.switches() - 1), "core 3");
  const Topology two = Topology::build(planes(rails(leaves(64, 8), 4), 2), kSeed).value();
  EXPECT_EQ(two.port_name({two.position(5), 1}), "host 5 up (plane 1)");
  EXPECT_EQ(two.switch_name(two.tier_first(1, 1)), "plane 1 spine 0");
  EXPECT_EQ(two.port_name({two.unit_of_switch(two.tier_first(1, 0)), 1}),
            "plane 1 leaf 0 down 1 to host 4");
}

std::string refusal(const TopologyDescription& d) {
  const auto built = Topology::build(d, kSeed);
  return built ? "built" : built.error().to_string();
}
template <class Change>
std::string refusal_after(Change&& change) {
  TopologyDescription d = bundled();
  change(d);
  return refusal(d);
}
using D = TopologyDescription;

TEST(TopologyErrors, PortsAndTiers) {
  EXPECT_EQ(refusal(bundled()), "built");
  EXPECT_EQ(refusal_after([](D& d) {
              d.tiers.pop_back();
              d.tiers.pop_back();
            }),
            "expected 2 or 3 tiers, found 1");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[1].bundle = 0; }),
            "tier 1: ports, bundle and rate must be positive");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[2].link_rate = base::Rate(); }),
            "tier 2: ports, bundle and rate must be positive");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[1].link_rate = base::Rate::gbps(9'000'000'000); }),
            "tier 1: links of 9000000000000000000 bit/s, at most 1000000000000000000 are possible");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[0].up = 5000; }),
            "tier 0: at most 4096 ports a switch, found 5004");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[0].up = 0xffffffff; }),
            "tier 0: at most 4096 ports a switch, found 4294967299");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[2].up = 1; }), "the top tier cannot have uplinks");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[0].up = 0; }), "tier 0: no uplinks to the tier above");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[1].up = 0; }), "tier 1: no uplinks to the tier above");
}

TEST(TopologyErrors, WhatDoesNotClose) {
  EXPECT_EQ(refusal_after([](D& d) { d.hosts = 26; }),
            "26 hosts do not divide over ToRs of 4 ports");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[0].up = 7; }),
            "7 ToR uplinks do not divide into bundles of 2");
  EXPECT_EQ(refusal_after([](D& d) { d.pod_hosts = 10; }),
            "pods of 10 hosts do not divide 24 hosts over ToRs of 4");
  EXPECT_EQ(refusal_after([](D& d) { d.pod_hosts = 0; }),
            "pods of 0 hosts do not divide 24 hosts over ToRs of 4");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[1].down = 5; }),
            "tier 1 has 5 down ports, but reaches 3 ToRs with bundles of 2 (expected 6)");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[1].up = 3; }),
            "3 aggregation uplinks do not divide into bundles of 2");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[2].down = 6; }),
            "tier 2 has 6 down ports, but reaches 2 pods with bundles of 2 (expected 4)");
  TopologyDescription two_pods = leaves(64, 8);
  two_pods.pod_hosts = 32;
  two_pods.tiers[1].down = 4;
  EXPECT_EQ(refusal(two_pods), "a two-tier tree has one pod");
}

TEST(TopologyErrors, HostsPlanesAndRails) {
  EXPECT_EQ(refusal_after([](D& d) { d.hosts = 1; }), "expected 2 to 524288 hosts, found 1");
  EXPECT_EQ(refusal_after([](D& d) { d.hosts = 600'000; }),
            "expected 2 to 524288 hosts, found 600000");
  EXPECT_EQ(refusal_after([](D& d) { d.planes = 0; }), "expected 1 to 64 planes, found 0");
  EXPECT_EQ(refusal_after([](D& d) { d.planes = 65; }), "expected 1 to 64 planes, found 65");
  EXPECT_EQ(refusal_after([](D& d) { d.rails = 0; }),
            "24 hosts do not divide into groups of 4 servers of 0 rails");
  EXPECT_EQ(refusal_after([](D& d) { d.rails = 4; }),
            "24 hosts do not divide into groups of 4 servers of 4 rails");
  EXPECT_EQ(refusal_after([](D& d) { d.rails = 3; }), "built");
}

TEST(TopologyErrors, MoreUnitsThanCanBeNamed) {
  TopologyDescription d = tree(16);
  d.hosts = 524'288;
  d.pod_hosts = 128;
  d.tiers[0].down = 2;
  d.tiers[0].up = 2;
  d.tiers[1].down = 64;
  d.tiers[2].down = 4096;
  EXPECT_EQ(refusal(d), "built");
  d.planes = 2;
  EXPECT_EQ(refusal(d),
            "524288 hosts and 270340 switches in each of 2 planes, at most 1048576 in all");
}

TEST(TopologyErrors, Latencies) {
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[1].link_latency = base::Duration::zero(); }),
            "tier 1: link latency must be positive (the simulation advances in windows of one link "
            "latency)");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[1].switch_latency = base::Duration::ns(-1); }),
            "tier 1: switch latency must not be negative");
  // Sums of these would not fit 63 bits of picoseconds.
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[2].link_latency = base::Duration::max(); }),
            "tier 2: a latency of more than 100 s");
  EXPECT_EQ(refusal_after([](D& d) { d.tiers[0].switch_latency = base::Duration::max(); }),
            "tier 0: a latency of more than 100 s");
  EXPECT_EQ(refusal_after([](D& d) {
              for (TierDescription& t : d.tiers) t.link_latency = base::Duration::ms(5);
            }),
            "the shortest link takes 5000 us, at most 4000 us are possible");
  EXPECT_EQ(refusal_after([](D& d) {
              d.tiers[0].link_latency = base::Duration::ns(1);
              d.tiers[1].switch_latency = base::Duration::us(4);
            }),
            "the longest link and its switch take 5000 ns, more than 4096 times the shortest link "
            "(1 ns) (the simulation advances in windows of one link latency)");
}

}  // namespace
}  // namespace windtunnel::fabric
