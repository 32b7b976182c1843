#include "planning/setup_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace windtunnel::planning {
namespace {

SetupMatrix three() { return {3, {-1, 1, 2, 10, -1, 20, 100, 200, -1}}; }

TEST(SetupMatrix, AddsTheWayBackToACycle) {
  const std::vector<uint32_t> order{0, 2, 1};
  EXPECT_EQ(three().path_setup(order), 2 + 200);
  EXPECT_EQ(three().cycle_setup(order), 2 + 200 + 10);
}

TEST(SetupMatrix, NeverReadsTheDiagonal) {
  const std::vector<uint32_t> twice{1, 1, 2};
  EXPECT_EQ(three().cycle_setup(twice), 20 + 200);
  EXPECT_EQ(SetupMatrix(1, {7}).cycle_setup(given_order(1)), 0);
  EXPECT_EQ(SetupMatrix().cycle_setup({}), 0);
}

TEST(SetupMatrix, MeanIsThatOfAllOrders) {
  std::vector<uint32_t> order{0, 1, 2};
  double sum = 0;
  do sum += static_cast<double>(three().cycle_setup(order));
  while (std::next_permutation(order.begin(), order.end()));
  EXPECT_DOUBLE_EQ(three().mean_cycle_setup(), sum / 6);
}

TEST(SetupMatrix, TransposedRunsBackwards) {
  const std::vector<uint32_t> order{0, 1, 2};
  const std::vector<uint32_t> back{2, 1, 0};
  EXPECT_EQ(three().transposed().cycle_setup(back), three().cycle_setup(order));
  EXPECT_EQ(three().negated().cycle_setup(order), -three().cycle_setup(order));
}

TEST(SetupMatrix, OrdersNameEachFamilyOnce) {
  EXPECT_TRUE(is_order(given_order(4), 4));
  EXPECT_FALSE(is_order(std::vector<uint32_t>{0, 0}, 2));
  EXPECT_FALSE(is_order(std::vector<uint32_t>{0, 2}, 2));
  EXPECT_FALSE(is_order(std::vector<uint32_t>{0}, 2));
}

}  // namespace
}  // namespace windtunnel::planning
