// Which queue pair of a host a flow label means: a hash table of open addressing that holds the
// open channels only. One entry costs 8 bytes and a find is one cache line in nearly all cases.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace windtunnel::node {

template <class Key>
class OpenMap {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  // kNone when it is not there. HOT
  uint32_t find(Key key) const {
    if (size_ == 0) return kNone;
    for (uint32_t at = home(key);; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.value == kNone || slot.key == key) return slot.value;
    }
  }
  // `key` is not there yet; value < kNone.
  void insert(Key key, uint32_t value) {
    WT_DCHECK(find(key) == kNone, "a label is open already");
    if (slots_.size() < 2 * (size_ + 1)) grow();
    place(key, value);
    ++size_;
  }
  // Does nothing when it is not there. What follows closes the gap, so there are no tombstones.
  void erase(Key key) {
    if (find(key) == kNone) return;
    uint32_t gap = home(key);
    while (slots_[gap].key != key) gap = (gap + 1) & mask();
    for (uint32_t at = (gap + 1) & mask(); slots_[at].value != kNone; at = (at + 1) & mask()) {
      const uint32_t wanted = home(slots_[at].key);
      if (((at - wanted) & mask()) < ((at - gap) & mask())) continue;
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap].value = kNone;
    --size_;
  }
  uint32_t size() const { return size_; }
  size_t bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    Key key = 0;
    uint32_t value = kNone;
  };
  uint32_t mask() const { return static_cast<uint32_t>(slots_.size()) - 1; }
  uint32_t home(Key key) const {
    return static_cast<uint32_t>((uint64_t{key} * 0x9e3779b97f4a7c15ULL) >> shift_);
  }
  void place(Key key, uint32_t value) {
    uint32_t at = home(key);
    while (slots_[at].value != kNone) at = (at + 1) & mask();
    slots_[at] = {key, value};
  }
  void grow() {
    std::vector<Slot> before = std::move(slots_);
    slots_.assign(before.empty() ? 4 : 2 * before.size(), Slot{});
    shift_ = static_cast<uint32_t>(64 - std::countr_zero(slots_.size()));
    for (const Slot& slot : before) {
      if (slot.value != kNone) place(slot.key, slot.value);
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  uint32_t size_ = 0;
  uint32_t shift_ = 64;
};

using LabelMap = OpenMap<uint32_t>;

}  // namespace windtunnel::node
