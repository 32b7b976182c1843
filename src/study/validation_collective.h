// Collectives against their closed forms and against published comparisons:
// `windtunnel validate collective-...`, `row-21`, `paths-all-reduce`.
#pragma once

#include <vector>

#include "study/validation.h"

namespace windtunnel::study {

std::vector<ValidationCase> collective_cases();

}  // namespace windtunnel::study
