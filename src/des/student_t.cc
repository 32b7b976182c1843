#include "des/student_t.h"

#include <cmath>
#include <numbers>

#include "base/check.h"

namespace windtunnel::des {
namespace {

// ln Gamma(x) for x > 0: Stirling's series (Abramowitz and Stegun 6.1.41) after shifting x above
// 10, where its fifth term is below 1e-14. std::lgamma writes a global, so threads must not call
// it.
double log_gamma(double x) {
  double shift = 0;
  for (; x < 10; x += 1) shift += std::log(x);
  const double y = 1 / (x * x);
  const double series =
      (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188))))) / x;
  return (x - 0.5) * std::log(x) - x + 0.5 * std::log(2 * std::numbers::pi) + series - shift;
}

// Continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), evaluated
// forwards by Lentz's method. Converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr int kTermsMax = 100'000;
  double c = 1;
  double d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double f = d;
  for (int m = 1; m < kTermsMax; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double term : {even, odd}) {
      d = 1 + term * d;
      d = 1 / (std::abs(d) < kTiny ? kTiny : d);
      c = 1 + term / c;
      if (std::abs(c) < kTiny) c = kTiny;
      change = c * d;
      f *= change;
    }
    if (std::abs(change - 1) < 1e-15) break;
  }
  return f;
}

// The regularised incomplete beta function I_x(a, b); y is 1 - x, given apart to keep its digits.
double incomplete_beta(double a, double b, double x, double y) {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const double log_front =
      log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log(y);
  if (x < (a + 1) / (a + b + 2)) return std::exp(log_front) * beta_fraction(a, b, x) / a;
  return 1 - std::exp(log_front) * beta_fraction(b, a, y) / b;
}

// P(T > t) for t >= 0.
double upper_tail(double t, double freedom) {
  const double square = t * t;
  return 0.5 * incomplete_beta(freedom / 2, 0.5, freedom / (freedom + square),
                               square / (freedom + square));
}

double density(double t, double freedom) {
  const double log_front = log_gamma((freedom + 1) / 2) - log_gamma(freedom / 2) -
                           0.5 * std::log(freedom * std::numbers::pi);
  return std::exp(log_front - (freedom + 1) / 2 * std::log1p(t * t / freedom));
}

}  // namespace

// A rational guess (Abramowitz and Stegun 26.2.23, error below 4.5e-4), then Newton's method on the
// tail, which doubles the digits each time.
double normal_quantile(double p) {
  WT_CHECK(p > 0 && p < 1, "a probability strictly between 0 and 1");
  if (p < 0.5) return -normal_quantile(1 - p);
  if (p == 0.5) return 0;
  const double tail = 1 - p;
  const double s = std::sqrt(-2 * std::log(tail));
  double z = s - (2.515517 + s * (0.802853 + s * 0.010328)) /
                     (1 + s * (1.432788 + s * (0.189269 + s * 0.001308)));
  for (int i = 0; i < 4; ++i) {
    const double error = 0.5 * std::erfc(z / std::numbers::sqrt2) - tail;
    z += error / (std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi));
  }
  return z;
}

double student_t_cdf(double t, double freedom) {
  WT_CHECK(freedom > 0, "degrees of freedom must be positive");
  return t >= 0 ? 1 - upper_tail(t, freedom) : upper_tail(-t, freedom);
}

// Newton's method on the tail within a bracket that only shrinks: the tail falls and is convex for
// t >= 0, so a start below the root climbs to it; the bracket guards against rounding.
double student_t_quantile(double p, double freedom) {
  WT_CHECK(p > 0 && p < 1, "a probability strictly between 0 and 1");
  WT_CHECK(freedom > 0, "degrees of freedom must be positive");
  if (p < 0.5) return -student_t_quantile(1 - p, freedom);
  if (p == 0.5) return 0;
  const double tail = 1 - p;
  double low = 0;
  double high = 1;
  while (upper_tail(high, freedom) > tail) {
    low = high;
    high *= 2;
  }
  double t = low;
  for (int i = 0; i < 200; ++i) {
    const double error = upper_tail(t, freedom) - tail;
    (error > 0 ? low : high) = t;
    double next = t + error / density(t, freedom);
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::abs(next - t) <= 1e-14 * next) return next;
    t = next;
  }
  return t;
}

}  // namespace windtunnel::des
