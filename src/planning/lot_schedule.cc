#include "planning/lot_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"

namespace windtunnel::planning {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

// Cost of a cycle is setup_cost / T + slope * T.
double slope(const LotItem& item) {
  return item.holding_cost * item.demand * (1 - item.load()) / 2;
}

double setup_share(const std::vector<LotItem>& items, const std::vector<double>& cycles) {
  double share = 0;
  for (size_t i = 0; i < items.size(); ++i) share += items[i].setup_time / cycles[i];
  return share;
}

// Cheapest cycles when setup time has a price.
LotBound priced_bound(const std::vector<LotItem>& items, double price) {
  LotBound bound;
  for (const LotItem& item : items) {
    const double cost = item.setup_cost + price * item.setup_time;
    bound.cycles.push_back(slope(item) > 0 ? std::sqrt(cost / slope(item)) : kInfinite);
    bound.cost += item.cost(bound.cycles.back());
  }
  return bound;
}

void check_items(const std::vector<LotItem>& items) {
  for (const LotItem& item : items) {
    WT_CHECK(item.production > 0 && std::isfinite(item.production), "an item can be made");
    WT_CHECK(item.demand >= 0 && item.setup_cost >= 0 && item.setup_time >= 0, "no negative item");
    WT_CHECK(item.holding_cost >= 0, "stock costs something or nothing");
  }
}

}  // namespace

double LotItem::cost(double cycle) const {
  const double setups = setup_cost == 0 ? 0 : setup_cost / cycle;
  return setups + (slope(*this) == 0 ? 0 : slope(*this) * cycle);
}

double LotItem::stock(double cycle) const { return demand * cycle * (1 - load()) / 2; }

double total_load(const std::vector<LotItem>& items) {
  double load = 0;
  for (const LotItem& item : items) load += item.load();
  return load;
}

CommonCycle common_cycle(const std::vector<LotItem>& items) {
  check_items(items);
  double setup_cost = 0;
  double setup_time = 0;
  double slopes = 0;
  for (const LotItem& item : items) {
    setup_cost += item.setup_cost;
    setup_time += item.setup_time;
    slopes += slope(item);
  }
  CommonCycle common;
  const double load = total_load(items);
  common.cycle_min = load < 1 ? setup_time / (1 - load) : kInfinite;
  common.cycle = common.cycle_min;
  if (slopes > 0) common.cycle = std::max(common.cycle_min, std::sqrt(setup_cost / slopes));
  for (const LotItem& item : items) common.cost += item.cost(common.cycle);
  return common;
}

LotBound independent_bound(const std::vector<LotItem>& items) {
  check_items(items);
  return priced_bound(items, 0);
}

LotBound capacity_bound(const std::vector<LotItem>& items) {
  check_items(items);
  const double room = 1 - total_load(items);
  WT_CHECK(room > 0, "the machine is not full with production alone");
  LotBound bound = priced_bound(items, 0);
  if (setup_share(items, bound.cycles) <= room) return bound;
  // Setup time falls as its price rises: double the price until it fits, then halve the interval.
  double low = 0;
  double high = 1;
  while (setup_share(items, priced_bound(items, high).cycles) > room) high *= 2;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (setup_share(items, priced_bound(items, middle).cycles) > room ? low : high) = middle;
  }
  // At the lower price a little too much setup time is taken: its cost is a bound for certain.
  return priced_bound(items, low);
}

double fullest_period(const std::vector<LotItem>& items, const LotSchedule& schedule) {
  int64_t periods = 1;
  for (const int64_t multiple : schedule.multiple) periods = std::max(periods, multiple);
  double fullest = 0;
  for (int64_t period = 0; period < periods; ++period) {
    double used = 0;
    for (size_t i = 0; i < items.size(); ++i)
      if (period % schedule.multiple[i] == schedule.phase[i])
        used += items[i].setup_time + items[i].load() * schedule.cycle(i);
    fullest = std::max(fullest, used / schedule.base_period);
  }
  return fullest;
}

}  // namespace windtunnel::planning
