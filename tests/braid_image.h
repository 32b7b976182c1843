// The memory of one side as far as an episode uses it. What may be read is a pattern of its
// address; what may be written is stored, with a note of which bytes have been.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "braid/endpoint.h"

namespace windtunnel::braid_hostile {

// Bytes at `address` of a readable stretch of side `side`.
void pattern(uint8_t side, uint64_t address, std::span<uint8_t> out);

// A registered stretch of memory and what the judges know of it.
struct Region {
  braid::MemoryRegion keys;
  uint32_t pd = 0;  // index among the side's domains
  uint64_t base = 0;
  uint64_t length = 0;
  uint8_t access = 0;
  bool valid = true;
  std::vector<uint8_t> bytes;    // writable regions only
  std::vector<uint8_t> written;  // 1: has been placed

  bool covers(uint64_t address, uint64_t size) const {
    return address >= base && address - base <= length && size <= length - (address - base);
  }
  bool writable() const {
    return (access & (braid::Access::kLocalWrite | braid::Access::kRemoteWrite)) != 0;
  }
};

class Image {
 public:
  // The base decides where the next region goes: far apart, at odd addresses.
  explicit Image(uint8_t side) : side_(side) {}

  // Index of a new region of this length, not yet registered anywhere. `length` may be 0: then one
  // byte is set aside.
  uint32_t add(uint64_t length, uint8_t access);
  Region& operator[](uint32_t index) { return regions_[index]; }
  const Region& operator[](uint32_t index) const { return regions_[index]; }
  uint32_t size() const { return static_cast<uint32_t>(regions_.size()); }

  // The valid region of this domain that `key` opens for [address, address + size) with `access`;
  // null when there is none. The judges' own answer to the question the engine asks.
  const Region* granted(uint32_t pd, uint32_t key, uint64_t address, uint64_t size,
                        uint8_t access) const;
  // The region, valid or not, in which all these addresses lie; null when there is none.
  const Region* at(uint64_t address, uint64_t size) const;

  enum class Put : uint8_t { kDone, kOutside, kTwice };
  // Copies into a writable region, whatever its keys.
  Put place(uint64_t address, std::span<const uint8_t> bytes);
  // Whether these bytes are the peer's pattern at `source`.
  bool equals(uint64_t address, uint64_t length, uint64_t source) const;
  // How many bytes of this stretch have been placed.
  uint64_t placed(uint64_t address, uint64_t length) const;

 private:
  Region* find(uint64_t address, uint64_t size);

  uint8_t side_;
  uint64_t next_base_ = 0x10'0000'1000;
  std::vector<Region> regions_;
};

}  // namespace windtunnel::braid_hostile
