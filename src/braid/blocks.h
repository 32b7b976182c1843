// The pooled part of a queue pair: what it needs only while packets are under way. A block is a row
// of bytes whose layout follows from the PSN range:
//
//     acked, waiting, answered, resent, arrived    one bit per PSN each (PsnMap)
//     path                                         one byte per PSN: the path it was last sent on
//     stamp                                        4 bytes per 16 PSNs: when one was last sent
//
// 960 B for a range of 512, 3,840 B for 2,048. There is no time per packet: TSETH brings it back.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "braid/psn_map.h"

namespace windtunnel::braid {

inline constexpr uint32_t kNoBlock = 0xffffffff;
inline constexpr uint32_t kStampGroup = 16;  // PSNs that share one stamp

constexpr size_t block_bytes(uint32_t psn_range) {
  return 5 * (psn_range / 8) + psn_range + psn_range / kStampGroup * 4;
}
static_assert(block_bytes(512) <= 1088, "pooled state of an active queue pair");

// A view of one block; cheap to make, valid as long as the pool.
class Block {
 public:
  Block(uint64_t* base, uint32_t range) : base_(base), range_(range) {}

  PsnMap acked() const { return map(0); }     // sender: the peer has it
  PsnMap waiting() const { return map(1); }   // sender: declared lost, to be sent again
  PsnMap answered() const { return map(2); }  // sender: its last transmission had its feedback
  PsnMap resent() const { return map(3); }    // sender: sent more than once
  PsnMap arrived() const { return map(4); }   // receiver: beyond the expected PSN
  uint8_t& path(uint32_t psn) const { return paths()[psn & (range_ - 1)]; }
  uint32_t& stamp(uint32_t psn) const { return stamps()[(psn & (range_ - 1)) / kStampGroup]; }

 private:
  PsnMap map(uint32_t n) const { return PsnMap(base_ + n * (range_ / 64), range_); }
  uint8_t* paths() const { return reinterpret_cast<uint8_t*>(base_ + 5 * (range_ / 64)); }
  uint32_t* stamps() const { return reinterpret_cast<uint32_t*>(paths() + range_); }
  uint64_t* base_;
  uint32_t range_;
};

class BlockPool {
 public:
  BlockPool(uint32_t count, uint32_t psn_range);
  // kNoBlock when none is free. The maps of a taken block are clear, but for `answered`: nothing
  // that was sent before awaits feedback.
  uint32_t take();
  void give(uint32_t index);
  Block operator[](uint32_t index) const {
    return Block(words_.get() + size_t{index} * stride_, range_);
  }
  // Adds `count` blocks; views of blocks are no longer valid.
  void grow(uint32_t count);
  bool full() const { return free_.empty(); }
  size_t bytes_of_list() const { return free_.capacity() * sizeof(uint32_t); }
  uint32_t in_use() const { return count_ - static_cast<uint32_t>(free_.size()); }
  size_t bytes_per_block() const { return stride_ * 8; }

 private:
  uint32_t count_;
  uint32_t range_;
  uint32_t stride_;  // in words
  std::unique_ptr<uint64_t[]> words_;
  std::vector<uint32_t> free_;
};

}  // namespace windtunnel::braid
