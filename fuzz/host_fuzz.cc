// Any bytes as a scenario of kind host: the reader returns, what it accepts it can write and read
// again, and a moment of it can be run.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "study/host_run.h"
#include "study/host_schema.h"

namespace {

class Nobody final : public windtunnel::study::Observer {
 public:
  void progress(const windtunnel::study::Progress&) override {}
  bool stop_requested() const override { return false; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace study = windtunnel::study;
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  // No input may name files: reading /dev/stdin or a huge one is not what is tested here.
  if (text.find("topology") != std::string::npos) return 0;
  auto scenario = study::read_host(text, "fuzz.yaml");
  if (!scenario) {
    WT_CHECK(!scenario.error().empty(), "a refusal says why");
    return 0;
  }
  const std::string yaml = study::host_yaml(scenario->description);
  const auto again = study::read_host(yaml, "again.yaml");
  WT_CHECK(again.has_value(), "what was written reads back");
  WT_CHECK(study::host_yaml(again->description) == yaml, "and means the same");
  // A moment is enough, and thousands of operations under way are the same code as a few.
  study::HostRunDescription& run = scenario->description.run;
  run.warm_up = std::min(run.warm_up, windtunnel::base::Duration::us(5));
  run.duration = std::min(run.duration, windtunnel::base::Duration::us(5));
  run.burst = std::max(run.burst, windtunnel::base::Bytes(4096));
  if (scenario->flows.size() > 16) return 0;
  for (study::HostFlow& flow : scenario->flows)
    flow.spec.queue_depth = std::min<int64_t>(flow.spec.queue_depth, 4);
  Nobody nobody;
  const auto result = study::run_host(*scenario, nobody);
  WT_CHECK(!result || !result->measurements.metrics.empty(), "a run measures something");
  return 0;
}
