// Money and energy for the bill of a run: whole numbers of a small unit, like every quantity that
// crosses an interface.
#pragma once

#include <compare>
#include <cstdint>

#include "base/units.h"

namespace windtunnel::base {

// An amount in thousandths of whatever currency the bill is in; which one is said once, beside the
// amounts.
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money thousandths(int64_t n) { return Money(n); }
  static constexpr Money whole(int64_t n) { return Money(n * 1000); }
  constexpr int64_t thousandths() const { return thousandths_; }
  constexpr double value() const { return static_cast<double>(thousandths_) / 1000; }
  constexpr auto operator<=>(const Money&) const = default;
  friend constexpr Money operator+(Money a, Money b) {
    return Money(a.thousandths_ + b.thousandths_);
  }
  friend constexpr Money operator*(Money a, int64_t k) { return Money(a.thousandths_ * k); }

 private:
  explicit constexpr Money(int64_t n) : thousandths_(n) {}
  int64_t thousandths_ = 0;
};

class Power {
 public:
  constexpr Power() = default;
  static constexpr Power milliwatts(int64_t n) { return Power(n); }
  static constexpr Power watts(int64_t n) { return Power(n * 1000); }
  constexpr int64_t milliwatts() const { return milliwatts_; }
  constexpr double watts() const { return static_cast<double>(milliwatts_) / 1000; }
  constexpr auto operator<=>(const Power&) const = default;

 private:
  explicit constexpr Power(int64_t n) : milliwatts_(n) {}
  int64_t milliwatts_ = 0;
};

}  // namespace windtunnel::base
