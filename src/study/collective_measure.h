// From a finished collective to measurements: how long it took, what bandwidth that is, how far
// from the closed form, what faults cost, and what limited it.
#pragma once

#include "report/measurements.h"
#include "study/collective_world.h"

namespace windtunnel::study {

// Everything but `scenario`, `title` and `run`.
report::Measurements measure(const CollectiveWorld& world);

}  // namespace windtunnel::study
