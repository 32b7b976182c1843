// Planning what the claims of a sheet are computed from: inputs, runs and bills of materials.
#pragma once

#include "study/claim_draft.h"

namespace windtunnel::study {

void plan_givens(PlanDraft& draft);

}  // namespace windtunnel::study
