// What to run on a line that makes several families one after the other: the order, how long a
// cycle lasts, how large each family's lot is, and what that is worth against no plan at all.
//
// One round of the families is a cycle. The shortest cycle that keeps up with demand is
//   setups of the round / (availability - load), load = sum of demand * process time / yield,
// and every lot is demand * cycle; so each second of setup that the order saves shortens the cycle
// and lessens the stock. Where setups or stock cost money, the cycle is longer than that when
// longer is cheaper, and rarely needed families may be left out of some rounds (power-of-two).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/units.h"
#include "planning/search.h"
#include "planning/setup_matrix.h"

namespace windtunnel::planning {

using LineDuration = base::BasicDuration<base::Microseconds>;

struct CampaignFamily {
  std::string name;
  double demand_per_hour = 0;  // good parts
  LineDuration process_time;   // of one part on the line
  double yield = 1;            // share of parts that are good
  double setup_cost = 0;       // per setup, beside the time
  double holding_cost = 0;     // per part in stock and hour
};

struct CampaignRequest {
  std::vector<CampaignFamily> families;
  SetupMatrix setups;       // in microseconds, from family to family as listed
  double availability = 1;  // share of time the line is up
};

struct Campaign {
  std::vector<uint32_t> order;  // of a round in which every family is made
  LineDuration setup;           // of that round
  LineDuration setup_bound;     // no order can do with less
  double cycle_hours = 0;       // of a round
  std::vector<int64_t> every;   // rounds from lot to lot of a family; 1 in a common cycle
  std::vector<double> lots;     // good parts
  double stock = 0;             // mean number of parts, all families
  double setups_per_day = 0;
  double cost_per_hour = 0;  // of setups and stock, where they have a price
};

struct CampaignPlan {
  double load = 0;          // share of time spent on parts
  Campaign best;            // best order; power-of-two lots where costs are given
  Campaign common;          // best order, every family in every cycle
  Campaign given;           // families as listed, every family in every cycle: no plan at all
  double mean_setup_s = 0;  // of all orders, per cycle
  LineDuration worst_setup;
  double cost_bound = 0;  // per hour: nothing can cost less, with setup times of the best order
};

// An error when the line cannot keep up whatever the lots, or a number makes no sense.
base::Result<CampaignPlan> plan_campaign(const CampaignRequest& request, const SearchLimits& limits,
                                         base::RandomStream random);

}  // namespace windtunnel::planning
