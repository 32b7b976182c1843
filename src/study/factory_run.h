// A factory from its description to its measurements: replications on as many threads as wanted,
// with the same results for any number of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/measurements.h"
#include "report/output.h"
#include "study/commands.h"
#include "study/factory_schema.h"

namespace windtunnel::study {

struct FactoryRunOptions {
  uint32_t threads = 1;
  bool sample = true;  // series for the report
};

struct FactoryRun {
  report::Measurements measurements;
  std::vector<report::NamedText> tables;  // stations.csv, and orders.csv where there are orders
  std::vector<base::Error> warnings;
  Progress progress;
  bool stopped = false;  // the observer said so; measurements are empty then
};

FactoryRun run_factory(const FactoryScenario& scenario, const FactoryRunOptions& options,
                       Observer& observer);

}  // namespace windtunnel::study
