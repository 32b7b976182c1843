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

// Minutes of the changeover between two of its families, 0 to kReferenceFamilies - 1, before any
// scale: min(15, 4 + 2 |size a - size b| + (4 if their types differ)).
int changeover_minutes(int from, int to);

// Stations and items of it, by index.
inline constexpr size_t kReferenceBenches = 2;
inline constexpr size_t kReferenceRobot = kReferenceFamilies;

}  // namespace windtunnel::study
