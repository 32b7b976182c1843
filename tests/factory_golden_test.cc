// The examples of plants: the same whatever the number of threads, and the same as reviewed in
// tests/golden/factory.csv. A change of behaviour is a reviewed change of that file:
// WT_GOLDEN=write rewrites it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "report/json.h"
#include "study/factory_run.h"
#include "study/factory_schema.h"
#include "tests/support/source_dir.h"

namespace windtunnel {
namespace {

struct Silent final : study::Observer {
  void progress(const study::Progress&) override {}
  bool stop_requested() const override { return false; }
};

// Long enough for breakdowns, nights and batteries, short enough for every test run.
struct GoldenPlant {
  const char* name;
  const char* duration;
  bool steady;  // long enough for pieces that are there at both ends not to count
};
constexpr GoldenPlant kPlants[] = {{"plant-f0", "20 d", true},
                                   {"robots-10000", "10 d", true},
                                   {"robots-500000", "12 h", false},
                                   {"rush-order-day", "7 d", false},
                                   {"changeover-study", "20 d", true}};

report::Measurements run_plant(const GoldenPlant& plant, uint32_t threads) {
  const std::string path =
      (source_dir() / "examples/factory" / (std::string(plant.name) + ".yaml")).string();
  const auto scenario = study::load_factory(
      path,
      {"run.warm_up=1 h", std::string("run.duration=") + plant.duration, "run.replications=3"});
  if (!scenario) {
    ADD_FAILURE() << plant.name << ": " << base::to_string(scenario.error());
    return {};
  }
  Silent silent;
  study::FactoryRun run =
      study::run_factory(*scenario, {.threads = threads, .sample = true}, silent);
  for (const base::Error& warning : run.warnings) {
    // So short a warm-up is on purpose.
    if (warning.message.rfind("run.warm_up:", 0) == 0) continue;
    ADD_FAILURE() << plant.name << ": " << warning.to_string();
  }
  return std::move(run.measurements);
}

double value(const report::Measurements& m, const char* name) {
  const report::Metric* metric = report::find_metric(m, name);
  return metric == nullptr ? -1.0 : metric->value;
}

std::string golden_path() { return (source_dir() / "tests/golden/factory.csv").string(); }

TEST(FactoryGolden, ResultsDoNotDependOnThreads) {
  for (const GoldenPlant& plant : kPlants) {
    report::Measurements one = run_plant(plant, 1);
    report::Measurements many = run_plant(plant, 3);
    one.run = many.run = {};
    EXPECT_EQ(report::to_json(one), report::to_json(many)) << plant.name;
  }
}

TEST(FactoryGolden, FingerprintsAreTheReviewedOnes) {
  std::string found = "plant,fingerprint,finished,limited_by\n";
  for (const GoldenPlant& plant : kPlants) {
    const report::Measurements m = run_plant(plant, 1);
    found += fmt::format("{},{},{:.6g},{}\n", plant.name, m.fingerprint, value(m, "finished.total"),
                         m.bottleneck.what);
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

TEST(FactoryGolden, LittlesLawHoldsAndSharesAddUp) {
  for (const GoldenPlant& plant : kPlants) {
    const report::Measurements m = run_plant(plant, 1);
    if (plant.steady) {
      EXPECT_LT(value(m, "little.worst"), 0.1) << plant.name;
    }
    for (const report::Series& series : m.series) {
      if (const auto* stack = std::get_if<report::Stack>(&series.data)) {
        EXPECT_EQ(report::fault_of(*stack), "") << plant.name;
      } else if (const auto* gantt = std::get_if<report::Gantt>(&series.data)) {
        EXPECT_EQ(report::fault_of(*gantt), "") << plant.name;
      } else if (const auto* diagram = std::get_if<report::Diagram>(&series.data)) {
        EXPECT_EQ(report::fault_of(*diagram), "") << plant.name;
      }
    }
  }
}

}  // namespace
}  // namespace windtunnel
