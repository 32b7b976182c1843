// A network scenario from its description to its measurements: what `run`, `sweep` and `validate`
// have in common.
#pragma once

#include <cstdint>
#include <optional>

#include "report/measurements.h"
#include "report/output.h"
#include "study/commands.h"
#include "study/network_plan.h"

namespace windtunnel::study {

struct NetworkRunOptions {
  uint32_t threads = 1;
  bool sample = true;      // series for the report
  bool tables = false;     // also every flow and every link
  std::string trace_file;  // where the trace of output.trace_flows goes; empty: nowhere
};

struct NetworkRun {
  report::Measurements measurements;
  std::vector<base::Error> warnings;
  std::string flows_csv;  // with `tables`
  std::string links_csv;
  std::optional<report::OutputFile> trace;  // written, to be committed with the other files
  std::string shortfall;                    // flows that failed, or never began; empty: none
  Progress progress;                        // where it ended
  bool stopped = false;                     // the observer said so; measurements are empty then
};

// Errors: the plan's, and those of the trace's file.
base::Result<NetworkRun> run_network(const NetworkScenario& scenario,
                                     const NetworkRunOptions& options, Observer& observer);

}  // namespace windtunnel::study
