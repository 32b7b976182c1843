// A scenario run with several seeds, and what they gave together: the rows that compare a mean over
// seeds, or the luckiest and the unluckiest of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "study/network_schema.h"
#include "study/validation.h"

namespace windtunnel::study {

using Comparisons = base::Result<std::vector<Comparison>>;

NetworkScenario scenario_of(NetworkDescription d);

// What several seeds gave. Checked: each has the metric, and there is at least one.
struct SeedRuns {
  std::vector<NamedValues> values;
  double mean(const std::string& name) const;
  double least(const std::string& name) const;
  double most(const std::string& name) const;
};

// Which seeds count; empty: all.
using Draws = std::function<bool(const NetworkScenario&)>;

// The first `seeds` seeds that count, from 1.
base::Result<SeedRuns> run_seeds(NetworkScenario scenario, int seeds, Observer& observer,
                                 const Draws& counts = {});

}  // namespace windtunnel::study
