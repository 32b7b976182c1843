#include "study/validation_factory.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "study/known_experiment.h"

namespace windtunnel::study {
namespace {

base::Result<std::vector<Comparison>> compare_known(const KnownExperiment& experiment,
                                                    Observer& observer) {
  KnownEffort effort;
  effort.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  effort.stop = [&observer] { return observer.stop_requested(); };
  const std::vector<KnownResult> results = judge_experiment(experiment, effort);
  if (observer.stop_requested()) return base::fail("stopped");
  std::vector<Comparison> comparisons;
  comparisons.reserve(results.size());
  for (const KnownResult& result : results)
    comparisons.push_back(compare_interval(result.what, result.ours, result.expected, result.unit,
                                           {result.width, result.bias}));
  return comparisons;
}

}  // namespace

std::vector<ValidationCase> factory_simulation_cases() {
  std::vector<ValidationCase> cases;
  for (KnownExperiment& experiment : known_experiments()) {
    ValidationCase c;
    c.name = experiment.name;
    c.source = experiment.source;
    c.about = experiment.about;
    c.run = [experiment = std::move(experiment)](Observer& observer) {
      return compare_known(experiment, observer);
    };
    cases.push_back(std::move(c));
  }
  return cases;
}

}  // namespace windtunnel::study
