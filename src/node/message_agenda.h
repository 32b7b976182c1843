// What a host has to do at a later time: a binary heap by time; entries of one time come out in the
// order in which they were put in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "node/host_posts.h"

namespace windtunnel::node {

class Agenda {
 public:
  struct Entry {
    int64_t at_ps;
    uint32_t order;
    uint32_t kind : 4;
    uint32_t index : 28;  // the kind's own
    bool later_than(const Entry& other) const {
      return at_ps != other.at_ps ? at_ps > other.at_ps
                                  : static_cast<int32_t>(order - other.order) > 0;
    }
  };

  int64_t next_ps() const { return heap_.empty() ? kNever : heap_.front().at_ps; }
  void push(int64_t at_ps, uint32_t kind, uint32_t index) {
    heap_.push_back({at_ps, order_++, kind & 0xf, index & 0xfffffff});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  Entry pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Entry entry = heap_.back();
    heap_.pop_back();
    return entry;
  }
  size_t bytes() const { return heap_.capacity() * sizeof(Entry); }

 private:
  static bool later(const Entry& a, const Entry& b) { return a.later_than(b); }
  std::vector<Entry> heap_;
  uint32_t order_ = 0;
};
static_assert(sizeof(Agenda::Entry) == 16);

}  // namespace windtunnel::node
