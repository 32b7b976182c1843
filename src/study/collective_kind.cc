#include "study/collective_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/version.h"
#include "cluster/bus_bandwidth.h"
#include "scenario/dump.h"
#include "study/collective_measure.h"
#include "study/collective_plan.h"
#include "study/collective_world.h"
#include "study/network_memory.h"
#include "study/run_facts.h"
#include "study/scenario_tree.h"
#include "study/timing.h"

namespace windtunnel::study {
namespace {

// Payload that all ranks receive in all iterations; what is left to do is measured by it.
double bytes_to_move(const CollectiveScenario& scenario) {
  const auto ranks = static_cast<double>(scenario.spec.group.size());
  const base::Ratio factor =
      cluster::bus_factor(scenario.spec.operation, static_cast<uint32_t>(ranks));
  // Hierarchies move more, within servers as well; the bar only has to be of the right size.
  return static_cast<double>(scenario.spec.bytes.count()) * static_cast<double>(factor.part) /
         static_cast<double>(factor.whole) * ranks *
         static_cast<double>(scenario.description.collective.iterations);
}

std::string shortfall_of(const CollectiveWorld& world) {
  if (world.nics().finished()) return {};
  const int64_t failed = world.nics().moved().failed;
  if (failed > 0) {
    return fmt::format("the collective did not end: the transport gave {} message{} up", failed,
                       failed == 1 ? "" : "s");
  }
  const auto& limit = world.scenario().description.limits.time;
  if (limit && world.end() >= base::Time::at(*limit)) return {};
  return "the collective did not end: ranks wait for messages that nobody sends";
}

class CollectiveRun final : public Scenario {
 public:
  explicit CollectiveRun(CollectiveScenario scenario) : scenario_(std::move(scenario)) {}

  const std::vector<base::Error>& warnings() const override { return scenario_.network.warnings; }
  uint64_t seed() const override { return static_cast<uint64_t>(scenario_.description.seed); }
  uint32_t threads() const override { return static_cast<uint32_t>(scenario_.description.threads); }
  std::unique_ptr<Scenario> with_seed(uint64_t seed) const override {
    auto copy = std::make_unique<CollectiveRun>(scenario_);
    copy->scenario_.description.seed = static_cast<int64_t>(seed);
    copy->scenario_.network.description.seed = static_cast<int64_t>(seed);
    copy->scenario_.gpu_of_rank = place_ranks(copy->scenario_.description);
    return copy;
  }
  base::Bytes memory_need(const RunRequest& request) const override {
    // Channels, their pools, and what a rank and its part of the collective keep.
    constexpr int64_t kPerRank = 40'960;
    const auto ranks = static_cast<int64_t>(scenario_.spec.group.size());
    return estimate_memory(scenario_.network, request) + base::Bytes(ranks * kPerRank);
  }
  std::optional<base::Bytes> memory_limit() const override {
    return scenario_.description.limits.memory;
  }

  base::Result<RunResult> run(const RunRequest& request, Observer& observer) const override {
    const Stamp begin = stamp(request.threads);
    auto plan = plan_collective(scenario_);
    if (!plan) return tl::unexpected(plan.error());
    RunResult result;
    if (auto warning = pfc_warning(plan->network)) result.warnings.push_back(std::move(*warning));
    const double whole = bytes_to_move(scenario_);
    CollectiveWorldOptions options;
    options.threads = request.threads;
    options.sample = request.sample;
    options.watch = [&](base::Time now, int64_t bytes, int64_t events) {
      result.progress.simulated_seconds = now.seconds();
      result.progress.events = static_cast<uint64_t>(events);
      result.progress.done = std::min(0.99, static_cast<double>(bytes) / std::max(1.0, whole));
      observer.progress(result.progress);
      return !observer.stop_requested();
    };
    CollectiveWorld world(scenario_, *plan, options);
    const Stamp built = stamp(request.threads);
    world.run();
    const Stamp end = stamp(request.threads);
    result.stopped = world.stopped();
    if (result.stopped) return result;
    result.progress.done = 1;
    result.shortfall = shortfall_of(world);
    result.measurements = measure(world);
    result.measurements.version = std::string(base::version());
    result.measurements.title = scenario_.description.name;
    result.measurements.scenario = to_scenario_tree(scenario::dump(scenario_.description));
    result.measurements.run = facts_of_network_run({begin, built, end}, world.network().totals(),
                                                   world.footprint(), request.threads);
    return result;
  }

 private:
  CollectiveScenario scenario_;
};

ScenarioResult read(const scenario::Node& root) {
  CollectiveResult scenario = read_collective(root);
  if (!scenario) return tl::unexpected(std::move(scenario.error()));
  return std::make_unique<CollectiveRun>(std::move(*scenario));
}

}  // namespace

ScenarioKind collective_kind() {
  return {"collective", "a collective operation of GPUs over a network, packet by packet",
          collective_schema, read};
}

}  // namespace windtunnel::study
