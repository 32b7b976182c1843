#include "planning/car_sequence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

using ::testing::ElementsAre;

CarProblem random_problem(base::RandomStream& random) {
  CarProblem problem;
  const size_t options = 1 + random.below(3);
  for (size_t i = 0; i < options; ++i) {
    const auto window = static_cast<int64_t>(1 + random.below(4));
    problem.capacities.push_back(
        {static_cast<int64_t>(random.below(static_cast<uint64_t>(window) + 1)), window});
  }
  const size_t classes = 1 + random.below(3);
  for (size_t i = 0; i < classes; ++i)
    problem.classes.push_back(
        {static_cast<int64_t>(random.below(4)), random.below(uint64_t{1} << options)});
  return problem;
}

std::vector<uint32_t> sorted_cars(const CarProblem& problem) {
  std::vector<uint32_t> cars;
  for (uint32_t made = 0; made < problem.classes.size(); ++made)
    cars.insert(cars.end(), static_cast<size_t>(problem.classes[made].cars), made);
  return cars;
}

// Windows counted one by one.
int64_t slow_violations(const CarProblem& problem, const std::vector<uint32_t>& cars) {
  int64_t violations = 0;
  for (size_t option = 0; option < problem.capacities.size(); ++option) {
    const size_t window =
        std::min(cars.size(), static_cast<size_t>(problem.capacities[option].window));
    for (size_t first = 0; !cars.empty() && first + window <= cars.size(); ++first) {
      int64_t with = 0;
      for (size_t i = first; i < first + window; ++i)
        with += static_cast<int64_t>(problem.classes[cars[i]].options >> option & 1);
      violations += with > problem.capacities[option].cars ? 1 : 0;
    }
  }
  return violations;
}

TEST(CarSequence, SearchAndCountMeetEnumeration) {
  for (int64_t episode = 0; episode < testing::episodes(200); ++episode) {
    SCOPED_TRACE("seed 71, episode " + std::to_string(episode));
    base::RandomStream random(71, "cars", static_cast<uint64_t>(episode));
    const CarProblem problem = random_problem(random);
    std::vector<uint32_t> cars = sorted_cars(problem);
    int64_t least = slow_violations(problem, cars);
    int64_t feasible = 0;
    do {
      const int64_t violations = slow_violations(problem, cars);
      ASSERT_EQ(total_violations(problem, cars), violations);
      least = std::min(least, violations);
      feasible += violations == 0 ? 1 : 0;
    } while (std::next_permutation(cars.begin(), cars.end()));
    EXPECT_EQ(count_car_sequences(problem, 1'000'000), feasible);
    EXPECT_LE(violations_bound(problem), least);
    const CarPlan plan = searched_car_sequence(problem, {.iterations = 2'000}, random);
    EXPECT_TRUE(is_car_sequence(problem, plan.classes));
    EXPECT_EQ(total_violations(problem, plan.classes), plan.violations.value);
    EXPECT_EQ(plan.violations.value, least);
  }
}

TEST(CarSequence, AWindowLongerThanTheSequenceIsTheWhole) {
  const CarProblem problem{"", {{1, 9}}, {{2, 1}, {1, 0}}};
  EXPECT_THAT(car_violations(problem, std::vector<uint32_t>{0, 1, 0}), ElementsAre(1));
  EXPECT_EQ(violations_bound(problem), 1);
}

TEST(CarSequence, CountingGivesUpAtItsLimit) {
  const CarProblem problem{"", {{2, 2}}, {{5, 1}, {5, 0}}};
  EXPECT_EQ(count_car_sequences(problem, 1'000), 252);
  EXPECT_EQ(count_car_sequences(problem, 20), std::nullopt);
}

TEST(CarSequence, SpreadsAScarceOption) {
  // One in three, exactly as often as fits; between two of them there is room for one of the other.
  const CarProblem problem{"", {{1, 3}, {1, 2}}, {{20, 1}, {18, 2}, {22, 0}}};
  const CarPlan plan = searched_car_sequence(problem, {.iterations = 50'000}, {});
  EXPECT_EQ(plan.violations.value, 0);
  EXPECT_TRUE(plan.violations.optimal());
  EXPECT_EQ(plan.classes, searched_car_sequence(problem, {.iterations = 50'000}, {}).classes);
}

TEST(CarSequence, NoCars) {
  EXPECT_EQ(searched_car_sequence({}, {.iterations = 5}, {}).violations.value, 0);
  EXPECT_EQ(count_car_sequences({}, 5), 1);
}

}  // namespace
}  // namespace windtunnel::planning
