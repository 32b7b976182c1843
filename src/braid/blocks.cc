#include "braid/blocks.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::braid {

BlockPool::BlockPool(uint32_t count, uint32_t psn_range)
    : count_(count),
      range_(psn_range),
      stride_(static_cast<uint32_t>(block_bytes(psn_range) / 8)),
      words_(new uint64_t[size_t{count} * stride_]()) {
  free_.reserve(count);
  for (uint32_t i = count; i > 0; --i) free_.push_back(i - 1);
}

void BlockPool::grow(uint32_t count) {
  std::unique_ptr<uint64_t[]> words(new uint64_t[size_t{count_ + count} * stride_]());
  std::copy_n(words_.get(), size_t{count_} * stride_, words.get());
  words_ = std::move(words);
  free_.reserve(count_ + count);
  for (uint32_t i = count_ + count; i > count_; --i) free_.push_back(i - 1);
  count_ += count;
}

uint32_t BlockPool::take() {
  if (free_.empty()) return kNoBlock;
  const uint32_t index = free_.back();
  free_.pop_back();
  uint64_t* words = words_.get() + size_t{index} * stride_;
  const uint32_t map = range_ / 64;
  std::fill(words, words + 5 * map, 0);
  std::fill(words + 2 * map, words + 3 * map, ~uint64_t{0});
  return index;
}

void BlockPool::give(uint32_t index) {
  WT_CHECK(index < count_ && free_.size() < count_, "block given back twice");
  free_.push_back(index);
}

}  // namespace windtunnel::braid
