#include "base/random.h"

#include <cmath>

#include "base/check.h"
#include "base/units.h"

namespace windtunnel::base {

uint64_t RandomStream::below(uint64_t bound) {
  WT_CHECK(bound > 0, "a draw below zero has no outcome");
  Uint128 product = static_cast<Uint128>(bits()) * bound;
  auto low = static_cast<uint64_t>(product);
  if (low < bound) {
    const uint64_t threshold = (0 - bound) % bound;
    while (low < threshold) {
      product = static_cast<Uint128>(bits()) * bound;
      low = static_cast<uint64_t>(product);
    }
  }
  return static_cast<uint64_t>(product >> 64);
}

double RandomStream::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double RandomStream::exponential(double mean) { return -mean * std::log1p(-uniform()); }

// Marsaglia's polar method; the second variate is thrown away so that a draw has no hidden state.
double RandomStream::normal(double mean, double deviation) {
  for (;;) {
    const double u = 2 * uniform() - 1;
    const double v = 2 * uniform() - 1;
    const double s = u * u + v * v;
    if (s > 0 && s < 1) return mean + deviation * u * std::sqrt(-2 * std::log(s) / s);
  }
}

// Marsaglia and Tsang (2000); shapes below one by Johnk's boost U^(1/shape).
double RandomStream::gamma(double shape, double scale) {
  WT_CHECK(shape > 0 && scale > 0, "gamma needs positive shape and scale");
  if (shape < 1) return gamma(shape + 1, scale) * std::pow(1 - uniform(), 1 / shape);
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal(0, 1);
    const double t = 1 + c * x;
    if (t <= 0) continue;
    const double v = t * t * t;
    if (std::log1p(-uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v * scale;
  }
}

double RandomStream::weibull(double shape, double scale) {
  return scale * std::pow(-std::log1p(-uniform()), 1 / shape);
}

double RandomStream::lognormal(double mu, double sigma) { return std::exp(normal(mu, sigma)); }

double RandomStream::triangular(double low, double mode, double high) {
  WT_CHECK(low <= mode && mode <= high && low < high, "triangular needs low <= mode <= high");
  const double u = uniform();
  const double cut = (mode - low) / (high - low);
  if (u < cut) return low + std::sqrt(u * (high - low) * (mode - low));
  return high - std::sqrt((1 - u) * (high - low) * (high - mode));
}

}  // namespace windtunnel::base
