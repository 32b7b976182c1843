// Economic lot scheduling: several items share one machine that makes one at a time; how often to
// make each? Setups cost money and time, stock costs money.
//
// One time unit throughout, the caller's choice; costs are per that unit. Demand must be met
// without backlog, so over any long time production and setups fit into it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace windtunnel::planning {

struct LotItem {
  std::string name;
  double setup_cost = 0;    // per setup
  double setup_time = 0;    // per setup
  double holding_cost = 0;  // per part in stock and time
  double production = 0;    // parts per time while it is made
  double demand = 0;        // parts per time

  double load() const { return demand / production; }  // share of the machine
  // Of the item made once every `cycle`: setups, and a saw-tooth of stock.
  double cost(double cycle) const;
  double stock(double cycle) const;  // mean
};

// Sum of loads; no schedule exists at 1 or above.
double total_load(const std::vector<LotItem>& items);

// Every item once in each cycle.
struct CommonCycle {
  double cycle = 0;      // the cheapest that is long enough
  double cycle_min = 0;  // setups must fit: their sum / (1 - load); infinite when load >= 1
  double cost = 0;       // per time
};
CommonCycle common_cycle(const std::vector<LotItem>& items);

// What no schedule can cost less than: each item alone at its cheapest cycle, together with no more
// setup time than production leaves (Bomberger 1966; Dobson, Operations Research 35, 1987).
struct LotBound {
  std::vector<double> cycles;
  double cost = 0;
};
LotBound independent_bound(const std::vector<LotItem>& items);  // without the machine's limit
LotBound capacity_bound(const std::vector<LotItem>& items);     // with it

// Item i every multiple[i] (a power of two) base periods, in those that are phase[i] modulo it;
// production and setups of every base period fit into it (the extended basic period approach,
// Elmaghraby, Management Science 24, 1978; Haessler, AIIE Transactions 11, 1979).
struct LotSchedule {
  double base_period = 0;
  std::vector<int64_t> multiple;
  std::vector<int64_t> phase;
  double cost = 0;

  double cycle(size_t item) const { return base_period * static_cast<double>(multiple[item]); }
};
// Local search over the multiples, from the common cycle (which it never exceeds in cost) and from
// the rounded cycles of the bound. Load must be below 1.
LotSchedule power_of_two_schedule(const std::vector<LotItem>& items);

// Whether every base period holds what falls into it, and by how much the fullest does: at most 1.
double fullest_period(const std::vector<LotItem>& items, const LotSchedule& schedule);

}  // namespace windtunnel::planning
