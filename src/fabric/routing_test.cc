// How evenly equal-cost paths are used: counts over up ports against the uniform distribution, with
// the chi-square statistic. For d degrees of freedom it has mean d and variance 2 d.
#include <cmath>
#include <vector>

#include "base/random.h"
#include "fabric/topology.h"
#include "fabric/topology_fixture.h"

namespace windtunnel::fabric {
namespace {

constexpr uint64_t kSeed = 20261122;

Topology tree(uint32_t hosts) {
  return Topology::build(fat_tree_3(hosts, 1, base::Rate::gbps(400), base::Duration::us(1)), kSeed)
      .value();
}
Topology leaves() {
  return Topology::build(leaf_spine(8192, 64, 1, base::Rate::gbps(400), base::Duration::us(1)),
                         kSeed)
      .value();
}

double chi_square(const std::vector<int64_t>& counts) {
  double total = 0;
  for (const int64_t c : counts) total += static_cast<double>(c);
  const double expected = total / static_cast<double>(counts.size());
  double sum = 0;
  for (const int64_t c : counts) {
    const double off = static_cast<double>(c) - expected;
    sum += off * off / expected;
  }
  return sum;
}

// Within six standard deviations of the mean of one statistic (the tail is a little longer than a
// normal one's; hundreds are drawn here).
void expect_uniform(const std::vector<int64_t>& counts, const char* over) {
  const auto d = static_cast<double>(counts.size() - 1);
  EXPECT_LT(chi_square(counts), d + 6 * std::sqrt(2 * d) + 6) << over << ", seed " << kSeed;
}

TEST(Routing, EveryEntropyOfAFlowIsSpreadOverAllUplinks) {
  const Topology t = leaves();
  for (uint32_t leaf = 0; leaf < 100; ++leaf) {
    std::vector<int64_t> counts(64, 0);
    const uint32_t dst = leaf < 64 ? 8191 : 0;
    for (uint32_t e = 0; e < 65'536; ++e) {
      ++counts[t.switch_at(leaf).route(dst, 17 + leaf, static_cast<uint16_t>(e)) - 64];
    }
    expect_uniform(counts, "65,536 entropies of a flow");
  }
}

TEST(Routing, FlowsOfOneEntropyAreSpreadOverAllUplinks) {
  const Topology t = leaves();
  for (uint32_t leaf = 0; leaf < 100; ++leaf) {
    std::vector<int64_t> counts(64, 0);
    const uint32_t dst = leaf < 64 ? 8191 : 0;
    for (uint32_t flow = 0; flow < 65'536; ++flow) {
      ++counts[t.switch_at(leaf).route(dst, flow, 5) - 64];
    }
    expect_uniform(counts, "65,536 flows");
  }
}

TEST(Routing, LeavesChooseIndependently) {
  const Topology t = leaves();
  std::vector<int64_t> counts(64, 0);
  for (uint32_t leaf = 0; leaf < 127; ++leaf) {
    for (uint32_t flow = 0; flow < 500; ++flow) {
      const uint32_t a = t.switch_at(leaf).route(8191, flow, 9) - 64;
      const uint32_t b = t.switch_at((leaf + 1) % 127).route(8191, flow, 9) - 64;
      ++counts[(a + 64 - b) % 64];
    }
  }
  expect_uniform(counts, "difference of the choices of two leaves");
}

// What a transport sees: 256 entropies over 8 uplinks. Over many flows the statistic must have the
// mean and the variance of independent choices; a hash that deals entropies out in turn would be
// far too even, one that ignores some of their bits too uneven.
TEST(Routing, SmallSetsOfEntropiesFallLikeDice) {
  const Topology t = tree(1024);
  constexpr int kFlows = 4000;
  double sum = 0, squares = 0;
  for (uint32_t flow = 0; flow < kFlows; ++flow) {
    std::vector<int64_t> counts(8, 0);
    for (uint16_t e = 0; e < 256; ++e) ++counts[t.switch_at(flow % 64).route(1023, flow, e) - 8];
    const double x = chi_square(counts);
    sum += x;
    squares += x * x;
  }
  const double mean = sum / kFlows;
  const double variance = squares / kFlows - mean * mean;
  // Standard errors: sqrt(14 / 4000) = 0.06 and about 14 sqrt((2 + 12 / 7) / 4000) = 0.43.
  EXPECT_NEAR(mean, 7, 0.3) << "seed " << kSeed;
  EXPECT_NEAR(variance, 14 * 255.0 / 256, 2.2) << "seed " << kSeed;
}

// ToR and aggregation switch hash the same fields; without a salt of its own the second would
// always choose what the first chose (polarisation), and most paths would never be used.
TEST(Routing, TiersChooseIndependently) {
  const Topology t = tree(1024);
  std::vector<int64_t> counts(64, 0);
  for (uint32_t flow = 0; flow < 100; ++flow) {
    for (uint32_t e = 0; e < 1024; ++e) {
      const auto entropy = static_cast<uint16_t>(e);
      const uint32_t up = t.switch_at(0).route(1023, flow, entropy);
      const PortEnd agg = t.peer({t.unit_of_switch(0), up});
      const uint32_t next = t.switch_at(t.switch_of_unit(agg.unit)).route(1023, flow, entropy);
      ++counts[(up - 8) * 8 + next - 8];
    }
  }
  expect_uniform(counts, "pairs of choices");
}

TEST(Routing, ParallelCablesDownAreUsedEvenly) {
  TopologyDescription d = leaf_spine(64, 8, 1, base::Rate::gbps(400), base::Duration::us(1));
  d.tiers[1].bundle = 4;
  d.tiers[1].down = 32;
  const Topology t = Topology::build(d, kSeed).value();
  const SwitchModel& spine = t.switch_at(t.tier_first(0, 1));
  std::vector<int64_t> counts(4, 0);
  for (uint32_t e = 0; e < 65'536; ++e) {
    const uint32_t port = spine.route(63, 1, static_cast<uint16_t>(e));
    ASSERT_EQ(port / 4, 7u);
    ++counts[port % 4];
  }
  expect_uniform(counts, "cables of a bundle");
}

TEST(Routing, AChoiceDependsOnFlowEntropyAndSwitchAlone) {
  const Topology a = tree(128);
  const Topology b = tree(128);
  base::RandomStream stream(kSeed, "routes");
  for (int i = 0; i < 10'000; ++i) {
    const auto sw = static_cast<uint32_t>(stream.below(a.switches()));
    const auto flow = static_cast<uint32_t>(stream.bits());
    const auto entropy = static_cast<uint16_t>(stream.bits());
    const auto dst = static_cast<uint32_t>(stream.below(128));
    EXPECT_EQ(a.switch_at(sw).route(dst, flow, entropy), b.switch_at(sw).route(dst, flow, entropy));
  }
}

}  // namespace
}  // namespace windtunnel::fabric
