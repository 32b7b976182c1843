// Deadlines of queue pairs. A deadline here is a lower bound: progress only moves the true one
// later, so nothing is touched per packet; when the bound fires, the owner looks and arms again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace windtunnel::braid {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

// A binary heap with one entry per queue pair that has a timer, in ps; equal deadlines fire in the
// order of queue pair numbers.
class TimerHeap {
 public:
  void reserve(uint32_t owners) { heap_.reserve(owners), position_.reserve(owners); }
  void add_owner() { position_.push_back(kAbsent); }

  int64_t earliest() const { return heap_.empty() ? kNever : heap_[0].deadline; }
  // Arms, or moves an armed deadline earlier; a later one changes nothing.
  void arm(uint32_t owner, int64_t deadline);
  // Takes out one owner that is due, or returns kAbsent.
  uint32_t take_due(int64_t now);
  size_t bytes() const {
    return heap_.capacity() * sizeof(Entry) + position_.capacity() * sizeof(uint32_t);
  }

  static constexpr uint32_t kAbsent = 0xffffffff;

 private:
  struct Entry {
    int64_t deadline;
    uint32_t owner;
    bool before(const Entry& other) const {
      return deadline != other.deadline ? deadline < other.deadline : owner < other.owner;
    }
  };
  void place(uint32_t at, Entry entry) {
    heap_[at] = entry;
    position_[entry.owner] = at;
  }
  void sift_up(uint32_t at, Entry entry);
  void sift_down(uint32_t at, Entry entry);

  std::vector<Entry> heap_;
  std::vector<uint32_t> position_;  // of each owner in the heap
};

}  // namespace windtunnel::braid
