// Memory for coroutine frames: free lists by size, fed from chunks that are kept until the pool
// dies. After warm-up a process starts and ends without operator new; a test reads the counts.
//
// One pool belongs to one kernel and is used by one thread. Frames must be gone before the pool:
// checked in its destructor, because a frame left over would be freed into nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace windtunnel::des {

class FramePool {
 public:
  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool();

  // `bytes` of storage aligned to 16, released with release(). Remembers the pool in a header
  // before the frame, since operator delete of a coroutine is told nothing but address and size.
  void* allocate(size_t bytes);
  static void release(void* frame, size_t bytes) noexcept;

  int64_t live() const { return live_; }    // frames in use now
  int64_t total() const { return total_; }  // frames ever handed out
  int64_t bytes_reserved() const { return bytes_reserved_; }

 private:
  static constexpr size_t kHeader = 16;
  static constexpr size_t kStep = 64;          // sizes are rounded up to this
  static constexpr size_t kPooledMax = 4096;   // larger frames go to operator new
  static constexpr size_t kChunk = 64 * 1024;  // bytes asked for at a time

  struct FreeBlock {
    FreeBlock* next;
  };

  static size_t size_class(size_t block_bytes) { return (block_bytes - 1) / kStep; }
  void* carve(size_t block_bytes);
  void recycle(void* block, size_t block_bytes) noexcept;

  std::array<FreeBlock*, kPooledMax / kStep> free_{};
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* chunk_next_ = nullptr;  // unused part of the newest chunk
  size_t chunk_left_ = 0;
  int64_t live_ = 0;
  int64_t total_ = 0;
  int64_t bytes_reserved_ = 0;
};

}  // namespace windtunnel::des
