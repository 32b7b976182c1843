// Planning the plots of a claim: what is drawn, along which sweep, and the runs that needs.
#pragma once

#include <string>

#include "study/claim_draft.h"

namespace windtunnel::study {

// The plots of `claim.text`, which stands at `claim_path` in the sheet; its figures and verdict are
// planned already.
void plan_plots(PlanDraft& draft, const std::string& claim_path, PlannedClaim& claim);

}  // namespace windtunnel::study
