// What can be asked for, and what is said to what cannot.
#include "cluster/collectives.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace windtunnel::cluster {
namespace {

CollectiveSpec good() {
  CollectiveSpec spec;
  spec.group = {0, 1, 2, 3, 4, 5, 6, 7};
  spec.bytes = base::Bytes::kib(64);
  return spec;
}
std::string error_of(const CollectiveSpec& spec) {
  const auto made = make_collective(spec);
  return made.has_value() ? "" : made.error().to_string();
}

TEST(CollectiveSpec, NamesComeBack) {
  for (const std::string_view name : operation_names())
    EXPECT_EQ(name_of(*operation_from(name)), name);
  for (const std::string_view name : algorithm_names())
    EXPECT_EQ(name_of(*algorithm_from(name)), name);
  EXPECT_EQ(algorithm_from("rings").error().to_string(),
            "found algorithm `rings`, expected one of: ring, tree, halving-doubling, hierarchical, "
            "rail-aligned, direct, binomial, chain");
  EXPECT_EQ(operation_from("").error().to_string(),
            "found operation ``, expected one of: all-reduce, reduce-scatter, all-gather, "
            "all-to-all, broadcast, send");
}

TEST(CollectiveSpec, EveryOperationHasAlgorithmsAndSaysWhich) {
  for (int o = 0; o < 6; ++o) {
    CollectiveSpec spec = good();
    spec.operation = static_cast<Operation>(o);
    if (spec.operation == Operation::kSend) spec.group = {3, 5};
    for (int a = 0; a < 8; ++a) {
      spec.algorithm = static_cast<Algorithm>(a);
      const auto has = algorithms_of(spec.operation);
      const bool available = std::find(has.begin(), has.end(), spec.algorithm) != has.end();
      EXPECT_EQ(error_of(spec).empty(), available) << error_of(spec);
    }
  }
  CollectiveSpec spec = good();
  spec.operation = Operation::kBroadcast;
  EXPECT_EQ(error_of(spec), "broadcast has no algorithm `ring` (it has: tree, binomial, chain)");
}

TEST(CollectiveSpec, SaysWhatDoesNotFit) {
  CollectiveSpec spec = good();
  spec.group.clear();
  EXPECT_EQ(error_of(spec), "ranks is 0, expected 1 to 1048576");
  spec = good();
  spec.group[3] = 2;
  EXPECT_EQ(error_of(spec), "rank 2 stands twice in the groups");
  spec = good();
  spec.group[3] = 0xffffffff;
  EXPECT_EQ(error_of(spec), "rank is 4294967295, expected 0 to 1048575");
  spec = good();
  spec.bytes = base::Bytes(-1);
  EXPECT_EQ(error_of(spec), "bytes is -1, expected 0 to 1099511627776");
  spec = good();
  spec.channels = 0;
  EXPECT_EQ(error_of(spec), "channels is 0, expected 1 to 512");
  spec = good();
  spec.slices = 0;
  EXPECT_EQ(error_of(spec), "slices is 0, expected 1 to 341");
  spec = good();
  spec.operation = Operation::kBroadcast;
  spec.algorithm = Algorithm::kTree;
  spec.root = 8;
  EXPECT_EQ(error_of(spec), "root, a position in the group, is 8, expected 0 to 7");
  spec.operation = Operation::kSend;
  spec.algorithm = Algorithm::kDirect;
  EXPECT_EQ(error_of(spec), "send takes a group of 2 ranks, found 8");
}

TEST(CollectiveSpec, SaysWhichGroupsAHierarchyNeeds) {
  CollectiveSpec spec = good();
  spec.algorithm = Algorithm::kHierarchical;
  spec.placement.per_server = 4;
  EXPECT_EQ(error_of(spec), "");
  spec.group.pop_back();
  EXPECT_EQ(error_of(spec),
            "all-reduce by hierarchical: the group has 3 ranks on one server and 4 on another, and "
            "needs as many on each");
  spec = good();
  spec.algorithm = Algorithm::kHierarchical;
  spec.placement.server_of = {0, 0, 0, 0};
  EXPECT_EQ(
      error_of(spec),
      "all-reduce by hierarchical: the placement gives servers for 4 ranks, but the group has "
      "rank 7");
  spec = good();
  spec.algorithm = Algorithm::kHierarchical;
  spec.inner = Algorithm::kChain;
  EXPECT_EQ(error_of(spec),
            "all-reduce across servers has no algorithm `chain` (it has: ring, tree, "
            "halving-doubling)");
  spec.inner = Algorithm::kRing;
  spec.within = Algorithm::kTree;
  EXPECT_EQ(error_of(spec),
            "all-reduce within a server has no algorithm `tree` (it has: direct, ring)");
}

TEST(CollectiveSpec, SaysWhenThereWouldBeTooManyMessages) {
  CollectiveSpec spec = good();
  spec.bytes = base::Bytes(int64_t{1} << 40);
  spec.chunk = base::Bytes(1024);
  EXPECT_EQ(error_of(spec),
            "ring sends 1879048192 messages a rank and channel, expected fewer than 16777216 (a "
            "larger chunk sends fewer)");
  spec.algorithm = Algorithm::kTree;
  EXPECT_NE(error_of(spec), "");
  spec.operation = Operation::kAllToAll;
  spec.algorithm = Algorithm::kDirect;
  EXPECT_NE(error_of(spec), "");
  spec.operation = Operation::kAllGather;
  spec.algorithm = Algorithm::kHalvingDoubling;
  spec.channels = 2;
  EXPECT_EQ(error_of(spec), "all-gather by halving-doubling takes 1 channel, found 2");
}

// A group in any order on any servers: what decides is the placement.
TEST(CollectiveSpec, TakesServersAndRailsByRank) {
  CollectiveSpec spec = good();
  spec.algorithm = Algorithm::kRailAligned;
  spec.placement.server_of = {0, 1, 0, 1, 0, 1, 0, 1};
  spec.placement.rail_of = {3, 3, 2, 2, 1, 1, 0, 0};
  const auto made = make_collective(spec);
  ASSERT_TRUE(made.has_value());
  const Partition& rails = (*made)->groups();
  ASSERT_EQ(rails.groups(), 4u);
  EXPECT_EQ(rails.rank(0, 0), 6u);
  EXPECT_EQ(rails.rank(0, 1), 7u);
  EXPECT_EQ(rails.rank(3, 0), 0u);
  EXPECT_EQ(rails.rank(3, 1), 1u);
}

TEST(CollectiveSpec, RanksOutsideTheGroupAreDoneFromTheStart) {
  CollectiveSpec spec = good();
  spec.group = {5, 2};
  const auto made = make_collective(spec);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ((*made)->ranks(), 6u);
  for (Rank rank = 0; rank < 6; ++rank) {
    EXPECT_EQ((*made)->done(rank), rank != 5 && rank != 2) << rank;
    EXPECT_EQ((*made)->messages(rank), rank == 5 || rank == 2 ? 2 : 0) << rank;
  }
}

}  // namespace
}  // namespace windtunnel::cluster
