#include "study/least_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/random.h"
#include "tests/support/episodes.h"

namespace windtunnel::study {
namespace {

using base::RandomStream;
using ::testing::ElementsAre;

std::vector<SearchPoint> all_points(const std::vector<SearchRange>& ranges) {
  std::vector<SearchPoint> points{{}};
  for (const SearchRange& range : ranges) {
    std::vector<SearchPoint> longer;
    for (const SearchPoint& point : points) {
      for (int64_t v = range.low; v <= range.high; ++v) {
        longer.push_back(point);
        longer.back().push_back(v);
      }
    }
    points = std::move(longer);
  }
  return points;
}

std::vector<SearchRange> random_ranges(RandomStream& stream) {
  std::vector<SearchRange> ranges;
  for (uint64_t i = 0; i <= stream.below(3); ++i) {
    const auto low = static_cast<int64_t>(stream.below(4));
    ranges.push_back({low, low + static_cast<int64_t>(stream.below(6)),
                      static_cast<double>(1 + stream.below(5))});
  }
  return ranges;
}

// A line makes what its slowest part allows, and what parts give each other: never less with more.
class RandomLine {
 public:
  RandomLine(const std::vector<SearchRange>& ranges, RandomStream& stream) : ranges_(ranges) {
    for (size_t i = 0; i < ranges.size(); ++i) {
      each_.push_back(1 + stream.uniform() * 4);
      helps_.push_back(stream.uniform());
    }
  }
  double makes(const SearchPoint& point) const {
    double least = std::numeric_limits<double>::infinity();
    double help = 0;
    for (size_t i = 0; i < point.size(); ++i) {
      least = std::min(least, each_[i] * static_cast<double>(1 + point[i]));
      help += helps_[i] * static_cast<double>(point[i]);
    }
    return least + help;
  }

 private:
  std::vector<SearchRange> ranges_;
  std::vector<double> each_;
  std::vector<double> helps_;
};

// Against trying them all.
TEST(LeastSet, IsTheCheapestThatMeetsTheTarget) {
  const int64_t episodes = testing::episodes(300);
  int64_t asked = 0;
  int64_t points = 0;
  for (int64_t e = 0; e < episodes; ++e) {
    SCOPED_TRACE("seed " + std::to_string(e));
    RandomStream stream(static_cast<uint64_t>(e), "least set");
    const std::vector<SearchRange> ranges = random_ranges(stream);
    const RandomLine line(ranges, stream);
    const std::vector<SearchPoint> all = all_points(ranges);
    const double target = line.makes(all[stream.below(all.size())]) + stream.uniform() - 0.3;
    double cheapest = std::numeric_limits<double>::infinity();
    for (const SearchPoint& point : all) {
      if (line.makes(point) >= target) cheapest = std::min(cheapest, price_of(ranges, point));
    }
    const LeastSet found = find_least_set(
        ranges, [&](const SearchPoint& p) { return std::optional(line.makes(p) >= target); });
    ASSERT_EQ(found.point.has_value(), cheapest < std::numeric_limits<double>::infinity());
    asked += found.asked;
    points += static_cast<int64_t>(all.size());
    if (!found.point) continue;
    EXPECT_GE(line.makes(*found.point), target);
    EXPECT_NEAR(price_of(ranges, *found.point), cheapest, 1e-9);
  }
  EXPECT_LT(3 * asked, points) << "it asks for nearly everything";
}

TEST(LeastSet, StopsWhenToldTo) {
  int left = 2;
  const LeastSet found = find_least_set({{0, 5}, {0, 5}}, [&](const SearchPoint& p) {
    return left-- > 0 ? std::optional(p[0] >= 1) : std::nullopt;
  });
  EXPECT_TRUE(found.stopped);
  EXPECT_FALSE(found.point.has_value());
}

TEST(LeastSet, AsksForTheHighestFirst) {
  const LeastSet found = find_least_set({{1, 3}, {2, 9}}, [](const SearchPoint& p) {
    EXPECT_THAT(p, ElementsAre(3, 9));
    return std::optional(false);
  });
  EXPECT_EQ(found.asked, 1);
}

// Every affordable point has no more of anything than one of those returned, and to those nothing
// can be added.
TEST(PointsWithin, AreThoseToWhichNothingCanBeAdded) {
  for (uint64_t e = 0; e < 200; ++e) {
    SCOPED_TRACE("seed " + std::to_string(e));
    RandomStream stream(e, "within");
    const std::vector<SearchRange> ranges = random_ranges(stream);
    const double budget = stream.uniform() * 20 - 1;
    const std::vector<SearchPoint> found = points_within(ranges, budget, 10'000);
    std::vector<SearchPoint> expected;
    for (const SearchPoint& point : all_points(ranges)) {
      if (price_of(ranges, point) > budget + 1e-9) continue;
      bool full = true;
      for (size_t i = 0; i < ranges.size(); ++i) {
        if (point[i] < ranges[i].high && price_of(ranges, point) + ranges[i].price <= budget + 1e-9)
          full = false;
      }
      if (full) expected.push_back(point);
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(PointsWithin, StopsWhenThereAreTooMany) {
  EXPECT_EQ(points_within({{0, 100}, {0, 100}}, 50, 10).size(), 11U);
}

}  // namespace
}  // namespace windtunnel::study
