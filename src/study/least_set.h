// The cheapest setting of a few whole-numbered keys that meets a target, and the settings within a
// budget among which the best must be. Pure search: whoever runs scenarios answers.
//
// Both rest on one assumption: more of anything does not hurt. A setting that falls short then
// rules out all that have no more of anything, so few are asked.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace windtunnel::study {

struct SearchRange {
  int64_t low = 0;
  int64_t high = 0;
  double price = 1;  // of one more; > 0
};

using SearchPoint = std::vector<int64_t>;  // a value for each range

double price_of(const std::vector<SearchRange>& ranges, const SearchPoint& point);

// Whether a point meets the target. Empty: the search was stopped.
using MeetsTarget = std::function<std::optional<bool>(const SearchPoint& point)>;

struct LeastSet {
  std::optional<SearchPoint> point;  // empty: even the highest values fall short
  bool stopped = false;
  int64_t asked = 0;
};

// Cheapest first; of equal prices the one with less of the first ranges.
LeastSet find_least_set(const std::vector<SearchRange>& ranges, const MeetsTarget& meets);

// The points of at most `budget` to which nothing can be added, in order of the first ranges.
// Empty: even the lowest values cost more. Stops at `most` + 1 points.
std::vector<SearchPoint> points_within(const std::vector<SearchRange>& ranges, double budget,
                                       size_t most);

}  // namespace windtunnel::study
