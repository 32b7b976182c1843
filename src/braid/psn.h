// Serial arithmetic on 24-bit packet sequence numbers (as RFC 1982): of two numbers less than 2^23
// apart, the order is known whatever wrapped.
#pragma once

#include <cstdint>

#include "braid/packet.h"

namespace windtunnel::braid {

constexpr uint32_t psn_add(uint32_t psn, uint32_t n) { return (psn + n) & kPsnMask; }

// a - b in [-2^23, 2^23). Bits above the 24th of either are ignored.
constexpr int32_t psn_distance(uint32_t a, uint32_t b) {
  return static_cast<int32_t>((a - b) << 8) >> 8;
}

constexpr bool psn_before(uint32_t a, uint32_t b) { return psn_distance(a, b) < 0; }

// a - b of two counters modulo 2^32, negative when a is behind.
constexpr int32_t counter_distance(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b); }

}  // namespace windtunnel::braid
