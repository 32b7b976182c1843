#include "node/workload.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/random.h"

namespace windtunnel::node {
namespace {

constexpr uint64_t kSeed = 20261122;
const base::Time kStart = base::Time::at(base::Duration::us(3));

// Every pair of orders of n hosts is (nearly surely) among the draws for n up to 5, so also those
// in which the last pair is a self flow and swaps with the first, and chains of such swaps.
TEST(Permutation, NobodySendsToItselfAndEverybodyReceivesOnce) {
  for (uint32_t hosts = 2; hosts <= 7; ++hosts) {
    for (uint64_t seed = 0; seed < 100'000; ++seed) {
      const Workload w = permutation(hosts, 10, kStart, base::RandomStream(seed, "permutation"));
      ASSERT_EQ(w.flows.size(), hosts);
      uint32_t sources = 0, destinations = 0;
      for (const FlowSpec& f : w.flows) {
        ASSERT_NE(f.src, f.dst) << hosts << " hosts, seed " << seed;
        sources |= 1u << f.src;
        destinations |= 1u << f.dst;
      }
      ASSERT_EQ(sources, (1u << hosts) - 1) << hosts << " hosts, seed " << seed;
      ASSERT_EQ(destinations, (1u << hosts) - 1) << hosts << " hosts, seed " << seed;
    }
  }
}

TEST(Permutation, LargeOnesToo) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Workload w = permutation(1024, 10, kStart, base::RandomStream(seed, "permutation"));
    std::set<uint32_t> sources, destinations;
    for (const FlowSpec& f : w.flows) {
      EXPECT_NE(f.src, f.dst) << "seed " << seed;
      sources.insert(f.src);
      destinations.insert(f.dst);
    }
    EXPECT_EQ(sources.size(), 1024u);
    EXPECT_EQ(destinations.size(), 1024u);
  }
}

TEST(Permutation, DependsOnTheStreamAlone) {
  const auto pairs = [](uint64_t seed) {
    std::vector<std::pair<uint32_t, uint32_t>> all;
    for (const FlowSpec& f :
         permutation(64, 10, kStart, base::RandomStream(seed, "permutation")).flows) {
      all.emplace_back(f.src, f.dst);
    }
    return all;
  };
  EXPECT_EQ(pairs(1), pairs(1));
  EXPECT_NE(pairs(1), pairs(2));
}

TEST(Permutation, FlowsCarryWhatWasAskedFor) {
  const Workload w = permutation(16, 2'000'000, kStart, base::RandomStream(kSeed, "permutation"));
  EXPECT_EQ(w.hosts, 16u);
  EXPECT_EQ(w.total_bytes(), 16 * 2'000'000);
  EXPECT_TRUE(w.triggers.empty());
  for (size_t i = 0; i < w.flows.size(); ++i) {
    EXPECT_EQ(w.flows[i].bytes, 2'000'000);
    EXPECT_EQ(w.flows[i].start, kStart);
    EXPECT_EQ(w.flows[i].label, i + 1);
    EXPECT_EQ(w.flows[i].started_by, kNoTrigger);
  }
}

// Destinations of a fixed host, over many draws: uniform over the others.
TEST(Permutation, IsNotPartialToAnyPair) {
  constexpr int kDraws = 70'000;
  std::vector<int64_t> counts(8, 0);
  for (int i = 0; i < kDraws; ++i) {
    const Workload w =
        permutation(8, 1, kStart, base::RandomStream(kSeed, "draw", static_cast<uint64_t>(i)));
    for (const FlowSpec& f : w.flows) counts[f.src == 3 ? f.dst : 3] += f.src == 3 ? 1 : 0;
  }
  double chi2 = 0;
  for (uint32_t host = 0; host < 8; ++host) {
    if (host == 3) continue;
    const double off = static_cast<double>(counts[host]) - kDraws / 7.0;
    chi2 += off * off / (kDraws / 7.0);
  }
  EXPECT_LT(chi2, 22.5) << "6 degrees of freedom, p = 0.001, seed " << kSeed;
}

TEST(PermutationDeathTest, OneHostHasNobodyToSendTo) {
  EXPECT_DEATH(permutation(1, 1, kStart, base::RandomStream(1, "permutation")), "two hosts");
}

