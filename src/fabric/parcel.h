// A packet as the network sees it: a 16-byte label the fabric reads and 16 bytes of cargo it only
// carries. Parcels are copied from link to link in arrays, never pointed at, so that a packet-hop
// touches memory in order.
#pragma once

#include <cstdint>
#include <type_traits>

namespace windtunnel::fabric {

// Where a parcel arrives: the receiving unit (host or switch) and which of its inputs.
// 2^20 units of up to 2^12 inputs.
class Inlet {
 public:
  static constexpr uint32_t kPortBits = 12;
  static constexpr uint32_t kUnitsMax = 1u << (32 - kPortBits);
  static constexpr uint32_t kPortsMax = 1u << kPortBits;
  constexpr Inlet() = default;
  constexpr Inlet(uint32_t unit, uint32_t port) : bits_(unit << kPortBits | port) {}
  constexpr uint32_t unit() const { return bits_ >> kPortBits; }
  constexpr uint32_t port() const { return bits_ & (kPortsMax - 1); }
  constexpr uint32_t bits() const { return bits_; }

 private:
  uint32_t bits_ = 0;
};

enum class ParcelClass : uint8_t {
  kData = 0,     // low priority; may be marked, trimmed or dropped
  kControl = 1,  // served first: acknowledgements, credits, trimmed headers
  kPause = 2,    // PFC: addressed to the neighbouring unit, takes no queue; see PauseFrame
};

struct ParcelFlags {
  static constexpr uint8_t kClassMask = 0x03;
  static constexpr uint8_t kMarked = 0x04;       // ECN congestion experienced
  static constexpr uint8_t kTrimmed = 0x08;      // payload cut off by a switch
  static constexpr uint8_t kLastHopTrim = 0x10;  // ... by the switch in front of the destination
  static constexpr uint8_t kNoEcn = 0x20;        // sender does not take marks
  static constexpr uint8_t kHeavyCargo = 0x40;   // cargo owns a side record; drops must be reported
  static constexpr uint8_t kUser = 0x80;         // free for the sender's use
};

struct Parcel {
  uint32_t offset_ps = 0;  // arrival after the beginning of its window; a list link while queued
  Inlet at;                // who receives it; for parcels of equal time also the order
  uint32_t dst_and_flags = 0;  // destination host (24 bits), then ParcelFlags
  uint16_t entropy = 0;        // what multi-path hashing varies on
  uint16_t bytes = 0;          // size on the wire
  uint32_t flow = 0;           // flow label: hashed together with the entropy
  uint32_t cargo[3] = {0, 0, 0};

  constexpr uint32_t dst() const { return dst_and_flags & 0xffffff; }
  constexpr uint8_t flags() const { return static_cast<uint8_t>(dst_and_flags >> 24); }
  constexpr bool has(uint8_t flag) const { return (flags() & flag) != 0; }
  constexpr void set(uint8_t flag) { dst_and_flags |= static_cast<uint32_t>(flag) << 24; }
  constexpr ParcelClass parcel_class() const {
    return static_cast<ParcelClass>(flags() & ParcelFlags::kClassMask);
  }
  constexpr void set_class(ParcelClass c) {
    dst_and_flags = (dst_and_flags & ~(uint32_t{ParcelFlags::kClassMask} << 24)) |
                    static_cast<uint32_t>(c) << 24;
  }
};
static_assert(sizeof(Parcel) == 32 && std::is_trivially_copyable_v<Parcel>);

// PFC: one end of a cable asks the other for silence, or lets it go on. Takes no queue and no time
// on the wire, is never lost at random, and says nothing any more once the cable has been down.
struct PauseFrame {
  bool pause = false;
  uint32_t number = 0;   // of the sending port: frames of one instant take effect in this order
  uint32_t outages = 0;  // of the cable so far

  constexpr Parcel parcel() const {
    Parcel p;
    p.set_class(ParcelClass::kPause);
    p.bytes = 64;
    p.flow = number;
    p.cargo[0] = pause ? 1 : 0;
    p.cargo[1] = outages;
    return p;
  }
  static constexpr PauseFrame of(const Parcel& p) { return {p.cargo[0] != 0, p.flow, p.cargo[1]}; }
};

inline constexpr uint32_t kHostsMax = 1u << 20;

}  // namespace windtunnel::fabric
