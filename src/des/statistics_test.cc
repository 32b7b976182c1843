#include "des/statistics.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "des/quantile_sketch.h"
#include "des/time_series.h"

namespace windtunnel::des {
namespace {

TEST(Level, MeanIsWeightedByTime) {
  Level level(100, 2);
  level.set(110, 5);
  level.add(110, 1);  // takes no time, but is a maximum
  level.set(110, 4);
  level.add(120, -4);
  EXPECT_DOUBLE_EQ(level.mean(130), (2 * 10 + 4 * 10) / 30.0);
  EXPECT_EQ(level.max(), 6);
  EXPECT_EQ(level.min(), 0);
  level.restart(130);
  level.set(135, 10);
  EXPECT_DOUBLE_EQ(level.mean(140), 5);
  EXPECT_DOUBLE_EQ(Level(7, 3).mean(7), 3);
}

TEST(Level, AreaDoesNotOverflow) {
  const int64_t large = std::numeric_limits<int64_t>::max() / 2;
  Level level(0, large);
  EXPECT_DOUBLE_EQ(level.mean(large), static_cast<double>(large));
}

TEST(Tally, AgreesWithTheDefinition) {
  Tally tally;
  EXPECT_EQ(tally.variance(), 0);
  for (const double x : {4.0, 7.0, 13.0, 16.0}) tally.add(x + 1e9);
  EXPECT_DOUBLE_EQ(tally.mean(), 1e9 + 10);
  EXPECT_DOUBLE_EQ(tally.variance(), 30);
  EXPECT_DOUBLE_EQ(tally.min(), 1e9 + 4);
  EXPECT_DOUBLE_EQ(tally.max(), 1e9 + 16);
}

RC_GTEST_PROP(Tally, MergingIsAddingAll, (std::vector<int> a, std::vector<int> b)) {
  Tally left;
  Tally right;
  Tally all;
  for (const int x : a) left.add(x), all.add(x);
  for (const int x : b) right.add(x), all.add(x);
  left.merge(right);
  RC_ASSERT(left.count() == all.count());
  RC_ASSERT(left.min() == all.min() && left.max() == all.max());
  RC_ASSERT(std::abs(left.mean() - all.mean()) <= 1e-9 * (1 + std::abs(all.mean())));
  RC_ASSERT(std::abs(left.variance() - all.variance()) <= 1e-9 * (1 + all.variance()));
}

// The smallest observation with at least q * n at or below it.
double exact_quantile(std::vector<double> sorted, double q) {
  const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(sorted.size()) - 1e-9));
  return sorted[std::max<size_t>(rank, 1) - 1];
}

void check_quantiles(const std::vector<double>& observations) {
  QuantileSketch sketch;
  for (const double x : observations) sketch.add(x);
  std::vector<double> sorted = observations;
  std::sort(sorted.begin(), sorted.end());
  for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const double exact = exact_quantile(sorted, q);
    ASSERT_NEAR(sketch.quantile(q), exact, exact * QuantileSketch::kRelativeError) << "q = " << q;
  }
  ASSERT_EQ(sketch.min(), sorted.front());
  ASSERT_EQ(sketch.max(), sorted.back());
}

TEST(QuantileSketch, KeepsItsStatedError) {
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE(kSeed);
  base::RandomStream random(kSeed, "sketch");
  std::vector<double> exponential;
  std::vector<double> wide;
  std::vector<double> grid;
  for (int i = 0; i < 20000; ++i) {
    exponential.push_back(random.exponential(3));
    wide.push_back(std::pow(10, -300 + 600 * random.uniform()));
    grid.push_back(static_cast<double>(random.below(5)));
  }
  check_quantiles(exponential);
  check_quantiles(wide);
  check_quantiles(grid);
  check_quantiles({0});
  check_quantiles({1e-310, 5});
}

