// The set of pending events: an implicit 4-ary heap of plain records, ordered by EventKey.
//
// A simulation mostly takes an event and schedules one or two from it. pop() therefore leaves a
// hole at the root and the next push() fills it from there: one walk down instead of one down and
// one up (the fused replace-top). Four children of 32 bytes are two adjacent cache lines.
//
// bench/event_queue_bench.cc measures a hold (pop and push). For more than some hundred pending
// events see ladder_queue.h, which uses this one for the few.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/check.h"
#include "des/event_key.h"

namespace windtunnel::des {

template <EventRecord Event>
class EventQueue {
 public:
  bool empty() const { return size() == 0; }
  size_t size() const { return heap_.size() - (hole_ ? 1 : 0); }
  size_t capacity() const { return heap_.capacity(); }
  void reserve(size_t count) { heap_.reserve(count); }
  void clear() {
    heap_.clear();
    hole_ = false;
  }

  // The earliest event; the queue must not be empty. The reference dies with the next change.
  // Not const: it may have to close the hole first.
  const Event& top() {
    close_hole();
    return heap_[0];
  }

  // HOT: a few dozen instructions, log4(n) pairs of cache lines.
  void push(const Event& event) {
    if (hole_) {
      hole_ = false;
      sink(event);
      return;
    }
    heap_.push_back(event);
    rise(heap_.size() - 1, event);
  }

  // HOT: takes the earliest event; the queue must not be empty.
  Event pop() {
    close_hole();
    WT_DCHECK(!heap_.empty(), "pop from an empty queue");
    hole_ = true;
    return heap_[0];
  }

  // Takes what top() has just shown.
  void drop_top() { hole_ = true; }

  // Drops every event for which dead(event) holds and returns how many they were. O(n); the order
  // of the rest does not change because keys are unique.
  template <class Dead>
  size_t remove_if(Dead dead) {
    close_hole();
    const size_t before = heap_.size();
    std::erase_if(heap_, dead);
    for (size_t i = heap_.size() / kArity + 1; i-- > 0;) {
      if (i < heap_.size()) sink_from(i, Event(heap_[i]));
    }
    return before - heap_.size();
  }

 private:
  static constexpr size_t kArity = 4;

  void close_hole() {
    if (!hole_) return;
    hole_ = false;
    const Event last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(last);
  }

  void rise(size_t i, const Event& event) {
    const base::Uint128 key = event.key.wide();
    while (i > 0) {
      const size_t parent = (i - 1) / kArity;
      if (heap_[parent].key.wide() < key) break;
      heap_[i] = heap_[parent];
      i = parent;
    }
    heap_[i] = event;
  }

  void sink(const Event& event) { sink_from(0, event); }

  void sink_from(size_t i, const Event& event) {
    const base::Uint128 key = event.key.wide();
    const size_t count = heap_.size();
    Event* const at = heap_.data();
    for (;;) {
      const size_t child = i * kArity + 1;
      if (child + kArity > count) break;
      const size_t least = least_of_four(at, child);
      if (key < at[least].key.wide()) {
        at[i] = event;
        return;
      }
      at[i] = at[least];
      i = least;
    }
    finish_sink(i, event, key);
  }

  // The last level, where a node may have fewer than four children.
  void finish_sink(size_t i, const Event& event, base::Uint128 key) {
    const size_t child = i * kArity + 1;
    if (child < heap_.size()) {
      size_t least = child;
      for (size_t c = child + 1; c < heap_.size(); ++c) {
        if (heap_[c].key < heap_[least].key) least = c;
      }
      if (heap_[least].key.wide() < key) {
        heap_[i] = heap_[least];
        i = least;
      }
    }
    heap_[i] = event;
  }

  // Selects by arithmetic: which child wins is a coin toss, and a mispredicted branch costs more
  // than the three comparisons. The winners' keys are read again, from the first-level cache.
  static size_t least_of_four(const Event* at, size_t child) {
    const size_t a = child + static_cast<size_t>(at[child + 1].key.wide() < at[child].key.wide());
    const size_t b =
        child + 2 + static_cast<size_t>(at[child + 3].key.wide() < at[child + 2].key.wide());
    const size_t b_wins = 0 - static_cast<size_t>(at[b].key.wide() < at[a].key.wide());
    return a ^ ((a ^ b) & b_wins);
  }

  std::vector<Event> heap_;
  bool hole_ = false;  // heap_[0] has been taken and not replaced
};

}  // namespace windtunnel::des
