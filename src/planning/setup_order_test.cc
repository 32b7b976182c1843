#include "planning/setup_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "planning/setup_bound.h"
#include "planning/setup_descent.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

using ::testing::ElementsAre;

SetupMatrix random_setups(size_t n, base::RandomStream& random) {
  SetupMatrix setups(n, std::vector<int64_t>(n * n, 0));
  const uint64_t spread = 2 + random.below(60);
  for (size_t from = 0; from < n; ++from)
    for (size_t to = 0; to < n; ++to)
      setups.set(from, to, static_cast<int64_t>(random.below(spread)) - 3);
  return setups;
}

struct Extremes {
  int64_t least = std::numeric_limits<int64_t>::max();
  int64_t most = std::numeric_limits<int64_t>::min();
  int64_t least_path = std::numeric_limits<int64_t>::max();
};
Extremes by_enumeration(const SetupMatrix& setups) {
  std::vector<uint32_t> order = given_order(setups.families());
  Extremes found;
  do {
    found.least = std::min(found.least, setups.cycle_setup(order));
    found.most = std::max(found.most, setups.cycle_setup(order));
    found.least_path = std::min(found.least_path, setups.path_setup(order));
  } while (std::next_permutation(order.begin(), order.end()));
  return found;
}

// Six joint families of a robot, hip to hand, in minutes.
SetupMatrix joints() {
  constexpr int kSizes[] = {4, 3, 3, 2, 1, 0};
  constexpr int kTypes[] = {1, 1, 0, 0, 0, 2};
  SetupMatrix setups(6, std::vector<int64_t>(36, 0));
  for (size_t a = 0; a < 6; ++a)
    for (size_t b = 0; b < 6; ++b)
      if (a != b)
        setups.set(a, b,
                   std::min(15, 4 + 2 * std::abs(kSizes[a] - kSizes[b]) +
                                    (kTypes[a] == kTypes[b] ? 0 : 4)));
  return setups;
}

TEST(SetupOrder, OfSixJointFamilies) {
  const SetupOrders orders = compare_setup_orders(joints(), {}, base::RandomStream(1, "joints"));
  EXPECT_EQ(orders.best.setup.value, 51);
  EXPECT_TRUE(orders.best.setup.optimal());
  EXPECT_EQ(orders.worst_setup, 72);
  EXPECT_EQ(joints().cycle_setup(orders.worst), 72);
  EXPECT_EQ(orders.given_setup, 51);
  EXPECT_NEAR(orders.mean_setup, 62.8, 1e-9);
}

TEST(SetupOrder, ExactMeetsEnumeration) {
  for (int64_t episode = 0; episode < testing::episodes(200); ++episode) {
    SCOPED_TRACE("seed 3, episode " + std::to_string(episode));
    base::RandomStream random(3, "setup order", static_cast<uint64_t>(episode));
    const SetupMatrix setups = random_setups(2 + random.below(6), random);
    const Extremes expected = by_enumeration(setups);
    const SetupOrders orders = compare_setup_orders(setups, {}, random);
    EXPECT_EQ(orders.best.setup.value, expected.least);
    EXPECT_EQ(setups.cycle_setup(orders.best.order), expected.least);
    EXPECT_EQ(orders.best.order.front(), 0u);
    EXPECT_TRUE(is_order(orders.best.order, setups.families()));
    EXPECT_EQ(orders.worst_setup, expected.most);
  }
}

TEST(SetupOrder, BoundsStayBelowEnumeration) {
  for (int64_t episode = 0; episode < testing::episodes(300); ++episode) {
    SCOPED_TRACE("seed 4, episode " + std::to_string(episode));
    base::RandomStream random(4, "setup bound", static_cast<uint64_t>(episode));
    const SetupMatrix setups = random_setups(2 + random.below(6), random);
    const Extremes expected = by_enumeration(setups);
    EXPECT_LE(cycle_setup_bound(setups), expected.least);
    EXPECT_LE(path_setup_bound(setups), expected.least_path);
  }
}

