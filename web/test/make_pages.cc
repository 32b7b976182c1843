// Writes the pages that the browser test opens: `make_pages FOLDER`.
#include <fmt/format.h>

#include <cmath>

#include "report/claim_report.h"
#include "report/fixture.h"
#include "report/html.h"
#include "report/output.h"

namespace {

using namespace windtunnel::report;

constexpr char kAttack[] =
    "</script><script>window.hacked = 1</script><img src=x onerror=hacked=1>\"'&";

void add_hostile_drawings(Measurements& m) {
  Measurements drawings = fixture_drawings();
  auto& tree = std::get<Diagram>(drawings.series[0].data);
  tree.share_label = tree.nodes[0].name = tree.nodes[1].label = tree.nodes[2].kind = kAttack;
  tree.links[0].label = kAttack;
  auto& gantt = std::get<Gantt>(drawings.series[2].data);
  gantt.of = gantt.kinds[0] = gantt.rows[0].label = gantt.rows[1].intervals[3].label = kAttack;
  auto& stack = std::get<Stack>(drawings.series[3].data);
  stack.of = stack.parts[0] = stack.rows[0].label = kAttack;
  drawings.series.pop_back();
  m.series.insert(m.series.end(), drawings.series.begin(), drawings.series.end());
}

// Every text that may come from a user's file tries to leave its place.
Measurements hostile() {
  Measurements m = fixture_measurements();
  m.title = kAttack;
  m.kind = kAttack;
  m.bottleneck = {kAttack, kAttack, 0.5, kAttack, {{kAttack, 0.2}}};
  m.assumptions = {{kAttack, kAttack, kAttack}};
  m.scenario = {ScenarioTree::Map{{kAttack, {std::string(kAttack)}}}};
  for (Metric& metric : m.metrics) metric.label = kAttack;
  add_hostile_drawings(m);
  for (Series& series : m.series) series.title = series.about = kAttack;
  std::get<TimeSeries>(m.series[2].data).lines[0].label = kAttack;
  std::get<TimeSeries>(m.series[2].data).marks = {{1e-5, kAttack}};
  std::get<TimeSeries>(m.series[2].data).limit_label = kAttack;
  std::get<HeatMap>(m.series[1].data).rows.labels[0] = kAttack;
  return m;
}

// A switch by port map and long lines, beyond what a page shows one by one, with holes in it.
Measurements large() {
  Measurements m = fixture_measurements();
  m.title = "As large as it gets";
  HeatMap map{.unit = unit::kBytes, .rows = {.title = "Switch"}, .columns = {.title = "Port"}};
  for (int row = 0; row < 1280; ++row) map.rows.labels.push_back(fmt::format("switch {}", row));
  for (int port = 0; port < 32; ++port) map.columns.labels.push_back(fmt::format("{}", port));
  for (int row = 0; row < 1280; ++row) {
    for (int port = 0; port < 32; ++port) {
      const bool hole = row % 7 == 0 && port == 3;
      map.values.push_back(hole ? std::nan("") : 1e3 * (row % 40) * (port + 1));
    }
  }
  m.series[1] = {"queue.map", "Longest queue of each port", "", std::move(map)};
  TimeSeries lines{.unit = unit::kBytes, .lines = {{"longest", {}}}};
  for (int i = 0; i < 50'000; ++i) {
    lines.time_s.push_back(1e-6 * i);
    lines.lines[0].values.push_back(1e5 * (1 + std::sin(1e-3 * i)));
  }
  m.series[2].data = std::move(lines);
  return m;
}

// A run in which nothing happened.
Measurements empty() {
  Measurements m;
  m.version = "0.1.0";
  m.series = {{"flow.completion", "Flow completion time", "", Distribution{.unit = unit::kSeconds}},
              {"link.utilisation", "Link utilisation", "", HeatMap{.unit = unit::kShare}},
              {"queue.bytes", "Queue lengths", "", TimeSeries{.unit = unit::kBytes}}};
  return m;
}

// A sheet with every kind of plot and verdict; `text` stands wherever a file's text goes.
ClaimSheet claim_sheet(const std::string& text) {
  Curve curve{.x_title = text,
              .x_unit = unit::kBytes,
              .at = {16e3, 256e3, 2e6},
              .labels = {"16 kB", "256 kB", text},
              .log_x = true,
              .log_y = true,
              .unit = unit::kSeconds,
              .lines = {{text, {1e-5, 4e-5, 2e-4}}, {"one path", {1.1e-5, 9e-5, 9e-4}}},
              .reference = 5e-5,
              .reference_label = text};
  ClaimResult claim{.id = "multipath",
                    .title = text,
                    .says = text,
                    .source = text,
                    .reading = text,
                    .verdict = Verdict::kHoldsIf,
                    .decides = "shorter",
                    .value = 0.79,
                    .unit = "%",
                    .rule = "at least 20 %",
                    .condition = text,
                    .as_assumed = true,
                    .figures = {{"shorter", text, "1 - a / b", 0.79, "%"}},
                    .assumptions = {{text, "workload.bytes", "2 MB", "assumed", text}}};
  claim.sensitivity = {{.label = text,
                        .why = text,
                        .low = 0.1,
                        .high = 0.8,
                        .condition = text,
                        .curve = curve,
                        .holds = {false, true, true}}};
  claim.plots = {{text, text, curve},
                 {"Bars", text,
                  Bars{.unit = unit::kBytes, .parts = {""}, .rows = {{text, {5e5}}, {"b", {5e4}}}}},
                 {"Over time", text, fixture_measurements().series[2]},
                 {"A tree", text, fixture_drawings().series[0]}};
  curve.placed = false;
  claim.plots.push_back({"Side by side", text, curve});
  claim.shortfalls = {{"a", text, {text}, text}};
  ClaimResult open{.id = "open", .title = "Nobody can tell", .says = text, .source = text};
  open.condition = text;
  return {.version = "0.1.0",
          .name = "sheet",
          .title = text,
          .about = text,
          .announced = "2026-04-28",
          .source = text,
          .claims = {claim, open},
          .inputs = {{"price", text, 1599, "USD", "street", text, "2026-09"}},
          .bills = {{"bill", text, "USD", {{text, 8, 1599, 12792}}, 12792}},
          .runs = {{"a", text, "a.yaml", {text}, "0123456789abcdef", 1, text, {}}},
          .shortfalls = {{"a", text, {text}, text}},
          .cost = {},
          .simulations = 1};
}

}  // namespace

int main(int argc, char** argv) {
  const auto written = write_files(argc > 1 ? argv[1] : ".",
                                   {{"fixture.html", to_html(fixture_measurements())},
                                    {"hostile.html", to_html(hostile())},
                                    {"drawings.html", to_html(fixture_drawings())},
                                    {"large.html", to_html(large())},
                                    {"empty.html", to_html(empty())},
                                    {"claims.html", claims_to_html(claim_sheet("A claim"))},
                                    {"claims-hostile.html", claims_to_html(claim_sheet(kAttack))}});
  if (!written) std::fprintf(stderr, "%s\n", written.error().to_string().c_str());
  return written ? 0 : 1;
}
