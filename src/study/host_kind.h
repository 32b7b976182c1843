// `kind: host` as a row of the table of kinds.
#pragma once

#include "study/scenario_kind.h"

namespace windtunnel::study {

ScenarioKind host_kind();

}  // namespace windtunnel::study