TEST(SetupOrder, SearchReachesTheExactOptimum) {
  int misses = 0;
  for (uint64_t episode = 0; episode < 10; ++episode) {
    SCOPED_TRACE("seed 5, episode " + std::to_string(episode));
    base::RandomStream random(5, "setup search", episode);
    const SetupMatrix setups = random_setups(12, random);
    const SetupOrder found =
        searched_setup_order(setups, {.iterations = 300}, random.child("search"));
    const SetupOrder exact = exact_setup_order(setups);
    EXPECT_TRUE(is_order(found.order, 12));
    EXPECT_EQ(setups.cycle_setup(found.order), found.setup.value);
    EXPECT_GE(found.setup.value, exact.setup.value);
    EXPECT_LE(found.setup.lower_bound, exact.setup.value);
    misses += found.setup.value > exact.setup.value ? 1 : 0;
  }
  EXPECT_EQ(misses, 0);
}

TEST(SetupOrder, SearchBeyondTheExactReportsItsGap) {
  base::RandomStream random(6, "large setups");
  const SetupMatrix setups = random_setups(60, random);
  const SetupOrder a = best_setup_order(setups, {.iterations = 200}, random);
  const SetupOrder b = best_setup_order(setups, {.iterations = 200}, random);
  EXPECT_EQ(a.order, b.order) << "the same stream gives the same order";
  EXPECT_TRUE(is_order(a.order, 60));
  EXPECT_LE(a.setup.lower_bound, a.setup.value);
  EXPECT_LT(a.setup.value, setups.mean_cycle_setup() / 2);
}

TEST(SetupOrder, StopEndsTheSearch) {
  base::RandomStream random(6, "large setups");
  const SetupMatrix setups = random_setups(30, random);
  int asked = 0;
  const SearchLimits limits{.iterations = 1'000'000, .stop = [&asked] { return ++asked > 3; }};
  EXPECT_TRUE(is_order(searched_setup_order(setups, limits, random).order, 30));
  EXPECT_LE(asked, 4);
}

TEST(SetupOrder, OfOneOrNoFamilyIsTrivial) {
  EXPECT_TRUE(best_setup_order(SetupMatrix(), {}, {}).order.empty());
  EXPECT_THAT(best_setup_order(SetupMatrix(1, {0}), {}, {}).order, ElementsAre(0u));
  EXPECT_EQ(best_setup_order(SetupMatrix(2, {0, 3, 4, 0}), {}, {}).setup.value, 7);
  EXPECT_EQ(searched_setup_order(SetupMatrix(2, {0, 3, 4, 0}), {.iterations = 5}, {}).setup.value,
            7);
}

// Every way to give each node but the root a node before it, if all are reached.
int64_t arborescence_by_enumeration(size_t n, const std::vector<int64_t>& costs) {
  int64_t least = std::numeric_limits<int64_t>::max();
  std::vector<size_t> before(n, 0);
  while (true) {
    int64_t sum = 0;
    bool reached = true;
    for (size_t node = 1; node < n; ++node) {
      sum += costs[before[node] * n + node];
      size_t at = node;
      for (size_t steps = 0; steps < n && at != 0; ++steps) at = before[at];
      reached = reached && at == 0;
    }
    if (reached) least = std::min(least, sum);
    size_t digit = 1;
    while (digit < n && ++before[digit] == n) before[digit++] = 0;
    if (digit >= n) return least;
  }
}

TEST(SetupBound, AnArborescenceMeetsEnumeration) {
  for (int64_t episode = 0; episode < testing::episodes(300); ++episode) {
    SCOPED_TRACE("seed 8, episode " + std::to_string(episode));
    base::RandomStream random(8, "arborescence", static_cast<uint64_t>(episode));
    const size_t n = 2 + random.below(4);
    std::vector<int64_t> costs(n * n);
    const uint64_t spread = 1 + random.below(12);
    for (int64_t& cost : costs) cost = static_cast<int64_t>(random.below(spread));
    EXPECT_EQ(arborescence_cost(n, 0, costs), arborescence_by_enumeration(n, costs));
  }
}

TEST(SetupBound, AnArborescenceContractsCycles) {
  // Nodes 1 and 2 are cheap from each other and dear from the root.
  const std::vector<int64_t> costs{0, 10, 12, 0, 0, 1, 0, 1, 0};
  EXPECT_EQ(arborescence_cost(3, 0, costs), 11);
}

}  // namespace
}  // namespace windtunnel::planning
