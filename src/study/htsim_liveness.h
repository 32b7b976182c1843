// Will every flow of a matrix start? A flow that waits for a trigger nobody fires would be missing
// from the results without a word; so the firing of triggers is played through before the run,
// taking for granted that every flow that starts also completes.
#pragma once

#include "study/htsim_lines.h"
#include "study/htsim_matrix.h"

namespace windtunnel::study {

// One complaint per trigger that leaves flows waiting, saying why: nobody fires it, too few do, or
// those that would wait themselves (a cycle). Trigger indices of the matrix must be valid.
void check_liveness(const ConnectionMatrix& matrix, Complaints& complaints);

}  // namespace windtunnel::study
