// The reference plant F0: one joint line of six families, one assembly station, a pool of test
// benches. Published figures of a year of it are what the factory is compared with as a whole.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"
#include "factory/plant.h"

namespace windtunnel::study {

inline constexpr size_t kReferenceFamilies = 6;

struct ReferencePlant {
  int64_t lot_kits = 8;                      // robots whose joints a lot makes
  base::Ratio setup_scale{1, 1};             // of the changeovers of at most 15 minutes
  std::vector<int> order{0, 1, 2, 3, 4, 5};  // of families
  int64_t benches = 10;
};
factory::Plant reference_plant(const ReferencePlant& settings);

// Stations and items of it, by index.
inline constexpr size_t kReferenceBenches = 2;
inline constexpr size_t kReferenceRobot = kReferenceFamilies;

}  // namespace windtunnel::study
