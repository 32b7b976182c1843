// Collectives as users run them: against their closed forms, with faults, and with mistakes.
#include <gtest/gtest.h>

#include <map>

#include "report/json.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

class Silent final : public Observer {
 public:
  void progress(const Progress&) override {}
  bool stop_requested() const override { return false; }
};

// Sixty-four GPUs in eight servers, a NIC each; leaves with as much up as down.
constexpr const char* kText = R"(
kind: collective
collective: {ranks: 64, bytes: 16 MiB}
server: {gpus: 8, nics: 8}
fabric: {shape: leaf-spine, nodes_per_leaf: 16, link_latency: 500 ns}
)";

RunResult run_of(const std::vector<std::string>& settings, uint32_t threads = 1) {
  auto scenario = read_scenario(kText, "test.yaml", settings);
  if (!scenario) {
    ADD_FAILURE() << base::to_string(scenario.error());
    return {};
  }
  RunRequest request;
  request.threads = threads;
  Silent observer;
  auto run = (*scenario)->run(request, observer);
  if (!run) {
    ADD_FAILURE() << run.error().to_string();
    return {};
  }
  EXPECT_LE(run->measurements.run.peak_rss_bytes, int64_t{1} << 31);
  return std::move(*run);
}

std::map<std::string, double> metrics_of(const RunResult& run) {
  std::map<std::string, double> values;
  for (const report::Metric& m : run.measurements.metrics) values[m.name] = m.value;
  return values;
}

std::vector<base::Error> errors_of(const std::vector<std::string>& settings) {
  const auto scenario = read_scenario(kText, "test.yaml", settings);
  return scenario ? std::vector<base::Error>{} : scenario.error();
}

struct Case {
  const char* name;
  std::vector<std::string> settings;
};

class ClosedForm : public ::testing::TestWithParam<Case> {};

