#include "study/network_schema.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "scenario/reader.h"
#include "scenario/visitor.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

using testing::HasSubstr;

using Overrides = std::vector<std::string>;

std::string errors_with(const Overrides& overrides, const std::string& text = "kind: network\n") {
  const auto scenario = read_network(text, "s.yaml", overrides);
  return scenario ? std::string() : base::to_string(scenario.error());
}

NetworkScenario good(const Overrides& overrides, const std::string& text = "kind: network\n") {
  auto scenario = read_network(text, "s.yaml", overrides);
  EXPECT_TRUE(scenario.has_value()) << base::to_string(scenario.error());
  return scenario ? std::move(*scenario) : NetworkScenario{};
}

// One row per key: a good value, one of the wrong type, one out of range ("" where every value of
// the type is in range), and what else has to be set for the good value to make sense.
struct FieldCase {
  std::string path;
  std::string good;
  std::string bad_type;
  std::string bad_range;
  Overrides context;
};

const std::vector<FieldCase> kFabricFields = {

    {"kind", "network", "[network]", "factory", {}},
    {"name", "x", "[x]", "", {}},
    {"description", "x", "{x: y}", "", {}},
    {"seed", "7", "seven", "-1", {}},
    {"threads", "2", "two", "0", {}},
    {"fabric.shape", "leaf-spine", "[leaf-spine]", "torus", {}},
    {"fabric.topology", "none", "[x]", "/no/such.topo", {}},
    {"fabric.nodes", "1024", "many", "1", {}},
    {"fabric.tiers", "3", "three", "4", {}},
    {"fabric.oversubscription", "4", "x:y", "0.5", {}},
    {"fabric.radix", "8", "8 ports", "1", {}},
    {"fabric.nodes_per_leaf", "16", "16 B", "0", {"fabric.shape=leaf-spine"}},
    {"fabric.rails", "4", "x", "0", {"fabric.shape=rail-optimised"}},
    {"fabric.planes", "4", "x", "3", {}},
    {"fabric.link_rate", "100 Gbps", "100 GB", "-100 Gbps", {}},
    {"fabric.link_latency", "500 ns", "500", "0 ns", {}},
    {"fabric.switch_latency", "300 ns", "300 m", "-1 ns", {}},
    {"fabric.queue.discipline", "tail-drop", "[pfc]", "lossy", {}},
    {"fabric.queue.capacity", "100 packets", "100", "4095 B", {}},
    {"fabric.queue.ecn", "false", "maybe", "", {}},
    {"fabric.queue.ecn_low", "10 packets", "ten", "-1 B", {}},
    {"fabric.queue.ecn_high", "90 packets", "x", "-1 B", {}},
    {"fabric.queue.ecn_last_hop", "false", "no", "", {}},
    {"fabric.queue.trim_size", "128 B", "128", "4 B", {}},
    {"fabric.queue.control_capacity", "1 MiB", "x", "0 B", {}},
    {"fabric.queue.pfc_xoff", "100 KiB", "x", "0 B", {"fabric.queue.discipline=pfc"}},
    {"fabric.queue.pfc_xon", "50 KiB", "x", "-1 B", {"fabric.queue.discipline=pfc"}},
};

