// Parcels under way between partitions.
//
// Each worker owns one Outbox: a grid of chunked lists, one per (window slot, receiving partition).
// Workers write only their own outbox; a partition reads its column of every outbox in the window
// the parcels arrive in. Order of arrival in a list means nothing: receivers sort by (time, inlet),
// which is unique, so the thread count cannot be seen.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "fabric/parcel.h"

namespace windtunnel::fabric {

struct Chunk {
  static constexpr uint32_t kCapacity = 63;  // 63 * 32 + 16 + padding = 2 KiB
  Chunk* next = nullptr;
  uint32_t count = 0;
  alignas(32) std::array<Parcel, kCapacity> parcels;
};
static_assert(sizeof(Chunk) == 2048);

// Chunks are allocated in slabs and recycled for ever; a steady run allocates nothing.
class ChunkPool {
 public:
  Chunk* take() {
    if (free_ == nullptr) grow();
    Chunk* chunk = free_;
    free_ = chunk->next;
    --free_count_;
    chunk->next = nullptr;
    chunk->count = 0;
    return chunk;
  }
  void give(Chunk* chunk) {
    chunk->next = free_;
    free_ = chunk;
    ++free_count_;
  }
  int64_t allocated() const { return allocated_; }
  // Moves half of the surplus to `other`; called between windows when one worker only receives.
  void balance_with(ChunkPool& other);

 private:
  void grow();
  static constexpr int64_t kSlab = 64;
  Chunk* free_ = nullptr;
  int64_t free_count_ = 0;
  int64_t allocated_ = 0;
  std::vector<std::unique_ptr<Chunk[]>> slabs_;
};

class Outbox {
 public:
  // slots: a power of two, larger than the longest latency in windows plus one.
  Outbox(uint32_t slots, uint32_t partitions)
      : slot_mask_(slots - 1),
        partitions_(partitions),
        lists_(size_t{slots} * partitions),
        slot_counts_(slots) {}

  // HOT
  void push(int64_t window_index, uint32_t partition, const Parcel& parcel) {
    const uint32_t slot = static_cast<uint32_t>(window_index) & slot_mask_;
    Chunk*& head = lists_[size_t{slot} * partitions_ + partition];
    if (head == nullptr || head->count == Chunk::kCapacity) {
      Chunk* fresh = pool_.take();
      fresh->next = head;
      head = fresh;
    }
    head->parcels[head->count++] = parcel;
    ++slot_counts_[slot];
  }

  const Chunk* peek(int64_t window_index, uint32_t partition) const {
    return lists_[size_t{static_cast<uint32_t>(window_index) & slot_mask_} * partitions_ +
                  partition];
  }
  // Detaches the list; the caller gives the chunks back to its own pool.
  Chunk* take(int64_t window_index, uint32_t partition) {
    Chunk*& head =
        lists_[size_t{static_cast<uint32_t>(window_index) & slot_mask_} * partitions_ + partition];
    Chunk* list = head;
    head = nullptr;
    return list;
  }
  // Whether anything was pushed for this window. The count is cleared by finish().
  bool any(int64_t window_index) const {
    return slot_counts_[static_cast<uint32_t>(window_index) & slot_mask_] != 0;
  }
  void finish(int64_t window_index) {
    slot_counts_[static_cast<uint32_t>(window_index) & slot_mask_] = 0;
  }
  uint32_t slots() const { return slot_mask_ + 1; }
  ChunkPool& pool() { return pool_; }
  const ChunkPool& pool() const { return pool_; }

 private:
  uint32_t slot_mask_;
  uint32_t partitions_;
  std::vector<Chunk*> lists_;
  std::vector<uint64_t> slot_counts_;
  ChunkPool pool_;
};

}  // namespace windtunnel::fabric
