// The factory against known answers: the rows of `windtunnel validate factory` that simulate.
#pragma once

#include <vector>

#include "study/validation.h"

namespace windtunnel::study {

std::vector<ValidationCase> factory_simulation_cases();

}  // namespace windtunnel::study
