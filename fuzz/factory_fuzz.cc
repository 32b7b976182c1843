// Any bytes as a scenario of kind factory: the reader returns, what it accepts it can write and
// read again, and a moment of it can be run.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "study/factory_run.h"
#include "study/factory_schema.h"

namespace {

// Stops a run that has become long: some plants have a lot to do in a short time.
class Impatient final : public windtunnel::study::Observer {
 public:
  void progress(const windtunnel::study::Progress&) override { ++looks_; }
  bool stop_requested() const override { return looks_ > 50; }

 private:
  int looks_ = 0;
};

bool is_small(const windtunnel::factory::Plant& plant) {
  int64_t machines = 0;
  for (const auto& station : plant.stations) {
    machines += station.groups.empty() ? station.machines : 0;
    for (const auto& group : station.groups) machines += group.count;
    if (station.buffer.value_or(0) > 1'000) return false;
  }
  int64_t pieces = 0;
  for (const auto& release : plant.releases)
    for (const auto& share : release.shares) pieces += share.lot;
  for (const auto& order : plant.orders) pieces += order.quantity;
  for (const auto& loop : plant.loops) pieces += loop.cards;
  return machines <= 64 && pieces <= 2'000;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace study = windtunnel::study;
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  // No input may name files: reading /dev/stdin or a huge one is not what is tested here.
  if (text.find("file") != std::string::npos) return 0;
  auto scenario = study::read_factory(text, "fuzz.yaml");
  if (!scenario) {
    WT_CHECK(!scenario.error().empty(), "a refusal says why");
    return 0;
  }
  const std::string yaml = study::factory_yaml(scenario->description);
  const auto again = study::read_factory(yaml, "again.yaml");
  WT_CHECK(again.has_value(), "what was written reads back");
  WT_CHECK(study::factory_yaml(again->description) == yaml, "and means the same");
  if (!is_small(scenario->plant)) return 0;
  using Duration = windtunnel::factory::Duration;
  study::FactoryRunDescription& run = scenario->description.run;
  run.duration = std::min(run.duration, Duration::s(600));
  run.replications = std::min<int64_t>(run.replications, 2);
  run.replications_max = 3;
  scenario->warm_up = std::min(scenario->warm_up, Duration::s(60));
  Impatient nobody;
  const auto result = study::run_factory(*scenario, {}, nobody);
  WT_CHECK(result.stopped || !result.measurements.metrics.empty(), "a run measures something");
  return 0;
}
