// What the searches of this room have in common: how long they may go on, and how good what they
// found is known to be.
//
// A search reads no clock. Its budget is a count of iterations, so the same call gives the same
// answer on every machine; whoever has a clock, or a user who presses Ctrl-C, hands in `stop`.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

namespace windtunnel::planning {

struct SearchLimits {
  int64_t iterations = 0;  // each search says what it counts
  // The search ends as soon as it has found this or less; a proved lower bound ends it anyway.
  int64_t target = std::numeric_limits<int64_t>::min();
  // Asked once per iteration; true ends the search with the best found so far.
  std::function<bool()> stop = {};
};

// A value found, to be made small, and what no solution can go below.
struct Bounded {
  int64_t value = 0;
  int64_t lower_bound = 0;

  bool optimal() const { return value <= lower_bound; }
  // (value - bound) / bound: 0 when optimal, infinite above a bound of 0.
  double gap() const {
    if (optimal()) return 0;
    if (lower_bound <= 0) return std::numeric_limits<double>::infinity();
    return static_cast<double>(value - lower_bound) / static_cast<double>(lower_bound);
  }
};

// Counts a search's iterations against its limits.
class SearchBudget {
 public:
  explicit SearchBudget(const SearchLimits& limits) : limits_(limits) {}
  // Whether another iteration may begin, given the best so far; counts it.
  bool next(Bounded best) {
    if (best.optimal() || best.value <= limits_.target || used_ >= limits_.iterations) return false;
    if (limits_.stop && limits_.stop()) return false;
    ++used_;
    return true;
  }
  int64_t used() const { return used_; }

 private:
  const SearchLimits& limits_;
  int64_t used_ = 0;
};

}  // namespace windtunnel::planning
