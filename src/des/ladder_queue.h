// The set of pending events for any number of them: a heap while they are few, streamed time
// buckets when they are many. Same order and interface as EventQueue.
//
// Few (up to 512): everything is in `near_`, a 4-ary heap that fits the first-level cache.
//
// Many: time is cut into 1,024 buckets from the earliest pending event on; an event is appended to
// its bucket, in blocks, without being sorted; what lies beyond the last bucket is appended to
// `far_`. A bucket is sorted when it comes up (a counting pass by time, then insertion sort within
// groups of about four) into `active_`, from where events are taken one after the other. What is
// scheduled into the active bucket goes to `near_`, which is compared with the head of `active_`.
// When the last bucket is used up, `far_` is cut into buckets anew. Each event is so moved three or
// four times, but always streaming: no cold cache line waits for another, which is what makes a
// heap of a million events slow. This is the ladder queue of Tang, Goh and Thng (ACM TOMACS 2005)
// with one rung and a counting sort below it.
//
// Any time may be pushed at any moment, the past included; only the speed supposes that time moves
// forward. Amortised O(1) per event unless times cluster in one bucket, O(log n) then.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "des/block_chains.h"
#include "des/event_key.h"
#include "des/event_queue.h"

namespace windtunnel::des {

// kHeapMax: more than this many events are cut into buckets. Tests set it low.
template <EventRecord Event, size_t kHeapMax = 512>
class LadderQueue {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // HOT
  void push(const Event& event) {
    ++size_;
    if (event.key.time <= near_last_) {
      near_.push(event);
      if (near_.size() > kHeapMax && heap_only()) spill();
    } else {
      append(event);
    }
  }

  // The earliest event; the queue must not be empty. The reference dies with the next change.
  const Event& top() {
    find_front();
    return front_is_active() ? active_[active_next_] : near_.top();
  }

  // HOT: takes the earliest event; the queue must not be empty.
  Event pop() {
    WT_DCHECK(size_ > 0, "pop from an empty queue");
    find_front();
    --size_;
    return front_is_active() ? active_[active_next_++] : near_.pop();
  }

  // HOT: takes the earliest event if it comes before `end`.
  bool pop_before(int64_t end, Event& event) {
    if (size_ == 0) return false;
    find_front();
    const bool active = front_is_active();
    const Event& front = active ? active_[active_next_] : near_.top();
    if (front.key.time >= end) return false;
    event = front;
    --size_;
    if (active) {
      ++active_next_;
    } else {
      near_.drop_top();
    }
    return true;
  }

  // The event that comes `distance` after the earliest, if that is cheap to say and nothing is
  // scheduled before it; else null. For prefetching only.
  const Event* ahead(size_t distance) const {
    const size_t at = active_next_ + distance;
    return at < active_end_ ? &active_[at] : nullptr;
  }

  // Drops every event for which dead(event) holds and returns how many they were. O(n).
  template <class Dead>
  size_t remove_if(Dead dead) {
    const size_t before = size_;
    near_.remove_if(dead);
    const auto first = active_.begin() + static_cast<std::ptrdiff_t>(active_next_);
    const auto last = active_.begin() + static_cast<std::ptrdiff_t>(active_end_);
    active_end_ = static_cast<size_t>(std::remove_if(first, last, dead) - active_.begin());
    size_ = near_.size() + (active_end_ - active_next_);
    occupied_ = {};
    for (Chain& chain : buckets_) sift(chain, dead);
    far_min_ = kForever;
    sift(far_, dead);
    return before - size_;
  }

 private:
  static constexpr int kBucketBits = 10;
  static constexpr size_t kBuckets = size_t{1} << kBucketBits;
  static constexpr size_t kGroup = 4;  // events per group of the counting sort, on average
  static constexpr int64_t kForever = std::numeric_limits<int64_t>::max();
  using Chain = typename BlockChains<Event>::Chain;

  bool heap_only() const { return near_last_ == kForever; }

  bool front_is_active() {
    if (active_next_ == active_end_) return false;
    return near_.empty() || active_[active_next_].key < near_.top().key;
  }

  void find_front() {
    if (active_next_ == active_end_ && near_.empty()) open_next();
  }

  // Since the bucketed region began, in buckets. Only for times after near_last_.
  uint64_t bucket_of(int64_t time) const {
    return (static_cast<uint64_t>(time) - static_cast<uint64_t>(base_)) >> shift_;
  }

  void append(const Event& event) {
    const uint64_t bucket = bucket_of(event.key.time);
    if (bucket < kBuckets) {
      blocks_.append(buckets_[bucket], event);
      occupied_[bucket / 64] |= uint64_t{1} << (bucket % 64);
    } else {
      far_min_ = std::min(far_min_, event.key.time);
      blocks_.append(far_, event);
    }
  }

  template <class Dead>
  void sift(Chain& chain, Dead& dead) {
    if (chain.count == 0) return;
    Chain all = std::exchange(chain, {});
    blocks_.drain(all, [&](const Event& event) {
      if (dead(event)) return;
      append(event);
      ++size_;
    });
  }

  // From a heap to buckets: everything is far at first.
  void spill() {
    far_min_ = near_.top().key.time;
    while (!near_.empty()) blocks_.append(far_, near_.pop());
    cut_far();
  }

