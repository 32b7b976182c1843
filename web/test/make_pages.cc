// Writes the pages that the browser test opens: `make_pages FOLDER`.
#include <fmt/format.h>

#include <cmath>

#include "report/fixture.h"
#include "report/html.h"
#include "report/output.h"

namespace {

using namespace windtunnel::report;

constexpr char kAttack[] =
    "</script><script>window.hacked = 1</script><img src=x onerror=hacked=1>\"'&";

// Every text that may come from a user's file tries to leave its place.
Measurements hostile() {
  Measurements m = fixture_measurements();
  m.title = kAttack;
  m.kind = kAttack;
  m.bottleneck = {kAttack, kAttack, 0.5, kAttack, {{kAttack, 0.2}}};
  m.assumptions = {{kAttack, kAttack, kAttack}};
  m.scenario = {ScenarioTree::Map{{kAttack, {std::string(kAttack)}}}};
  for (Metric& metric : m.metrics) metric.label = kAttack;
  for (Series& series : m.series) series.title = series.about = kAttack;
  std::get<TimeSeries>(m.series[2].data).lines[0].label = kAttack;
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

}  // namespace

int main(int argc, char** argv) {
  const auto written =
      write_files(argc > 1 ? argv[1] : ".", {{"fixture.html", to_html(fixture_measurements())},
                                             {"hostile.html", to_html(hostile())},
                                             {"large.html", to_html(large())},
                                             {"empty.html", to_html(empty())}});
  if (!written) std::fprintf(stderr, "%s\n", written.error().to_string().c_str());
  return written ? 0 : 1;
}
