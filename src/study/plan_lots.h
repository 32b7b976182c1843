// Plans for a release that makes families in lots: in which cyclic order, and how large the lots.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "factory/plant.h"
#include "planning/setup_order.h"
#include "study/plan_trial.h"

namespace windtunnel::study {

// What arithmetic says before anything is tried. Setups are in ticks of the factory's clock.
struct LotStudy {
  std::string release;
  std::string station;  // whose changeovers count; empty: no station on the way has any
  std::vector<std::string> families;  // in the order of the release
  planning::SetupOrders orders;
  // The shortest cycle of all families that keeps up with `rate`: their setups over the share of
  // time that work leaves. Zero where work leaves none.
  factory::Duration cycle_min;
  double rate = 0;  // shipped pieces per second that it is reckoned for
};

// Of releases of kind lots with two families or more whose route meets a setup matrix.
std::vector<LotStudy> study_lots(const factory::Plant& plant, double rate, uint64_t seed);

// Lots of one cycle, as whole multiples of the smallest that keep the proportions of the release: a
// cyclic plan whose lots do not fit the parts list ends with one family at its cap and another
// missing.
struct LotShape {
  std::vector<uint32_t> order;  // of the shares of the release
  int64_t multiple = 1;         // of the smallest lots
  std::vector<int64_t> every;   // by share: made in every cycle, every second, every fourth...
};

// The release as given is `unit` of its smallest lots. In the order given, every family every
// cycle.
LotShape given_shape(const factory::Plant& plant, const LotStudy& study);
Plan plan_of(const factory::Plant& plant, const LotStudy& study, const LotShape& shape,
             std::string name);

// The multiple that makes the parts of the shortest cycle; 0 where there is no such cycle.
int64_t common_cycle(const factory::Plant& plant, const LotStudy& study);

}  // namespace windtunnel::study
