#include "study/htsim_topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "tests/support/shared_data.h"

namespace windtunnel::study {
namespace {

using testing::HasSubstr;

// 16 nodes: two pods of 8, ToRs of 4 nodes with 4 uplinks, 4 aggregation
// switches a pod with 2 down and 2 up, 8 cores of 2 ports.
const char* const kThreeTiers =
    "Nodes 16\nTiers 3\nPodsize 8\n"
    "Tier 0\nDownlink_speed_Gbps 100\nRadix_Down 4\nRadix_Up 4\nDownlink_Latency_ns 1000\n"
    "Tier 1\nDownlink_speed_Gbps 100\nRadix_Down 2\nRadix_Up 2\nDownlink_Latency_ns 1000\n"
    "Tier 2\nDownlink_speed_Gbps 100\nRadix_Down 2\nDownlink_Latency_ns 1000\n";
const char* const kTwoTiers =
    "# leaf-spine\nNodes 32\nTiers 2\nPodsize 32\n\n"
    "tier 0\ndownlink_speed_gbps 400\nradix_down 8\nradix_up 2\ndownlink_latency_ns 500\n"
    "oversubscribed 4\nswitch_latency_ns 300\n"
    "Tier 1\nDownlink_speed_Gbps 400\nRadix_Down 4\nDownlink_Latency_ns 700";

std::string errors_of_text(const std::string& text) {
  const auto topology = read_htsim_topology(text, "t.topo");
  return topology ? std::string() : base::to_string(topology.error());
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(HtsimTopology, ReadsThreeTiers) {
  const auto t = read_htsim_topology(kThreeTiers, "t.topo");
  ASSERT_TRUE(t.has_value()) << base::to_string(t.error());
  const fabric::TopologyDescription d = t->to_fabric();
  EXPECT_EQ(d.hosts, 16u);
  EXPECT_EQ(d.pod_hosts, 8u);
  ASSERT_EQ(d.tiers.size(), 3u);
  EXPECT_EQ(d.tiers[0].down, 4u);
  EXPECT_EQ(d.tiers[1].up, 2u);
  EXPECT_EQ(d.tiers[2].up, 0u);
  EXPECT_EQ(d.tiers[2].bundle, 1u);
  EXPECT_EQ(d.tiers[0].link_rate, base::Rate::gbps(100));
  EXPECT_TRUE(fabric::Topology::build(d, 1).has_value());
}

TEST(HtsimTopology, CaseOrderAndBlankLinesDoNotMatter) {
  const auto t = read_htsim_topology(kTwoTiers, "t.topo");
  ASSERT_TRUE(t.has_value()) << base::to_string(t.error());
  const fabric::TopologyDescription d = t->to_fabric();
  EXPECT_EQ(d.tiers[0].link_latency, base::Duration::ns(500));
  EXPECT_EQ(d.tiers[0].switch_latency, base::Duration::ns(300));
  EXPECT_EQ(d.tiers[1].link_latency, base::Duration::ns(700));
  EXPECT_EQ(d.tiers[0].link_rate, base::Rate::gbps(400));
  EXPECT_TRUE(fabric::Topology::build(d, 1).has_value());
}

TEST(HtsimTopology, EveryMistakeHasItsPlaceAndReason) {
  const std::string three = kThreeTiers;
  const std::string two = kTwoTiers;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {with(three, "Radix_Up 4", "Radix_Upp 4"),
       "t.topo:7:1: unknown key `Radix_Upp` in a tier, expected Tier, Downlink_speed_Gbps"},
      {with(three, "Radix_Up 4", "Radix_Upp 4"), "(did you mean `Radix_Up`?)"},
      {with(three, "Podsize 8", "Podsise 8"), "t.topo:3:1: unknown key `Podsise`, expected"},
      {with(three, "Podsize 8", "Radix_Up 8"), "(it belongs behind a Tier)"},
      {with(three, "Radix_Up 4", "Nodes 4"), "(it belongs before Tier 0)"},
      {with(three, "Radix_Up 4", "Radix_Down 4"),
       "t.topo:7:1: Radix_Down is given twice (first at line 6)"},
      {with(three, "Nodes 16", "Nodes 16\nNodes 16"), "t.topo:2:1: Nodes is given twice"},
      {with(three, "Tier 1", "Tier 0"), "t.topo:9:1: Tier 0 is given twice (first at line 4)"},
      {with(three, "Tier 1", "Tier 5"),
       "t.topo:9:6: Tier: found 5, expected a whole number from 0 to 2"},
      {with(three, "Tier 1", "Tier"), "t.topo:9:1: Tier has no number"},
      {with(three, "Radix_Up 4", "Radix_Up four"), "t.topo:7:10: Radix_Up: found `four`"},
      {with(three, "Radix_Up 4", "Radix_Up 0"), "t.topo:7:10: Radix_Up: found 0, expected"},
      {with(three, "Radix_Up 4", "Radix_Up -4"), "t.topo:7:10: Radix_Up: found -4, expected"},
      {with(three, "Radix_Up 4", "Radix_Up"), "t.topo:7:1: Radix_Up has no number"},
      {with(three, "Radix_Up 4", "Radix_Up 4 4"), "t.topo:7:12: found `4` behind the number"},
      {with(three, "Radix_Up 4\n", ""), "t.topo:4:1: Tier 0 has no Radix_Up"},
      {with(three, "Downlink_Latency_ns 1000", "Downlink_Latency_ns 0"),
       "t.topo:8:21: Downlink_Latency_ns: found 0"},
      {with(three, "Nodes 16\n", ""), "t.topo:1:1: found no `Nodes N` line"},
      {with(three, "Tiers 3", "Tiers 4"),
       "t.topo:2:7: Tiers: found 4, expected a whole number from 2"},
      {with(three, "Tiers 3", "Tiers 2"), "t.topo:14:1: found Tier 2, but Tiers is 2"},
      {with(two, "Tiers 2", "Tiers 3"), "t.topo:1:1: found no Tier 2"},
      {three + "Radix_Up 2\n", "t.topo:18:10: Tier 2 is the top, it has no uplinks"},
      {"", "found no `Nodes N` line"},
      {"\x7f"
       "ELF",
       "t.topo:1:1: found byte 0x7f"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_THAT(errors_of_text(text), HasSubstr(expected)) << text;
}

TEST(HtsimTopology, WhatDoesNotCloseIsMultipliedOut) {
  const std::string three = kThreeTiers;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {with(three, "Nodes 16", "Nodes 20"),
       "t.topo:3:9: the topology does not close: Nodes 20 is no multiple of Podsize 8"},
      {with(three, "Radix_Down 4", "Radix_Down 3"),
       "t.topo:6:12: the topology does not close: Podsize 8 is no multiple of Radix_Down of Tier 0 "
       "3"},
      {with(three, "Radix_Down 2\nRadix_Up 2", "Radix_Down 4\nRadix_Up 2"),
       "t.topo:11:12: the topology does not close: Podsize 8 / Radix_Down 4 of Tier 0 = 2 switches "
       "a pod, x Bundle 1 of Tier 1 = 2, but Radix_Down of Tier 1 is 4"},
      {with(three, "Tier 2\nDownlink_speed_Gbps 100\nRadix_Down 2",
            "Tier 2\nDownlink_speed_Gbps 100\nRadix_Down 5"),
       "t.topo:16:12: the topology does not close: Nodes 16 / Podsize 8 = 2 pods, x Bundle 1 of "
       "Tier 2 = 2, but Radix_Down of Tier 2 is 5"},
      {with(three, "Radix_Up 4", "Radix_Up 4\nOversubscribed 2"),
       "t.topo:8:16: Oversubscribed 2 does not match Radix_Down 4 / Radix_Up 4 of Tier 0 (400 / "
       "400 "
       "Gbps)"},
      {with(three, "Radix_Up 4", "Radix_Up 4\nBundle 2"), "Bundle of Tier 0 must be 1"},
      {with(three, "Radix_Down 2\nRadix_Up 2", "Radix_Down 2\nRadix_Up 2\nBundle 3"),
       "Radix_Up of Tier 0 4 is no multiple of Bundle of Tier 1 3"},
      {with(kTwoTiers, "Podsize 32", "Podsize 16"), "two tiers are one pod, but Podsize is 16"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_THAT(errors_of_text(text), HasSubstr(expected)) << text;
}

TEST(HtsimTopology, BundlesClose) {
  const std::string text =
      with(with(kThreeTiers, "Radix_Down 2\nRadix_Up 2", "Radix_Down 4\nRadix_Up 2\nBundle 2"),
           "Tier 2\n", "Tier 2\n");
  EXPECT_EQ(errors_of_text(text), "");
}

TEST(HtsimTopology, IgnoredQueuesAreMentioned) {
  const auto t = read_htsim_topology(with(kTwoTiers, "radix_up 2", "radix_up 2\nqueue_up 9"), "t");
  ASSERT_TRUE(t.has_value());
  ASSERT_EQ(t->warnings.size(), 1u);
  EXPECT_THAT(t->warnings[0].message, HasSubstr("Queue_Up has no effect"));
}

// What the reader accepts, the fabric accepts too; nothing crashes.
TEST(HtsimTopology, IsTotalOverDamagedFiles) {
  constexpr uint64_t kSeed = 11;
  base::RandomStream random(kSeed, "damaged topology");
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  const std::string text = kThreeTiers;
  int accepted = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::string changed = text;
    const size_t at = random.below(text.size());
    const bool digit = text[at] >= '0' && text[at] <= '9';
    changed[at] = static_cast<char>(digit ? '0' + random.below(10) : random.below(256));
    const auto topology = read_htsim_topology(changed, "t.topo");
    if (!topology) continue;
    ++accepted;
    const auto built = fabric::Topology::build(topology->to_fabric(), 1);
    EXPECT_TRUE(built.has_value()) << changed << built.error().to_string();
  }
  EXPECT_GT(accepted, 100);
}

TEST(HtsimTopology, RealFiles) {
  const std::filesystem::path folder = shared_data() / "htsim";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no topologies in " << folder;
  const std::vector<std::pair<const char*, uint32_t>> files = {
      {"fat_tree_1024.topo", 1024},
      {"fat_tree_128_1os.topo", 128},
      {"fat_tree_128_4os.topo", 128},
      {"leaf_spine_1024.topo", 1024},
      {"leaf_spine_1024_oversub.topo", 1024},
      {"leaf_spine_8192_400g.topo", 8192},
      {"leaf_spine_tiny.topo", 32}};
  for (const auto& [name, nodes] : files) {
    const auto topology = load_htsim_topology(folder / name);
    ASSERT_TRUE(topology.has_value()) << base::to_string(topology.error());
    const auto built = fabric::Topology::build(topology->to_fabric(), 1);
    ASSERT_TRUE(built.has_value()) << name << built.error().to_string();
    EXPECT_EQ(built->hosts(), nodes) << name;
  }
}

}  // namespace
}  // namespace windtunnel::study
