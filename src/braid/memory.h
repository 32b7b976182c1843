// Protection domains and memory regions: who may place bytes where. A key is an index and a tag, so
// a check is one array access, and a key that was invalidated never opens a later region.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/result.h"

namespace windtunnel::braid {

// Ranges are half open; address + length never wraps.
class ProtectionTable {
 public:
  uint32_t create_domain() { return domains_++; }
  uint32_t domains() const { return domains_; }

  struct Grant {
    uint32_t index = 0;
    uint32_t key = 0;
  };
  base::Result<Grant> add(uint32_t domain, uint64_t address, uint64_t length, uint8_t access,
                          base::RandomStream& stream);
  base::Status invalidate(uint32_t index);

  // Whether [address, address + length) lies in the region `key` names, in this domain, with every
  // right in `access`. An empty range needs a valid key and an address inside or at the end. HOT
  bool allows(uint32_t domain, uint32_t key, uint64_t address, uint64_t length,
              uint8_t access) const {
    const uint32_t index = key & kIndexMask;
    if (index >= regions_.size()) return false;
    const Region& region = regions_[index];
    if (region.key != key || region.domain != domain) return false;
    if ((region.access & access) != access) return false;
    const uint64_t offset = address - region.address;  // huge when below the region
    return offset <= region.length && length <= region.length - offset;
  }

  size_t bytes() const { return regions_.capacity() * sizeof(Region); }

 private:
  static constexpr uint32_t kIndexBits = 20;
  static constexpr uint32_t kIndexMask = (1u << kIndexBits) - 1;
  // A dead region has access 0 and length 0; every check asks for at least one right.
  struct Region {
    uint64_t address = 0;
    uint64_t length = 0;
    uint32_t key = 0;
    uint32_t domain = 0;
    uint8_t access = 0;
  };
  uint32_t take_slot();

  std::vector<Region> regions_;
  uint32_t domains_ = 0;
};

}  // namespace windtunnel::braid
