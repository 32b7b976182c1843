#include "planning/setup_order.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"
#include "planning/setup_bound.h"
#include "planning/setup_descent.h"

namespace windtunnel::planning {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max();

// Shortest ways from family 0 through a set of the others to one of that set. Bit i of a set is
// family i + 1.
class HeldKarp {
 public:
  explicit HeldKarp(const SetupMatrix& setups)
      : setups_(setups), others_(setups.families() - 1), cost_(others_ << others_, kFar) {}

  SetupOrder run() {
    const size_t sets = size_t{1} << others_;
    for (size_t set = 1; set < sets; ++set)
      for (size_t last = 0; last < others_; ++last)
        if ((set >> last & 1) != 0) cost_[set * others_ + last] = reach(set, last).cost;
    return trace(sets - 1);
  }

 private:
  struct Step {
    int64_t cost = kFar;
    size_t before = 0;
  };

  Step reach(size_t set, size_t last) const {
    const size_t rest = set & ~(size_t{1} << last);
    if (rest == 0) return {setups_.at(0, last + 1), 0};
    Step best;
    for (size_t before = 0; before < others_; ++before) {
      if ((rest >> before & 1) == 0) continue;
      const int64_t cost = cost_[rest * others_ + before] + setups_.at(before + 1, last + 1);
      if (cost < best.cost) best = {cost, before};
    }
    return best;
  }

  SetupOrder trace(size_t set) const {
    Step last;
    for (size_t i = 0; i < others_; ++i) {
      const int64_t cost = cost_[set * others_ + i] + setups_.at(i + 1, 0);
      if (cost < last.cost) last = {cost, i};
    }
    SetupOrder result{{}, {last.cost, last.cost}};
    for (size_t at = last.before; set != 0;) {
      result.order.push_back(static_cast<uint32_t>(at + 1));
      const size_t before = reach(set, at).before;
      set &= ~(size_t{1} << at);
      at = before;
    }
    result.order.push_back(0);
    std::reverse(result.order.begin(), result.order.end());
    return result;
  }

  const SetupMatrix& setups_;
  size_t others_;
  std::vector<int64_t> cost_;  // by set, then last family
};

void begin_with_first(std::vector<uint32_t>& order) {
  std::rotate(order.begin(), std::find(order.begin(), order.end(), 0U), order.end());
}

// From each family to the nearest not yet visited.
std::vector<uint32_t> nearest_neighbours(const SetupMatrix& setups) {
  std::vector<uint32_t> order = given_order(setups.families());
  for (size_t i = 0; i + 1 < order.size(); ++i) {
    size_t nearest = i + 1;
    for (size_t j = i + 2; j < order.size(); ++j)
      if (setups.at(order[i], order[j]) < setups.at(order[i], order[nearest])) nearest = j;
    std::swap(order[i + 1], order[nearest]);
  }
  return order;
}

// Exchanges two neighbouring segments drawn at random.
void perturb(std::vector<uint32_t>& order, base::RandomStream& random) {
  std::array<size_t, 3> cuts{};
  for (size_t& cut : cuts) cut = 1 + random.below(order.size());
  std::sort(cuts.begin(), cuts.end());
  const auto at = [&](size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(cuts[i]); };
  std::rotate(at(0), at(1), at(2));
}

}  // namespace

SetupOrder exact_setup_order(const SetupMatrix& setups) {
  WT_CHECK(setups.families() <= kExactFamiliesMax, "dynamic programming has the memory");
  if (setups.families() < 2) return {given_order(setups.families()), {}};
  return HeldKarp(setups).run();
}

SetupOrder searched_setup_order(const SetupMatrix& setups, const SearchLimits& limits,
                                base::RandomStream random) {
  if (setups.families() < 2) return {given_order(setups.families()), {}};
  SetupOrder best{nearest_neighbours(setups), {}};
  descend(setups, best.order);
  best.setup = {setups.cycle_setup(best.order), cycle_setup_bound(setups)};
  SearchBudget budget(limits);
  while (budget.next(best.setup)) {
    std::vector<uint32_t> order = best.order;
    perturb(order, random);
    perturb(order, random);
    descend(setups, order);
    const int64_t setup = setups.cycle_setup(order);
    if (setup > best.setup.value) continue;
    best.setup.value = setup;
    best.order = std::move(order);
  }
  begin_with_first(best.order);
  return best;
}

SetupOrder best_setup_order(const SetupMatrix& setups, const SearchLimits& limits,
                            base::RandomStream random) {
  if (setups.families() <= kExactFamiliesMax) return exact_setup_order(setups);
  return searched_setup_order(setups, limits, random);
}

SetupOrders compare_setup_orders(const SetupMatrix& setups, const SearchLimits& limits,
                                 base::RandomStream random) {
  SetupOrders all;
  all.best = best_setup_order(setups, limits, random.child("best order"));
  SearchLimits worst_limits = limits;
  worst_limits.target = std::numeric_limits<int64_t>::min();
  SetupOrder worst = best_setup_order(setups.negated(), worst_limits, random.child("worst order"));
  all.worst = std::move(worst.order);
  all.worst_setup = -worst.setup.value;
  all.given_setup = setups.cycle_setup(given_order(setups.families()));
  all.mean_setup = setups.mean_cycle_setup();
  return all;
}

}  // namespace windtunnel::planning
