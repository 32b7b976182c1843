#include "base/time_distribution.h"

#include <algorithm>
#include <cmath>

namespace windtunnel::base {
namespace {

using Span = TimeDistribution::Span;

// No draw lasts longer than ten thousand years: the clock would end, and the tails of some shapes
// know no end.
constexpr double kLongestSeconds = 10'000.0 * 365 * 86'400;

double value(Ratio ratio) {
  return static_cast<double>(ratio.part) / static_cast<double>(ratio.whole);
}

double lognormal(double mean, double cv, RandomStream& stream) {
  const double variance = std::log1p(cv * cv);
  return stream.lognormal(std::log(mean) - variance / 2, std::sqrt(variance));
}

// Two exponential phases with means m1, m2 and p m1 = (1 - p) m2 = mean / 2.
double hyperexponential(double mean, double cv, RandomStream& stream) {
  const double c2 = cv * cv;
  const double p = 0.5 * (1 + std::sqrt(std::max(0.0, (c2 - 1) / (c2 + 1))));
  const double phase = stream.uniform() < p ? mean / (2 * p) : mean / (2 * (1 - p));
  return stream.exponential(phase);
}

// By inversion: the number of slots is the smallest n with 1 - (1 - q)^n > u.
Span geometric(const TimeDistribution& d, RandomStream& stream) {
  const double slots = d.mean.seconds() / d.slot.seconds();
  if (slots <= 1) return d.slot;
  const double n = std::ceil(std::log1p(-stream.uniform()) / std::log1p(-1 / slots));
  const double longest = kLongestSeconds / d.slot.seconds();
  return d.slot * std::max<int64_t>(1, static_cast<int64_t>(std::min(n, longest)));
}

double erlang(double mean, int64_t stages, RandomStream& stream) {
  if (stages > 16)
    return stream.gamma(static_cast<double>(stages), mean / static_cast<double>(stages));
  double sum = 0;
  for (int64_t i = 0; i < stages; ++i)
    sum += stream.exponential(mean / static_cast<double>(stages));
  return sum;
}

double seconds(const TimeDistribution& d, RandomStream& stream) {
  const double mean = d.mean.seconds();
  const double parameter = value(d.parameter);
  switch (d.shape) {
    case TimeShape::kExponential:
      return stream.exponential(mean);
    case TimeShape::kErlang:
      return erlang(mean, d.stages, stream);
    case TimeShape::kUniform:
      return d.low.seconds() + (d.high - d.low).seconds() * stream.uniform();
    case TimeShape::kTriangular:
      return stream.triangular(d.low.seconds(), d.mode.seconds(), d.high.seconds());
    case TimeShape::kNormal:
      return stream.normal(mean, mean * parameter);
    case TimeShape::kLognormal:
      return lognormal(mean, parameter, stream);
    case TimeShape::kGamma:
      return stream.gamma(1 / (parameter * parameter), mean * parameter * parameter);
    case TimeShape::kWeibull:
      return stream.weibull(parameter, mean / std::tgamma(1 + 1 / parameter));
    case TimeShape::kHyperexponential:
      return hyperexponential(mean, parameter, stream);
    case TimeShape::kConstant:
    case TimeShape::kGeometric:
      break;
  }
  return mean;
}

// A spread of zero is a constant, and several formulas would divide by it.
bool without_spread(const TimeDistribution& d) {
  switch (d.shape) {
    case TimeShape::kConstant:
      return true;
    case TimeShape::kNormal:
    case TimeShape::kLognormal:
    case TimeShape::kGamma:
      return d.parameter.part == 0 || d.mean == Span::zero();
    case TimeShape::kUniform:
    case TimeShape::kTriangular:
      return d.low == d.high;
    default:
      return d.mean == Span::zero();
  }
}

}  // namespace

Span TimeDistribution::expected() const {
  if (shape == TimeShape::kUniform) return low + (high - low) / 2;
  if (shape == TimeShape::kTriangular) return (low + mode + high) / 3;
  return mean;
}

Span draw(const TimeDistribution& distribution, RandomStream& stream) {
  if (without_spread(distribution)) return distribution.expected();
  if (distribution.shape == TimeShape::kGeometric) return geometric(distribution, stream);
  return std::max(Span::zero(),
                  Span::from_seconds(std::min(seconds(distribution, stream), kLongestSeconds)));
}

}  // namespace windtunnel::base
