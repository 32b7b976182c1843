// Sweeps of a claim sheet: from what is to be varied to points, each with the jobs it needs.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "study/claim_jobs.h"
#include "study/claim_names.h"
#include "study/claim_plan.h"

namespace windtunnel::study {

struct SweepContext {
  const ClaimPlan& plan;
  const ClaimNames& names;
  ClaimJobs& jobs;
  const scenario::MarkTable& marks;
  const std::set<size_t>& runs;  // that the formulas along the sweep name
  bool complete;                 // no formula is missing for a mistake of its own
};

// `path` is where the sweep stands in the sheet. Intervals of an input become points that stand
// close enough for a curve.
tl::expected<ClaimSweep, std::vector<base::Error>> plan_sweep(const SweepText& text,
                                                              const std::string& path,
                                                              const SweepContext& context);

}  // namespace windtunnel::study