TEST(DrawHosts, DistinctSortedAndNeverTheExcepted) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const auto drawn = draw_hosts(20, 7, {3, 19, 0, 3}, base::RandomStream(seed, "draw"));
    ASSERT_EQ(drawn.size(), 7u);
    EXPECT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
    EXPECT_EQ(std::set<uint32_t>(drawn.begin(), drawn.end()).size(), 7u);
    for (const uint32_t host : drawn) {
      EXPECT_TRUE(host < 20 && host != 3 && host != 19 && host != 0) << "seed " << seed;
    }
  }
  EXPECT_EQ(draw_hosts(4, 2, {1, 3}, base::RandomStream(kSeed, "draw")),
            (std::vector<uint32_t>{0, 2}));
  EXPECT_TRUE(draw_hosts(4, 0, {}, base::RandomStream(kSeed, "draw")).empty());
}

TEST(DrawHostsDeathTest, MoreThanThereAre) {
  EXPECT_DEATH(draw_hosts(4, 3, {1, 3}, base::RandomStream(kSeed, "draw")), "more hosts");
}

TEST(Incast, AllToOneInTheOrderGiven) {
  IncastOptions options;
  options.hosts = 10;
  options.sources = {7, 2, 5};
  options.destination = 1;
  options.bytes = 100;
  options.start = kStart;
  const Workload w = incast(options);
  ASSERT_EQ(w.flows.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(w.flows[i].src, options.sources[i]);
    EXPECT_EQ(w.flows[i].dst, 1u);
    EXPECT_EQ(w.flows[i].start, kStart);
    EXPECT_EQ(w.flows[i].label, i + 1);
  }
  EXPECT_EQ(w.total_bytes(), 300);
  EXPECT_EQ(w.groups, std::vector<std::string>{"all"});
}

TEST(Victim, IsAFlowOfItsOwnGroupBesideTheIncast) {
  VictimOptions options;
  options.incast.hosts = 10;
  options.incast.sources = {2, 3};
  options.incast.destination = 0;
  options.incast.bytes = 100;
  options.incast.start = kStart;
  options.source = 8;
  options.destination = 1;
  options.bytes = 7;
  const Workload w = victim(options);
  ASSERT_EQ(w.flows.size(), 3u);
  EXPECT_EQ(w.groups, (std::vector<std::string>{"incast", "victim"}));
  EXPECT_EQ(w.flows[0].group, 0);
  EXPECT_EQ(w.flows[2].group, 1);
  EXPECT_EQ(w.flows[2].src, 8u);
  EXPECT_EQ(w.flows[2].dst, 1u);
  EXPECT_EQ(w.flows[2].bytes, 7);
  EXPECT_EQ(w.flows[2].start, kStart);
  EXPECT_EQ(w.flows[2].label, 3u);
}

TEST(AllToAll, EveryPairOnceBeginningWithTheNextHost) {
  for (const uint32_t parallel : {1u, 3u, 100u}) {
    const Workload w = all_to_all(9, 5, parallel, kStart);
    std::set<std::pair<uint32_t, uint32_t>> pairs;
    for (const FlowSpec& f : w.flows) {
      EXPECT_NE(f.src, f.dst);
      pairs.emplace(f.src, f.dst);
    }
    EXPECT_EQ(pairs.size(), 72u);
    EXPECT_EQ(w.flows.size(), 72u);
    EXPECT_EQ(w.flows[8 * 4].src, 4u);
    EXPECT_EQ(w.flows[8 * 4].dst, 5u);
    EXPECT_EQ(w.flows[8 * 4 + 7].dst, 3u);
    EXPECT_EQ(w.triggers.size(), 9 * (8 - std::min(parallel, 8u)));
  }
}

// A trigger starts one flow, of the host whose flow fires it, `parallel` places later.
TEST(AllToAll, TriggersChainFlowsOfOneHost) {
  const Workload w = all_to_all(6, 5, 2, kStart);
  for (uint32_t f = 0; f < w.flows.size(); ++f) {
    const FlowSpec& flow = w.flows[f];
    EXPECT_EQ(flow.started_by == kNoTrigger, f % 5 < 2);
    EXPECT_EQ(flow.on_sent == kNoTrigger, f % 5 >= 3);
    EXPECT_EQ(flow.on_received, kNoTrigger);
    if (flow.on_sent == kNoTrigger) continue;
    const TriggerSpec& t = w.triggers[flow.on_sent];
    EXPECT_EQ(t.kind, TriggerKind::kOneshot);
    EXPECT_EQ(t.flows, std::vector<uint32_t>{f + 2});
    EXPECT_EQ(w.flows[f + 2].started_by, flow.on_sent);
    EXPECT_EQ(w.flows[f + 2].src, flow.src);
  }
}

TEST(AllToAllDeathTest, NoOpenFlowsMakeNoProgress) {
  EXPECT_DEATH(all_to_all(4, 1, 0, kStart), "at least one flow open");
}

}  // namespace
}  // namespace windtunnel::node