const std::vector<FieldCase> kTransportFields = {
    {"faults", "[]", "{a: b}", "", {}},
    {"faults[].kind", "loss", "[loss]", "flap", {}},
    {"faults[].at", "5 us", "5", "-1 us", {}},
    {"faults[].until", "9 us", "soon", "-1 us", {}},
    {"faults[].link", "agg-up", "[agg-up]", "leaf-up", {}},
    {"faults[].switch", "3", "x", "99", {}},
    {"faults[].port", "3", "x", "99", {}},
    {"faults[].count", "8", "x", "0", {}},
    {"faults[].both_directions", "false", "1.5", "", {}},
    {"faults[].tier",
     "agg",
     "[agg]",
     "spine",
     {"faults[0].kind=switch-dead", "faults[0].switch=1"}},
    {"faults[].rate", "50 %", "half", "0 %", {"faults[0].kind=degraded"}},
    {"faults[].loss", "1 %", "x", "101 %", {"faults[0].kind=loss"}},
    {"transport.kind", "roce", "[roce]", "tcp", {}},
    {"transport.mtu", "4150 B", "4150", "64 B", {}},
    {"transport.header", "80 B", "x", "4 B", {}},
    {"transport.congestion", "nscc+rccc", "[nscc]", "bbr", {}},
    {"transport.window", "150 packets", "x", "100 B", {}},
    {"transport.base_rtt", "14 us", "x", "0 s", {}},
    {"transport.target_delay", "9 us", "x", "0 s", {}},
    {"transport.ack_every", "1 packet", "1", "0 B", {}},
    {"transport.rto_min", "42 us", "x", "0 s", {}},
    {"transport.retries", "7", "x", "0", {}},
    {"transport.paths.selection", "mixed", "[mixed]", "random", {}},
    {"transport.paths.count", "128", "x", "100", {}},
    {"transport.qps", "4", "x", "0", {"transport.kind=roce"}},
    {"transport.psn_range", "1024", "x", "600", {}},
};

const std::vector<FieldCase> kWorkloadFields = {
    {"workload.kind", "all-to-all", "[incast]", "gossip", {}},
    {"workload.matrix", "none", "[x]", "/no/such.cm", {}},
    {"workload.matrix_start_unit", "ps", "[ps]", "ns", {}},
    {"workload.bytes", "8 MiB", "8", "0 B", {}},
    {"workload.fan_in", "127", "x", "128", {"workload.kind=incast"}},
    {"workload.sources", "[1, 2, 3]", "5", "[1, 128]", {"workload.kind=incast"}},
    {"workload.destination", "33", "x", "128", {"workload.kind=incast"}},
    {"workload.victim_source", "40", "x", "128", {"workload.kind=victim"}},
    {"workload.victim_destination", "41", "x", "128", {"workload.kind=victim"}},
    {"workload.victim_bytes", "1 MB", "x", "0 B", {"workload.kind=victim"}},
    {"workload.parallel", "4", "x", "128", {"workload.kind=all-to-all"}},
    {"workload.start", "1 us", "x", "-1 us", {}},
    {"limits.time", "10 ms", "x", "0 s", {}},
    {"limits.memory", "4 GiB", "x", "1 B", {}},
    {"output.series_interval", "1 us", "x", "0 s", {}},
    {"output.series_queues", "[]", "5", "", {}},
    {"output.series_queues[].link", "tor-down", "[x]", "leaf-up", {"output.series_interval=1 us"}},
    {"output.series_queues[].switch", "3", "x", "99", {"output.series_interval=1 us"}},
    {"output.series_queues[].port", "3", "x", "99", {"output.series_interval=1 us"}},
    {"output.trace_flows", "[0, 5]", "x", "[-1]", {}},
};

std::vector<FieldCase> field_cases() {
  std::vector<FieldCase> all = kFabricFields;
  all.insert(all.end(), kTransportFields.begin(), kTransportFields.end());
  all.insert(all.end(), kWorkloadFields.begin(), kWorkloadFields.end());
  return all;
}

std::string first_item(std::string path) {
  const size_t brackets = path.find("[]");
  return brackets == std::string::npos ? path : path.replace(brackets, 2, "[0]");
}

Overrides with(const FieldCase& c, const std::string& value) {
  Overrides overrides = c.context;
  overrides.push_back(first_item(c.path) + "=" + value);
  return overrides;
}

