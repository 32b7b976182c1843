// Points of a sweep, and what several runs of one point amount to.
#pragma once

#include <string>
#include <vector>

#include "report/measurements.h"
#include "study/commands.h"
#include "study/experiment.h"

namespace windtunnel::study {

// All combinations, each named by its values ("transport.paths.count=64, transport.qps=2"), the
// last variation changing fastest. No variations: one unnamed point.
std::vector<Variant> cross(const std::vector<Variation>& variations);

// Means over runs with different seeds, with 95 % confidence intervals (Student's t) when there are
// several; the bottleneck and the scenario of the first run.
report::Measurements summarise(const std::vector<report::Measurements>& runs);

}  // namespace windtunnel::study
