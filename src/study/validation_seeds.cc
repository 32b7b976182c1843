#include "study/validation_seeds.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace windtunnel::study {
namespace {

std::vector<double> each(const SeedRuns& runs, const std::string& name) {
  WT_CHECK(!runs.values.empty(), "no seed was run");
  std::vector<double> all;
  for (const NamedValues& v : runs.values) all.push_back(v.at(name));
  return all;
}

}  // namespace

NetworkScenario scenario_of(NetworkDescription d) {
  NetworkScenario scenario;
  scenario.description = std::move(d);
  return scenario;
}

double SeedRuns::mean(const std::string& name) const {
  double sum = 0;
  for (const double value : each(*this, name)) sum += value;
  return sum / static_cast<double>(values.size());
}

double SeedRuns::least(const std::string& name) const {
  const std::vector<double> all = each(*this, name);
  return *std::min_element(all.begin(), all.end());
}

double SeedRuns::most(const std::string& name) const {
  const std::vector<double> all = each(*this, name);
  return *std::max_element(all.begin(), all.end());
}

base::Result<SeedRuns> run_seeds(NetworkScenario scenario, int seeds, Observer& observer,
                                 const Draws& counts) {
  SeedRuns runs;
  for (scenario.description.seed = 1; static_cast<int>(runs.values.size()) < seeds;
       ++scenario.description.seed) {
    if (counts && !counts(scenario)) continue;
    auto values = measure_values(scenario, observer);
    if (!values) return tl::unexpected(values.error());
    runs.values.push_back(std::move(*values));
  }
  return runs;
}

}  // namespace windtunnel::study
