#include "study/known_experiment.h"

#include <cmath>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "des/replication.h"
#include "factory/model.h"

namespace windtunnel::study {

bool KnownResult::contained() const {
  return std::abs(ours.mean - expected) <= ours.half_width + bias * std::abs(expected);
}

bool KnownResult::narrow(double factor) const {
  return ours.half_width <= factor * width * std::abs(expected);
}

double per_second(int64_t count, const factory::Outcome& outcome) {
  return static_cast<double>(count) / outcome.measured.seconds();
}

const factory::StationOutcome& station_of(const factory::Outcome& outcome, size_t index) {
  WT_CHECK(index < outcome.stations.size(), "the plant has this station");
  return outcome.stations[index];
}

std::vector<factory::Outcome> replicate_plant(const KnownPlant& plant, const KnownEffort& effort) {
  const factory::Model model = factory::Model::build(plant.plant);
  factory::RunOptions options;
  options.warm_up = factory::Duration::from_seconds(plant.warm_up);
  options.measured =
      factory::Duration::from_seconds(plant.measured * (plant.exact ? 1 : effort.length));
  options.stretches_max = 2;
  std::mutex mutex;
  if (effort.stop) {
    options.go_on = [&](factory::Time) {
      const std::lock_guard lock(mutex);
      return !effort.stop();
    };
  }
  // Plants draw by the names of their parts, which many share, so each has a seed of its own: else
  // one lucky draw would shift all of them. Those without a name share theirs on purpose.
  const uint64_t seed = plant.name.empty()
                            ? effort.seed
                            : base::hash_combine(effort.seed, base::hash_name(plant.name));
  auto outcomes =
      des::replicate({.count = plant.replications, .seed = seed, .threads = effort.threads},
                     [&](des::Replication r) {
                       factory::RunOptions one = options;
                       one.seed = r.seed;
                       return factory::run_plant(model, one);
                     });
  if (effort.stop && effort.stop()) outcomes.clear();
  return outcomes;
}

std::vector<KnownResult> judge_plant(const KnownPlant& plant, const KnownEffort& effort) {
  const std::vector<factory::Outcome> outcomes = replicate_plant(plant, effort);
  if (outcomes.empty()) return {};
  std::vector<KnownResult> results;
  for (const KnownFigure& figure : plant.figures) {
    des::Tally tally;
    for (const factory::Outcome& outcome : outcomes) tally.add(figure.measure(outcome));
    KnownResult result;
    result.row = figure.row;
    result.field = figure.field;
    result.what = plant.name.empty() ? figure.what : plant.name + ": " + figure.what;
    result.unit = figure.unit;
    result.ours = des::confidence_interval(tally, effort.level);
    result.expected = figure.expected;
    result.width = figure.width;
    result.bias = figure.bias;
    results.push_back(std::move(result));
  }
  return results;
}

KnownExperiment of_plants(std::string name, std::string source, std::string about,
                          std::vector<KnownPlant> plants) {
  return {std::move(name), std::move(source), std::move(about), std::move(plants), {}};
}

std::vector<KnownResult> judge_experiment(const KnownExperiment& experiment,
                                          const KnownEffort& effort) {
  std::vector<KnownResult> all;
  for (const KnownPlant& plant : experiment.plants) {
    for (KnownResult& result : judge_plant(plant, effort)) all.push_back(std::move(result));
    if (effort.stop && effort.stop()) return {};
  }
  if (experiment.more) {
    for (KnownResult& result : experiment.more(effort)) all.push_back(std::move(result));
  }
  return all;
}

std::vector<KnownExperiment> known_experiments() {
  std::vector<KnownExperiment> all;
  for (const auto part :
       {known_queue_experiments, known_breakdown_experiments, known_network_experiments,
        known_line_experiments, known_output_experiments, known_reference_experiments}) {
    for (KnownExperiment& experiment : part()) all.push_back(std::move(experiment));
  }
  return all;
}

}  // namespace windtunnel::study