  void open_next() {
    for (;;) {
      const size_t bucket = next_occupied();
      if (bucket < kBuckets) {
        open(bucket);
        return;
      }
      WT_DCHECK(far_.count > 0, "events are counted but not there");
      cut_far();
      if (heap_only()) return;
    }
  }

  size_t next_occupied() {
    for (size_t word = 0; word < occupied_.size(); ++word) {
      if (occupied_[word] != 0) {
        return word * 64 + static_cast<size_t>(std::countr_zero(occupied_[word]));
      }
    }
    return kBuckets;
  }

  // Cuts `far_` into buckets, or takes it into the heap if it is small. All else is empty.
  void cut_far() {
    Chain far = std::exchange(far_, {});
    base_ = far_min_;
    far_min_ = kForever;
    if (far.count <= kHeapMax / 2) {
      near_last_ = kForever;
      blocks_.drain(far, [this](const Event& event) { near_.push(event); });
      return;
    }
    near_last_ = base_ - 1;  // may be -1: times are never negative
    // About a hundred events per bucket, so that ahead() has something to say.
    const int bits = std::clamp(static_cast<int>(std::bit_width(far.count)) - 7, 3, kBucketBits);
    shift_ = std::max(0, span_bits(far) - bits);
    blocks_.drain(far, [this](const Event& event) { append(event); });
  }

  // The smallest b such that seven of eight events lie within 2^b ticks from base_.
  int span_bits(const Chain& far) const {
    std::array<uint32_t, 65> count{};
    blocks_.for_each(far, [&](const Event& event) {
      ++count[static_cast<size_t>(std::bit_width(static_cast<uint64_t>(event.key.time - base_)))];
    });
    uint32_t within = 0;
    int bits = 0;
    for (;; ++bits) {
      within += count[static_cast<size_t>(bits)];
      if (within >= far.count - far.count / 8) return bits;
    }
  }

  void open(size_t bucket) {
    occupied_[bucket / 64] &= ~(uint64_t{1} << (bucket % 64));
    const uint64_t begin = static_cast<uint64_t>(base_) + (uint64_t{bucket} << shift_);
    const uint64_t last = begin + (uint64_t{1} << shift_) - 1;
    near_last_ = static_cast<int64_t>(std::min(last, static_cast<uint64_t>(kForever) - 1));
    Chain chain = std::exchange(buckets_[bucket], {});
    if (active_.size() < chain.count) active_.resize(std::bit_ceil(size_t{chain.count}));
    active_next_ = 0;
    active_end_ = chain.count;
    const int group_bits = std::min(shift_, static_cast<int>(std::bit_width(chain.count / kGroup)));
    if (group_bits <= 1) {
      size_t at = 0;
      blocks_.drain(chain, [&](const Event& event) { active_[at++] = event; });
      sort_group(0, at);
    } else {
      scatter(chain, begin, group_bits);
    }
  }

  // Counting sort of a bucket by the leading `group_bits` bits of its times, then by key within.
  void scatter(Chain& chain, uint64_t begin, int group_bits) {
    const int group_shift = shift_ - group_bits;
    const auto group_of = [&](const Event& event) {
      return static_cast<size_t>((static_cast<uint64_t>(event.key.time) - begin) >> group_shift);
    };
    group_end_.assign(size_t{1} << group_bits, 0);
    blocks_.for_each(chain, [&](const Event& event) { ++group_end_[group_of(event)]; });
    uint32_t sum = 0;
    for (uint32_t& end : group_end_) sum += std::exchange(end, sum);
    blocks_.drain(chain,
                  [&](const Event& event) { active_[group_end_[group_of(event)]++] = event; });
    size_t first = 0;
    for (const uint32_t end : group_end_) {
      sort_group(first, end);
      first = end;
    }
  }

  void sort_group(size_t first, size_t end) {
    constexpr size_t kInsertionMax = 16;
    if (end - first > kInsertionMax) {
      std::sort(active_.begin() + static_cast<std::ptrdiff_t>(first),
                active_.begin() + static_cast<std::ptrdiff_t>(end),
                [](const Event& a, const Event& b) { return a.key < b.key; });
      return;
    }
    for (size_t i = first + 1; i < end; ++i) {
      const Event event = active_[i];
      size_t at = i;
      for (; at > first && event.key < active_[at - 1].key; --at) active_[at] = active_[at - 1];
      active_[at] = event;
    }
  }

  size_t size_ = 0;
  EventQueue<Event> near_;
  int64_t near_last_ = kForever;  // later times are in buckets or far; kForever: all is in near_
  std::vector<Event> active_;     // sorted, all up to near_last_
  size_t active_next_ = 0;
  size_t active_end_ = 0;
  int64_t base_ = 0;  // where bucket 0 begins
  int shift_ = 0;     // a bucket is 2^shift_ ticks wide
  std::array<Chain, kBuckets> buckets_{};
  std::array<uint64_t, kBuckets / 64> occupied_{};
  Chain far_;
  int64_t far_min_ = kForever;
  BlockChains<Event> blocks_;
  std::vector<uint32_t> group_end_;
};

}  // namespace windtunnel::des
