#include "planning/line_balance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "planning/mixed_line.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

LineTasks random_tasks(base::RandomStream& random, size_t tasks_max) {
  LineTasks tasks;
  const size_t n = 1 + random.below(tasks_max);
  for (size_t i = 0; i < n; ++i) tasks.times.push_back(static_cast<int64_t>(random.below(12)));
  for (uint32_t a = 0; a < n; ++a)
    for (uint32_t b = a + 1; b < n; ++b)
      if (random.chance(1, 4)) tasks.precedences.emplace_back(a, b);
  return tasks;
}

bool keeps_precedences(const LineTasks& tasks, const std::vector<uint32_t>& station_of) {
  return std::all_of(tasks.precedences.begin(), tasks.precedences.end(), [&](const auto& arc) {
    return station_of[arc.first] <= station_of[arc.second];
  });
}

// Longest station load of every way to give tasks to `stations`; the least of it.
int64_t cycle_by_enumeration(const LineTasks& tasks, uint32_t stations) {
  std::vector<uint32_t> station_of(tasks.times.size(), 0);
  int64_t least = std::numeric_limits<int64_t>::max();
  while (true) {
    if (keeps_precedences(tasks, station_of)) {
      std::vector<int64_t> loads(stations, 0);
      for (size_t i = 0; i < station_of.size(); ++i) loads[station_of[i]] += tasks.times[i];
      least = std::min(least, *std::max_element(loads.begin(), loads.end()));
    }
    size_t digit = 0;
    while (digit < station_of.size() && ++station_of[digit] == stations) station_of[digit++] = 0;
    if (digit == station_of.size()) return least;
  }
}

void expect_consistent(const LineTasks& tasks, const LineBalance& balance) {
  EXPECT_TRUE(keeps_precedences(tasks, balance.station_of));
  const std::vector<int64_t> loads = station_loads(tasks.times, balance);
  EXPECT_EQ(*std::max_element(loads.begin(), loads.end()), balance.cycle_time.value);
}

TEST(LineBalance, ShortestCycleMeetsEnumeration) {
  for (int64_t episode = 0; episode < testing::episodes(150); ++episode) {
    SCOPED_TRACE("seed 21, episode " + std::to_string(episode));
    base::RandomStream random(21, "cycle", static_cast<uint64_t>(episode));
    const LineTasks tasks = random_tasks(random, 7);
    const auto stations = static_cast<uint32_t>(1 + random.below(4));
    const LineBalance found = shortest_cycle(tasks, stations);
    EXPECT_EQ(found.cycle_time.value, cycle_by_enumeration(tasks, stations));
    EXPECT_TRUE(found.cycle_time.optimal());
    EXPECT_LE(found.stations.value, stations);
    expect_consistent(tasks, found);
  }
}

TEST(LineBalance, FewestStationsAreThoseOfTheShortestCycles) {
  for (int64_t episode = 0; episode < testing::episodes(150); ++episode) {
    SCOPED_TRACE("seed 22, episode " + std::to_string(episode));
    base::RandomStream random(22, "stations", static_cast<uint64_t>(episode));
    const LineTasks tasks = random_tasks(random, 6);
    const auto cycle = static_cast<int64_t>(random.below(30));
    const auto found = fewest_stations(tasks, cycle);
    const bool too_long = *std::max_element(tasks.times.begin(), tasks.times.end()) > cycle;
    ASSERT_EQ(found.has_value(), !too_long);
    if (too_long) continue;
    uint32_t stations = 1;
    while (cycle_by_enumeration(tasks, stations) > cycle) ++stations;
    EXPECT_EQ(found->stations.value, stations);
    EXPECT_TRUE(found->stations.optimal());
    EXPECT_LE(stations_bound(tasks.times, cycle), stations);
    EXPECT_LE(found->cycle_time.value, cycle);
    expect_consistent(tasks, *found);
  }
}

