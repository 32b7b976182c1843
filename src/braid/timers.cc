#include "braid/timers.h"

namespace windtunnel::braid {

void TimerHeap::arm(uint32_t owner, int64_t deadline) {
  const uint32_t at = position_[owner];
  if (at == kAbsent) {
    heap_.push_back({});
    sift_up(static_cast<uint32_t>(heap_.size()) - 1, {deadline, owner});
  } else if (deadline < heap_[at].deadline) {
    sift_up(at, {deadline, owner});
  }
}

uint32_t TimerHeap::take_due(int64_t now) {
  if (heap_.empty() || heap_[0].deadline > now) return kAbsent;
  const uint32_t owner = heap_[0].owner;
  position_[owner] = kAbsent;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0, last);
  return owner;
}

void TimerHeap::sift_up(uint32_t at, Entry entry) {
  while (at > 0) {
    const uint32_t parent = (at - 1) / 2;
    if (!entry.before(heap_[parent])) break;
    place(at, heap_[parent]);
    at = parent;
  }
  place(at, entry);
}

void TimerHeap::sift_down(uint32_t at, Entry entry) {
  const auto size = static_cast<uint32_t>(heap_.size());
  for (;;) {
    uint32_t child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(entry)) break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, entry);
}

}  // namespace windtunnel::braid