TEST(Fields, TheTableHasEveryKey) {
  std::set<std::string> tested;
  for (const FieldCase& c : field_cases()) tested.insert(c.path);
  NetworkDescription d;
  for (const std::string& path :
       scenario::known_paths([&d](scenario::Visitor& v) { describe(v, d); })) {
    const bool group = path == "fabric" || path == "fabric.queue" || path == "transport" ||
                       path == "transport.paths" || path == "workload" || path == "limits" ||
                       path == "output" || path.ends_with("[]");
    EXPECT_EQ(tested.contains(path), !group) << path;
  }
}

TEST(Fields, GoodValuesPass) {
  for (const FieldCase& c : field_cases()) EXPECT_EQ(errors_with(with(c, c.good)), "") << c.path;
}

TEST(Fields, WrongTypesAreRefusedAtTheFlag) {
  for (const FieldCase& c : field_cases()) {
    const std::string errors = errors_with(with(c, c.bad_type));
    EXPECT_THAT(errors, HasSubstr("--set " + first_item(c.path) + "=" + c.bad_type)) << c.path;
    EXPECT_THAT(errors, HasSubstr("expected")) << c.path;
  }
}

TEST(Fields, ValuesOutOfRangeAreRefusedAtTheFlag) {
  for (const FieldCase& c : field_cases()) {
    if (c.bad_range.empty()) continue;
    EXPECT_THAT(errors_with(with(c, c.bad_range)), HasSubstr("--set " + first_item(c.path)))
        << c.path;
  }
}

TEST(Fields, MisspeltNamesAreRefusedWithTheRightOne) {
  for (const FieldCase& c : field_cases()) {
    if (c.path == "kind") continue;
    const size_t start = c.path.find_last_of(".]") + 1;
    const std::string name = c.path.substr(start);
    const std::string wrong = first_item(c.path) + "x";
    const std::string errors = errors_with({wrong + "=1"});
    EXPECT_THAT(errors, HasSubstr(fmt::format("unknown key `{}x`", name))) << errors;
    EXPECT_THAT(errors, HasSubstr(fmt::format("did you mean `{}`?", name))) << errors;
  }
}

// --- the file as a whole ---

TEST(Network, DefaultsAreWhatTheStructSays) {
  const NetworkScenario s = good({});
  EXPECT_EQ(network_yaml(s.description), network_yaml(NetworkDescription{}));
  EXPECT_TRUE(s.warnings.empty());
}

TEST(Network, AScenarioMustNameItsKind) {
  EXPECT_THAT(errors_with({}, ""), HasSubstr("s.yaml:1:1: found no key `kind`"));
  EXPECT_THAT(
      errors_with({}, "kind: netwrok\n"),
      HasSubstr("s.yaml:1:7: kind: found `netwrok`, expected network (did you mean `network`?)"));
  EXPECT_THAT(errors_with({}, "- a\n- b\n"), HasSubstr("found a list, expected a scenario"));
  EXPECT_THAT(errors_with({}, "just words\n"), HasSubstr("found a single value"));
}

TEST(Network, AllMistakesOfAFileAreReportedTogether) {
  const std::string text =
      "kind: network\n"
      "fabric:\n"
      "  nodes: 1001\n"
      "  link_rat: 400 Gbps\n"
      "  queue: {ecn_low: 90 packets, ecn_high: 30 packets}\n"
      "faults:\n"
      "  - {at: 5 us, until: 3 us}\n"
      "transport:\n"
      "  mtu: 4 parsecs\n"
      "  mtu: 4 KiB\n"
      "output: {trace_flows: [a]}\n"
      "limits: {time: 1 us}\n"
      "workload: {start: 2 us}\n";
  EXPECT_EQ(errors_with({"seed=-1"}, text),
            "--set seed=-1: seed: found `-1`, expected integer of at least 0\n"
            "s.yaml:4:3: unknown key `link_rat` in fabric (did you mean `link_rate`?)\n"
            "s.yaml:7:23: faults[0].until: found 3 us, expected later than at, 5 us\n"
            "s.yaml:9:8: transport.mtu: found `4 parsecs`, expected a size such as `4 KiB` or "
            "`2 MB` (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)\n"
            "s.yaml:10:3: `mtu` is given twice (first at line 9, column 3)\n"
            "s.yaml:11:24: output.trace_flows[0]: found `a`, expected a whole number\n"
            "s.yaml:12:16: limits.time: the run would end before the first flow starts "
            "(workload.start is 2 us)\n");
}

