// The table of metrics that formulas may name against what runs of each kind really measure.
#include "study/claim_metrics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

class Silent final : public Observer {
 public:
  void progress(const Progress&) override {}
  bool stop_requested() const override { return false; }
};

struct KindRuns {
  const char* kind;
  std::vector<const char*> scenarios;  // small, and together with every metric there is
};

const std::vector<KindRuns>& kind_runs() {
  static const std::vector<KindRuns> runs = {
      {"network",
       {"kind: network\nfabric: {nodes: 16}\nworkload: {bytes: 50 kB}\n",
        "kind: network\nfabric: {nodes: 16}\n"
        "workload: {kind: victim, fan_in: 3, bytes: 50 kB, victim_bytes: 50 kB}\n"}},
      {"collective",
       {"kind: collective\ncollective: {ranks: 8, bytes: 64 KiB}\nserver: {gpus: 4, nics: 4}\n"
        "fabric: {shape: leaf-spine, nodes_per_leaf: 4}\nbackground: {share: 1 %, bytes: 4 KiB}\n",
        "kind: collective\ncollective: {ranks: 64, bytes: 16 MiB}\nserver: {gpus: 8, nics: 8}\n"
        "fabric: {shape: leaf-spine, nodes_per_leaf: 16}\n"
        "faults: [{kind: degraded, link: tor-up, switch: 0, rate: 1/2, at: 200 us}]\n"}},
      {"host",
       {"kind: host\nserver:\n  devices:\n    - {name: gpu0, kind: gpu, under: cpu0}\n"
        "    - {name: gpu1, kind: gpu, under: cpu0}\n"
        "traffic:\n  - {name: x, kind: copy, from: \"gpu0,gpu1\", to: \"gpu1,gpu0\"}\n"}}};
  return runs;
}

// Names with units, of all runs of a kind.
std::set<std::pair<std::string, std::string>> measured(const KindRuns& runs) {
  std::set<std::pair<std::string, std::string>> found;
  for (const char* text : runs.scenarios) {
    const ScenarioResult scenario = read_scenario(text, "s.yaml");
    if (!scenario) {
      ADD_FAILURE() << text << base::to_string(scenario.error());
      continue;
    }
    Silent silent;
    const auto run = (*scenario)->run({}, silent);
    if (!run) {
      ADD_FAILURE() << text << run.error().to_string();
      continue;
    }
    for (const report::Metric& m : run->measurements.metrics) found.emplace(m.name, m.unit);
  }
  return found;
}

TEST(ClaimMetrics, EveryMetricOfARunCanStandInAFormulaWithItsUnit) {
  for (const KindRuns& runs : kind_runs()) {
    for (const auto& [name, unit] : measured(runs)) {
      const auto known = metric_dimension(runs.kind, name);
      ASSERT_TRUE(known.has_value())
          << runs.kind << ": no row of claim_metrics.cc for `" << name << "` in " << unit;
      const auto real = result_unit(unit);
      ASSERT_TRUE(real.has_value()) << name << ": no formula can handle " << unit;
      EXPECT_EQ(*known, real->dimension) << runs.kind << ": " << name << " is in " << unit;
    }
  }
}

TEST(ClaimMetrics, EveryRowOfTheTableIsMeasuredBySomeRun) {
  for (const KindRuns& runs : kind_runs()) {
    std::set<std::string> missing;
    for (const std::string& row : metric_names(runs.kind)) missing.insert(row);
    missing.erase("bottleneck.share");  // part of the results, beside the metrics
    for (const auto& [name, unit] : measured(runs)) missing.erase(metric_row(runs.kind, name));
    EXPECT_TRUE(missing.empty()) << runs.kind << " never measured "
                                 << fmt::format("{}", fmt::join(missing, ", "));
  }
}

TEST(ClaimMetrics, NoKindOfScenarioIsForgotten) {
  for (const ScenarioKind& kind : scenario_kinds()) {
    bool known = metric_names(kind.name).size() > 1;
    EXPECT_TRUE(known) << "claim_metrics.cc has no row of kind " << kind.name;
  }
}

}  // namespace
}  // namespace windtunnel::study
