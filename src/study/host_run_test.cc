#include "study/host_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "study/host_preset.h"
#include "study/host_schema.h"
#include "study/host_tree.h"

namespace windtunnel::study {
namespace {

using testing::HasSubstr;

class Quiet final : public Observer {
 public:
  void progress(const Progress& progress) override { last = progress; }
  bool stop_requested() const override { return stop; }
  Progress last;
  bool stop = false;
};

std::string errors_of(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  const auto scenario = read_host(yaml, "x.yaml", overrides);
  return scenario ? "no error" : base::to_string(scenario.error());
}

constexpr char kServer[] = R"(kind: host
server:
  sockets: 2
  devices:
    - {name: s0, kind: switch, under: cpu0}
    - {name: gpu0, kind: gpu, under: s0}
    - {name: nic0, kind: nic, under: s0}
    - {name: ssd0, kind: ssd, under: s0, lanes: 4}
    - {name: gpu1, kind: gpu, under: cpu1}
    - {name: nic1, kind: nic, under: cpu1}
)";

std::string with(const std::string& traffic) { return std::string(kServer) + traffic; }

report::Measurements run(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  const auto scenario = read_host(yaml, "x.yaml", overrides);
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : base::to_string(scenario.error()));
  Quiet quiet;
  const auto result = run_host(*scenario, quiet);
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().to_string());
  return result->measurements;
}

double value(const report::Measurements& m, const std::string& name) {
  const report::Metric* metric = report::find_metric(m, name);
  EXPECT_NE(metric, nullptr) << name;
  return metric == nullptr ? 0 : metric->value;
}

TEST(HostScenarioTest, SchemaIsAScenarioAndScenariosRoundTrip) {
  // The schema itself lacks devices and nothing else.
  EXPECT_THAT(errors_of(host_schema()), HasSubstr("server: found no devices"));
  const auto scenario = read_host(with("traffic: [{kind: send, from: gpu0}]\n"), "x.yaml");
  ASSERT_TRUE(scenario.has_value());
  const std::string yaml = host_yaml(scenario->description);
  const auto again = read_host(yaml, "again.yaml");
  ASSERT_TRUE(again.has_value()) << base::to_string(again.error());
  EXPECT_EQ(host_yaml(again->description), yaml);
}

TEST(HostScenarioTest, MistakesInTheServer) {
  const auto server = [](const std::string& device) {
    return errors_of("kind: host\nserver:\n  devices:\n    - " + device + "\n");
  };
  EXPECT_THAT(server("{name: g, kind: gpu, under: cpu9}"),
              HasSubstr("found `cpu9` as the device above `g`"));
  EXPECT_THAT(server("{name: g, kind: gpu, under: cpu9}"), HasSubstr("did you mean `cpu0`?"));
  EXPECT_THAT(server("{name: g, kind: gpu, under: cpu9}"), HasSubstr("x.yaml:4:"));
  EXPECT_THAT(server("{name: g, kind: gpuu, under: cpu0}"), HasSubstr("did you mean `gpu`?"));
  EXPECT_THAT(server("{name: g, kind: gpu, under: cpu0, lanes: 7}"), HasSubstr("found 7 lanes"));
  EXPECT_THAT(server("{name: g, kind: gpu, under: cpu0, generation: 9}"), HasSubstr("from 1 to 6"));
  EXPECT_THAT(server("{name: g, kind: switch, under: g}"), HasSubstr("ring of switches"));
  EXPECT_THAT(server("{kind: gpu, under: cpu0}"), HasSubstr("found no name"));
  EXPECT_THAT(server("{name: a, kind: gpu, under: cpu0}\n    - {name: a, kind: nic, under: cpu0}"),
              HasSubstr("second device called `a`"));
  EXPECT_THAT(server("{name: remote.a, kind: gpu, under: cpu0}"),
              HasSubstr("begin with `remote.`"));
  EXPECT_THAT(server("{name: g, kind: gpu, under: cpu0, wdth: 3}"), HasSubstr("wdth"));
  EXPECT_THAT(errors_of(kServer, {"server.payload_max=100 B"}), HasSubstr("power of two"));
  EXPECT_THAT(errors_of("kind: hots\n"), HasSubstr("did you mean `host`?"));
  EXPECT_THAT(errors_of("kind: host\nserver: {topology: nowhere.xml}\n"), HasSubstr("nowhere.xml"));
}

