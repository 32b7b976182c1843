// Headers too large for a parcel's cargo: acknowledgements and other control packets of Braid.
//
// A record is taken by the worker that sends and given back by the worker that receives or drops
// it; in between exactly one parcel names it. Each worker has its own free list, so nothing is
// locked; a window's barrier lies between the writing and the reading of a record. Which record a
// packet gets depends on the workers and is never observable.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/check.h"

namespace windtunnel::node {

template <class Record>
class SideStore {
 public:
  explicit SideStore(uint32_t workers) : free_(workers) {}

  uint32_t take(uint32_t worker) {
    std::vector<uint32_t>& free = free_[worker].indices;
    if (free.empty()) grow(free);
    const uint32_t index = free.back();
    free.pop_back();
    return index;
  }
  void give(uint32_t worker, uint32_t index) { free_[worker].indices.push_back(index); }
  Record& operator[](uint32_t index) { return (*slabs_[index / kSlab])[index % kSlab]; }

  int64_t allocated() const { return int64_t{slab_count_} * kSlab; }
  // Evens the free lists out; between windows only.
  void balance() {
    for (size_t i = 1; i < free_.size(); ++i) level(free_[0].indices, free_[i].indices);
  }

 private:
  static constexpr uint32_t kSlab = 1024;
  static constexpr uint32_t kSlabsMax = 1u << 16;
  struct alignas(64) FreeList {
    std::vector<uint32_t> indices;
  };

  void grow(std::vector<uint32_t>& free) {
    const std::lock_guard lock(growing_);
    WT_CHECK(slab_count_ < kSlabsMax, "too many control packets under way");
    slabs_[slab_count_] = std::make_unique<std::array<Record, kSlab>>();
    for (uint32_t i = kSlab; i-- > 0;) free.push_back(slab_count_ * kSlab + i);
    ++slab_count_;
  }
  static void level(std::vector<uint32_t>& a, std::vector<uint32_t>& b) {
    std::vector<uint32_t>& more = a.size() > b.size() ? a : b;
    std::vector<uint32_t>& less = a.size() > b.size() ? b : a;
    const size_t surplus = (more.size() - less.size()) / 2;
    less.insert(less.end(), more.end() - static_cast<ptrdiff_t>(surplus), more.end());
    more.resize(more.size() - surplus);
  }

  std::vector<FreeList> free_;
  // Never moves, so readers need no lock while another worker grows.
  std::unique_ptr<std::unique_ptr<std::array<Record, kSlab>>[]> slabs_ =
      std::make_unique<std::unique_ptr<std::array<Record, kSlab>>[]>(kSlabsMax);
  uint32_t slab_count_ = 0;
  std::mutex growing_;
};

}  // namespace windtunnel::node
