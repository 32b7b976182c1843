// Networks of 10,240 hosts: 1,280 servers of eight rails in two and in three tiers, in one and in
// two planes. What routing promises is checked by walking: every pair is connected by the shortest
// way, no way turns up again after it has turned down, all equal-cost ways are there and all are
// used alike; and a network costs memory by its hosts and links, not by their pairs.
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "fabric/network.h"
#include "fabric/script_fixture.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::fabric {
namespace {

constexpr uint64_t kSeed = 20261123;
constexpr uint32_t kServers = 1280;
constexpr uint32_t kRails = 8;
const base::Rate k400G = base::Rate::gbps(400);
const base::Duration k1us = base::Duration::us(1);

// Groups of 64 servers have one leaf a rail; 160 leaves under 64 spines.
TopologyDescription two_tiers(uint32_t servers = kServers) {
  TopologyDescription d = leaf_spine(servers * kRails, 64, 1, k400G, k1us);
  d.rails = kRails;
  return d;
}

// The same leaves in pods of five groups, 40 leaves: 32 aggregation switches a pod by two cables
// from each leaf, each with 64 cables up to 16 cores by four.
TopologyDescription three_tiers(uint32_t servers = kServers) {
  TopologyDescription d;
  d.hosts = servers * kRails;
  d.rails = kRails;
  d.pod_hosts = 5 * 64 * kRails;
  const uint32_t pods = d.hosts / d.pod_hosts;
  d.tiers = {uniform_tier(64, 64, k400G, k1us), uniform_tier(80, 64, k400G, k1us),
             uniform_tier(4 * pods, 0, k400G, k1us)};
  d.tiers[1].bundle = 2;
  d.tiers[2].bundle = 4;
  return d;
}

TopologyDescription in_planes(TopologyDescription d, uint32_t planes) {
  d.planes = planes;
  return d;
}

struct Shape {
  std::string name;
  TopologyDescription description;
};
std::vector<Shape> shapes() {
  return {{"two tiers", two_tiers()},
          {"three tiers", three_tiers()},
          {"two tiers, two planes", in_planes(two_tiers(), 2)},
          {"three tiers, two planes", in_planes(three_tiers(), 2)}};
}
Topology build(const TopologyDescription& d) { return Topology::build(d, kSeed).value(); }

// A way from src to dst as the ports it leaves switches by; empty when it does not arrive.
struct Way {
  std::vector<uint32_t> ports;
  bool turned_up_again = false;
};
Way walk(const Topology& t, uint32_t src, uint32_t dst, uint32_t plane, uint32_t flow,
         uint16_t entropy) {
  Way way;
  bool down = false;
  PortEnd at = t.peer({src, plane});
  for (uint32_t hop = 0; hop < t.diameter(); ++hop) {
    if (t.is_host(at.unit)) {
      if (at.unit != dst || at.port != plane) way.ports.clear();
      return way;
    }
    const SwitchModel& s = t.switch_at(t.switch_of_unit(at.unit));
    const uint32_t out = s.route(dst, flow, entropy);
    way.turned_up_again = way.turned_up_again || (down && out >= s.down);
    down = down || out < s.down;
    way.ports.push_back(out);
    at = t.peer({at.unit, out});
  }
  way.ports.clear();
  return way;
}

// Switches on the way, from where the hosts sit.
size_t switches_between(const TopologyDescription& d, uint32_t src, uint32_t dst) {
  if (src / d.tiers[0].down == dst / d.tiers[0].down) return 1;
  if (d.tiers.size() == 2 || src / d.pod_hosts == dst / d.pod_hosts) return 3;
  return 5;
}

void check_way(const Shape& shape, const Topology& t, uint32_t src, uint32_t dst, uint32_t plane,
               base::RandomStream& stream) {
  const auto flow = static_cast<uint32_t>(stream.bits());
  const auto entropy = static_cast<uint16_t>(stream.bits());
  const Way way = walk(t, src, dst, plane, flow, entropy);
  ASSERT_EQ(way.ports.size(), switches_between(shape.description, src, dst))
      << shape.name << ": " << src << " to " << dst << ", plane " << plane << ", seed " << kSeed;
  ASSERT_FALSE(way.turned_up_again) << shape.name << ": " << src << " to " << dst;
}

// Every pair of lowest switches, and 200,000 pairs of hosts.
TEST(LargeTopology, EveryPairIsConnectedByTheShortestWayUpAndDown) {
  base::RandomStream stream(kSeed, "pairs");
  for (const Shape& shape : shapes()) {
    const Topology t = build(shape.description);
    const uint32_t down = shape.description.tiers[0].down;
    for (uint32_t a = 0; a < t.tier_count(0); ++a) {
      for (uint32_t b = 0; b < t.tier_count(0); ++b) {
        const auto plane = static_cast<uint32_t>(stream.below(t.planes()));
        const auto seat = [&] { return static_cast<uint32_t>(stream.below(down)); };
        ASSERT_NO_FATAL_FAILURE(
            check_way(shape, t, a * down + seat(), b * down + seat(), plane, stream));
      }
    }
    for (int i = 0; i < 200'000; ++i) {
      const auto src = static_cast<uint32_t>(stream.below(t.hosts()));
      const auto dst = static_cast<uint32_t>(stream.below(t.hosts()));
      const auto plane = static_cast<uint32_t>(stream.below(t.planes()));
      ASSERT_NO_FATAL_FAILURE(check_way(shape, t, src, dst, plane, stream));
    }
  }
}

// NIC r of the servers of one group is one switch away; another rail of the same group is not.
TEST(LargeTopology, ARailStaysBelowItsSwitchWithinAGroup) {
  for (const Shape& shape : shapes()) {
    const Topology t = build(shape.description);
    const auto between = [&](uint32_t a, uint32_t rail_a, uint32_t b, uint32_t rail_b) {
      return switches_between(shape.description, t.position(a * kRails + rail_a),
                              t.position(b * kRails + rail_b));
    };
    for (uint32_t rail = 0; rail < kRails; ++rail) {
      EXPECT_EQ(between(0, rail, 63, rail), 1u) << shape.name;
      EXPECT_EQ(between(0, rail, 63, (rail + 1) % kRails), 3u) << shape.name;
      EXPECT_EQ(between(0, rail, 64, rail), 3u) << shape.name;
      EXPECT_EQ(between(0, rail, kServers - 1, rail), t.diameter() - 1u) << shape.name;
    }
  }
}

// Leaves have 128 ports as a 51.2 Tb/s switch of 400 Gb/s ports has; nobody above needs more than
// 160; each tier has as many cables up as down.
TEST(LargeTopology, TheSwitchesHaveSizesThatExist) {
  const Topology two = build(two_tiers());
  EXPECT_EQ(two.tier_count(0), 160u);
  EXPECT_EQ(two.tier_count(1), 64u);
  EXPECT_EQ(two.switch_ports(), 160u * 128 + 64u * 160);
  const Topology three = build(three_tiers());
  EXPECT_EQ(three.tier_count(0), 160u);
  EXPECT_EQ(three.tier_count(1), 4u * 32);
  EXPECT_EQ(three.tier_count(2), 32u * 16);
  EXPECT_EQ(three.switch_ports(), 160u * 128 + 128u * 144 + 512u * 16);
  EXPECT_EQ(build(in_planes(three_tiers(), 2)).switch_ports(), 2 * three.switch_ports());
}

// Equal-cost ways between two hosts: as many as cables fan out on the way up, times those of
// bundles on the way down; and the entropies of one flow find every one of them, all alike.
TEST(LargeTopology, EntropiesFindEveryWayAndUseThemAlike) {
  struct Expected {
    TopologyDescription description;
    uint32_t dst;
    size_t ways;
  };
  const TopologyDescription two = two_tiers();
  const TopologyDescription three = three_tiers();
  for (const Expected& e : {Expected{two, 10'239, 64},
                            // 64 cables up, 2 from the aggregation switch down
                            Expected{three, 64, 64 * 2},
                            // 64 up, 64 up again, 4 down to the pod, 2 to the leaf
                            Expected{three, 10'239, 64 * 64 * 4 * 2}}) {
    const Topology t = build(e.description);
    std::map<std::vector<uint32_t>, int64_t> uses;
    const int64_t draws = 65'536 * (e.ways > 1000 ? 16 : 1);
    for (int64_t i = 0; i < draws; ++i) {
      const auto flow = static_cast<uint32_t>(i >> 16);
      ++uses[walk(t, 0, e.dst, 0, flow, static_cast<uint16_t>(i)).ports];
    }
    ASSERT_EQ(uses.size(), e.ways);
    const double expected = static_cast<double>(draws) / static_cast<double>(e.ways);
    double chi_square = 0;
    for (const auto& [ports, count] : uses) {
      const double off = static_cast<double>(count) - expected;
      chi_square += off * off / expected;
    }
    const auto freedom = static_cast<double>(e.ways - 1);
    EXPECT_LT(chi_square, freedom + 6 * std::sqrt(2 * freedom) + 6)
        << e.ways << " ways, seed " << kSeed;
  }
}

// A switch that fails takes its ways and no others: the salts of two planes differ, so a flow does
// not choose the same spine in both.
TEST(LargeTopology, PlanesChooseIndependently) {
  const Topology t = build(in_planes(two_tiers(), 2));
  int64_t same = 0;
  for (uint32_t flow = 0; flow < 10'000; ++flow) {
    same += walk(t, 0, 10'239, 0, flow, 1).ports[0] == walk(t, 0, 10'239, 1, flow, 1).ports[0];
  }
  // 10,000 / 64 = 156, standard deviation 12.4
  EXPECT_NEAR(static_cast<double>(same), 156, 75) << "seed " << kSeed;
}

// Bytes per host and cable end do not grow with the network.
TEST(LargeTopology, MemoryIsProportionalToHostsAndLinks) {
  for (const uint32_t planes : {1u, 2u}) {
    std::vector<double> per_end;
    for (const uint32_t servers : {320u, 1280u, 5120u}) {
      const Topology t = build(in_planes(three_tiers(servers), planes));
      ScriptedHosts hosts(t, {}, 1);
      const Network network(t, {}, hosts);
      const double ends = t.hosts() * planes + t.switch_ports();
      per_end.push_back(static_cast<double>(network.footprint().count()) / ends);
    }
    EXPECT_LT(per_end.back(), 1.05 * per_end.front());
    EXPECT_LT(per_end.back(), 300);
  }
}

}  // namespace
}  // namespace windtunnel::fabric
