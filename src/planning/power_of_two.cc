// Power-of-two schedules for economic lot scheduling; see planning/lot_schedule.h.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"
#include "planning/lot_schedule.h"

namespace windtunnel::planning {
namespace {

constexpr int64_t kMultipleMax = 64;
constexpr int kStarts = 16;                   // base periods tried per doubling
constexpr double kStep = 1.0442737824274138;  // the 16th root of 2
constexpr double kFull = 1 - 1e-9;            // rounding must not fill a period beyond itself

class Search {
 public:
  explicit Search(const std::vector<LotItem>& items) : items_(items) {}

  // Doubles or halves one multiple at a time, whichever saves most, until none saves.
  LotSchedule descend(std::vector<int64_t> multiple) const {
    LotSchedule best = schedule_of(std::move(multiple));
    while (true) {
      LotSchedule better = best;
      for (size_t i = 0; i < items_.size(); ++i) {
        for (const bool up : {true, false}) {
          std::vector<int64_t> tried = best.multiple;
          if (up ? tried[i] >= kMultipleMax : tried[i] == 1) continue;
          tried[i] = up ? tried[i] * 2 : tried[i] / 2;
          LotSchedule next = schedule_of(std::move(tried));
          if (next.cost < better.cost) better = std::move(next);
        }
      }
      if (!(better.cost < best.cost)) return best;
      best = std::move(better);
    }
  }

 private:
  // The cheapest base period for these multiples at which all periods hold their production.
  LotSchedule schedule_of(std::vector<int64_t> multiple) const {
    LotSchedule schedule{0, std::move(multiple), {}, std::numeric_limits<double>::infinity()};
    double setup_cost = 0;
    double slopes = 0;
    for (size_t i = 0; i < items_.size(); ++i) {
      const auto k = static_cast<double>(schedule.multiple[i]);
      setup_cost += items_[i].setup_cost / k;
      slopes += items_[i].cost(k) - items_[i].setup_cost / k;
    }
    double period = slopes > 0 ? std::sqrt(setup_cost / slopes) : 0;
    // A longer period shifts the balance of setups and production, and with it the best phases.
    for (int round = 0; round < 3; ++round) {
      schedule.phase = phases(schedule.multiple, period);
      const double least = period_min(schedule);
      if (least <= period) break;
      if (!std::isfinite(least)) return schedule;
      period = least;
    }
    if (period_min(schedule) > period || !(period > 0)) return schedule;
    schedule.base_period = period;
    schedule.cost = 0;
    for (size_t i = 0; i < items_.size(); ++i) schedule.cost += items_[i].cost(schedule.cycle(i));
    return schedule;
  }

  // Frequent items first, of equals the longest; each in the phase whose fullest period is least
  // full.
  std::vector<int64_t> phases(const std::vector<int64_t>& multiple, double period) const {
    const auto length = [&](size_t i) {
      return items_[i].setup_time + items_[i].load() * period * static_cast<double>(multiple[i]);
    };
    std::vector<size_t> turn(items_.size());
    std::iota(turn.begin(), turn.end(), size_t{0});
    std::stable_sort(turn.begin(), turn.end(), [&](size_t a, size_t b) {
      return multiple[a] != multiple[b] ? multiple[a] < multiple[b] : length(a) > length(b);
    });
    std::vector<double> used(kMultipleMax, 0);
    std::vector<int64_t> phase(items_.size(), 0);
    for (const size_t i : turn) {
      double least = std::numeric_limits<double>::infinity();
      for (int64_t p = 0; p < multiple[i]; ++p) {
        double most = 0;
        for (int64_t q = p; q < kMultipleMax; q += multiple[i])
          most = std::max(most, used[static_cast<size_t>(q)]);
        if (most < least) {
          least = most;
          phase[i] = p;
        }
      }
      for (int64_t q = phase[i]; q < kMultipleMax; q += multiple[i])
        used[static_cast<size_t>(q)] += length(i);
    }
    return phase;
  }

  // In each period setups + period * loads may not exceed the period.
  double period_min(const LotSchedule& schedule) const {
    double least = 0;
    for (int64_t period = 0; period < kMultipleMax; ++period) {
      double setups = 0;
      double loads = 0;
      for (size_t i = 0; i < items_.size(); ++i) {
        if (period % schedule.multiple[i] != schedule.phase[i]) continue;
        setups += items_[i].setup_time;
        loads += items_[i].load() * static_cast<double>(schedule.multiple[i]);
      }
      if (loads >= kFull) return std::numeric_limits<double>::infinity();
      least = std::max(least, setups / (kFull - loads));
    }
    return least;
  }

  const std::vector<LotItem>& items_;
};

// Powers of two nearest to cycle / period.
std::vector<int64_t> rounded(const std::vector<double>& cycles, double period) {
  std::vector<int64_t> multiple;
  for (const double cycle : cycles) {
    int64_t k = 1;
    while (k < kMultipleMax && static_cast<double>(k) * period * std::sqrt(2.0) < cycle) k *= 2;
    multiple.push_back(k);
  }
  return multiple;
}

}  // namespace

LotSchedule power_of_two_schedule(const std::vector<LotItem>& items) {
  WT_CHECK(total_load(items) < 1, "the machine is not full with production alone");
  const Search search(items);
  LotSchedule best = search.descend(std::vector<int64_t>(items.size(), 1));
  const LotBound bound = capacity_bound(items);
  double shortest = std::numeric_limits<double>::infinity();
  for (const double cycle : bound.cycles) shortest = std::min(shortest, cycle);
  if (!(shortest > 0) || !std::isfinite(shortest)) return best;
  double period = shortest / 2;
  for (int start = 0; start < 2 * kStarts; ++start, period *= kStep) {
    LotSchedule next = search.descend(rounded(bound.cycles, period));
    if (next.cost < best.cost) best = std::move(next);
  }
  return best;
}

}  // namespace windtunnel::planning
