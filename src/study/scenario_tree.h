// The resolved scenario as the report wants it: values typed by how they look.
#pragma once

#include "report/measurements.h"
#include "scenario/tree.h"

namespace windtunnel::study {

report::ScenarioTree to_scenario_tree(const scenario::Node& node);

}  // namespace windtunnel::study