struct TogetherCase {
  Overrides overrides;
  const char* expected;
};

TEST(Network, KeysThatContradictEachOther) {
  const std::vector<TogetherCase> cases = {
      {{"fabric.nodes=1001"}, "fabric.nodes: 1001 nodes do not close"},
      {{"fabric.shape=leaf-spine", "fabric.tiers=3"}, "fabric.tiers: found 3, but the shape"},
      {{"fabric.nodes_per_leaf=8"}, "fabric.nodes_per_leaf: has no meaning in a fat tree"},
      {{"fabric.rails=4"}, "fabric.rails: has no meaning in the shape fat-tree"},
      {{"fabric.queue.capacity=1000 B"}, "fabric.queue.capacity: found 1 kB, less than one packet"},
      {{"fabric.queue.capacity=4000000 packets"},
       "fabric.queue.capacity: found 4000000 packets, more"},
      {{"fabric.queue.ecn_low=9 packets", "fabric.queue.ecn_high=8 packets"},
       "fabric.queue.ecn_low: found 9 packets, more than fabric.queue.ecn_high, which is 8 "
       "packets"},
      {{"fabric.queue.pfc_xoff=9 packets"}, "has no effect without `discipline: pfc`"},
      {{"fabric.queue.discipline=pfc", "fabric.queue.pfc_xoff=9 packets",
        "fabric.queue.pfc_xon=10 packets"},
       "fabric.queue.pfc_xon: found 10 packets, more than"},
      {{"fabric.queue.ecn=false", "fabric.queue.ecn_low=9 packets"}, "no effect without ecn"},
      {{"transport.mtu=100 B", "fabric.queue.trim_size=100 B"}, "expected less than transport.mtu"},
      {{"transport.mtu=90 B", "transport.header=90 B"}, "transport.header: found 90 B"},
      {{"transport.congestion=constant"}, "constant needs transport.window"},
      {{"transport.congestion=dcqcn"}, "which only kind roce has"},
      {{"transport.kind=roce", "transport.congestion=nscc"}, "roce has dcqcn or constant"},
      {{"transport.kind=roce", "transport.paths.selection=reps"}, "one path per queue pair"},
      {{"transport.paths.count=100"}, "nearest: 64 and 128"},
      {{"workload.kind=matrix"}, "matrix needs workload.matrix"},
      {{"workload.fan_in=3"}, "workload.fan_in: has no effect on kind permutation"},
      {{"workload.parallel=3"}, "workload.parallel: has no effect on kind permutation"},
      {{"workload.kind=incast", "workload.fan_in=128"}, "128 senders, expected 1 to 127 among 128"},
      {{"workload.kind=incast", "workload.sources=[1, 1]"},
       "workload.sources[1]: node 1 is given twice"},
      {{"workload.kind=incast", "workload.sources=[0]"},
       "workload.sources[0]: node 0 is the destination"},
      {{"workload.kind=incast", "workload.sources=[1, 2]", "workload.fan_in=3"},
       "workload.fan_in: found 3, but there are 2 sources"},
      {{"workload.kind=victim", "workload.fan_in=126"}, "126 senders, expected 1 to 125"},
      {{"workload.kind=victim", "workload.victim_source=0"}, "node 0 takes part in the incast"},
      {{"workload.kind=victim", "workload.victim_source=5", "workload.victim_destination=5"},
       "would end where it begins"},
      {{"workload.kind=all-to-all", "fabric.nodes=93312"}, "flows are more than"},
      {{"workload.bytes=9223372036854775807 B"}, "exceed 2^63 bytes"},
      {{"faults=[{rate: 50 %}]"}, "faults[0].rate: belongs to kind degraded"},
      {{"faults=[{kind: switch-dead}]"}, "faults[0].switch: switch-dead needs `switch`"},
      {{"faults=[{kind: switch-dead, switch: 32}]"},
       "faults[0].switch: found 32, expected 0 to 31"},
      {{"faults=[{kind: switch-dead, switch: 1, count: 2}]"}, "faults[0].count: belongs to kind"},
      {{"faults=[{count: 2, port: 1}]"}, "faults[0].count: found together with switch or port"},
      {{"faults=[{count: 129}]"}, "found 129, but there are 128 links tor-up"},
      {{"faults=[{link: core-down, switch: 32}]"}, "faults[0].switch: found 32, expected 0 to 31"},
      {{"faults=[{link: host-up, port: 1}]"}, "faults[0].port: found 1, expected 0 to 0"},
      {{"fabric.shape=leaf-spine", "faults=[{link: core-down}]"}, "a fabric of two tiers ends"},
      {{"fabric.shape=leaf-spine", "faults=[{kind: switch-dead, tier: core, switch: 0}]"},
       "found core, but a fabric of two tiers has none"},
      {{"output.series_queues=[{switch: 0}]"}, "no effect without output.series_interval"},
  };
  for (const TogetherCase& c : cases)
    EXPECT_THAT(errors_with(c.overrides), HasSubstr(c.expected)) << c.overrides.front();
}

