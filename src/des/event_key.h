// The order of events: (time, class, origin entity, origin sequence), in 16 bytes.
//
// Nothing in the key depends on an address or on a count over the whole world, so the order is the
// same for any thread count and any partition of the world. `origin` is the entity that scheduled
// the event and `sequence` counts what that entity has scheduled; two events of one world never
// share a key.
#pragma once

#include <compare>
#include <cstdint>
#include <type_traits>

#include "base/check.h"
#include "base/units.h"

namespace windtunnel::des {

// Among events of the same instant, a lower class goes first. The names say what they are for; any
// value below 16 may be used.
enum class EventClass : uint8_t {
  kFirst = 0,   // what others must find done, such as the start of a shift
  kNormal = 8,  // everything else
  kLast = 15,   // what must find the instant finished, such as sampling
};

// class (4 bits), origin (24 bits) and sequence (36 bits) in one integer, most significant first:
// 16 million entities, and 68 billion events from each of them.
class EventOrder {
 public:
  static constexpr int kOriginBits = 24;
  static constexpr int kSequenceBits = 36;
  static constexpr uint32_t kOriginEnd = uint32_t{1} << kOriginBits;
  static constexpr uint64_t kSequenceEnd = uint64_t{1} << kSequenceBits;

  static constexpr uint64_t pack(EventClass event_class, uint32_t origin, uint64_t sequence) {
    WT_DCHECK(origin < kOriginEnd, "origin exceeds 24 bits");
    WT_CHECK(sequence < kSequenceEnd, "an entity scheduled 2^36 events");
    return static_cast<uint64_t>(event_class) << (kOriginBits + kSequenceBits) |
           static_cast<uint64_t>(origin) << kSequenceBits | sequence;
  }
  static constexpr EventClass event_class(uint64_t order) {
    return static_cast<EventClass>(order >> (kOriginBits + kSequenceBits));
  }
  static constexpr uint32_t origin(uint64_t order) {
    return static_cast<uint32_t>(order >> kSequenceBits) & (kOriginEnd - 1);
  }
  static constexpr uint64_t sequence(uint64_t order) { return order & (kSequenceEnd - 1); }
};

struct EventKey {
  int64_t time = 0;  // ticks since the start, never negative
  uint64_t order = 0;

  // One wide integer: compilers compare it without a branch, which a heap of random keys needs.
  constexpr base::Uint128 wide() const {
    return static_cast<base::Uint128>(static_cast<uint64_t>(time)) << 64 | order;
  }
  friend constexpr bool operator==(EventKey a, EventKey b) = default;
  friend constexpr bool operator<(EventKey a, EventKey b) { return a.wide() < b.wide(); }
};

// What an event queue carries: plain bytes with a key.
template <class Event>
concept EventRecord = std::is_trivially_copyable_v<Event> && requires(const Event& event) {
  { event.key } -> std::convertible_to<EventKey>;
};

}  // namespace windtunnel::des
