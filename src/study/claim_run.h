// Simulating the jobs of a claim sheet, several at a time. What comes out does not depend on how
// many, nor on which thread ran what.
#pragma once

#include <vector>

#include "base/result.h"
#include "report/measurements.h"
#include "study/claim_plan.h"
#include "study/commands.h"

namespace windtunnel::study {

struct ClaimRunOptions {
  int jobs = 1;        // at the same time; fewer when memory is short
  bool force = false;  // also when one alone does not fit
  bool quiet = false;
};

struct ClaimRuns {
  std::vector<report::Measurements> results;  // by job
  std::vector<std::string> shortfalls;        // by job: what had to be done and was not
  std::vector<base::Error> warnings;          // of the scenarios and the runs
  int at_a_time = 1;
  Progress progress;
  bool stopped = false;
};

base::Result<ClaimRuns> run_claims(const ClaimPlan& plan, const ClaimRunOptions& options,
                                   Observer& observer);

}  // namespace windtunnel::study
