// From what was measured to verdicts. No verdict is written in a sheet: each follows from the
// figure that decides, its rule, and how the figure moves when the assumptions do.
//
//   holds             the rule is met, and stays met wherever the assumptions that are varied go
//   holds if          it is met at some of their values and not at others; the condition says which
//   does not hold     it is met nowhere
//   cannot be tested  the sheet says why, or the figure has no value
#pragma once

#include "report/claim_report.h"
#include "study/claim_plan.h"
#include "study/claim_run.h"
#include "study/claim_values.h"

namespace windtunnel::study {

// Everything but `cost`.
report::ClaimSheet judge_claims(const ClaimPlan& plan, const ClaimRuns& runs, bool quick);

// A value of base units in the unit that a sheet asks for: a number and the name that report/ gives
// its unit ("share" for %, "times", "bit/s").
struct ShownUnit {
  double factor = 1;
  std::string name;
};
ShownUnit shown_unit(const std::string& sheet_unit, const catalog::Dimension& dimension);

}  // namespace windtunnel::study