TEST(HostScenarioTest, MistakesInTraffic) {
  const auto traffic = [](const std::string& item) {
    return errors_of(with("traffic:\n  - " + item + "\n"));
  };
  EXPECT_THAT(traffic("{kind: copy, from: gpu0, to: gpu7}"), HasSubstr("x.yaml:12:"));
  EXPECT_THAT(traffic("{kind: copy, from: gpu0, to: gpu}"), HasSubstr("did you mean `gpu0`?"));
  EXPECT_THAT(traffic("{kind: copy, from: gpu0}"), HasSubstr("expected a part as the end of copy"));
  EXPECT_THAT(traffic("{kind: copy, from: s0, to: gpu0}"), HasSubstr("which is a switch"));
  EXPECT_THAT(traffic("{kind: ssd-read, from: gpu0, to: gpu1}"), HasSubstr("expected one of: ssd"));
  EXPECT_THAT(traffic("{kind: receive, from: gpu0, to: gpu1}"),
              HasSubstr("comes from the network"));
  EXPECT_THAT(traffic("{kind: remote-read, from: ssd0, to: gpu0}"), HasSubstr("set remote_server"));
  EXPECT_THAT(traffic("{kind: copy, from: \"gpu0,gpu1\", to: \"gpu1,gpu0,gpu1\"}"),
              HasSubstr("as many"));
  EXPECT_THAT(traffic("{name: a, kind: copy, from: gpu0, to: gpu1}\n"
                      "  - {name: a, kind: copy, from: gpu1, to: gpu0}"),
              HasSubstr("second item called `a`"));
  EXPECT_THAT(traffic("{kind: copy, from: gpu0, to: gpu1, queue_depth: 0}"), HasSubstr("from 1"));
}

// What only the policy forbids is found when the flow is laid out, at the item's place.
TEST(HostScenarioTest, ForbiddenWaysAreErrorsWithTheirPlace) {
  const auto scenario = read_host(with("traffic:\n  - {kind: copy, from: gpu0, to: gpu1}\n"),
                                  "x.yaml", {"server.policy.cross_socket=false"});
  ASSERT_TRUE(scenario.has_value());
  Quiet quiet;
  const auto result = run_host(*scenario, quiet);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().mark.line, 12);
  EXPECT_THAT(result.error().message, HasSubstr("across sockets"));
  EXPECT_THAT(result.error().hint, HasSubstr("bounce"));
}

TEST(HostScenarioTest, NearestNicIsChosen) {
  const auto scenario = read_host(with("traffic: [{kind: send, from: \"gpu0,gpu1\"}]\n"), "x.yaml");
  ASSERT_TRUE(scenario.has_value());
  ASSERT_EQ(scenario->flows.size(), 2U);
  EXPECT_EQ(scenario->model.vertex(scenario->flows[0].spec.nic).name, "nic0");
  EXPECT_EQ(scenario->model.vertex(scenario->flows[1].spec.nic).name, "nic1");
}

TEST(HostRunTest, MeasuresFlowsLinksPartsAndWhatLimited) {
  const std::string yaml = with("traffic: [{name: x, kind: copy, from: gpu0, to: gpu1}]\n");
  const report::Measurements m = run(yaml);
  EXPECT_NEAR(value(m, "flow.x.bandwidth"), 22e9 * 8, 0.02 * 22e9 * 8);
  EXPECT_GT(value(m, "flow.x.latency.p99"), 40e-6);
  EXPECT_NEAR(value(m, "link.cpu0-cpu1.busy"), 1, 0.01);
  EXPECT_EQ(value(m, "parts.switch_chips"), 1);
  EXPECT_EQ(m.bottleneck.what, "link between sockets");
  EXPECT_EQ(m.bottleneck.where, "cpu0 → cpu1");
  EXPECT_EQ(m.fingerprint, run(yaml).fingerprint);
  const report::Measurements small =
      run(yaml, {"traffic[0].block=64 B", "traffic[0].queue_depth=1"});
  EXPECT_THAT(small.bottleneck.explanation, HasSubstr("No link was full"));
}

