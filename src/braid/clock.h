// Time in small fields. A coarse time counts 2^16 ps (65.5 ns) modulo 2^32, so it tells before from
// after within 140 s; a timestamp counts 256 ps modulo 2^32 and measures up to 1.09 s (TSETH).
#pragma once

#include <cstdint>

namespace windtunnel::braid {

using Coarse = uint32_t;
inline constexpr int kCoarseBits = 16;

// Rounds up, so that a deadline computed from it never fires early.
constexpr Coarse coarse_up(int64_t ps) {
  return static_cast<Coarse>((ps + (1 << kCoarseBits) - 1) >> kCoarseBits);
}
constexpr int32_t coarse_distance(Coarse a, Coarse b) { return static_cast<int32_t>(a - b); }
// The time nearest to `now` that has this coarse value.
constexpr int64_t from_coarse(Coarse value, int64_t now) {
  const int64_t now_units = now >> kCoarseBits;
  const int32_t distance = coarse_distance(value, static_cast<Coarse>(now_units));
  return (now_units + distance) * (int64_t{1} << kCoarseBits);
}

inline constexpr int kTimestampBits = 8;
constexpr uint32_t timestamp_of(int64_t ps) { return static_cast<uint32_t>(ps >> kTimestampBits); }
// Time since the timestamp was taken; an echo from the future comes out negative.
constexpr int64_t since_timestamp(uint32_t timestamp, int64_t now) {
  const auto ticks = static_cast<int32_t>(timestamp_of(now) - timestamp);
  return int64_t{ticks} * (1 << kTimestampBits) + (now & ((1 << kTimestampBits) - 1));
}

}  // namespace windtunnel::braid
