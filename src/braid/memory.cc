#include "braid/memory.h"

#include <fmt/core.h>

namespace windtunnel::braid {

base::Result<ProtectionTable::Grant> ProtectionTable::add(uint32_t domain, uint64_t address,
                                                          uint64_t length, uint8_t access,
                                                          base::RandomStream& stream) {
  constexpr uint8_t kAllRights = 7;
  if (domain >= domains_) {
    return base::fail(fmt::format("protection domain {} of {} does not exist", domain, domains_));
  }
  if (length == 0 || address + length < address) {
    return base::fail(
        fmt::format("region at {:#x} of {} bytes is empty or wraps", address, length));
  }
  if (access == 0 || (access & ~kAllRights) != 0) {
    return base::fail(fmt::format("access {:#x} has no right or an unknown one", access));
  }
  const uint32_t index = take_slot();
  if (index > kIndexMask) return base::fail("no memory region is left of 1,048,576");
  Region& region = regions_[index];
  // The tag moves on from the old key's, by a random step that is never a full turn.
  const uint32_t step = 1 + stream.below_fast((1u << (32 - kIndexBits)) - 1);
  region.key = (region.key & ~kIndexMask) + (step << kIndexBits) + index;
  region.address = address;
  region.length = length;
  region.domain = domain;
  region.access = access;
  return Grant{index, region.key};
}

// Slow path: a linear search for a dead slot, so that keys of long-lived tables stay dense.
uint32_t ProtectionTable::take_slot() {
  uint32_t index = 0;
  while (index < regions_.size() && regions_[index].access != 0) ++index;
  if (index == regions_.size() && index <= kIndexMask) {
    regions_.reserve(index + 1);
    regions_.emplace_back();
  }
  return index;
}

base::Status ProtectionTable::invalidate(uint32_t index) {
  if (index >= regions_.size() || regions_[index].access == 0) {
    return base::fail(fmt::format("memory region {} does not exist", index));
  }
  regions_[index].access = 0;
  regions_[index].length = 0;
  return {};
}

}  // namespace windtunnel::braid