// Every rank in a server of its own, as the closed forms have it: one port each.
TEST_P(ClosedForm, IsMetWithinTwoPercent) {
  std::vector<std::string> settings = GetParam().settings;
  settings.insert(settings.begin(), {"server.gpus=1", "server.nics=1"});
  const RunResult run = run_of(settings);
  const auto metrics = metrics_of(run);
  EXPECT_EQ(run.shortfall, "");
  EXPECT_GE(metrics.at("collective.time"), metrics.at("collective.least"));
  EXPECT_NEAR(metrics.at("collective.ratio"), 1.0, 0.02) << GetParam().name;
  EXPECT_EQ(metrics.at("packets.retransmitted"), 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, ClosedForm,
    ::testing::Values(
        Case{"ring8", {"collective.ranks=8", "fabric.nodes=16"}},
        Case{"ring64", {"collective.bytes=64 MiB"}},
        Case{"gather", {"collective.operation=all-gather", "collective.bytes=64 MiB"}},
        Case{"scatter", {"collective.operation=reduce-scatter", "collective.bytes=64 MiB"}},
        Case{"halving8",
             {"collective.algorithm=halving-doubling", "collective.ranks=8", "fabric.nodes=16"}},
        Case{"halving64", {"collective.algorithm=halving-doubling"}},
        Case{"exchange8",
             {"collective.operation=all-to-all", "collective.ranks=8", "fabric.nodes=16"}}),
    [](const auto& one) { return one.param.name; });

TEST(CollectiveRun, ServersTakeTheirShareOfAHierarchy) {
  const RunResult run = run_of({"collective.algorithm=hierarchical", "collective.iterations=3"});
  const auto metrics = metrics_of(run);
  EXPECT_EQ(metrics.at("collective.iterations"), 3);
  // Every byte crosses a server's fabric twice, and the network with an eighth of the buffer.
  EXPECT_EQ(metrics.at("collective.bytes.server"), 3 * 64 * 2.0 * 7 * (16 << 20) / 8);
  EXPECT_EQ(metrics.at("collective.bytes"), 3 * 64 * 2.0 * 7 * (2 << 20) / 8);
  EXPECT_LT(metrics.at("collective.ratio"), 1.25);
  EXPECT_GT(metrics.at("collective.busbw"), 60e9);  // more than a NIC could without servers
  // Eight NICs a server share the work: 2 x 7/8 x 16 MiB over 8 x 400 Gb/s x 4,032/4,096.
  EXPECT_NEAR(metrics.at("collective.least"), 74.6e-6, 0.1e-6);
  EXPECT_GT(metrics.at("collective.time"), metrics.at("collective.least"));
}

TEST(CollectiveRun, ThreadsCannotBeSeen) {
  for (const char* kind : {"braid", "roce"}) {
    const std::vector<std::string> settings = {
        "collective.algorithm=hierarchical", std::string("transport.kind=") + kind,
        "collective.bytes=4 MiB", "collective.iterations=2", "fabric.queue.capacity=200 KB"};
    RunResult one = run_of(settings, 1);
    RunResult two = run_of(settings, 2);
    one.measurements.run = two.measurements.run;
    EXPECT_EQ(report::to_json(one.measurements), report::to_json(two.measurements)) << kind;
  }
}

TEST(CollectiveRun, ADeadCableCostsTimeAndTheThroughputComesBack) {
  const std::vector<std::string> fault = {"faults[0].kind=link-down", "faults[0].at=200 us",
                                          "faults[0].link=tor-up", "faults[0].switch=0",
                                          "faults[0].port=3"};
  const auto calm = metrics_of(run_of({}));
  const RunResult run = run_of(fault);
  const auto metrics = metrics_of(run);
  EXPECT_EQ(run.shortfall, "");
  EXPECT_GT(metrics.at("packets.dropped"), 0);
  EXPECT_GT(metrics.at("collective.time"), calm.at("collective.time"));
  EXPECT_LT(metrics.at("collective.time"), 2 * calm.at("collective.time"));
  EXPECT_GE(metrics.at("recovery.time"), 0);
  EXPECT_EQ(calm.count("recovery.time"), 0u);
}

TEST(CollectiveRun, ARankThatIsCutOffEndsTheRun) {
  const RunResult run =
      run_of({"faults[0].kind=link-down", "faults[0].at=100 us", "faults[0].link=host-up",
              "faults[0].switch=8", "transport.retries=2"});
  EXPECT_NE(run.shortfall, "");
  EXPECT_GT(metrics_of(run).at("collective.failed"), 0);
}

TEST(CollectiveRun, OthersTakeTheirShare) {
  const auto alone = metrics_of(run_of({}));
  const auto beside = metrics_of(run_of({"background.share=10 %", "background.bytes=100 KB"}));
  EXPECT_EQ(beside.at("collective.bytes"), alone.at("collective.bytes"));
  EXPECT_GT(beside.at("collective.time"), alone.at("collective.time"));
  const double offered = 0.1 * 64 * 400e9 / 8 * beside.at("collective.time");
  EXPECT_NEAR(beside.at("background.bytes") / offered, 1.0, 0.15);
}

TEST(CollectiveRun, SlowBusesAreNamedAsTheLimit) {
  const RunResult run = run_of({"server.gpus=1", "server.nics=1", "server.dma.read_rate=100 Gbps"});
  EXPECT_EQ(run.measurements.bottleneck.what, "PCIe, GPU to NIC");
  EXPECT_NEAR(metrics_of(run).at("collective.ratio"), 1.0, 0.02);
}

TEST(CollectiveRun, RanksSitWhereTheyAreTold) {
  const auto scattered = metrics_of(run_of({"collective.placement=scattered"}));
  EXPECT_GT(scattered.at("collective.time"), 0);
  const auto pair = metrics_of(
      run_of({"collective.operation=send", "collective.ranks=2", "collective.placement=list",
              "collective.gpus=[0, 1]", "fabric.nodes=64"}));
  EXPECT_EQ(pair.at("collective.messages"), 0);
  EXPECT_GT(pair.at("collective.messages.server"), 0);
}

TEST(CollectiveRun, MistakesNameTheirKeys) {
  const std::pair<const char*, const char*> cases[] = {
      {"server.nics=3", "server.nics: found 3, expected a divisor"},
      {"collective.ranks_per_server=9", "collective.ranks_per_server: found 9"},
      {"collective.gpus=[1]", "collective.gpus: found a list"},
      {"fabric.nodes=32", "fabric.nodes: found 32, expected at least the 64 NICs"},
      {"transport.qps=4", "transport.qps: found 4, expected 1"},
      {"collective.algorithm=chain", "collective:"},
      {"collective.opration=send", "collective.opration"},
  };
  for (const auto& [setting, text] : cases) {
    const auto errors = errors_of({setting});
    ASSERT_FALSE(errors.empty()) << setting;
    EXPECT_NE(base::to_string(errors).find(text), std::string::npos)
        << setting << ": " << base::to_string(errors);
  }
}

}  // namespace
}  // namespace windtunnel::study
