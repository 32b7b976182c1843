// The simulated rows of `windtunnel validate factory`: that they are complete, that a sound factory
// passes them, and that one with a fault does not.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "factory/known_queues.h"
#include "study/known_experiment.h"
#include "tests/support/reference_values.h"

namespace windtunnel::study {
namespace {

using factory::Plant;

#ifdef NDEBUG
constexpr double kEffort = 0.05;
#else
constexpr double kEffort = 0.01;
#endif

const KnownExperiment& experiment(const std::string& name) {
  static const std::vector<KnownExperiment> all = known_experiments();
  for (const KnownExperiment& e : all) {
    if (e.name == name) return e;
  }
  ADD_FAILURE() << "no experiment " << name;
  return all.front();
}

std::string text(const KnownResult& r) {
  return r.what + ": ours " + std::to_string(r.ours.mean) + " +- " +
         std::to_string(r.ours.half_width) + ", expected " + std::to_string(r.expected);
}

// ---- what the list of known values asks for

// Formulas and bookkeeping, for which there is nothing to simulate: known_answers_test.cc has them.
bool is_formula(const std::string& row, const std::string& field) {
  static const std::set<std::string> kFields = {"Kingman_approx", "EC2",    "states",
                                                "Q_min",          "Q_best", "steady"};
  return kFields.count(field) > 0 || row.rfind("ELSP", 0) == 0;
}

// "E_closed" repeats "E"; what a line tends to without and with any buffer is listed with each
// buffer and judged with the smallest.
std::pair<std::string, std::string> judged_as(std::string row, std::string field) {
  if (field == "E_closed") field = "E";
  if (field == "nbar_closed") field = "nbar";
  if (field == "E_zero" || field == "E_inf") row = row.substr(0, row.rfind("_N")) + "_N4";
  return {row, field};
}

TEST(KnownExperiments, CoverTheListOfKnownValues) {
  if (testing::reference_values().empty())
    GTEST_SKIP() << testing::reference_file() << " is absent";
  std::map<std::pair<std::string, std::string>, double> ours;
  const KnownEffort least{.length = 1e-3};
  for (const KnownExperiment& e : known_experiments()) {
    for (const KnownPlant& plant : e.plants) {
      for (const KnownFigure& f : plant.figures) ours[{f.row, f.field}] = f.expected;
    }
    if (!e.more || e.name == "factory-f0") continue;
    for (const KnownResult& r : e.more(least)) ours[{r.row, r.field}] = r.expected;
  }
  for (const auto& [key, value] : testing::reference_values()) {
    if (is_formula(key.first, key.second) || std::isinf(value)) continue;
    const auto found = ours.find(judged_as(key.first, key.second));
    if (found == ours.end()) {
      ADD_FAILURE() << key.first << "." << key.second << " is not simulated";
      continue;
    }
    EXPECT_NEAR(found->second, value, 1e-6 * std::abs(value)) << key.first << "." << key.second;
  }
}

// ---- a sound factory

class KnownExperimentHolds : public ::testing::TestWithParam<std::string> {};

// Short runs with intervals of 99.99 %: of some 250 figures one in forty of these tests would fail
// by chance, but the seed is fixed.
TEST_P(KnownExperimentHolds, AtSmallEffort) {
  const KnownEffort effort{.seed = 1, .length = kEffort, .level = 0.9999};
  RecordProperty("seed", static_cast<int>(effort.seed));
  const auto results = judge_experiment(experiment(GetParam()), effort);
  EXPECT_FALSE(results.empty());
  for (const KnownResult& r : results) EXPECT_TRUE(r.contained()) << text(r);
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const KnownExperiment& e : known_experiments()) all.push_back(e.name);
  return all;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, KnownExperimentHolds, ::testing::ValuesIn(names()), test_name);

// ---- a factory with a fault: each at the effort of `validate`, and some figure must notice

struct Fault {
  const char* name;
  const char* experiment;
  size_t plant;
  std::function<void(Plant&)> strike;
};

std::vector<Fault> faults() {
  return {
      {"one place more between blocking machines", "factory-blocking", 6,
       [](Plant& p) { *p.stations[1].buffer += 1; }},
      {"one place less between failing machines", "factory-transfer-1", 1,
       [](Plant& p) { *p.stations[1].buffer -= 1; }},
      {"a place before the first machine of a line", "factory-blocking", 5,
       [](Plant& p) { p.stations[1].machines = 2; }},
      {"one more repairer", "factory-repair-crew", 0, [](Plant& p) { p.crews[0].count = 2; }},
      {"breakdowns by the clock and not by running", "factory-breakdowns", 0,
       [](Plant& p) { p.stations[0].breakdowns[0].by = factory::FailBy::kClock; }},
      {"the operation begins again after a repair", "factory-breakdowns", 0,
       [](Plant& p) { p.stations[0].breakdowns[0].after = factory::AfterRepair::kRestart; }},
      {"a waiting place where there is none", "factory-loss", 0,
       [](Plant& p) { p.stations[0].buffer = 1; }},
      {"eleven machines for ten", "factory-mmc", 2, [](Plant& p) { p.stations[0].machines = 11; }},
      {"stores one larger", "factory-kitting", 1, [](Plant& p) { *p.stocks[0].capacity += 1; }},
      {"gated as if exhaustive", "factory-polling", 1,
       [](Plant& p) { p.stations[0].serve = factory::Serve::kExhaustive; }},
      {"empty families passed over for nothing", "factory-polling", 0,
       [](Plant& p) { p.stations[0].visit_empty = false; }},
      {"a setup only when the family changes", "factory-lots", 0,
       [](Plant& p) { p.stations[0].setup_when = factory::SetupWhen::kFamilyChange; }},
      {"one card more", "factory-conwip", 3, [](Plant& p) { p.loops[0].cards += 1; }},
      {"rework goes back to the second station only", "factory-jackson", 0,
       [](Plant& p) { p.items[0].route[1].rework_to = "second"; }},
      {"times of two stages as if exponential", "factory-mg1", 1,
       [](Plant& p) { p.items[0].route[0].time.shape = base::TimeShape::kExponential; }},
      {"one joint fewer", "factory-kit43", 0, [](Plant& p) { p.items[0].route.pop_back(); }},
      {"two percent slower", "factory-gim1", 0,
       [](Plant& p) {
         auto& mean = p.items[0].route[0].time.mean;
         mean = factory::Duration::from_seconds(1.02 * mean.seconds());
       }},
  };
}

class KnownExperimentNotices : public ::testing::TestWithParam<size_t> {};

TEST_P(KnownExperimentNotices, AFault) {
#ifndef NDEBUG
  GTEST_SKIP() << "the power of rows is tested in optimised builds";
#endif
  const Fault fault = faults()[GetParam()];
  const KnownExperiment& e = experiment(fault.experiment);
  ASSERT_LT(fault.plant, e.plants.size());
  KnownPlant plant = e.plants[fault.plant];
  const KnownEffort effort{.seed = 1, .threads = 2};
  const auto count_misses = [&] {
    int misses = 0;
    for (const KnownResult& r : judge_plant(plant, effort)) misses += r.contained() ? 0 : 1;
    return misses;
  };
  EXPECT_EQ(count_misses(), 0) << "without the fault";
  fault.strike(plant.plant);
  EXPECT_GT(count_misses(), 0) << fault.name << " goes unnoticed in " << plant.name;
}

INSTANTIATE_TEST_SUITE_P(All, KnownExperimentNotices, ::testing::Range(size_t{0}, faults().size()),
                         [](const auto& one) {
                           std::string name = faults()[one.param].name;
                           for (char& c : name) c = c == ' ' ? '_' : c;
                           return name;
                         });

// ---- how often intervals contain the truth

// Twenty other seeds at the effort of `validate`: 95 % intervals must hold 19 times in 20. Figures
// of one plant rise and fall together, so the share has a spread of about 1 %.
TEST(NightlyKnownExperiments, IntervalsHoldAsOftenAsTheySay) {
  int64_t held = 0;
  int64_t all = 0;
  for (uint64_t seed = 2; seed <= 21; ++seed) {
    const KnownEffort effort{.seed = seed, .level = 0.95, .threads = 2};
    for (const KnownExperiment& e : known_experiments()) {
      for (const KnownResult& r : judge_experiment(e, effort)) {
        // Exact figures, and those with an allowance besides chance, say nothing about the level.
        if (r.bias > 0 || r.ours.half_width == 0) continue;
        ++all;
        held += r.contained() ? 1 : 0;
      }
    }
  }
  const double share = static_cast<double>(held) / static_cast<double>(all);
  RecordProperty("share", std::to_string(share));
  EXPECT_NEAR(share, 0.95, 0.03) << held << " of " << all;
}

}  // namespace
}  // namespace windtunnel::study
