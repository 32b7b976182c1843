#include "base/time_distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace windtunnel::base {
namespace {

using Span = TimeDistribution::Span;

struct Case {
  std::string name;
  TimeDistribution distribution;
  double mean;
  double cv;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"constant", TimeDistribution::constant(Span::s(45)), 45, 0},
      {"exponential", TimeDistribution::exponential(Span::s(10)), 10, 1},
      {"erlang", {.shape = TimeShape::kErlang, .mean = Span::s(10), .stages = 4}, 10, 0.5},
      {"many stages", {.shape = TimeShape::kErlang, .mean = Span::s(10), .stages = 100}, 10, 0.1},
      {"uniform",
       {.shape = TimeShape::kUniform, .low = Span::s(2), .high = Span::s(8)},
       5,
       std::sqrt(3.0) / 5},
      {"triangular",
       {.shape = TimeShape::kTriangular, .low = Span::s(0), .mode = Span::s(3), .high = Span::s(9)},
       4,
       std::sqrt(3.5) / 4},
      {"normal", {.shape = TimeShape::kNormal, .mean = Span::s(10), .parameter = {1, 10}}, 10, 0.1},
      {"lognormal",
       {.shape = TimeShape::kLognormal, .mean = Span::s(10), .parameter = {1, 2}},
       10,
       0.5},
      {"gamma", {.shape = TimeShape::kGamma, .mean = Span::s(10), .parameter = {3, 2}}, 10, 1.5},
      {"weibull of shape 1",
       {.shape = TimeShape::kWeibull, .mean = Span::s(10), .parameter = {1, 1}},
       10,
       1},
      {"hyperexponential",
       {.shape = TimeShape::kHyperexponential, .mean = Span::s(10), .parameter = {2, 1}},
       10,
       2},
      {"geometric",
       {.shape = TimeShape::kGeometric, .mean = Span::s(10), .slot = Span::s(1)},
       10,
       std::sqrt(0.9)},
  };
  return all;
}

// Known answers: mean and coefficient of variation of 400,000 draws, within five standard errors or
// so of the largest (hyperexponential: kurtosis makes the error of its deviation about 1 %).
TEST(TimeDistribution, DrawsTheMeanAndSpreadThatItSays) {
  constexpr int kDraws = 400'000;
  for (const Case& c : cases()) {
    RandomStream stream(20260417, c.name);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = draw(c.distribution, stream).seconds();
      ASSERT_GE(x, 0) << c.name;
      sum += x;
      squares += x * x;
    }
    const double mean = sum / kDraws;
    EXPECT_NEAR(mean, c.mean, 0.02 * c.mean) << c.name;
    EXPECT_NEAR(std::sqrt(std::max(0.0, squares / kDraws - mean * mean)) / mean, c.cv,
                0.02 * std::max(c.cv, 0.01))
        << c.name;
    EXPECT_NEAR(c.distribution.expected().seconds(), c.mean, 1e-6) << c.name;
  }
}

TEST(TimeDistribution, DrawsNothingForAConstant) {
  RandomStream stream(1, "constant");
  EXPECT_EQ(draw(TimeDistribution::constant(Span::ms(7)), stream), Span::ms(7));
  EXPECT_EQ(draw({.shape = TimeShape::kLognormal, .mean = Span::s(3), .parameter = {0, 1}}, stream),
            Span::s(3));
  EXPECT_EQ(stream.drawn(), 0U);
}

TEST(TimeDistribution, GeometricCountsWholeSlots) {
  RandomStream stream(1, "geometric");
  const TimeDistribution d{.shape = TimeShape::kGeometric, .mean = Span::s(5), .slot = Span::s(1)};
  int64_t ones = 0;
  for (int i = 0; i < 100'000; ++i) {
    const Span x = draw(d, stream);
    ASSERT_EQ(x.ticks() % Span::s(1).ticks(), 0);
    ASSERT_GE(x, Span::s(1));
    if (x == Span::s(1)) ++ones;
  }
  EXPECT_NEAR(static_cast<double>(ones) / 100'000, 0.2, 0.005);
}

}  // namespace
}  // namespace windtunnel::base
