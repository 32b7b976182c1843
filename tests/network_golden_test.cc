// Fingerprints of whole network runs: the same whatever the number of threads, and the same as the
// ones in tests/golden/network.csv. A change of behaviour is a reviewed change of that file:
// WT_GOLDEN=write rewrites it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "report/json.h"
#include "study/network_run.h"
#include "tests/support/source_dir.h"

namespace windtunnel {
namespace {

struct Silent final : study::Observer {
  void progress(const study::Progress&) override {}
  bool stop_requested() const override { return false; }
};

struct GoldenCase {
  const char* name;
  std::vector<std::string> settings;
};

// Small enough to run in a moment, and between them through every part that could see a thread.
const std::vector<GoldenCase>& golden_cases() {
  static const std::vector<GoldenCase> cases = {
      {"permutation", {}},
      {"permutation-mixed", {"transport.paths.selection=mixed"}},
      {"permutation-reps", {"transport.paths.selection=reps"}},
      {"permutation-bitmap", {"transport.paths.selection=bitmap"}},
      {"permutation-one-path", {"transport.paths.selection=one-path"}},
      {"permutation-braid", {"transport.paths.selection=braid"}},
      {"two-planes", {"fabric.planes=2", "transport.paths.selection=braid"}},
      {"oversubscribed", {"fabric.oversubscription=4"}},
      {"rails", {"fabric.shape=rail-optimised", "fabric.rails=8"}},
      {"leaf-spine", {"fabric.shape=leaf-spine", "fabric.switch_latency=300 ns"}},
      {"incast-nscc", {"workload.kind=incast", "workload.fan_in=31"}},
      {"incast-rccc", {"workload.kind=incast", "workload.fan_in=31", "transport.congestion=rccc"}},
      {"all-to-all",
       {"workload.kind=all-to-all", "fabric.nodes=16", "workload.bytes=64 KiB",
        "workload.parallel=3"}},
      {"tail-drop",
       {"fabric.queue.discipline=tail-drop", "fabric.queue.capacity=20 packets",
        "transport.paths.selection=braid"}},
      {"faults",
       {"faults=[{kind: link-down, at: 3 us, until: 30 us, link: tor-up, switch: 1, port: 0}, "
        "{kind: loss, at: 0 us, link: agg-up, count: 4, loss: 1 %}, "
        "{kind: degraded, at: 5 us, link: core-down, count: 8, rate: 25 %}]",
        "transport.paths.selection=braid"}},
      {"victim-roce-pfc",
       {"workload.kind=victim", "workload.fan_in=7", "transport.kind=roce",
        "transport.congestion=dcqcn", "transport.paths.selection=one-path",
        "fabric.queue.discipline=pfc"}},
  };
  return cases;
}

study::NetworkScenario scenario_of(const GoldenCase& golden) {
  auto scenario = study::read_network(
      "kind: network\nfabric: {nodes: 128, link_rate: 400 Gbps}\n"
      "transport: {paths: {selection: oblivious}}\nworkload: {bytes: 500 kB}\n",
      "golden.yaml", golden.settings);
  if (!scenario) {
    ADD_FAILURE() << golden.name << ": " << base::to_string(scenario.error());
    return {};
  }
  return *scenario;
}

report::Measurements run_case(const GoldenCase& golden, uint32_t threads) {
  Silent silent;
  study::NetworkRunOptions options;
  options.threads = threads;
  auto run = study::run_network(scenario_of(golden), options, silent);
  if (!run) {
    ADD_FAILURE() << golden.name << ": " << run.error().to_string();
    return {};
  }
  return run->measurements;
}

std::string golden_path() { return (source_dir() / "tests/golden/network.csv").string(); }

TEST(NetworkGolden, ResultsDoNotDependOnThreads) {
  for (const GoldenCase& golden : golden_cases()) {
    report::Measurements one = run_case(golden, 1);
    one.run = {};
    for (const uint32_t threads : {2u, 3u}) {
      report::Measurements many = run_case(golden, threads);
      many.run = {};
      EXPECT_EQ(report::to_json(one), report::to_json(many)) << golden.name << ", " << threads;
    }
  }
}

TEST(NetworkGolden, FingerprintsAreTheReviewedOnes) {
  std::string found = "case,fingerprint,flows,unfinished\n";
  for (const GoldenCase& golden : golden_cases()) {
    const report::Measurements m = run_case(golden, 1);
    const auto value = [&m](const char* name) {
      const report::Metric* metric = report::find_metric(m, name);
      return metric == nullptr ? -1.0 : metric->value;
    };
    found += fmt::format("{},{},{},{}\n", golden.name, m.fingerprint, value("flow.count"),
                         value("flow.unfinished"));
  }
  const char* write = std::getenv("WT_GOLDEN");
  if (write != nullptr && std::string(write) == "write") {
    std::ofstream(golden_path()) << found;
    GTEST_SKIP() << "rewrote " << golden_path();
  }
  std::ifstream file(golden_path());
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(found, expected.str())
      << "behaviour changed; if that is meant, WT_GOLDEN=write rewrites the file";
}

TEST(NetworkGolden, EveryFlowOfEveryCaseEnds) {
  for (const GoldenCase& golden : golden_cases()) {
    const report::Measurements m = run_case(golden, 1);
    const report::Metric* unfinished = report::find_metric(m, "flow.unfinished");
    ASSERT_NE(unfinished, nullptr) << golden.name;
    EXPECT_EQ(unfinished->value, 0) << golden.name;
  }
}

// Conservation: what was sent for the first time was delivered once, and nothing else.
TEST(NetworkGolden, EveryPacketIsDeliveredOnce) {
  for (const GoldenCase& golden : golden_cases()) {
    const report::Measurements m = run_case(golden, 1);
    const auto value = [&m](const char* name) { return report::find_metric(m, name)->value; };
    EXPECT_EQ(value("packets.sent") - value("packets.retransmitted"), value("packets.delivered"))
        << golden.name;
  }
}

}  // namespace
}  // namespace windtunnel