RC_GTEST_PROP(QuantileSketch, MergingInAnyOrderIsAddingAll,
              (std::vector<uint32_t> a, std::vector<uint32_t> b)) {
  QuantileSketch left;
  QuantileSketch right;
  QuantileSketch all;
  for (const uint32_t x : a) left.add(x), all.add(x);
  for (const uint32_t x : b) right.add(x), all.add(x);
  QuantileSketch other_way = right;
  other_way.merge(left);
  left.merge(right);
  RC_ASSERT(left.count() == all.count());
  for (const double q : {0.0, 0.3, 0.5, 0.99, 1.0}) {
    RC_ASSERT(left.quantile(q) == all.quantile(q));
    RC_ASSERT(other_way.quantile(q) == all.quantile(q));
  }
}

TEST(QuantileSketch, PointsAscendToOne) {
  QuantileSketch sketch;
  sketch.add(0, 2);
  sketch.add(1, 1);
  sketch.add(100, 1);
  const auto points = sketch.points();
  ASSERT_EQ(points.size(), 3u);
  EXPECT_DOUBLE_EQ(points[0].share, 0.5);
  EXPECT_NEAR(points[1].value, 1, 1.0 / 128);
  EXPECT_DOUBLE_EQ(points[1].share, 0.75);
  EXPECT_DOUBLE_EQ(points[2].value, 100);
  EXPECT_DOUBLE_EQ(points[2].share, 1);
  EXPECT_TRUE(QuantileSketch().points().empty());
}

TEST(QuantileSketchDeathTest, RefusesWhatItCannotCount) {
  QuantileSketch sketch;
  EXPECT_DEATH(sketch.add(-1), "from zero up");
  EXPECT_DEATH(sketch.add(std::nan("")), "finite");
}

// The oracle keeps the value of every tick.
RC_GTEST_PROP(TimeSeries, AgreesWithEveryTick, (std::vector<std::pair<uint8_t, int8_t>> changes)) {
  TimeSeries series(50, 3, 4, 7);
  std::vector<int> ticks;
  int value = 7;
  for (const auto& [gap, next] : changes) {
    ticks.insert(ticks.end(), gap % 16, value);
    value = next;
    series.set(50 + static_cast<int64_t>(ticks.size()), value);
  }
  ticks.insert(ticks.end(), 2, value);
  const int64_t now = 50 + static_cast<int64_t>(ticks.size());
  const auto bins = series.bins(now);
  RC_ASSERT(bins.size() <= 4u);
  int64_t at = 50;
  for (const auto& bin : bins) {
    RC_ASSERT(bin.begin == at && bin.end > bin.begin && bin.end <= now);
    RC_ASSERT(bin.end == now || bin.end - bin.begin == bins.front().end - bins.front().begin);
    const auto first = ticks.begin() + (bin.begin - 50);
    const auto last = ticks.begin() + (bin.end - 50);
    int64_t sum = 0;
    for (auto tick = first; tick != last; ++tick) sum += *tick;
    RC_ASSERT(std::abs(bin.mean -
                       static_cast<double>(sum) / static_cast<double>(bin.end - bin.begin)) < 1e-9);
    RC_ASSERT(bin.min <= *std::min_element(first, last));
    RC_ASSERT(bin.max >= *std::max_element(first, last));
    at = bin.end;
  }
  RC_ASSERT(at == now);
}

TEST(TimeSeries, LengthIsBounded) {
  TimeSeries series(0, 1, 64);
  for (int64_t t = 1; t < 1'000'000; ++t) series.set(t, t % 100);
  const auto bins = series.bins(1'000'000);
  EXPECT_GE(bins.size(), 31u);
  EXPECT_LE(bins.size(), 64u);
  for (const auto& bin : bins) {
    // The last bin may be short.
    if (bin.end < 1'000'000) {
      EXPECT_NEAR(bin.mean, 49.5, 0.5);
    }
    EXPECT_EQ(bin.min, 0);
    EXPECT_EQ(bin.max, 99);
  }
}

}  // namespace
}  // namespace windtunnel::des