TEST(LineBalance, NarrowLayersStillBalanceAndKeepAnHonestBound) {
  for (int64_t episode = 0; episode < testing::episodes(60); ++episode) {
    SCOPED_TRACE("seed 23, episode " + std::to_string(episode));
    base::RandomStream random(23, "narrow", static_cast<uint64_t>(episode));
    const LineTasks tasks = random_tasks(random, 14);
    const LineBalance exact = shortest_cycle(tasks, 4);
    const LineBalance narrow = shortest_cycle(tasks, 4, {.width = 2});
    EXPECT_GE(narrow.cycle_time.value, exact.cycle_time.value);
    EXPECT_LE(narrow.cycle_time.lower_bound, exact.cycle_time.value);
    expect_consistent(tasks, narrow);
    const auto fewest = fewest_stations(tasks, 13);
    const auto rough = fewest_stations(tasks, 13, {.width = 1});
    EXPECT_GE(rough->stations.value, fewest->stations.value);
    EXPECT_LE(rough->stations.lower_bound, fewest->stations.value);
  }
}

TEST(LineBalance, TwoHundredTasksEndWithinTheirWidth) {
  base::RandomStream random(24, "large line");
  LineTasks tasks;
  for (uint32_t i = 0; i < 200; ++i) {
    tasks.times.push_back(static_cast<int64_t>(1 + random.below(60)));
    if (i > 0) tasks.precedences.emplace_back(static_cast<uint32_t>(random.below(i)), i);
  }
  const LineBalance balance = shortest_cycle(tasks, 20, {.width = 200});
  expect_consistent(tasks, balance);
  EXPECT_LT(balance.cycle_time.gap(), 0.02);
}

TEST(LineBalance, FindsRings) {
  EXPECT_THAT(precedence_ring({{1, 1, 1}, {{0, 1}, {1, 2}}}), IsEmpty());
  EXPECT_THAT(precedence_ring({{1, 1, 1, 1}, {{0, 1}, {1, 2}, {2, 1}, {2, 3}}}),
              ::testing::UnorderedElementsAre(1u, 2u));
  EXPECT_THAT(precedence_ring({{1}, {{0, 0}}}), ElementsAre(0u));
}

TEST(LineBalance, BoundsCountTasksThatDoNotFitTogether) {
  EXPECT_EQ(stations_bound(std::vector<int64_t>{6, 6, 6}, 10), 3);        // no two
  EXPECT_EQ(stations_bound(std::vector<int64_t>{4, 4, 4, 4, 4}, 10), 3);  // no three
  EXPECT_EQ(stations_bound(std::vector<int64_t>{5, 5, 5, 1}, 10), 2);
  EXPECT_EQ(stations_bound(std::vector<int64_t>{}, 10), 0);
  EXPECT_EQ(stations_bound(std::vector<int64_t>{0, 0}, 0), 1);
}

TEST(LineBalance, NoTasksNeedNoStation) {
  EXPECT_EQ(fewest_stations({}, 10)->stations.value, 0);
  EXPECT_EQ(shortest_cycle({}, 3).cycle_time.value, 0);
  EXPECT_EQ(fewest_stations({{0, 0}, {}}, 0)->stations.value, 1);
}

TEST(MixedLine, IsBalancedForTheMixAndJudgedByModel) {
  // Two of A for each B. Weighted 2*4+1*1, 2*2+1*5, 2*3+1*3.
  const MixedLine line{{{"A", 2, {4, 2, 3}}, {"B", 1, {1, 5, 3}}}, {{0, 1}, {1, 2}}};
  EXPECT_THAT(line.weighted().times, ElementsAre(9, 9, 9));
  const MixedBalance three = balance_mixed_line(line, 3);
  EXPECT_EQ(three.balance.cycle_time.value, 9);
  EXPECT_DOUBLE_EQ(three.mean_cycle_time, 3);
  ASSERT_EQ(three.bottlenecks.size(), 2u);
  EXPECT_EQ(three.bottlenecks[0].load, 4);
  EXPECT_EQ(three.bottlenecks[0].station, 0u);
  EXPECT_EQ(three.bottlenecks[1].load, 5);
  EXPECT_EQ(three.bottlenecks[1].station, 1u);
  EXPECT_EQ(balance_mixed_line({}, 1).balance.stations.value, 0);
}

}  // namespace
}  // namespace windtunnel::planning