TEST(HostRunTest, StopsWhenAsked) {
  const auto scenario =
      read_host(with("traffic: [{kind: copy, from: gpu0, to: gpu1}]\n"), "x.yaml");
  ASSERT_TRUE(scenario.has_value());
  Quiet quiet;
  quiet.stop = true;
  const auto result = run_host(*scenario, quiet);
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->stopped);
  EXPECT_LT(quiet.last.simulated_seconds, 1e-3);
}

// Inside the NIC, on a switch chip, at one root complex, across sockets: latency of a small send
// alone and bandwidth under contention fall in this order where the fabric of the server decides.
TEST(HostRunTest, AttachmentsCompare) {
  const std::string alone = R"(kind: host
server: {preset: inside-nic, preset_ssds: 0}
traffic: [{name: x, kind: copy-pull, from: gpu0, to: nic0, block: 64 B, queue_depth: 1}]
)";
  const std::string crowd = R"(kind: host
server: {preset: inside-nic, preset_ssds: 0}
traffic: [{name: x, kind: receive, to: "gpu0,gpu1,gpu2,gpu3", nic: "nic0,nic1,nic2,nic3"}]
)";
  std::vector<double> latency;
  std::vector<double> bandwidth;
  for (const char* preset : {"inside-nic", "switch-chip", "root-complex", "cross-socket"}) {
    const std::vector<std::string> override = {fmt::format("server.preset={}", preset)};
    latency.push_back(value(run(alone, override), "flow.x.latency.mean"));
    bandwidth.push_back(value(run(crowd, override), "item.x.bandwidth"));
  }
  for (size_t i = 1; i < latency.size(); ++i) EXPECT_LT(latency[i - 1], latency[i]) << i;
  EXPECT_NEAR(latency[1] - latency[0], 30e-9, 1e-9) << "115 - 100 ns, there and back";
  EXPECT_NEAR(bandwidth[0], bandwidth[1], 0.01 * bandwidth[0]) << "a chip does as well";
  EXPECT_NEAR(bandwidth[2] / 4 / 8, 44.9e9, 0.5e9) << "TLPs of 64 B";
  EXPECT_NEAR(bandwidth[3] / 8, 22e9, 0.5e9) << "one link between sockets";
}

TEST(HostPresetTest, PartCounts) {
  const auto parts = [](HostPreset preset) {
    node::HostDescription host;
    add_preset(host, preset, {8, 0});
    node::complete_host(host);
    return count_parts(host);
  };
  EXPECT_EQ(parts(HostPreset::kInsideNic).nics_with_switch, 8);
  EXPECT_EQ(parts(HostPreset::kInsideNic).links, 16) << "cpu to NIC, NIC to GPU";
  EXPECT_EQ(parts(HostPreset::kSwitchChip).switch_chips, 4);
  EXPECT_EQ(parts(HostPreset::kSwitchChip).links, 20) << "four up, sixteen down";
  EXPECT_EQ(parts(HostPreset::kSwitchChip).switch_lanes, 4 * 5 * 16);
  EXPECT_EQ(parts(HostPreset::kRootComplex).root_lanes, 256);
  EXPECT_EQ(parts(HostPreset::kRootComplex).switch_chips, 0);
}