TEST(Network, DependentDefaultsAreSettled) {
  const TransportDescription roce = good({"transport.kind=roce"}).description.transport;
  EXPECT_EQ(roce.congestion, Congestion::kDcqcn);
  EXPECT_EQ(roce.paths.selection, PathSelection::kOnePath);
  EXPECT_EQ(roce.paths.count, 1);
  EXPECT_EQ(good({"transport.kind=roce", "transport.congestion=constant"})
                .description.transport.congestion,
            Congestion::kConstant);
  const NetworkScenario incast = good({"workload.kind=incast", "workload.sources=[4, 5, 6]"});
  EXPECT_EQ(incast.description.workload.fan_in, 3);
  EXPECT_EQ(good({"fabric.shape=leaf-spine"}).description.fabric.tiers, 2);
}

TEST(Network, TheResolvedScenarioReadsBackTheSame) {
  const NetworkScenario first =
      good({"fabric.shape=leaf-spine", "fabric.oversubscription=2", "transport.kind=roce",
            "workload.kind=victim", "workload.sources=[4, 5, 6]", "limits.time=3 ms",
            "faults=[{kind: loss, at: 1 us, until: 2 us, loss: 0.1 %, port: 1}, {count: 3}]",
            "output={series_interval: 1 us, series_queues: [{link: tor-down, switch: 1}]}",
            "name=\"a # b\"", "fabric.queue={capacity: 90 packets, ecn_low: 10 KiB}"});
  const std::string yaml = network_yaml(first.description);
  const NetworkScenario second = good({}, yaml);
  EXPECT_EQ(network_yaml(second.description), yaml);
  EXPECT_THAT(network_json(first.description), HasSubstr("\"fan_in\": 3"));
}

TEST(Network, TheSchemaIsAScenarioOfDefaults) {
  const std::string schema = network_schema();
  const NetworkScenario s = good({}, schema);
  EXPECT_EQ(network_yaml(s.description), network_yaml(NetworkDescription{}));
  for (const char* line : {"  nodes: 128\n", "  link_latency: 1 us\n", "    capacity: auto\n",
                           "faults: []\n", "# kind: link-down\n", "    selection: braid\n"})
    EXPECT_THAT(schema, HasSubstr(line));
  size_t start = 0;
  while (start < schema.size()) {
    const size_t end = schema.find('\n', start);
    EXPECT_LE(end - start, 100u) << schema.substr(start, end - start);
    start = end + 1;
  }
}

