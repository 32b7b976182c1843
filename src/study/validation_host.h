// Known answers and measured figures of servers: `windtunnel validate host-...`.
#pragma once

#include <vector>

#include "study/validation.h"

namespace windtunnel::study {

std::vector<ValidationCase> host_cases();

}  // namespace windtunnel::study