TEST(HostTreeTest, DrawsTheTreeAndItsPaths) {
  const auto scenario = read_host(kServer, "x.yaml");
  ASSERT_TRUE(scenario.has_value());
  const node::HostModel& model = scenario->model;
  const std::string tree = host_tree_text(model, {});
  for (const char* word : {"│  ├─ gpu0", "Gen5 x16", "56.5 GB/s", "cable 400 Gb/s", "sockets: 60"})
    EXPECT_THAT(tree, HasSubstr(word));
  const uint32_t from = *model.find("gpu0");
  const uint32_t to = *model.find("gpu1");
  const auto answer = node::find_paths(model, from, to);
  ASSERT_TRUE(answer.has_value());
  const std::string paths = host_paths_text(model, from, to, *answer, {});
  for (const char* word : {"best staged", "across sockets", "22 GB/s", "gpu0 → s0 → cpu0"})
    EXPECT_THAT(paths, HasSubstr(word));
  const std::string json = host_json(model, from, to, &*answer);
  for (const char* word : {"\"choices\"", "\"bandwidth_bytes_per_s\"", "\"under\": \"s0\""})
    EXPECT_THAT(json, HasSubstr(word));
}

const report::Diagram::Node& node_of(const report::Diagram& diagram, const std::string& name) {
  const auto found = std::ranges::find(diagram.nodes, name, &report::Diagram::Node::name);
  EXPECT_NE(found, diagram.nodes.end()) << name;
  return *found;
}

const report::Diagram::Link& link_to(const report::Diagram& diagram, const std::string& name) {
  const auto found = std::ranges::find_if(
      diagram.links, [&](const auto& link) { return diagram.nodes[link.to].name == name; });
  EXPECT_NE(found, diagram.links.end()) << name;
  return *found;
}

TEST(HostDiagram, IsTheTreeWithTheLoadsOfBothDirections) {
  const report::Measurements m =
      run(with("traffic: [{name: send, kind: send, from: gpu0, nic: nic0}]\n"));
  const auto series = std::ranges::find(m.series, "link.load", &report::Series::name);
  ASSERT_NE(series, m.series.end());
  const auto& d = std::get<report::Diagram>(series->data);
  EXPECT_EQ(report::fault_of(d), "");
  EXPECT_EQ(node_of(d, "cpu0").level, 0);
  EXPECT_EQ(node_of(d, "s0").level, 1);
  EXPECT_EQ(node_of(d, "gpu0").level, 2);
  EXPECT_EQ(node_of(d, "gpu0").kind, "GPU");
  EXPECT_THAT(node_of(d, "gpu0").label, HasSubstr("Gen5 x16, "));
  EXPECT_EQ(node_of(d, "ssd0").label, "idle");
  // The payload leaves the GPU upwards and goes down to the NIC and out on the cable.
  const double rate = value(m, "flow.send.bandwidth") / 8;
  EXPECT_NEAR(link_to(d, "gpu0").backward->value, rate, 0.02 * rate);
  EXPECT_NEAR(link_to(d, "nic0").forward.value, rate, 0.02 * rate);
  EXPECT_NEAR(link_to(d, "nic0 cable").forward.value, rate, 0.02 * rate);
  EXPECT_EQ(link_to(d, "gpu0").backward->share, value(m, "link.gpu0-s0.busy"));
  EXPECT_EQ(link_to(d, "ssd0").forward.share, 0);
  EXPECT_EQ(d.nodes[link_to(d, "cpu1").from].name, "cpu0");
}

TEST(HostDiagram, IdlePartsThatAreAlikeAreDrawnAsOne) {
  const report::Measurements m =
      run("kind: host\nserver: {preset: inside-nic}\n"
          "traffic: [{name: send, kind: send, from: gpu0, nic: nic0}]\n");
  const auto series = std::ranges::find(m.series, "link.load", &report::Series::name);
  ASSERT_NE(series, m.series.end());
  const auto& d = std::get<report::Diagram>(series->data);
  EXPECT_EQ(report::fault_of(d), "");
  EXPECT_LT(d.nodes.size(), 16U);
  EXPECT_EQ(node_of(d, "bridge1, 2 more").label, "idle");
  // No two boxes in one place.
  for (const auto& a : d.nodes) {
    for (const auto& b : d.nodes) {
      if (&a == &b || a.level != b.level) continue;
      EXPECT_GE(std::fabs(a.position - b.position), 1) << a.name << " and " << b.name;
    }
  }
}

}  // namespace
}  // namespace windtunnel::study
