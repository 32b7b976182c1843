// The machine of fixed latency against the closed forms, and the known values of both.
#include "cluster/bounds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "cluster/bus_bandwidth.h"

namespace windtunnel::cluster {
namespace {

constexpr PortModel kNetwork{base::Duration::us(2), base::Rate::gbps(400)};
constexpr PortModel kServer{base::Duration::ns(500), base::Rate::gbps(3600)};

CollectiveSpec spec_of(Operation operation, Algorithm algorithm, uint32_t ranks, int64_t bytes) {
  CollectiveSpec spec;
  spec.operation = operation;
  spec.algorithm = algorithm;
  spec.group.resize(ranks);
  std::iota(spec.group.begin(), spec.group.end(), 0u);
  spec.bytes = base::Bytes(bytes);
  spec.chunk = base::Bytes::kib(64);
  return spec;
}

struct Outcome {
  double measured = 0;
  double bound = 0;
  double ratio() const { return measured / bound; }
};

Outcome run(const CollectiveSpec& spec) {
  auto collective = make_collective(spec);
  EXPECT_TRUE(collective.has_value()) << collective.error().to_string();
  FixedLatencyOptions options;
  options.network = kNetwork;
  options.server = kServer;
  options.per_server = spec.placement.per_server;
  const FixedLatencyResult result = run_fixed_latency(**collective, options);
  EXPECT_TRUE(result.complete((*collective)->ranks()));
  const auto bound = bound_of(spec, {kNetwork, kServer});
  EXPECT_TRUE(bound.has_value());
  return {result.last_arrival.seconds(), bound->seconds()};
}

void check(const CollectiveSpec& spec, double tolerance) {
  const Outcome r = run(spec);
  EXPECT_NEAR(r.ratio(), 1, tolerance)
      << name_of(spec.operation) << " by " << name_of(spec.algorithm) << " (inner "
      << name_of(spec.inner) << "), " << spec.group.size() << " ranks, " << spec.bytes.count()
      << " bytes: measured " << r.measured * 1e6 << " us, bound " << r.bound * 1e6 << " us";
}

constexpr int64_t kMiB = 1024 * 1024;

TEST(Bounds, RingMeetsItsClosedForm) {
  for (const Operation operation :
       {Operation::kAllReduce, Operation::kReduceScatter, Operation::kAllGather}) {
    for (const uint32_t ranks : {2u, 8u, 64u, 100u}) {
      for (const int64_t bytes : {int64_t{4096}, kMiB, 64 * kMiB}) {
        CollectiveSpec spec = spec_of(operation, Algorithm::kRing, ranks, bytes);
        check(spec, 0.01);
        spec.channels = 4;
        check(spec, 0.01);
      }
    }
  }
  check(spec_of(Operation::kAllReduce, Algorithm::kRing, 1024, 64 * kMiB), 0.01);
}

TEST(Bounds, HalvingDoublingMeetsItsClosedForm) {
  for (const Operation operation :
       {Operation::kAllReduce, Operation::kReduceScatter, Operation::kAllGather}) {
    for (const uint32_t ranks : {2u, 8u, 64u, 1024u, 8192u}) {
      for (const int64_t bytes : {int64_t{65536}, kMiB, 64 * kMiB}) {
        check(spec_of(operation, Algorithm::kHalvingDoubling, ranks, bytes), 0.01);
      }
    }
  }
  // Folded: 10,240 is 8,192 and 2,048 more.
  for (const uint32_t ranks : {3u, 12u, 100u, 10'240u}) {
    check(spec_of(Operation::kAllReduce, Algorithm::kHalvingDoubling, ranks, kMiB), 0.01);
  }
}

TEST(Bounds, LanesOfHalvingDoublingFillEachOthersWaits) {
  for (const uint32_t ranks : {8u, 64u, 1024u}) {
    for (const int64_t bytes : {kMiB, 64 * kMiB}) {
      CollectiveSpec spec =
          spec_of(Operation::kAllReduce, Algorithm::kHalvingDoubling, ranks, bytes);
      spec.channels = 4;
      check(spec, 0.1);  // where lanes overtake one another the form is no longer exact
    }
  }
}

TEST(Bounds, TwoTreesUseTheFullBandwidthBothWays) {
  for (const uint32_t ranks : {2u, 3u, 8u, 64u, 100u, 1024u}) {
    check(spec_of(Operation::kAllReduce, Algorithm::kTree, ranks, 64 * kMiB), 0.02);
    check(spec_of(Operation::kBroadcast, Algorithm::kTree, ranks, 64 * kMiB), 0.02);
  }
}

TEST(Bounds, TreesOfOneChunkTakeTheirHeight) {
  for (const uint32_t ranks : {4u, 8u, 64u, 1024u, 8192u}) {
    check(spec_of(Operation::kAllReduce, Algorithm::kTree, ranks, 65536), 0.02);
    check(spec_of(Operation::kBroadcast, Algorithm::kTree, ranks, 65536), 0.02);
  }
}

TEST(Bounds, ChainAndBinomialMeetTheirClosedForms) {
  for (const uint32_t ranks : {2u, 8u, 64u, 1024u}) {
    for (const int64_t bytes : {int64_t{65536}, 64 * kMiB}) {
      check(spec_of(Operation::kBroadcast, Algorithm::kChain, ranks, bytes), 0.01);
      check(spec_of(Operation::kBroadcast, Algorithm::kBinomial, ranks, bytes), 0.01);
    }
  }
  check(spec_of(Operation::kSend, Algorithm::kDirect, 2, 64 * kMiB), 0.01);
}

TEST(Bounds, DirectExchangesMeetTheirClosedForm) {
  for (const Operation operation :
       {Operation::kAllToAll, Operation::kReduceScatter, Operation::kAllGather}) {
    for (const uint32_t ranks : {2u, 8u, 64u, 1024u}) {
      check(spec_of(operation, Algorithm::kDirect, ranks, 64 * kMiB), 0.01);
    }
  }
}

CollectiveSpec hierarchy(uint32_t servers, Algorithm inner, uint32_t slices) {
  CollectiveSpec spec =
      spec_of(Operation::kAllReduce, Algorithm::kHierarchical, servers * 8, 64 * kMiB);
  spec.inner = inner;
  spec.placement.per_server = 8;
  spec.slices = slices;
  return spec;
}

TEST(Bounds, HierarchiesMeetTheirClosedForm) {
  for (const Algorithm inner : {Algorithm::kTree, Algorithm::kHalvingDoubling, Algorithm::kRing}) {
    for (const uint32_t servers : {2u, 8u, 128u}) check(hierarchy(servers, inner, 1), 0.02);
    // Slices of halving-doubling overtake one another, as lanes do, and notices of one wait behind
    // messages of another.
    const double tolerance = inner == Algorithm::kHalvingDoubling ? 0.06 : 0.02;
    for (const uint32_t servers : {8u, 128u}) check(hierarchy(servers, inner, 4), tolerance);
    // Two servers: within them there is as much to do as between them, and the links within a
    // server carry both directions of the hierarchy in turn.
    check(hierarchy(2, inner, 4), 0.1);
  }
  check(hierarchy(1280, Algorithm::kHalvingDoubling, 1), 0.02);
}

TEST(Bounds, RailsMeetTheClosedFormOfTheirInnerAlgorithm) {
  for (const Algorithm inner : {Algorithm::kRing, Algorithm::kTree, Algorithm::kHalvingDoubling}) {
    CollectiveSpec spec = spec_of(Operation::kAllReduce, Algorithm::kRailAligned, 1024, 64 * kMiB);
    spec.inner = inner;
    spec.placement.per_server = 8;
    check(spec, 0.02);
  }
}

TEST(Bounds, FlatAlgorithmsTakeTheServersPortsWithinServers) {
  for (const uint32_t ranks : {8u, 64u, 512u}) {
    for (const int64_t bytes : {int64_t{65536}, 64 * kMiB}) {
      for (const uint32_t channels : {1u, 8u}) {
        CollectiveSpec spec = spec_of(Operation::kAllReduce, Algorithm::kRing, ranks, bytes);
        spec.placement.per_server = 8;
        spec.channels = channels;
        check(spec, 0.02);
      }
      CollectiveSpec halving =
          spec_of(Operation::kAllReduce, Algorithm::kHalvingDoubling, ranks, bytes);
      halving.placement.per_server = 8;
      check(halving, 0.01);
    }
    CollectiveSpec direct = spec_of(Operation::kAllToAll, Algorithm::kDirect, ranks, 64 * kMiB);
    direct.placement.per_server = 8;
    check(direct, 0.01);
  }
}

// What NCCL's rings are for: eight channels use the eight network cards of a server.
TEST(Bounds, ChannelsOfARingShareOutTheCardsOfAServer) {
  CollectiveSpec spec = spec_of(Operation::kAllReduce, Algorithm::kRing, 64, 64 * kMiB);
  spec.placement.per_server = 8;
  const double one = run(spec).measured;
  spec.channels = 8;
  EXPECT_LT(run(spec).measured, one / 4);
}

TEST(Bounds, AllToAllThroughRailsMeetsItsClosedForm) {
  for (const uint32_t ranks : {16u, 64u, 1024u}) {
    CollectiveSpec spec = spec_of(Operation::kAllToAll, Algorithm::kRailAligned, ranks, 64 * kMiB);
    spec.placement.per_server = 8;
    spec.window = 64;
    check(spec, 0.02);
  }
}

// Up to 210 million messages each.
TEST(NightlyBounds, AlgorithmsOn10240RanksMeetTheirClosedForms) {
  check(hierarchy(1280, Algorithm::kTree, 4), 0.02);
  check(hierarchy(1280, Algorithm::kRing, 1), 0.02);
  check(hierarchy(1280, Algorithm::kRing, 4), 0.02);
  check(spec_of(Operation::kAllReduce, Algorithm::kTree, 10'240, 64 * kMiB), 0.02);
  check(spec_of(Operation::kBroadcast, Algorithm::kTree, 10'240, 64 * kMiB), 0.02);
  check(spec_of(Operation::kAllReduce, Algorithm::kRing, 10'240, 64 * kMiB), 0.01);
}

TEST(Bounds, NothingBeatsTheLeastTime) {
  for (int operation = 0; operation < 6; ++operation) {
    const auto op = static_cast<Operation>(operation);
    for (const Algorithm algorithm : algorithms_of(op)) {
      if (algorithm == Algorithm::kRailAligned && op == Operation::kAllReduce) continue;
      for (const uint32_t ranks : {2u, 5u, 32u, 64u}) {
        if (op == Operation::kSend && ranks != 2) continue;
        for (const int64_t bytes : {int64_t{1000}, 4 * kMiB}) {
          CollectiveSpec spec = spec_of(op, algorithm, ranks, bytes);
          const Outcome r = run(spec);
          const base::Duration least = least_time(op, ranks, spec.bytes, kNetwork);
          EXPECT_GE(r.measured, 0.9999 * least.seconds())
              << name_of(op) << " by " << name_of(algorithm) << ", " << ranks << " ranks, " << bytes
              << " bytes";
        }
      }
    }
  }
}

TEST(Bounds, NetRateTakesHeadersOff) {
  // 4,096 bytes in packets of 4,160: 400 Gb/s carry 393.8.
  EXPECT_EQ(net_rate(base::Rate::gbps(400), base::Bytes(4096), base::Bytes(64)),
            base::Rate::bits_per_second(393'846'153'846));
}

// 131,072 bytes are 33 packets of at most 4,032; each brings a header and is answered.
TEST(Bounds, MessagesCarryHeadersAndAnswers) {
  BoundPorts ports{{base::Duration::us(2), base::Rate::gbps(400)}, kServer};
  ports.framing = {base::Bytes(4032), base::Bytes(64), base::Bytes(60)};
  CollectiveSpec spec = spec_of(Operation::kAllToAll, Algorithm::kDirect, 8, 8 * 131'072);
  spec.chunk = base::Bytes::kib(128);
  const double message = (131'072 + 33 * 124) * 8 / 400e9;
  EXPECT_NEAR(bound_of(spec, ports)->seconds(), 2e-6 + 7 * message, 1e-9);
  // Where one only sends, nothing comes back in its way.
  spec = spec_of(Operation::kSend, Algorithm::kDirect, 2, 131'072);
  spec.chunk = base::Bytes::kib(128);
  const double alone = (131'072 + 33 * 64) * 8 / 400e9;
  EXPECT_NEAR(bound_of(spec, ports)->seconds(), 2e-6 + alone, 1e-9);
  // Memory that is slower than the line is the limit, and carries no headers.
  ports.memory = base::Rate::gbps(100);
  EXPECT_NEAR(bound_of(spec, ports)->seconds(), 2e-6 + 131'072 * 8 / 100e9, 1e-9);
}

// Ranks 0 to 3 below one switch, 4 to 7 below another: 1 us within, 3 us between.
TEST(Bounds, LatencyIsThatOfTheHopsMade) {
  BoundPorts ports{{base::Duration::us(3), base::Rate::gbps(400)}, kServer};
  ports.latency = [](Rank from, Rank to) { return base::Duration::us(from / 4 == to / 4 ? 1 : 3); };
  const auto seconds = [&](Operation operation, Algorithm algorithm) {
    return bound_of(spec_of(operation, algorithm, 8, 8), ports)->seconds();
  };
  // Six hops of 1 us and two of 3; the last of the 14 steps counts as the longest.
  EXPECT_NEAR(seconds(Operation::kAllReduce, Algorithm::kRing), 13 * 1.5e-6 + 3e-6, 1e-8);
  EXPECT_NEAR(seconds(Operation::kAllReduce, Algorithm::kHalvingDoubling), 2 * 5e-6, 1e-8);
  EXPECT_NEAR(seconds(Operation::kBroadcast, Algorithm::kChain), 6 * 1e-6 + 3e-6, 1e-8);
  // 0 to 4 is far, then 6 and 7, or 2 and 1, are near.
  EXPECT_NEAR(seconds(Operation::kBroadcast, Algorithm::kBinomial), 5e-6, 1e-8);
  EXPECT_NEAR(seconds(Operation::kAllToAll, Algorithm::kDirect), 3e-6, 1e-8);
}

TEST(Bounds, RefusesWhatCannotRun) {
  CollectiveSpec spec = spec_of(Operation::kAllReduce, Algorithm::kDirect, 8, 100);
  EXPECT_FALSE(bound_of(spec, {kNetwork, kServer}).has_value());
}

// Factors of nccl-tests, doc/PERFORMANCE.md.
TEST(BusBandwidth, HasTheFactorsOfTheField) {
  EXPECT_EQ(bus_factor(Operation::kAllReduce, 8), (base::Ratio{14, 8}));
  EXPECT_EQ(bus_factor(Operation::kAllGather, 8), (base::Ratio{7, 8}));
  EXPECT_EQ(bus_factor(Operation::kReduceScatter, 8), (base::Ratio{7, 8}));
  EXPECT_EQ(bus_factor(Operation::kAllToAll, 8), (base::Ratio{7, 8}));
  EXPECT_EQ(bus_factor(Operation::kBroadcast, 8), (base::Ratio{1, 1}));
}

TEST(BusBandwidth, IsThePortsRateForARingOfLargeMessages) {
  // 1 GB in 8 ranks, 2 * 7 / 8 GB through a port of 100 GB/s: 17.5 ms.
  const Goal goal{Operation::kAllReduce, base::Bytes(1'000'000'000), 0};
  const Bandwidth bandwidth = bandwidth_of(goal, 8, base::Duration::us(17'500));
  EXPECT_EQ(bandwidth.bus, base::Rate::gbps(800));
  EXPECT_EQ(bandwidth.algorithm.bits_per_second(), 457'142'857'142);
  EXPECT_EQ(bandwidth_of(goal, 8, base::Duration::zero()).bus, base::Rate());
}

}  // namespace
}  // namespace windtunnel::cluster
