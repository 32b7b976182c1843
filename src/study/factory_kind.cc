#include "study/factory_kind.h"

#include <algorithm>
#include <utility>

#include "study/factory_improvements.h"
#include "study/factory_run.h"
#include "study/factory_schema.h"

namespace windtunnel::study {
namespace {

class Factory final : public Scenario {
 public:
  explicit Factory(FactoryScenario scenario) : scenario_(std::move(scenario)) {}

  const std::vector<base::Error>& warnings() const override { return scenario_.warnings; }
  uint64_t seed() const override { return static_cast<uint64_t>(scenario_.description.seed); }
  uint32_t threads() const override {
    return static_cast<uint32_t>(scenario_.description.run.threads);
  }
  std::unique_ptr<Scenario> with_seed(uint64_t seed) const override {
    auto copy = std::make_unique<Factory>(scenario_);
    copy->scenario_.description.seed = static_cast<int64_t>(seed);
    return copy;
  }

  // Machines with their frames, sums by stretch of the run and by hour, pieces that finite buffers
  // and cards let in, each for as many replications as run at a time, and outcomes until they are
  // added up. Queues without a limit grow as they like; that cannot be reckoned beforehand.
  base::Bytes memory_need(const RunRequest& request) const override {
    constexpr int64_t kProgram = int64_t{32} << 20;
    constexpr int64_t kStretches = 512 * 64;
    constexpr int64_t kMachine = 4'000;
    constexpr int64_t kPiece = 300;
    constexpr int64_t kItem = int64_t{96} << 10;
    constexpr int64_t kOrder = 600;
    constexpr int64_t kKept = 16;
    const factory::Plant& plant = scenario_.plant;
    int64_t machines = 0;
    int64_t pieces = 10'000;
    for (const factory::Station& station : plant.stations) {
      machines += station.groups.empty() ? station.machines : 0;
      for (const factory::MachineGroup& group : station.groups) machines += group.count;
      pieces += std::min<int64_t>(station.buffer.value_or(1'000), 1'000'000);
    }
    const auto stations = static_cast<int64_t>(plant.stations.size());
    const auto items = static_cast<int64_t>(plant.items.size());
    const int64_t result =
        stations * kStretches + items * kItem + static_cast<int64_t>(plant.orders.size()) * kOrder;
    const int64_t run = machines * (kMachine + kStretches) + pieces * kPiece + result;
    return base::Bytes(kProgram + run * std::max<int64_t>(request.threads, 1) + result * kKept);
  }
  std::optional<base::Bytes> memory_limit() const override { return std::nullopt; }

  Improvements improvements() const override { return factory_improvements(scenario_); }

  base::Result<RunResult> run(const RunRequest& request, Observer& observer) const override {
    FactoryRun run =
        run_factory(scenario_, {.threads = request.threads, .sample = request.sample}, observer);
    RunResult result;
    result.measurements = std::move(run.measurements);
    result.warnings = std::move(run.warnings);
    result.progress = run.progress;
    result.stopped = run.stopped;
    if (!request.folder.empty() && !run.stopped) result.texts = std::move(run.tables);
    return result;
  }

 private:
  FactoryScenario scenario_;
};

ScenarioResult read(const scenario::Node& root) {
  FactoryResult scenario = read_factory(root);
  if (!scenario) return tl::unexpected(std::move(scenario.error()));
  return std::make_unique<Factory>(std::move(*scenario));
}

}  // namespace

ScenarioKind factory_kind() {
  return {"factory", "a plant: lines, setups, breakdowns, people, vehicles, orders", factory_schema,
          read};
}

}  // namespace windtunnel::study
