#include "study/host_kind.h"

#include <utility>

#include "study/host_run.h"
#include "study/host_schema.h"

namespace windtunnel::study {
namespace {

class Host final : public Scenario {
 public:
  explicit Host(HostScenario scenario) : scenario_(std::move(scenario)) {}

  const std::vector<base::Error>& warnings() const override { return scenario_.warnings; }
  uint64_t seed() const override { return static_cast<uint64_t>(scenario_.description.seed); }
  uint32_t threads() const override { return 1; }
  std::unique_ptr<Scenario> with_seed(uint64_t seed) const override {
    auto copy = std::make_unique<Host>(scenario_);
    copy->scenario_.description.seed = static_cast<int64_t>(seed);
    return copy;
  }

  // Parts and lanes, a coroutine frame and a burst or two for each operation under way, and the
  // bursts that windows let fly.
  base::Bytes memory_need(const RunRequest&) const override {
    constexpr int64_t kProgram = int64_t{24} << 20;
    constexpr int64_t kPart = 2'000;
    constexpr int64_t kOperation = 2'000;
    constexpr int64_t kBurst = 200;
    int64_t operations = 0;
    for (const HostFlow& flow : scenario_.flows) operations += flow.spec.queue_depth;
    const HostRunDescription& run = scenario_.description.run;
    const auto parts = static_cast<int64_t>(scenario_.model.vertices().size());
    const int64_t in_flight = parts * ((int64_t{1} << 20) / run.burst.count() + 1);
    return base::Bytes(kProgram + parts * kPart + operations * kOperation + in_flight * kBurst);
  }
  std::optional<base::Bytes> memory_limit() const override { return std::nullopt; }

  base::Result<RunResult> run(const RunRequest& request, Observer& observer) const override {
    auto run = run_host(scenario_, observer);
    if (!run) return tl::unexpected(run.error());
    RunResult result;
    result.measurements = std::move(run->measurements);
    result.progress = run->progress;
    result.stopped = run->stopped;
    if (!request.folder.empty() && !run->stopped)
      result.texts = {{"links.csv", std::move(run->links_csv)}};
    return result;
  }

 private:
  HostScenario scenario_;
};

ScenarioResult read(const scenario::Node& root) {
  HostResult scenario = read_host(root);
  if (!scenario) return tl::unexpected(std::move(scenario.error()));
  return std::make_unique<Host>(std::move(*scenario));
}

}  // namespace

ScenarioKind host_kind() {
  return {"host", "a server as a PCI Express tree, and what moves in it", host_schema, read};
}

}  // namespace windtunnel::study
