#include "fabric/mailbox.h"

namespace windtunnel::fabric {

void ChunkPool::grow() {
  slabs_.push_back(std::make_unique<Chunk[]>(kSlab));
  for (int64_t i = kSlab - 1; i >= 0; --i) give(&slabs_.back()[static_cast<size_t>(i)]);
  allocated_ += kSlab;
}

void ChunkPool::balance_with(ChunkPool& other) {
  for (int64_t surplus = (free_count_ - other.free_count_) / 2; surplus > 0; --surplus) {
    Chunk* chunk = free_;
    free_ = chunk->next;
    --free_count_;
    other.give(chunk);
  }
}

}  // namespace windtunnel::fabric
