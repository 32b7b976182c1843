// Plans against exact values: the rows of `windtunnel validate factory` that need no simulation.
// Rows on published instances read them from the folder that --data names.
#pragma once

#include <vector>

#include "study/validation.h"

namespace windtunnel::study {

std::vector<ValidationCase> factory_planning_cases();

// Parts of it.
std::vector<ValidationCase> factory_shop_cases();
std::vector<ValidationCase> factory_line_cases();

}  // namespace windtunnel::study
