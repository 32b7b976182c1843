// What a run on the packet network cost, in the words of results.json.
#pragma once

#include "base/units.h"
#include "fabric/network.h"
#include "report/measurements.h"
#include "study/timing.h"

namespace windtunnel::study {

// Before anything, when the model was built, and when it had run.
struct RunStamps {
  Stamp begin;
  Stamp built;
  Stamp end;
};

// `footprint`: memory of the model's parts.
report::RunFacts facts_of_network_run(const RunStamps& stamps, const fabric::NetworkTotals& totals,
                                      base::Bytes footprint, uint32_t threads);

// One more figure; `unit` as in measurements.h.
void add_fact(report::RunFacts& run, const char* name, double value, const char* unit,
              const char* label);

}  // namespace windtunnel::study
