#include "study/network_schema_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace windtunnel::study {
namespace {

using testing::HasSubstr;

FabricDescription fat_tree(int64_t nodes, int64_t tiers) {
  FabricDescription f;
  f.nodes = nodes;
  f.tiers = tiers;
  return f;
}
FabricDescription leaf_spine(int64_t nodes) {
  FabricDescription f = fat_tree(nodes, 2);
  f.shape = Shape::kLeafSpine;
  return f;
}

std::string problem_of(const FabricDescription& fabric) {
  const auto shaped = resolve_shape(fabric);
  if (shaped) return "none";
  return shaped.error().key + ": " + shaped.error().message + " (" + shaped.error().hint + ")";
}

// Resolves, and the fabric agrees that it closes.
fabric::TopologyDescription closed(const FabricDescription& fabric) {
  const auto shaped = resolve_shape(fabric);
  EXPECT_TRUE(shaped.has_value()) << problem_of(fabric);
  if (!shaped) return {};
  const auto built = fabric::Topology::build(*shaped, 1);
  EXPECT_TRUE(built.has_value()) << built.error().to_string();
  return *shaped;
}

TEST(Shape, FatTreesCloseExactlyAtTheirSizes) {
  for (int64_t k = 2; k <= 64; k += 2) {
    const auto three = closed(fat_tree(k * k * k / 4, 3));
    EXPECT_EQ(three.tiers[0].down, k / 2);
    EXPECT_EQ(three.tiers[2].down, k);
    const auto two = closed(fat_tree(k * k / 2, 2));
    EXPECT_EQ(two.tiers[0].down, k / 2);
    EXPECT_EQ(two.tiers[0].up, k / 2);
    EXPECT_EQ(two.tiers[1].down, k);
  }
}

TEST(Shape, OtherSizesNameTheirNeighbours) {
  EXPECT_EQ(problem_of(fat_tree(1001, 3)),
            "fabric.nodes: 1001 nodes do not close a fat tree of 3 tiers, which has k^3/4 for an "
            "even k, or at least a quarter of its pods (nearest full ones: 686 (k = 14) and 1024 "
            "(k = 16); or give fabric.radix)");
  EXPECT_THAT(problem_of(fat_tree(101, 2)), HasSubstr("98 (k = 14) and 128 (k = 16)"));
}

TEST(Shape, AQuarterOfTheTreeIsEnough) {
  const auto d = closed(fat_tree(16'384, 3));  // 16 pods of 1,024: radix 64
  EXPECT_EQ(d.tiers[0].down, 32u);
  EXPECT_EQ(d.tiers[2].down, 16u);
  EXPECT_EQ(closed(fat_tree(1'000, 3)).tiers[2].down, 10u);  // 10 pods of 100: radix 20
}

TEST(Shape, AGivenRadixAllowsPartsOfATree) {
  FabricDescription f = fat_tree(512, 3);
  f.radix = 32;  // pods of 256
  EXPECT_EQ(closed(f).tiers[2].down, 2u);
  f.nodes = 600;
  EXPECT_THAT(problem_of(f), HasSubstr("600 nodes are not whole pods of 256"));
  EXPECT_THAT(problem_of(f), HasSubstr("nearest: 512 and 768"));
  f.nodes = 8'448;  // 33 pods
  EXPECT_THAT(problem_of(f), HasSubstr("nearest: 8192"));
  f.radix = 31;
  EXPECT_THAT(problem_of(f), HasSubstr("fabric.radix: found 31, expected an even number"));
  f = fat_tree(96, 2);
  f.radix = 32;
  EXPECT_EQ(closed(f).tiers[1].down, 6u);
}

TEST(Shape, OversubscriptionTakesUplinksAway) {
  FabricDescription f = fat_tree(1024, 3);
  f.oversubscription = {4, 1};
  const auto d = closed(f);
  EXPECT_EQ(d.tiers[0].down, 8u);
  EXPECT_EQ(d.tiers[0].up, 2u);
  EXPECT_EQ(d.tiers[1].down, 8u);
  f.oversubscription = {3, 1};
  EXPECT_THAT(problem_of(f), HasSubstr("fabric.oversubscription: 8 node ports"));
  FabricDescription l = leaf_spine(1024);
  l.nodes_per_leaf = 32;
  l.oversubscription = {4, 1};
  EXPECT_EQ(closed(l).tiers[0].up, 8u);
  l.oversubscription = {3, 2};
  EXPECT_THAT(problem_of(l), HasSubstr("the ports must be a multiple of 3"));
  l.nodes = 960;
  l.nodes_per_leaf = 48;
  EXPECT_EQ(closed(l).tiers[0].up, 32u);
}

TEST(Shape, LeavesAreChosenOrGiven) {
  EXPECT_EQ(closed(leaf_spine(1024)).tiers[0].down, 32u);
  EXPECT_EQ(closed(leaf_spine(8192)).tiers[0].down, 64u);
  EXPECT_EQ(closed(leaf_spine(13)).tiers[0].down, 13u);  // a prime: one leaf
  FabricDescription f = leaf_spine(1024);
  f.radix = 128;
  EXPECT_EQ(closed(f).tiers[0].down, 64u);
  f.radix = 100;
  EXPECT_THAT(problem_of(f), HasSubstr("fabric.radix: 1024 nodes are not whole leaves of 50"));
  f.nodes_per_leaf = 64;
  EXPECT_THAT(problem_of(f), HasSubstr("found 100, but a leaf has 64 + 64 ports and a spine 16"));
  f.radix.reset();
  f.nodes_per_leaf = 7;
  EXPECT_THAT(problem_of(f), HasSubstr("fabric.nodes_per_leaf: 1024 nodes are not whole leaves"));
  FabricDescription large = leaf_spine(500'009);  // a prime again
  EXPECT_THAT(problem_of(large), HasSubstr("more than 4096"));
}

TEST(Shape, RailsGroupServers) {
  FabricDescription f = leaf_spine(1024);
  f.shape = Shape::kRailOptimised;
  f.rails = 8;  // 128 servers
  const auto d = closed(f);
  EXPECT_EQ(d.rails, 8u);
  EXPECT_EQ(d.tiers[0].down, 64u);
  f.nodes = 1020;
  EXPECT_THAT(problem_of(f), HasSubstr("nearest: fabric.nodes 1016 and 1024"));
  f.nodes = 1024;
  f.nodes_per_leaf = 48;
  EXPECT_THAT(problem_of(f), HasSubstr("128 servers are not whole groups of 48"));
}

TEST(Shape, PlanesRatesAndLatenciesAreFilledIn) {
  FabricDescription f = fat_tree(128, 3);
  f.planes = 4;
  f.link_rate = Rate::gbps(100);
  f.link_latency = Duration::ns(500);
  f.switch_latency = Duration::ns(300);
  const auto d = closed(f);
  EXPECT_EQ(d.planes, 4u);
  EXPECT_EQ(d.tiers[1].link_rate, Rate::gbps(100));
  EXPECT_EQ(d.tiers[2].link_latency, Duration::ns(500));
  EXPECT_EQ(d.tiers[0].switch_latency, Duration::ns(300));
  f = fat_tree(524'288, 3);  // radix 128: 20,480 switches a plane
  f.planes = 8;
  EXPECT_EQ(problem_of(f), "none");
}

}  // namespace
}  // namespace windtunnel::study
