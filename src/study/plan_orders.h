// Plans for an order book: in which sequence a release makes its orders, from a moment on. What was
// begun before stays; the day up to then is run as it was, so the plans start from the very state
// of the factory at that moment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "factory/plant.h"
#include "study/plan_trial.h"

namespace windtunnel::study {

struct OrderStudy {
  std::string release;
  size_t frozen = 0;  // orders at the head that were begun before
  size_t open = 0;    // the others
};

// The release of kind orders that has most of the order book; empty name: there is none. `plant`
// gets its orders in the sequence in which the present plan begins them, the frozen ones first;
// `at` is the moment, and rush orders are added by the caller afterwards.
OrderStudy study_orders(factory::Plant& plant, factory::Time at, const TrialOptions& options,
                        Observer& observer);

// The present sequence with new orders last; by due date; rush orders first; grouped by family so
// that changeovers are few; mixed evenly. All `kGiven`, so a scenario that lists its orders so runs
// them so.
std::vector<Plan> order_plans(const factory::Plant& plant, const OrderStudy& study);

// Moves one order at a time to another place as long as that lowers the tardiness, or at equal
// tardiness the end, of one replication (the twin). At most `tries` runs.
Plan improved(const Plan& plan, const OrderStudy& study, const TrialOptions& options, int64_t tries,
              Observer& observer);

}  // namespace windtunnel::study