// --- files named by a scenario ---

class NamedFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              fmt::format("wt_network_schema_test-{}", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path) << text;
    return path.string();
  }
  std::filesystem::path folder_;
};

constexpr const char* kTopology =
    "Nodes 32\nTiers 2\nPodsize 32\nTier 0\nDownlink_speed_Gbps 100\nRadix_Down 8\nRadix_Up 2\n"
    "Downlink_Latency_ns 500\nTier 1\nDownlink_speed_Gbps 100\nRadix_Down 4\n"
    "Downlink_Latency_ns 500\n";
constexpr const char* kMatrix = "Nodes 16\nConnections 1\n0->13 start 5 size 1000\n";

TEST_F(NamedFiles, AreFoundBesideTheScenarioAndRuleItsKeys) {
  write("t.topo", kTopology);
  write("m.cm", kMatrix);
  const std::string path =
      write("s.yaml", "kind: network\nfabric: {topology: t.topo}\nworkload: {matrix: m.cm}\n");
  const auto scenario = load_network(path);
  ASSERT_TRUE(scenario.has_value()) << base::to_string(scenario.error());
  EXPECT_EQ(scenario->description.fabric.nodes, 32);
  EXPECT_EQ(scenario->description.fabric.tiers, 2);
  EXPECT_EQ(scenario->description.fabric.link_rate, Rate::gbps(100));
  EXPECT_EQ(scenario->description.workload.kind, WorkloadKind::kMatrix);
  ASSERT_TRUE(scenario->matrix.has_value());
  EXPECT_EQ(scenario->matrix->connections[0].start, Duration::us(5));
  ASSERT_TRUE(scenario->topology.has_value());
  EXPECT_EQ(scenario->topology->nodes, 32);
}

TEST_F(NamedFiles, ATopologyFileOverrulesKeysWithAWarning) {
  const std::string topology = write("t.topo", kTopology);
  EXPECT_TRUE(good({"fabric.topology=" + topology}).warnings.empty());
  EXPECT_TRUE(good({"fabric.topology=" + topology, "fabric.link_rate=100 Gbps", "fabric.nodes=32",
                    "fabric.link_latency=500 ns", "fabric.shape=leaf-spine", "fabric.tiers=2"})
                  .warnings.empty());
  const NetworkScenario s =
      good({"fabric.topology=" + topology, "fabric.link_rate=400 Gbps", "fabric.radix=64"});
  EXPECT_EQ(s.description.fabric.link_rate, Rate::gbps(100));
  ASSERT_EQ(s.warnings.size(), 2u);
  EXPECT_THAT(s.warnings[0].to_string(),
              HasSubstr("--set fabric.link_rate=400 Gbps: fabric.link_rate has no effect: "));
}

TEST_F(NamedFiles, TheirErrorsAreReportedWithThoseOfTheScenario) {
  write("t.topo", "Nodes 32\n");
  write("m.cm", "Nodes 16\nConnections 1\n0->16 start 0 size 1\n");
  const std::string path = write(
      "s.yaml", "kind: network\nfabric: {topology: t.topo}\nworkload: {matrix: m.cm}\nsed: 1\n");
  const auto scenario = load_network(path);
  ASSERT_FALSE(scenario.has_value());
  const std::string errors = base::to_string(scenario.error());
  EXPECT_THAT(errors, HasSubstr("m.cm:3:1: node 16 is out of range"));
  EXPECT_THAT(errors, HasSubstr("t.topo:1:1: found no `Tiers N` line"));
  EXPECT_THAT(errors, HasSubstr("s.yaml:4:1: unknown key `sed`"));
}

