#include "planning/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

int64_t by_enumeration(size_t n, const std::vector<int64_t>& costs) {
  std::vector<size_t> columns(n);
  std::iota(columns.begin(), columns.end(), size_t{0});
  int64_t least = std::numeric_limits<int64_t>::max();
  do {
    int64_t sum = 0;
    for (size_t row = 0; row < n; ++row) sum += costs[row * n + columns[row]];
    least = std::min(least, sum);
  } while (std::next_permutation(columns.begin(), columns.end()));
  return least;
}

void expect_dual_proof(size_t n, const std::vector<int64_t>& costs, const Assignment& found) {
  int64_t potentials = 0;
  for (size_t row = 0; row < n; ++row) {
    potentials += found.row_potential[row] + found.column_potential[row];
    for (size_t column = 0; column < n; ++column)
      EXPECT_LE(found.row_potential[row] + found.column_potential[column], costs[row * n + column]);
  }
  EXPECT_EQ(potentials, found.cost);
}

TEST(Assignment, MeetsEnumerationAndProvesItself) {
  for (int64_t episode = 0; episode < testing::episodes(300); ++episode) {
    SCOPED_TRACE("seed 7, episode " + std::to_string(episode));
    base::RandomStream random(7, "assignment", static_cast<uint64_t>(episode));
    const size_t n = 1 + random.below(6);
    std::vector<int64_t> costs(n * n);
    const uint64_t spread = 1 + random.below(40);
    for (int64_t& cost : costs) cost = static_cast<int64_t>(random.below(spread)) - 5;
    const Assignment found = solve_assignment(n, costs);
    EXPECT_EQ(found.cost, by_enumeration(n, costs));
    expect_dual_proof(n, costs, found);
    std::vector<uint32_t> columns = found.column_of;
    std::sort(columns.begin(), columns.end());
    for (size_t i = 0; i < n; ++i) EXPECT_EQ(columns[i], i);
  }
}

TEST(Assignment, OfNothingCostsNothing) { EXPECT_EQ(solve_assignment(0, {}).cost, 0); }

TEST(Assignment, StaysExactWithLargeCosts) {
  const int64_t big = kAssignmentCostMax;
  const std::vector<int64_t> costs{big, 1, 2, big};
  EXPECT_EQ(solve_assignment(2, costs).cost, 3);
}

}  // namespace
}  // namespace windtunnel::planning
