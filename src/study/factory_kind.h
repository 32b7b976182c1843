// The row of scenario_kinds() for factories.
#pragma once

#include "study/scenario_kind.h"

namespace windtunnel::study {

ScenarioKind factory_kind();

}  // namespace windtunnel::study