TEST_F(NamedFiles, AbsentOnesPointAtTheKey) {
  const std::string path = write("s.yaml", "kind: network\nworkload: {matrix: gone.cm}\n");
  const auto scenario = load_network(path);
  ASSERT_FALSE(scenario.has_value());
  EXPECT_THAT(base::to_string(scenario.error()), HasSubstr("s.yaml:2:20: workload.matrix: "));
  EXPECT_THAT(base::to_string(scenario.error()), HasSubstr("gone.cm cannot be read"));
  EXPECT_THAT(base::to_string(load_network((folder_ / "no.yaml").string()).error()),
              HasSubstr("no.yaml: cannot be read"));
}

TEST_F(NamedFiles, AMatrixMustFitTheFabricAndTheLimits) {
  const std::string matrix = write("m.cm", kMatrix);
  EXPECT_EQ(errors_with({"workload.matrix=" + matrix}), "");
  EXPECT_THAT(errors_with({"workload.matrix=" + matrix, "fabric.nodes=8", "fabric.tiers=2"}),
              HasSubstr("is for 16 nodes, but the fabric has 8 (set fabric.nodes to 16)"));
  EXPECT_THAT(errors_with({"workload.matrix=" + matrix, "limits.time=4 us"}),
              HasSubstr("m.cm:3:1: 0->13 starts at 5 us, when the run is over"));
  EXPECT_EQ(errors_with(
                {"workload.matrix=" + matrix, "limits.time=4 us", "workload.matrix_start_unit=ps"}),
            "");
}

// The `--set path=value` of each comment line that has any, quotes taken off.
std::vector<Overrides> suggested_overrides(const std::filesystem::path& path) {
  std::vector<Overrides> all;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line) && line.starts_with('#');) {
    Overrides overrides;
    const std::string flag = "--set ";
    for (size_t at = line.find(flag); at != std::string::npos; at = line.find(flag, at)) {
      at += flag.size();
      const bool quote = line[at] == '\'';
      const size_t end = std::min(line.find(quote ? '\'' : ' ', at + 1), line.size());
      overrides.push_back(line.substr(at + (quote ? 1 : 0), end - at - (quote ? 1 : 0)));
    }
    if (!overrides.empty()) all.push_back(overrides);
  }
  return all;
}

std::filesystem::path examples_folder() {
  const char* source = std::getenv("WT_SOURCE_DIR");
  return std::filesystem::path(source != nullptr ? source : ".") / "examples";
}

TEST(Examples, TheFlagsTheySuggestWork) {
  ASSERT_TRUE(std::filesystem::exists(examples_folder())) << "set WT_SOURCE_DIR";
  int tried = 0;
  for (const auto& entry : std::filesystem::directory_iterator(examples_folder())) {
    for (const Overrides& overrides : suggested_overrides(entry.path())) {
      ++tried;
      const auto scenario = load_scenario(entry.path().string(), overrides);
      EXPECT_TRUE(scenario.has_value()) << base::to_string(scenario.error());
    }
  }
  EXPECT_GE(tried, 6);
}

TEST(Examples, LoadWithoutWarnings) {
  const std::filesystem::path folder = examples_folder();
  ASSERT_TRUE(std::filesystem::exists(folder)) << "set WT_SOURCE_DIR to the repository";
  int seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    ++seen;
    const auto scenario = load_scenario(entry.path().string());
    ASSERT_TRUE(scenario.has_value()) << base::to_string(scenario.error());
    EXPECT_TRUE((*scenario)->warnings().empty()) << entry.path();
    if (const auto network = load_network(entry.path().string())) {
      EXPECT_EQ(network->description.name, entry.path().stem().string());
      EXPECT_FALSE(network->description.description.empty()) << entry.path();
    }
    std::ifstream file(entry.path());
    EXPECT_EQ(file.get(), '#') << entry.path() << " begins with the question it answers";
  }
  EXPECT_GE(seen, 5);
}

}  // namespace
}  // namespace windtunnel::study
