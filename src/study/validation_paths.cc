// One path against many on the patterns of training, with today's RoCE as the baseline: orders, and
// where one was published the factor within 15 %. Figures are means over seeds.
#include <string>
#include <utility>

#include "report/measurements.h"
#include "study/validation_seeds.h"
#include "study/validation_sets.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;

constexpr double kFactorAllowed = 0.15;

constexpr char kReps[] = "REPS (EuroSys 2026, arXiv 2407.21625), re-run with its artifact b751588";
constexpr char kOurs[] = "orders that the REPS and MRC papers agree on";

using Scenarios = std::vector<std::pair<std::string, NetworkScenario>>;

Scenarios contenders(const NetworkDescription& d) {
  NetworkDescription one_path = d;
  one_path.transport.paths.selection = PathSelection::kOnePath;
  return {{"many paths", scenario_of(d)},
          {"one path", scenario_of(one_path)},
          {"RoCE", scenario_of(with_roce(d, 1, Congestion::kDcqcn))}};
}

// Many paths end sooner than one path, and sooner than RoCE. `published`: how many times one path
// takes as long, or 0.
Comparisons against_one(const NetworkDescription& d, const char* metric, double published,
                        Observer& observer) {
  std::vector<std::pair<std::string, double>> times;
  for (const auto& [name, scenario] : contenders(d)) {
    const auto runs = run_seeds(scenario, 3, observer);
    if (!runs) return tl::unexpected(runs.error());
    times.emplace_back(name, runs->mean(metric));
  }
  std::vector<Comparison> all;
  if (published > 0) {
    all.push_back(compare_value("one path takes how many times as long",
                                times[1].second / times[0].second, published, unit::kCount,
                                kFactorAllowed));
  }
  all.push_back(compare_least("RoCE takes how many times as long",
                              times[2].second / times[0].second, 1, unit::kCount));
  all.push_back(compare_order({times[0], times[1]}));
  all.push_back(compare_order({times[0], times[2]}));
  return all;
}

NetworkDescription all_to_all() {
  NetworkDescription d = reps_set_b(64, 8);
  d.transport = {};
  d.workload.kind = WorkloadKind::kAllToAll;
  d.workload.bytes = Bytes(1 << 20);
  return d;
}

// With one path every flow over the cable is lost for good; with many none is.
Comparisons dead_cable_against_one(Observer& observer) {
  NetworkDescription d = reps_set_b(128, 8);
  d.transport = {};
  std::vector<Comparison> all;
  std::vector<std::pair<std::string, double>> tails;
  for (const auto& [name, scenario] : contenders(with_dead_cable(d))) {
    const auto runs = run_seeds(scenario, 3, observer);
    if (!runs) return tl::unexpected(runs.error());
    const double unfinished = runs->mean("flow.unfinished");
    tails.emplace_back(name, runs->mean("flow.completion.max"));
    const std::string what = "flows that never end, " + name;
    all.push_back(name == "many paths" ? compare_bound(what, unfinished, 0, unit::kCount)
                                       : compare_least(what, unfinished, 1, unit::kCount));
  }
  all.push_back(compare_order({tails[0], tails[1]}));
  all.push_back(compare_order({tails[0], tails[2]}));
  all[all.size() - 1].note = "of the flows that end";
  return all;
}

}  // namespace

std::vector<ValidationCase> path_cases() {
  NetworkDescription permutation = reps_set_b(128, 8);
  permutation.transport = {};
  return {{"paths-permutation", kReps, "128-node permutation of 8 MiB at 400 Gb/s, 3 seeds",
           [permutation](Observer& observer) {
             return against_one(permutation, "flow.completion.max", 748.0 / 185, observer);
           }},
          {"paths-all-to-all", kOurs, "64 nodes send 1 MiB to each other in turn, 3 seeds",
           [](Observer& observer) { return against_one(all_to_all(), "makespan", 0, observer); }},
          {"paths-dead-cable", kOurs, "the permutation, one cable dead from 1.4 us, 3 seeds",
           dead_cable_against_one}};
}

}  // namespace windtunnel::study
