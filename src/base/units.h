// Quantities that cross interfaces: time, size, rate, ratio. Each is its own type over int64_t, so
// seconds cannot be added to bytes and picoseconds cannot be read as microseconds.
//
// Time is an integer count of ticks, and the tick is a type parameter: Picoseconds where packets
// fly (int64_t picoseconds end after 106 days), Microseconds for a year of factory shifts.
// `Time` and `Duration` without a parameter mean picoseconds.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "base/check.h"

namespace windtunnel::base {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

struct Picoseconds {
  static constexpr int64_t kPerSecond = 1'000'000'000'000;
};
struct Microseconds {
  static constexpr int64_t kPerSecond = 1'000'000;
};

// A length of time, in ticks of Tick. Named factories round towards zero where the tick is coarser
// than the unit asked for.
template <class Tick>
class BasicDuration {
 public:
  constexpr BasicDuration() = default;
  static constexpr BasicDuration ticks(int64_t n) { return BasicDuration(n); }
  static constexpr BasicDuration zero() { return BasicDuration(0); }
  static constexpr BasicDuration max() {
    return BasicDuration(std::numeric_limits<int64_t>::max());
  }
  static constexpr BasicDuration ps(int64_t n) { return scaled(n, 1'000'000'000'000); }
  static constexpr BasicDuration ns(int64_t n) { return scaled(n, 1'000'000'000); }
  static constexpr BasicDuration us(int64_t n) { return scaled(n, 1'000'000); }
  static constexpr BasicDuration ms(int64_t n) { return scaled(n, 1'000); }
  static constexpr BasicDuration s(int64_t n) { return scaled(n, 1); }
  // For results and user input only; never for simulation state.
  static constexpr BasicDuration from_seconds(double seconds) {
    return BasicDuration(static_cast<int64_t>(seconds * static_cast<double>(Tick::kPerSecond) +
                                              (seconds < 0 ? -0.5 : 0.5)));
  }

  constexpr int64_t ticks() const { return ticks_; }
  constexpr int64_t ps() const { return read(1'000'000'000'000); }
  constexpr int64_t ns() const { return read(1'000'000'000); }
  constexpr int64_t us() const { return read(1'000'000); }
  constexpr double seconds() const {
    return static_cast<double>(ticks_) / static_cast<double>(Tick::kPerSecond);
  }

  constexpr auto operator<=>(const BasicDuration&) const = default;
  constexpr BasicDuration operator-() const { return BasicDuration(-ticks_); }
  constexpr BasicDuration& operator+=(BasicDuration d) { return *this = *this + d; }
  constexpr BasicDuration& operator-=(BasicDuration d) { return *this = *this - d; }
  friend constexpr BasicDuration operator+(BasicDuration a, BasicDuration b) {
    int64_t sum = 0;
    WT_CHECK(!__builtin_add_overflow(a.ticks_, b.ticks_, &sum), "duration overflow");
    return BasicDuration(sum);
  }
  friend constexpr BasicDuration operator-(BasicDuration a, BasicDuration b) {
    int64_t difference = 0;
    WT_CHECK(!__builtin_sub_overflow(a.ticks_, b.ticks_, &difference), "duration overflow");
    return BasicDuration(difference);
  }
  friend constexpr BasicDuration operator*(BasicDuration d, int64_t k) {
    int64_t product = 0;
    WT_CHECK(!__builtin_mul_overflow(d.ticks_, k, &product), "duration overflow");
    return BasicDuration(product);
  }
  friend constexpr BasicDuration operator*(int64_t k, BasicDuration d) { return d * k; }
  friend constexpr BasicDuration operator/(BasicDuration d, int64_t k) {
    return BasicDuration(d.ticks_ / k);
  }
  friend constexpr int64_t operator/(BasicDuration a, BasicDuration b) {
    return a.ticks_ / b.ticks_;
  }

 private:
  explicit constexpr BasicDuration(int64_t n) : ticks_(n) {}
  static constexpr BasicDuration scaled(int64_t n, int64_t units_per_second) {
    const Int128 value = static_cast<Int128>(n) * Tick::kPerSecond / units_per_second;
    WT_CHECK(value <= std::numeric_limits<int64_t>::max() &&
                 value >= std::numeric_limits<int64_t>::min(),
             "duration overflow");
    return BasicDuration(static_cast<int64_t>(value));
  }
  constexpr int64_t read(int64_t units_per_second) const {
    return static_cast<int64_t>(static_cast<Int128>(ticks_) * units_per_second / Tick::kPerSecond);
  }
  int64_t ticks_ = 0;
};

// A point in simulated time, counted from the start of the run.
template <class Tick>
class BasicTime {
 public:
  using Span = BasicDuration<Tick>;
  constexpr BasicTime() = default;
  static constexpr BasicTime zero() { return BasicTime(); }
  static constexpr BasicTime max() { return BasicTime(Span::max()); }
  static constexpr BasicTime at(Span since_start) { return BasicTime(since_start); }
  constexpr Span since_start() const { return since_start_; }
  constexpr int64_t ticks() const { return since_start_.ticks(); }
  constexpr int64_t ps() const { return since_start_.ps(); }
  constexpr double seconds() const { return since_start_.seconds(); }

  constexpr auto operator<=>(const BasicTime&) const = default;
  constexpr BasicTime& operator+=(Span d) { return *this = *this + d; }
  friend constexpr BasicTime operator+(BasicTime t, Span d) {
    return BasicTime(t.since_start_ + d);
  }
  friend constexpr BasicTime operator-(BasicTime t, Span d) {
    return BasicTime(t.since_start_ - d);
  }
  friend constexpr Span operator-(BasicTime a, BasicTime b) {
    return a.since_start_ - b.since_start_;
  }

 private:
  explicit constexpr BasicTime(Span d) : since_start_(d) {}
  Span since_start_;
};

using Duration = BasicDuration<Picoseconds>;
using Time = BasicTime<Picoseconds>;

// An amount of data.
class Bytes {
 public:
  constexpr Bytes() = default;
  explicit constexpr Bytes(int64_t n) : count_(n) {}
  static constexpr Bytes of(int64_t n) { return Bytes(n); }
  static constexpr Bytes kib(int64_t n) { return Bytes(n * 1024); }
  static constexpr Bytes mib(int64_t n) { return Bytes(n * 1024 * 1024); }
  constexpr int64_t count() const { return count_; }
  constexpr auto operator<=>(const Bytes&) const = default;
  constexpr Bytes& operator+=(Bytes b) {
    count_ += b.count_;
    return *this;
  }
  constexpr Bytes& operator-=(Bytes b) {
    count_ -= b.count_;
    return *this;
  }
  friend constexpr Bytes operator+(Bytes a, Bytes b) { return Bytes(a.count_ + b.count_); }
  friend constexpr Bytes operator-(Bytes a, Bytes b) { return Bytes(a.count_ - b.count_); }
  friend constexpr Bytes operator*(Bytes a, int64_t k) { return Bytes(a.count_ * k); }
  friend constexpr int64_t operator/(Bytes a, Bytes b) { return a.count_ / b.count_; }

 private:
  int64_t count_ = 0;
};

// A data rate in bit/s.
class Rate {
 public:
  constexpr Rate() = default;
  static constexpr Rate bits_per_second(int64_t n) { return Rate(n); }
  static constexpr Rate gbps(int64_t n) { return Rate(n * 1'000'000'000); }
  constexpr int64_t bits_per_second() const { return bits_per_second_; }
  constexpr auto operator<=>(const Rate&) const = default;

 private:
  explicit constexpr Rate(int64_t n) : bits_per_second_(n) {}
  int64_t bits_per_second_ = 0;
};

// A probability or share as an exact fraction, so that it never decides anything through a double.
struct Ratio {
  int64_t part = 0;
  int64_t whole = 1;
  constexpr auto operator<=>(const Ratio&) const = default;
};

// Time to move `size` at `rate`, rounded UP to a whole picosecond: a link is never faster than
// said.
constexpr Duration transfer_time(Bytes size, Rate rate) {
  WT_CHECK(rate.bits_per_second() > 0, "rate must be positive");
  const Int128 ps = static_cast<Int128>(size.count()) * 8 * Picoseconds::kPerSecond;
  const Int128 r = rate.bits_per_second();
  return Duration::ticks(static_cast<int64_t>((ps + r - 1) / r));
}

// Data moved in `time` at `rate`, rounded DOWN to a whole byte.
constexpr Bytes transferred(Duration time, Rate rate) {
  return Bytes(static_cast<int64_t>(static_cast<Int128>(time.ps()) * rate.bits_per_second() /
                                    (static_cast<Int128>(8) * Picoseconds::kPerSecond)));
}

// Average rate of `size` over `time`, rounded down; zero for an empty span.
constexpr Rate average_rate(Bytes size, Duration time) {
  if (time.ps() <= 0) return Rate::bits_per_second(0);
  return Rate::bits_per_second(static_cast<int64_t>(static_cast<Int128>(size.count()) * 8 *
                                                    Picoseconds::kPerSecond / time.ps()));
}

}  // namespace windtunnel::base
