// A complete set of measurements with every part filled, for the tests of the writers and of the
// page. Made from closed forms and a seeded stream, not from a simulation; not for other use.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "report/measurements.h"

namespace windtunnel::report {

inline std::vector<double> fixture_completions() {
  base::RandomStream random(42, "fixture/completion");
  std::vector<double> seconds;
  for (int i = 0; i < 8192; ++i) seconds.push_back(52.4e-6 + random.gamma(3, 1.6e-6));
  return seconds;
}

inline HeatMap fixture_utilisation() {
  HeatMap map{.unit = unit::kShare,
              .rows = {.title = "Link tier",
                       .labels = {"host to leaf", "leaf to spine", "spine to core", "core to spine",
                                  "spine to leaf", "leaf to host"}},
              .columns = {.title = "Simulated time", .unit = unit::kSeconds},
              .values = {}};
  constexpr int kBins = 60;
  constexpr std::array<double, 6> kPeak{0.985, 0.93, 0.9, 0.9, 0.94, 0.995};
  for (int bin = 0; bin < kBins; ++bin) map.columns.values.push_back(1.25e-6 * bin);
  base::RandomStream random(42, "fixture/utilisation");
  for (size_t row = 0; row < kPeak.size(); ++row) {
    for (int bin = 0; bin < kBins; ++bin) {
      const double start = std::clamp((bin - 1.6 * static_cast<double>(row)) / 2.0, 0.0, 1.0);
      const double end = 1 / (1 + std::exp((bin - 44.0 - static_cast<double>(row)) / 2.2));
      const double noise = 0.04 * random.uniform();
      map.values.push_back(std::max(0.0, (kPeak[row] - noise) * start * end));
    }
  }
  return map;
}

inline TimeSeries fixture_queues() {
  TimeSeries series{.unit = unit::kBytes,
                    .time_s = {},
                    .lines = {{"longest", {}}, {"99th percentile", {}}, {"mean", {}}},
                    .limit = 626'688,
                    .limit_label = "queue capacity"};
  base::RandomStream random(42, "fixture/queues");
  for (int i = 0; i < 150; ++i) {
    const double t = 0.5e-6 * i;
    const double swell = std::exp(-std::pow((t - 18e-6) / 14e-6, 2.0));
    series.time_s.push_back(t);
    series.lines[0].values.push_back(
        std::floor(4160 * (4 + 118 * swell * (0.9 + 0.1 * random.uniform()))));
    series.lines[1].values.push_back(std::floor(4160 * (2 + 61 * swell)));
    series.lines[2].values.push_back(std::floor(4160 * (0.4 + 9 * swell)));
  }
  return series;
}

inline ScenarioTree fixture_scenario() {
  using Map = ScenarioTree::Map;
  const auto text = [](const char* words) { return ScenarioTree{std::string(words)}; };
  Map topology{{"shape", text("fat_tree")},
               {"radix", {int64_t{32}}},
               {"tiers", {int64_t{3}}},
               {"link", {Map{{"rate", text("400 Gbps")}, {"delay", text("1 us")}}}}};
  Map traffic{
      {"pattern", text("permutation")}, {"flow_size", text("2 MB")}, {"start", text("0 s")}};
  Map transport{{"name", text("braid")},
                {"congestion", text("nscc")},
                {"paths", {int64_t{256}}},
                {"trimming", {true}},
                {"loss", {0.0}}};
  return {Map{{"kind", text("network")},
              {"title", text("Permutation of 2 MB over 8,192 hosts")},
              {"topology", {std::move(topology)}},
              {"traffic", {std::move(traffic)}},
              {"transport", {std::move(transport)}},
              {"faults", {ScenarioTree::List{text("none")}}}}};
}

inline std::vector<Metric> fixture_metrics(const Distribution& completion, double mean) {
  const auto at = [&](double share) { return quantile(completion, share); };
  const char* const s = unit::kSeconds;
  const char* const packets = unit::kPackets;
  return {{"flow.completion.mean", mean, s, 0.04e-6, "Flow completion, mean", true},
          {"flow.completion.p50", at(0.5), s, {}, "Flow completion, median"},
          {"flow.completion.p99", at(0.99), s, {}, "Flow completion, 99th percentile", true},
          {"flow.completion.max", at(1), s, {}, "Flow completion, slowest", true},
          {"flow.count", 8192, unit::kCount, {}, "Flows"},
          {"flow.unfinished", 0, unit::kCount, {}, "Flows unfinished"},
          {"makespan", at(1), s, {}, "Time until the last flow ended"},
          {"goodput.total",
           8192 * 16e6 / at(1),
           unit::kBitsPerSecond,
           {},
           "Goodput of all hosts",
           true},
          {"packets.sent", 4'074'311, packets, {}, "Packets sent"},
          {"packets.delivered", 4'071'424, packets, {}, "Packets delivered"},
          {"packets.retransmitted", 2'887, packets, {}, "Packets sent again"},
          {"packets.trimmed", 2'887, packets, {}, "Packets trimmed"},
          {"packets.dropped", 0, packets, {}, "Packets dropped"},
          {"packet_hops", 29'331'200, unit::kCount, {}, "Packet-hops"}};
}

inline Measurements fixture_measurements() {
  const std::vector<double> completions = fixture_completions();
  double sum = 0;
  for (const double seconds : completions) sum += seconds;
  const Distribution completion = make_distribution(completions, unit::kSeconds);
  Measurements m;
  m.version = "0.1.0";
  m.title = "Permutation of 2 MB over 8,192 hosts";
  m.kind = "network";
  m.fingerprint = "9f3c51e2a47b0d86";
  m.seed = 42;
  m.scenario = fixture_scenario();
  m.metrics = fixture_metrics(completion, sum / static_cast<double>(completions.size()));
  m.series = {{"flow.completion", "Flow completion time",
               "From the first packet to the last acknowledgement at the sender.", completion},
              {"link.utilisation", "Link utilisation",
               "Mean share of the line rate over all links of a tier, in bins of 1.25 µs.",
               fixture_utilisation()},
              {"queue.bytes", "Queue lengths",
               "Bytes waiting at output ports, sampled every 0.5 µs.", fixture_queues()}};
  m.bottleneck = {"downlinks from leaf to host",
                  "leaf 117, port 9",
                  0.72,
                  "The last hop into the receiving host was busy for 72 % of the run: each host "
                  "receives 2 MB through one 400 Gb/s link, which alone takes 40.6 µs.",
                  {{"uplinks from host to leaf", 0.18}, {"propagation", 0.1}}};
  m.assumptions = {{"Link delay", "1 µs", "Cable and transceivers; chosen by the scenario."},
                   {"Switch latency", "0 s", "Store and forward only; chosen by the scenario."},
                   {"Queue capacity", "626,688 B", "One bandwidth-delay product per output port."},
                   {"Routing", "random spray", "256 entropy values per connection."}};
  m.run = {.cpu_seconds = 4.62,
           .setup_cpu_seconds = 0.31,
           .wall_seconds = 4.97,
           .peak_rss_bytes = 158'334'976,
           .events = 30'412'883,
           .threads = 1,
           .more = {{"cpu_seconds_per_packet_hop",
                     4.62 / 29'331'200,
                     unit::kSeconds,
                     {},
                     "CPU per packet-hop"}}};
  return m;
}

// A server as a tree: two sockets, a switch, endpoints; with the link between the sockets.
inline Diagram fixture_tree() {
  Diagram d{.unit = unit::kBitsPerSecond, .share_label = "share of time busy"};
  d.nodes = {{.name = "cpu0", .label = "root complex", .kind = "socket", .position = 1},
             {.name = "mem0", .label = "host memory", .kind = "memory", .level = 1},
             {.name = "switch0", .label = "switch", .kind = "switch", .level = 1, .position = 2},
             {.name = "gpu0", .label = "GPU", .kind = "GPU", .level = 2, .position = 1},
             {.name = "nic0", .label = "NIC", .kind = "NIC", .level = 2, .position = 2},
             {.name = "ssd0", .label = "SSD", .kind = "SSD", .level = 2, .position = 3},
             {.name = "cpu1", .label = "root complex", .kind = "socket", .position = 4},
             {.name = "gpu1", .label = "GPU", .kind = "GPU", .level = 1, .position = 4}};
  const auto load = [](double gbps, double share) { return Diagram::Load{gbps * 1e9, share}; };
  d.links = {{0, 1, "8 channels", load(120, 0.05), load(64, 0.03)},
             {0, 2, "Gen5 x16", load(442, 0.97), load(55, 0.12)},
             {2, 3, "Gen5 x16", load(442, 0.97), load(0, 0)},
             {2, 4, "Gen5 x16", load(0, 0.02), load(395, 0.87)},
             {2, 5, "Gen5 x4", load(2, 0.02), load(60, 0.53)},
             {0, 6, "socket link", load(110, 0.4), load(0, 0)},
             {6, 7, "Gen5 x16", load(110, 0.24), load(0, 0)}};
  return d;
}

// A line of stations whose time is shared out, and a vehicle's round trip.
inline Diagram fixture_line() {
  Diagram d{.unit = "parts/h",
            .share_label = "share of the belt's capacity",
            .states = {"working", "setup", "starved", "blocked", "down"}};
  for (int i = 0; i < 10; ++i) {
    const double down = 0.01 * i;
    d.nodes.push_back({.name = "station " + std::to_string(i + 1),
                       .label = i == 4 ? "bottleneck" : "",
                       .level = static_cast<double>(i),
                       .shares = {0.7, 0.05, 0.1, 0.15 - down, down}});
    if (i > 0) {
      d.links.push_back(
          {static_cast<size_t>(i - 1), static_cast<size_t>(i), "", {60.0 - i, 0.1 * i}, {}});
    }
  }
  d.nodes.push_back({.name = "store", .level = 4.5, .position = 1});
  d.links.push_back({9, 10, "vehicle", {12, 0.3}, {}});
  d.links.push_back({10, 0, "vehicle", {12, 0.3}, {}});
  return d;
}

inline Gantt fixture_gantt() {
  Gantt g{
      .of = "station", .start_s = 3600, .end_s = 3 * 3600, .kinds = {"working", "setup", "down"}};
  base::RandomStream random(42, "fixture/gantt");
  for (int row = 0; row < 6; ++row) {
    g.rows.push_back({"station " + std::to_string(row + 1), {}});
    double at = 0;
    for (int i = 0; at < 4 * 3600; ++i) {
      const double length = 60 + 600 * random.uniform();
      const size_t kind = i % 7 == 6 ? 2 : i % 3 == 2 ? 1 : 0;
      g.rows.back().intervals.push_back(
          {at, at + length, kind, kind == 0 ? "order " + std::to_string(i) : ""});
      at += length + 120 * random.uniform();
    }
  }
  return g;
}

inline Stack fixture_stack() {
  return {.of = "station",
          .parts = {"working", "setup", "starved", "blocked", "down"},
          .rows = {{"station 1", {0.7, 0.05, 0.1, 0.15, 0}},
                   {"station 2", {0.25, 0.25, 0.25, 0.125, 0.125}},
                   {"station 3", {0, 0, 0, 0, 0}}}};
}

// A page of drawings, and of a run in which something broke.
inline Measurements fixture_drawings() {
  Measurements m = fixture_measurements();
  m.title = "Drawings";
  TimeSeries broken = std::get<TimeSeries>(m.series[2].data);
  broken.marks = {{18e-6, "a cable died"}, {52e-6, "90 % again"}};
  m.series = {{"link.tree", "A server", "Loads of its links.", fixture_tree()},
              {"line", "A line", "", fixture_line()},
              {"station.states", "What stations did", "From the second hour on.", fixture_gantt()},
              {"station.shares", "Where the time went", "", fixture_stack()},
              {"queue.bytes", "When a cable dies", "", std::move(broken)}};
  return m;
}

}  // namespace windtunnel::report
