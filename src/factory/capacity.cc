#include "factory/capacity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "factory/calendar.h"

namespace windtunnel::factory {
namespace {

double value(Ratio ratio) {
  return static_cast<double>(ratio.part) / static_cast<double>(ratio.whole);
}

size_t step_named(const Item& item, const std::string& name, size_t otherwise) {
  for (size_t s = 0; s < item.route.size(); ++s) {
    const Step& step = item.route[s];
    if ((step.name.empty() ? step.station : step.name) == name) return s;
  }
  return otherwise;
}

const Item* item_named(const Plant& plant, std::string_view name) {
  const auto found = std::find_if(plant.items.begin(), plant.items.end(),
                                  [&](const Item& item) { return item.name == name; });
  return found == plant.items.end() ? nullptr : &*found;
}

bool has_stock(const Plant& plant, const std::string& item) {
  return std::any_of(plant.stocks.begin(), plant.stocks.end(),
                     [&](const Stock& stock) { return stock.item == item; });
}

// Where a piece that failed goes on: a step of the route, or its first one when it is scrapped and
// begun again.
size_t after_failure(const Item& item, size_t step) {
  if (item.route[step].on_fail == OnFail::kScrap) return 0;
  return step_named(item, item.route[step].rework_to, step);
}

// Pieces wanted of each item per shipped piece: what is shipped, then its parts, level by level.
std::vector<double> pieces_wanted(const Plant& plant, std::vector<double> wanted) {
  std::vector<double> total = wanted;
  // A part is never a part of itself, so as many levels as items are enough.
  for (size_t level = 0; level < plant.items.size(); ++level) {
    std::vector<double> next(plant.items.size(), 0.0);
    for (size_t i = 0; i < plant.items.size(); ++i) {
      const Item& item = plant.items[i];
      if (wanted[i] == 0) continue;
      const std::vector<double> visits = visits_per_finished(item);
      for (size_t s = 0; s < item.route.size(); ++s) {
        for (const Part& part : item.route[s].parts) {
          const Item* made = item_named(plant, part.item);
          if (made == nullptr) continue;
          next[static_cast<size_t>(made - plant.items.data())] +=
              wanted[i] * visits[s] * static_cast<double>(part.count);
        }
      }
    }
    for (size_t i = 0; i < next.size(); ++i) total[i] += next[i];
    wanted = std::move(next);
  }
  return total;
}

// Shares of the shipped items, sum 1; all zero when nothing is shipped.
std::vector<double> shipped_mix(const Plant& plant) {
  std::vector<double> mix(plant.items.size(), 0.0);
  const auto add = [&](const std::string& name, double weight) {
    const Item* item = item_named(plant, name);
    if (item != nullptr && is_shipped(plant, *item))
      mix[static_cast<size_t>(item - plant.items.data())] += weight;
  };
  for (const Release& release : plant.releases) {
    for (const ReleaseShare& share : release.shares) {
      const int64_t weight = release.kind == ReleaseKind::kLots ? share.lot : share.weight;
      add(share.item, static_cast<double>(weight));
    }
  }
  for (const Order& order : plant.orders) add(order.item, static_cast<double>(order.quantity));
  double sum = 0;
  for (const double weight : mix) sum += weight;
  for (double& weight : mix) weight = sum > 0 ? weight / sum : 0;
  return mix;
}

// Machine seconds of one visit: a batch is shared by its pieces, and breakdowns that strike by the
// operation are part of it.
double visit_work(const Step& step, const Station& station) {
  double each = step.time.expected().seconds() + step.docking.expected().seconds();
  for (const Breakdown& breakdown : station.breakdowns) {
    if (breakdown.by == FailBy::kOperation)
      each += value(breakdown.per_operation) * breakdown.repair.expected().seconds();
  }
  return each / static_cast<double>(std::max<int64_t>(1, station.batch_max));
}

int64_t machines_of(const Station& station) {
  if (station.groups.empty()) return station.machines;
  int64_t sum = 0;
  for (const MachineGroup& group : station.groups) sum += group.count;
  return sum;
}

double open_share(const Plant& plant, const std::string& name) {
  for (const Calendar& calendar : plant.calendars) {
    if (calendar.name != name) continue;
    return OpenHours(calendar).open_per_week().seconds() / OpenHours::kWeek.seconds();
  }
  return 1;
}

}  // namespace

bool is_shipped(const Plant& plant, const Item& item) {
  return !item.route.empty() && !has_stock(plant, item.name);
}

// visits[s] = what comes from the step before, from failures sent here, and the new piece at the
// first step; scaled so that one piece leaves the last. The sweep converges because every loop
// loses the share that passes.
std::vector<double> visits_per_finished(const Item& item) {
  constexpr int kSweepsMax = 10'000;
  constexpr double kClose = 1e-12;
  const size_t steps = item.route.size();
  std::vector<double> visits(steps, 0.0);
  if (steps == 0) return visits;
  for (int sweep = 0; sweep < kSweepsMax; ++sweep) {
    std::vector<double> next(steps, 0.0);
    next[0] = 1;
    for (size_t s = 0; s < steps; ++s) {
      const double pass = value(item.route[s].yield);
      if (s + 1 < steps) next[s + 1] += visits[s] * pass;
      next[after_failure(item, s)] += visits[s] * (1 - pass);
    }
    double change = 0;
    for (size_t s = 0; s < steps; ++s) change = std::max(change, std::abs(next[s] - visits[s]));
    visits = std::move(next);
    if (change < kClose) break;
  }
  return visits;
}

double availability(const Plant& plant, const Station& station) {
  double per_busy_second = 0;  // seconds down per second of work
  double clock = 1;
  for (const Breakdown& breakdown : station.breakdowns) {
    const double between = breakdown.between.expected().seconds();
    const double repair = breakdown.repair.expected().seconds();
    if (breakdown.by == FailBy::kRunning && between > 0) per_busy_second += repair / between;
    if (breakdown.by == FailBy::kClock && between + repair > 0)
      clock *= between / (between + repair);
  }
  return clock / (1 + per_busy_second) * open_share(plant, station.calendar);
}

Capacity find_capacity(const Plant& plant) {
  Capacity capacity;
  const std::vector<double> wanted = pieces_wanted(plant, shipped_mix(plant));
  capacity.rate = std::numeric_limits<double>::infinity();
  for (const Station& station : plant.stations) {
    StationLoad load{station.name, 0, availability(plant, station), 0};
    for (size_t i = 0; i < plant.items.size(); ++i) {
      const std::vector<double> visits = visits_per_finished(plant.items[i]);
      for (size_t s = 0; s < visits.size(); ++s) {
        const Step& step = plant.items[i].route[s];
        if (step.station == station.name)
          load.work += wanted[i] * visits[s] * visit_work(step, station);
      }
    }
    load.rate = load.work > 0
                    ? static_cast<double>(machines_of(station)) * load.available / load.work
                    : std::numeric_limits<double>::infinity();
    if (load.rate < capacity.rate) {
      capacity.rate = load.rate;
      capacity.narrowest = capacity.stations.size();
    }
    capacity.stations.push_back(std::move(load));
  }
  return capacity;
}

}  // namespace windtunnel::factory
