// Runs from text to measurements: where they end, what they say of what was left undone.
#include "study/network_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "study/validation_sets.h"

namespace windtunnel::study {
namespace {

using testing::HasSubstr;

class Silent final : public Observer {
 public:
  void progress(const Progress&) override {}
  bool stop_requested() const override { return false; }
};

NetworkRun run_of(const std::string& text, uint32_t threads = 1) {
  auto scenario = read_network(text, "s.yaml");
  EXPECT_TRUE(scenario) << base::to_string(scenario.error());
  Silent silent;
  NetworkRunOptions options;
  options.threads = threads;
  auto run = run_network(*scenario, options, silent);
  EXPECT_TRUE(run) << run.error().to_string();
  return run ? std::move(*run) : NetworkRun{};
}

double metric(const NetworkRun& run, const char* name) {
  const report::Metric* found = report::find_metric(run.measurements, name);
  return found == nullptr ? -1 : found->value;
}

const report::HeatMap& utilisation(const NetworkRun& run) {
  for (const report::Series& series : run.measurements.series) {
    if (series.name == "link.utilisation") return std::get<report::HeatMap>(series.data);
  }
  static const report::HeatMap none;
  ADD_FAILURE() << "no utilisation";
  return none;
}

constexpr char kSmall[] =
    "kind: network\n"
    "fabric: {nodes: 16, link_rate: 100 Gbps}\n"
    "workload: {bytes: 1 MB}\n";

// One link latency is 1 us; the limit is none of its multiples.
TEST(RunNetwork, EndsExactlyAtItsTimeLimit) {
  for (const uint32_t threads : {1U, 2U}) {
    const NetworkRun run = run_of(std::string(kSmall) + "limits: {time: 12345678 ps}\n", threads);
    EXPECT_DOUBLE_EQ(run.progress.simulated_seconds, 12'345'678e-12);
    EXPECT_EQ(metric(run, "flow.unfinished"), 16);
    EXPECT_EQ(run.shortfall, "");
    EXPECT_DOUBLE_EQ(utilisation(run).columns.values.back(), 12'345'678e-12);
  }
}

// A flow of 1 MB takes about 90 us; samples of 40 us leave a rest, which is a sample of its own.
TEST(RunNetwork, TheLastPartOfASeriesIsNotLost) {
  const NetworkRun run = run_of(std::string(kSmall) + "output: {series_interval: 40 us}\n");
  const auto& times = utilisation(run).columns.values;
  ASSERT_EQ(times.size(), 3U);
  EXPECT_DOUBLE_EQ(times[0], 40e-6);
  EXPECT_DOUBLE_EQ(times[1], 80e-6);
  EXPECT_GE(times[2], metric(run, "flow.completion.max"));
  EXPECT_LE(times[2], metric(run, "flow.completion.max") + 1.1e-6);
}

// 1,500 windows of 1 us: more than the automatic 256 samples, fewer than the 4,096 of a given
// interval.
TEST(RunNetwork, AGivenIntervalIsKeptWhereTheAutomaticOneDoubles) {
  const std::string text =
      "kind: network\nfabric: {nodes: 16, link_rate: 100 Gbps}\n"
      "workload: {bytes: 20 MB}\nlimits: {time: 1500 us}\n";
  EXPECT_EQ(utilisation(run_of(text + "output: {series_interval: 1 us}\n")).columns.values.size(),
            1'500U);
  EXPECT_LE(utilisation(run_of(text)).columns.values.size(), 256U);
}

// Every cable of node 0's switch is dead, so its flow can never arrive, and with parallel: 1 the
// rest of what the node has to send waits for it.
constexpr char kCutOff[] =
    "kind: network\n"
    "fabric: {shape: leaf-spine, nodes: 8, nodes_per_leaf: 4, link_rate: 100 Gbps}\n"
    "transport: {retries: 2}\n"
    "workload: {kind: all-to-all, bytes: 10 kB, parallel: 1}\n"
    "faults: [{kind: link-down, link: host-up, switch: 0}]\n";

TEST(RunNetwork, SaysWhyFlowsDidNotHappen) {
  const NetworkRun run = run_of(kCutOff);
  EXPECT_THAT(run.shortfall, HasSubstr("failed: the transport gave up"));
  EXPECT_EQ(metric(run, "flow.unfinished") > metric(run, "flow.failed"),
            run.shortfall.find("never began") != std::string::npos)
      << run.shortfall;
}

// One of eight cables upwards is dead in three of eight planes. Once the paths over them are given
// up nothing more is lost, however long the flows: the probe of a path takes the cable that the
// path takes. One that took another would find the path healed, again and again.
TEST(RunNetwork, ProbesTakeTheCablesOfTheirPaths) {
  auto scenario = read_network(
      "kind: network\n"
      "fabric: {shape: leaf-spine, nodes: 16, nodes_per_leaf: 8, planes: 8, link_rate: 100 Gbps}\n"
      "transport: {paths: {count: 128}}\n"
      "faults:\n"
      "  - {kind: link-down, link: tor-up, switch: 0, port: 3, both_directions: false}\n"
      "  - {kind: link-down, link: tor-up, switch: 4, port: 5, both_directions: false}\n"
      "  - {kind: link-down, link: tor-up, switch: 10, port: 6, both_directions: false}\n",
      "s.yaml");
  ASSERT_TRUE(scenario) << base::to_string(scenario.error());
  Silent silent;
  std::vector<double> sent_again;
  for (const int64_t bytes : {20'000'000, 80'000'000}) {
    scenario->matrix = one_to_one(16, {{0, 8}, {2, 10}, {4, 12}, {6, 14}}, bytes);
    const auto run = run_network(*scenario, {}, silent);
    ASSERT_TRUE(run) << run.error().to_string();
    EXPECT_EQ(metric(*run, "flow.unfinished"), 0);
    sent_again.push_back(metric(*run, "packets.retransmitted"));
  }
  EXPECT_GT(sent_again[0], 0);
  EXPECT_EQ(sent_again[0], sent_again[1]);
}

// Go-back-N takes nothing behind a gap: every data packet that was sent was accepted, came twice,
// was refused or was lost, and control packets are lost too.
TEST(RunNetwork, SaysWhatBecameOfEveryPacketOfRoce) {
  const NetworkRun run = run_of(
      "kind: network\n"
      "fabric: {nodes: 16, link_rate: 100 Gbps, queue: {discipline: pfc}}\n"
      "transport: {kind: roce}\nworkload: {bytes: 2 MB}\n"
      "faults: [{kind: loss, link: host-up, switch: 0, loss: 1/100, both_directions: false}]\n");
  EXPECT_EQ(metric(run, "flow.unfinished"), 0);
  EXPECT_GT(metric(run, "packets.refused"), 0);
  EXPECT_GE(metric(run, "packets.stale"), 0);
  const double arrived = metric(run, "packets.delivered") + metric(run, "packets.duplicate") +
                         metric(run, "packets.refused");
  EXPECT_LE(arrived, metric(run, "packets.sent"));
  EXPECT_GE(arrived + metric(run, "packets.dropped"), metric(run, "packets.sent"));
}

// Pauses take 2 us there and back, in which 25 kB arrive, and two packets besides: 33.192 kB above
// pfc_xoff, which is half the capacity.
TEST(RunNetwork, QueuesTooSmallForPfcAreSaid) {
  const auto warnings = [](const std::string& queue) {
    return run_of(
               "kind: network\n"
               "fabric: {nodes: 16, link_rate: 100 Gbps, queue: {discipline: pfc, " +
               queue + "}}\ntransport: {kind: roce}\nworkload: {bytes: 10 kB}\n")
        .warnings;
  };
  EXPECT_TRUE(warnings("capacity: 67 kB").empty());
  ASSERT_EQ(warnings("capacity: 66 kB").size(), 1U);
  EXPECT_THAT(warnings("capacity: 66 kB")[0].message, HasSubstr("expected at least 66"));
  EXPECT_TRUE(warnings("capacity: 66 kB, pfc_xoff: 30 kB").empty());
}

}  // namespace
}  // namespace windtunnel::study
