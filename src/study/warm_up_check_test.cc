#include "study/warm_up_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace windtunnel::study {
namespace {

using base::RandomStream;
using Verdict = WarmUpCheck::Verdict;

struct Shape {
  double level = 100;
  double start = 0;     // of the level, a share
  double settle = 0;    // stretches in which two thirds of the way are gone; 0: at once
  double slope = 0;     // per stretch
  double noise = 4;     // deviation
  double memory = 0.5;  // correlation of neighbours
};

std::vector<double> curve(const Shape& shape, uint64_t seed, size_t length = 500) {
  RandomStream stream(seed, "curve");
  std::vector<double> values;
  double noise = stream.normal(0, shape.noise);
  for (size_t i = 0; i < length; ++i) {
    const auto t = static_cast<double>(i);
    const double gone = shape.settle > 0 ? 1 - std::exp(-t / shape.settle) : 1;
    noise = shape.memory * noise +
            std::sqrt(1 - shape.memory * shape.memory) * stream.normal(0, shape.noise);
    values.push_back(shape.level * (shape.start + (1 - shape.start) * gone) + shape.slope * t +
                     noise);
  }
  return values;
}

int count(const Shape& shape, size_t warm_up, Verdict verdict) {
  int hits = 0;
  for (uint64_t seed = 0; seed < 200; ++seed)
    hits += check_warm_up(curve(shape, seed), warm_up).verdict == verdict ? 1 : 0;
  return hits;
}

TEST(WarmUpCheck, SeesARampThatWasMeasured) {
  EXPECT_GE(count({.settle = 20}, 0, Verdict::kTooShort), 198);
  EXPECT_GE(count({.settle = 20}, 10, Verdict::kTooShort), 195);
  const WarmUpCheck check = check_warm_up(curve({.settle = 20}, 1), 0);
  EXPECT_GT(check.steady_from, 30U);
  EXPECT_LT(check.early, 0.9 * check.late);
}

TEST(WarmUpCheck, IsContentWithALongWarmUp) {
  EXPECT_LE(count({.settle = 20}, 120, Verdict::kTooShort), 2);
}

TEST(WarmUpCheck, IsContentWithWhatIsSteady) {
  for (const double memory : {0.0, 0.5, 0.8}) {
    EXPECT_GE(count({.memory = memory}, 0, Verdict::kFine), 190) << memory;
    EXPECT_GE(count({.memory = memory}, 100, Verdict::kFine), 190) << memory;
  }
}

TEST(WarmUpCheck, SeesAQueueThatGrows) {
  EXPECT_GE(count({.slope = 0.5}, 100, Verdict::kNotSettled), 198);
}

TEST(WarmUpCheck, SaysNothingOfShortOrEmptyCurves) {
  EXPECT_EQ(check_warm_up({}, 0).verdict, Verdict::kFine);
  EXPECT_EQ(check_warm_up(curve({.settle = 5}, 1, 30), 0).verdict, Verdict::kFine);
  EXPECT_EQ(check_warm_up(curve({}, 1), 600).verdict, Verdict::kFine);
  EXPECT_EQ(check_warm_up(std::vector<double>(200, 0.0), 50).verdict, Verdict::kFine);
}

}  // namespace
}  // namespace windtunnel::study
