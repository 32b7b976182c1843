// Many growing lists of records in blocks of one pool: appending is a store, reading is sequential
// within a block, and blocks are used again by any list. The pool grows and never shrinks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace windtunnel::des {

template <class Record>
class BlockChains {
 public:
  static constexpr size_t kBlock = 32;  // records

  // One list. The newest block is the head and the only one that may be partly filled.
  struct Chain {
    uint32_t head = kNone;
    uint32_t count = 0;
  };

  // HOT
  void append(Chain& chain, const Record& record) {
    const size_t at = chain.count % kBlock;
    if (at == 0) chain.head = take_block(chain.head);
    records_[chain.head * kBlock + at] = record;
    ++chain.count;
  }

  // Newest block first.
  template <class Use>
  void for_each(const Chain& chain, Use use) const {
    size_t in_block = filled(chain);
    for (uint32_t block = chain.head; block != kNone; block = next_[block]) {
      for (size_t i = 0; i < in_block; ++i) use(records_[block * kBlock + i]);
      in_block = kBlock;
    }
  }

  // The same, and gives the blocks back. `use` may append to other chains.
  template <class Use>
  void drain(Chain& chain, Use use) {
    size_t in_block = filled(chain);
    uint32_t block = chain.head;
    chain = {};
    while (block != kNone) {
      for (size_t i = 0; i < in_block; ++i) use(Record(records_[block * kBlock + i]));
      in_block = kBlock;
      const uint32_t next = next_[block];
      next_[block] = free_;
      free_ = block;
      block = next;
    }
  }

 private:
  static constexpr uint32_t kNone = 0xffffffff;

  static size_t filled(const Chain& chain) {
    return chain.count == 0 ? 0 : (chain.count - 1) % kBlock + 1;
  }

  uint32_t take_block(uint32_t next) {
    if (free_ == kNone) {
      records_.resize(records_.size() + kBlock);
      next_.push_back(next);
      return static_cast<uint32_t>(next_.size() - 1);
    }
    const uint32_t block = free_;
    free_ = next_[block];
    next_[block] = next;
    return block;
  }

  std::vector<Record> records_;
  std::vector<uint32_t> next_;  // per block: the next of its chain, or of the free list
  uint32_t free_ = kNone;
};

}  // namespace windtunnel::des
