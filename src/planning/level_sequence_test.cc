#include "planning/level_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using Counts = std::vector<int64_t>;

TEST(LevelSequence, TheBestMeetsEnumeration) {
  for (int64_t episode = 0; episode < testing::episodes(150); ++episode) {
    SCOPED_TRACE("seed 81, episode " + std::to_string(episode));
    base::RandomStream random(81, "level", static_cast<uint64_t>(episode));
    Counts counts(1 + random.below(4));
    for (int64_t& count : counts) count = static_cast<int64_t>(random.below(3));
    std::vector<uint32_t> all;
    for (uint32_t model = 0; model < counts.size(); ++model)
      all.insert(all.end(), static_cast<size_t>(counts[model]), model);
    double least = std::numeric_limits<double>::infinity();
    const std::vector<uint32_t> batches = all;
    do least = std::min(least, level_deviation(counts, all));
    while (std::next_permutation(all.begin(), all.end()));
    const LevelPlan plan = level_sequence(counts);
    EXPECT_TRUE(plan.optimal);
    EXPECT_NEAR(plan.deviation, least, 1e-9);
    EXPECT_NEAR(plan.batch_deviation, level_deviation(counts, batches), 1e-12);
    std::vector<uint32_t> sorted = plan.sequence;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, batches);
    EXPECT_GE(level_deviation(counts, goal_chasing(counts)), least - 1e-9);
  }
}

TEST(LevelSequence, TwoModelsAlternateAsTheirRatioSays) {
  // Three of the one for two of the other.
  EXPECT_THAT(level_sequence(Counts{3, 2}).sequence, ElementsAre(0u, 1u, 0u, 1u, 0u));
  EXPECT_THAT(goal_chasing(Counts{3, 2}), ElementsAre(0u, 1u, 0u, 1u, 0u));
  EXPECT_THAT(goal_chasing(Counts{1, 1}), ElementsAre(0u, 1u));
}

TEST(LevelSequence, DeviationIsThatOfTheDefinition) {
  // After 1: (1 - .5)^2 * 2; after 2: (2 - 1)^2 * 2; after 3: .5; after 4: 0.
  EXPECT_DOUBLE_EQ(level_deviation(Counts{2, 2}, std::vector<uint32_t>{0, 0, 1, 1}), 3);
  EXPECT_DOUBLE_EQ(level_deviation(Counts{2, 2}, std::vector<uint32_t>{0, 1, 0, 1}), 1);
}

TEST(LevelSequence, LargeMixesAreChased) {
  const LevelPlan plan = level_sequence(Counts{900, 90, 10});
  EXPECT_FALSE(plan.optimal);
  EXPECT_EQ(plan.sequence.size(), 1'000u);
  EXPECT_LT(plan.deviation, plan.batch_deviation / 1'000);
}

TEST(LevelSequence, GoalChasingIsNearTheBest) {
  double worst = 1;
  for (uint64_t episode = 0; episode < 20; ++episode) {
    base::RandomStream random(82, "chasing", episode);
    Counts counts(2 + random.below(5));
    for (int64_t& count : counts) count = static_cast<int64_t>(1 + random.below(20));
    const double best = level_sequence(counts).deviation;
    const double chased = level_deviation(counts, goal_chasing(counts));
    EXPECT_GE(chased, best * (1 - 1e-12));
    worst = std::max(worst, chased / best);
  }
  EXPECT_LT(worst, 1.25);
}

TEST(LevelSequence, PartsAreUsedEvenly) {
  // Two A, three B, five C of four parts. First: A is off by 1.23, B by 1.03, C by 0.63.
  const std::vector<std::vector<int64_t>> parts{{1, 0, 1, 1}, {1, 1, 0, 1}, {0, 1, 1, 0}};
  EXPECT_THAT(part_goal_chasing(Counts{2, 3, 5}, parts),
              ElementsAre(2u, 1u, 0u, 2u, 1u, 2u, 2u, 0u, 1u, 2u));
  const std::vector<std::vector<int64_t>> themselves{{1, 0}, {0, 1}};
  EXPECT_THAT(part_goal_chasing(Counts{3, 2}, themselves),
              ElementsAreArray(goal_chasing(Counts{3, 2})));
}

TEST(LevelSequence, NothingToMake) {
  EXPECT_TRUE(level_sequence(Counts{}).sequence.empty());
  EXPECT_TRUE(level_sequence(Counts{0, 0}).sequence.empty());
  EXPECT_EQ(level_sequence(Counts{0, 1}).sequence.size(), 1u);
}

}  // namespace
}  // namespace windtunnel::planning
