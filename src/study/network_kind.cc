#include "study/network_kind.h"

#include <utility>

#include "study/network_memory.h"
#include "study/network_run.h"
#include "study/network_schema.h"

namespace windtunnel::study {
namespace {

class Network final : public Scenario {
 public:
  explicit Network(NetworkScenario scenario) : scenario_(std::move(scenario)) {}

  const std::vector<base::Error>& warnings() const override { return scenario_.warnings; }
  uint64_t seed() const override { return static_cast<uint64_t>(scenario_.description.seed); }
  uint32_t threads() const override { return static_cast<uint32_t>(scenario_.description.threads); }
  std::unique_ptr<Scenario> with_seed(uint64_t seed) const override {
    auto copy = std::make_unique<Network>(scenario_);
    copy->scenario_.description.seed = static_cast<int64_t>(seed);
    return copy;
  }
  base::Bytes memory_need(const RunRequest& request) const override {
    return estimate_memory(scenario_, request);
  }
  std::optional<base::Bytes> memory_limit() const override {
    return scenario_.description.limits.memory;
  }

  base::Result<RunResult> run(const RunRequest& request, Observer& observer) const override {
    NetworkRunOptions options;
    options.threads = request.threads;
    options.sample = request.sample;
    options.tables = !request.folder.empty();
    if (options.tables) options.trace_file = request.folder + "/trace.json";
    auto run = run_network(scenario_, options, observer);
    if (!run) return tl::unexpected(run.error());
    RunResult result;
    result.measurements = std::move(run->measurements);
    result.warnings = std::move(run->warnings);
    result.progress = run->progress;
    result.stopped = run->stopped;
    if (options.tables && !run->stopped) {
      result.texts = {{"flows.csv", std::move(run->flows_csv)},
                      {"links.csv", std::move(run->links_csv)}};
      if (run->trace) result.files.push_back(std::move(*run->trace));
    }
    result.shortfall = std::move(run->shortfall);
    return result;
  }

 private:
  NetworkScenario scenario_;
};

ScenarioResult read(const scenario::Node& root) {
  NetworkResult scenario = read_network(root);
  if (!scenario) return tl::unexpected(std::move(scenario.error()));
  return std::make_unique<Network>(std::move(*scenario));
}

}  // namespace

ScenarioKind network_kind() {
  return {"network", "packets through a network of NICs and switches", network_schema, read};
}

}  // namespace windtunnel::study
