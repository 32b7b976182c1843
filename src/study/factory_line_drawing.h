// The drawing of a plant: stations and stocks where the work passes them, with what each did.
#pragma once

#include <cstdint>
#include <vector>

#include "factory/outcome.h"
#include "report/measurements.h"
#include "study/factory_measure.h"

namespace windtunnel::study {

// Shares summed over replications, as shares that sum to 1; all nought where nothing was measured.
std::vector<double> mean_shares(const factory::StateShares& sum, int64_t count);

report::Series draw_line(const factory::Plant& plant, const FactoryFold& fold);

}  // namespace windtunnel::study
