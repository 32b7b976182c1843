#include "des/frame_pool.h"

#include <new>

#include "base/check.h"

// The address sanitizer must see a use of a frame after its end although the memory stays ours.
#if defined(__SANITIZE_ADDRESS__)
#define WT_FRAME_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WT_FRAME_ASAN 1
#endif
#endif
#ifdef WT_FRAME_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) (static_cast<void>(address))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) (static_cast<void>(address))
#endif

namespace windtunnel::des {

FramePool::~FramePool() {
  WT_CHECK(live_ == 0, "a coroutine frame outlives the simulation it belongs to");
}

// HOT
void* FramePool::allocate(size_t bytes) {
  const size_t block_bytes = (bytes + kHeader + kStep - 1) / kStep * kStep;
  ++live_;
  ++total_;
  void* block = nullptr;
  if (block_bytes > kPooledMax) [[unlikely]] {
    block = ::operator new(block_bytes);
  } else if (FreeBlock*& head = free_[size_class(block_bytes)]; head != nullptr) {
    block = head;
    ASAN_UNPOISON_MEMORY_REGION(block, block_bytes);
    head = head->next;
  } else {
    block = carve(block_bytes);
  }
  *static_cast<FramePool**>(block) = this;
  return static_cast<std::byte*>(block) + kHeader;
}

// HOT
void FramePool::release(void* frame, size_t bytes) noexcept {
  const size_t block_bytes = (bytes + kHeader + kStep - 1) / kStep * kStep;
  void* const block = static_cast<std::byte*>(frame) - kHeader;
  (*static_cast<FramePool**>(block))->recycle(block, block_bytes);
}

void FramePool::recycle(void* block, size_t block_bytes) noexcept {
  --live_;
  if (block_bytes > kPooledMax) [[unlikely]] {
    ::operator delete(block);
    return;
  }
  FreeBlock*& head = free_[size_class(block_bytes)];
  head = new (block) FreeBlock{head};
  ASAN_POISON_MEMORY_REGION(block, block_bytes);
}

// The rest of the previous chunk is given up: at most kPooledMax of every kChunk bytes.
void* FramePool::carve(size_t block_bytes) {
  if (chunk_left_ < block_bytes) {
    chunks_.push_back(std::make_unique<std::byte[]>(kChunk));
    chunk_next_ = chunks_.back().get();
    chunk_left_ = kChunk;
    bytes_reserved_ += static_cast<int64_t>(kChunk);
  }
  void* const block = chunk_next_;
  chunk_next_ += block_bytes;
  chunk_left_ -= block_bytes;
  return block;
}

}  // namespace windtunnel::des
