// A length of time as chance gives it: process times, times between failures, repairs, arrivals.
//
// Everybody writes such times down by their mean, so every shape has its mean in time and its other
// parameters as numbers without unit. A draw is rounded to the tick.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/units.h"

namespace windtunnel::base {

enum class TimeShape : uint8_t {
  kConstant,
  kExponential,
  kErlang,      // stages exponential stages in a row; squared coefficient of variation 1/stages
  kUniform,     // from low to high
  kTriangular,  // low, mode, high
  kNormal,      // mean and cv, cut off at zero: the mean of what is drawn is larger for cv > 0.3
  kLognormal,   // mean and cv
  kGamma,       // mean and cv
  kWeibull,     // mean and shape
  kHyperexponential,  // mean and cv >= 1: two phases with balanced means (Whitt 1982)
  kGeometric,         // a whole number of slots, each the last with probability 1/mean in slots
};

// Which fields count depends on the shape; the others are not looked at.
struct TimeDistribution {
  using Span = BasicDuration<Microseconds>;

  TimeShape shape = TimeShape::kConstant;
  Span mean = {};         // all but uniform and triangular
  Span low = {};          // uniform, triangular
  Span mode = {};         // triangular
  Span high = {};         // uniform, triangular
  Span slot = {};         // geometric: length of a slot; mean >= slot
  int64_t stages = 1;     // Erlang
  Ratio parameter{1, 1};  // coefficient of variation, or the shape of Weibull

  static TimeDistribution constant(Span length) { return {.mean = length}; }
  static TimeDistribution exponential(Span mean) {
    return {.shape = TimeShape::kExponential, .mean = mean};
  }
  bool operator==(const TimeDistribution&) const = default;

  Span expected() const;
  bool is_zero() const { return shape == TimeShape::kConstant && mean == Span::zero(); }
};

// Never negative. Draws nothing from the stream for a constant.
TimeDistribution::Span draw(const TimeDistribution& distribution, RandomStream& stream);

}  // namespace windtunnel::base
