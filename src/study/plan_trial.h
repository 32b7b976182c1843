// Plans tried in the tunnel before anybody follows them: the same plant, changed, under the same
// chance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "des/confidence.h"
#include "factory/plant.h"
#include "study/commands.h"

namespace windtunnel::study {

// A way to run a plant: what it is called, what is changed, and how a scenario says so.
struct Plan {
  std::string name;
  factory::Plant plant;
  std::vector<Setting> settings = {};
};

struct TrialOptions {
  uint64_t seed = 1;
  int64_t replications = 10;
  int threads = 1;
  factory::Duration warm_up;
  factory::Duration measured;
};

// One replication of one plan.
struct TrialFigures {
  double shipped_per_year = 0;
  double stock = 0;      // pieces in stocks, mean over time
  double tardiness = 0;  // s, of all orders together; one that is not done counts up to the end
  double late = 0;       // orders done after they were due, or not at all
  double stuck = 0;      // 1: nothing could move any more before the end
  double done = 0;       // s, when the last order was done; the end when one is not
};

// By replication. Empty when the observer stopped it.
using Trial = std::vector<TrialFigures>;
Trial try_plan(const factory::Plant& plant, const TrialOptions& options, Observer& observer);

// The mean of a figure, and its difference from another trial of the same seeds.
des::Interval interval_of(const Trial& trial, double TrialFigures::*figure);
des::Interval difference(const Trial& trial, const Trial& from, double TrialFigures::*figure);

}  // namespace windtunnel::study
