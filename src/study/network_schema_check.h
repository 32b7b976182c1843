// What makes sense only of several keys together. Ranges of single keys are in `describe`.
#pragma once

#include <vector>

#include "base/result.h"
#include "scenario/reader.h"
#include "study/network_schema.h"

namespace windtunnel::study {

// Every broken rule, at the place of the key that has to change.
std::vector<base::Error> check_network(const NetworkScenario& scenario,
                                       const scenario::MarkTable& marks);

}  // namespace windtunnel::study
