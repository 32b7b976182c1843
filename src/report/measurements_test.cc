#include "report/measurements.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace windtunnel::report {
namespace {

TEST(MakeDistribution, KeepsEverySampleWhenTheyFit) {
  const Distribution d = make_distribution({3, 1, 2, 2}, unit::kSeconds);
  EXPECT_EQ(d.count, 4U);
  const std::vector<Distribution::Point> expected{{1, 0.25}, {2, 0.75}, {3, 1}};
  EXPECT_EQ(d.points, expected);
}

TEST(MakeDistribution, OfNothingIsEmpty) {
  const Distribution d = make_distribution({}, unit::kSeconds);
  EXPECT_EQ(d.count, 0U);
  EXPECT_TRUE(d.points.empty());
}

// Oracle: the same share counted by brute force.
TEST(MakeDistribution, ThinnedPointsAreExact) {
  constexpr uint64_t kSeed = 7;
  base::RandomStream random(kSeed, "samples");
  std::vector<double> samples;
  for (int i = 0; i < 20'000; ++i) samples.push_back(std::floor(random.exponential(1000.0)));
  const Distribution d = make_distribution(samples, unit::kSeconds, 100);
  ASSERT_LE(d.points.size(), 100U);
  ASSERT_GE(d.points.size(), 50U);
  for (const Distribution::Point& point : d.points) {
    const auto below = std::ranges::count_if(samples, [&](double s) { return s <= point.value; });
    EXPECT_DOUBLE_EQ(point.share, static_cast<double>(below) / 20'000) << "seed " << kSeed;
  }
  EXPECT_TRUE(std::ranges::is_sorted(d.points, {}, &Distribution::Point::value));
  EXPECT_EQ(d.points.front().value, std::ranges::min(samples));
  EXPECT_EQ(d.points.back().value, std::ranges::max(samples));
}

TEST(MakeDistribution, KeepsTheTailDense) {
  std::vector<double> samples;
  for (int i = 1; i <= 100'000; ++i) samples.push_back(i);
  const Distribution d = make_distribution(samples, unit::kSeconds, 200);
  // p99.9 of 1..100000 is 99900; a tail point lies within 0.02 % of it.
  EXPECT_NEAR(quantile(d, 0.999), 99'900, 20);
}

TEST(Quantile, IsTheSmallestValueThatReachesTheShare) {
  const Distribution d = make_distribution({10, 20, 30, 40}, unit::kSeconds);
  EXPECT_EQ(quantile(d, 0), 10);
  EXPECT_EQ(quantile(d, 0.25), 10);
  EXPECT_EQ(quantile(d, 0.26), 20);
  EXPECT_EQ(quantile(d, 0.5), 20);
  EXPECT_EQ(quantile(d, 1), 40);
}

TEST(FindMetric, IsNullForAnUnknownName) {
  Measurements m;
  m.metrics.push_back({.name = "makespan", .value = 2, .unit = "s"});
  ASSERT_NE(find_metric(m, "makespan"), nullptr);
  EXPECT_EQ(find_metric(m, "makespan")->value, 2);
  EXPECT_EQ(find_metric(m, "make"), nullptr);
}

}  // namespace
}  // namespace windtunnel::report
