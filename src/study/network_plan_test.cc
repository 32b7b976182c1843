#include "study/network_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace windtunnel::study {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

NetworkScenario scenario_of(const std::string& text) {
  auto scenario = read_network(text, "s.yaml");
  EXPECT_TRUE(scenario) << base::to_string(scenario.error());
  return scenario ? std::move(*scenario) : NetworkScenario{};
}

NetworkPlan plan_of(const std::string& text) {
  auto plan = plan_network(scenario_of(text));
  EXPECT_TRUE(plan) << plan.error().to_string();
  return plan ? std::move(*plan) : NetworkPlan{};
}

std::string error_of(const std::string& text) {
  const auto plan = plan_network(scenario_of(text));
  return plan ? "planned" : plan.error().to_string();
}

TEST(PlanNetwork, ErrorsPointAtTheKey) {
  EXPECT_THAT(error_of("kind: network\nfabric: {nodes: 16}\noutput:\n  trace_flows: [3, 16]\n"),
              HasSubstr("s.yaml:4:20: output.trace_flows[1]: found flow 16, expected 0 to 15"));
  EXPECT_THAT(error_of("kind: network\nfabric: {nodes: 16}\nworkload: {bytes: 80 GB}\n"),
              HasSubstr("s.yaml:3:19: workload.bytes: a flow of 80000000000 bytes"));
  EXPECT_THAT(error_of("kind: network\nfabric: {nodes: 16}\nfaults:\n"
                       "  - {kind: loss, link: tor-up, at: 1 us, until: 9 us}\n"
                       "  - {kind: loss, link: tor-up, at: 5 us}\n"),
              HasSubstr("s.yaml:5:5: faults[1]: begins while faults[0], of the same kind, holds"));
}

// A flow between two 100 Gb/s hosts through switches joined at 400 Gb/s. Store and forward, MTU
// 4,096 and acknowledgements of 64 bytes:
//   host - leaf - spine - leaf - host:   2 x 327.68 ns + 2 x 81.92 ns out,
//                                        2 x   5.12 ns + 2 x  1.28 ns back, and 8 flights of 1 us.
TEST(PlanNetwork, TheUnloadedRoundTripHeedsEveryLinksRate) {
  NetworkScenario scenario = scenario_of("kind: network\nfabric: {shape: leaf-spine, nodes: 16}\n");
  const auto topology = read_htsim_topology(
      "Nodes 16\nTiers 2\nPodsize 16\nTier 0\nDownlink_speed_Gbps 100\nRadix_Down 4\n"
      "Radix_Up 1\nDownlink_Latency_ns 1000\nTier 1\nDownlink_speed_Gbps 400\nRadix_Down 4\n"
      "Downlink_Latency_ns 1000\n",
      "t.topo");
  ASSERT_TRUE(topology) << base::to_string(topology.error());
  scenario.topology = *topology;
  const auto plan = plan_network(scenario);
  ASSERT_TRUE(plan) << plan.error().to_string();
  EXPECT_EQ(plan->base_rtt.ps(), 8'000'000 + 2 * (327'680 + 81'920) + 2 * (5'120 + 1'280));
}

std::vector<uint32_t> victim_ends(const node::Workload& workload) {
  return {workload.flows.back().src, workload.flows.back().dst};
}

constexpr char kLeaves[] =
    "kind: network\nfabric: {shape: leaf-spine, nodes: 16, nodes_per_leaf: 4}\n";

TEST(PlanNetwork, TheVictimKeepsClearOfWhatIsGiven) {
  // The neighbour of node 0 is node 1, unless that sends to node 0 itself.
  const NetworkPlan first = plan_of(std::string(kLeaves) + "workload: {kind: victim, fan_in: 3}\n");
  EXPECT_EQ(victim_ends(first.workload)[1], 1U);
  const NetworkPlan second =
      plan_of(std::string(kLeaves) + "workload: {kind: victim, sources: [1, 4, 5]}\n");
  EXPECT_EQ(victim_ends(second.workload)[1], 2U);
  const NetworkPlan third = plan_of(
      std::string(kLeaves) + "workload: {kind: victim, sources: [1, 4, 5], victim_source: 2}\n");
  EXPECT_EQ(victim_ends(third.workload), (std::vector<uint32_t>{2, 3}));
}

TEST(PlanNetwork, DrawnSendersKeepClearOfTheVictim) {
  for (int seed = 1; seed <= 50; ++seed) {
    const NetworkPlan plan = plan_of(std::string(kLeaves) + "seed: " + std::to_string(seed) +
                                     "\nworkload: {kind: victim, fan_in: 13}\n");
    const std::vector<uint32_t> ends = victim_ends(plan.workload);
    std::vector<uint32_t> senders;
    for (size_t f = 0; f + 1 < plan.workload.flows.size(); ++f) {
      senders.push_back(plan.workload.flows[f].src);
    }
    EXPECT_THAT(senders, Not(Contains(ends[0]))) << "seed " << seed;
    EXPECT_THAT(senders, Not(Contains(ends[1]))) << "seed " << seed;
  }
}

TEST(PlanNetwork, AVictimWithoutANeighbourIsSaid) {
  EXPECT_THAT(error_of("kind: network\nfabric: {shape: leaf-spine, nodes: 8, nodes_per_leaf: 1}\n"
                       "workload: {kind: victim, fan_in: 3}\n"),
              HasSubstr("workload.victim_destination: auto wants a neighbour of node 0 on its "
                        "leaf, but a leaf has one node (name a node)"));
  EXPECT_THAT(error_of(std::string(kLeaves) + "workload: {kind: victim, sources: [1, 2, 3]}\n"),
              HasSubstr("all 3 have another part"));
}

}  // namespace
}  // namespace windtunnel::study
