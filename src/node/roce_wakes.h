// Queue pairs of one host by the time at which they want attention: a binary heap, ordered by time
// and then by queue pair. Entries are never changed in place; owners keep at most one each.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace windtunnel::node {

class WakeHeap {
 public:
  struct Wake {
    int64_t at_ps;
    uint32_t qp;
    friend bool operator>(const Wake& a, const Wake& b) {
      return a.at_ps != b.at_ps ? a.at_ps > b.at_ps : a.qp > b.qp;
    }
  };

  void reserve(size_t entries) { heap_.reserve(entries); }
  bool empty() const { return heap_.empty(); }
  const Wake& top() const { return heap_.front(); }
  void push(int64_t at_ps, uint32_t qp) {
    heap_.push_back({at_ps, qp});
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  void pop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    heap_.pop_back();
  }
  size_t capacity() const { return heap_.capacity(); }

 private:
  std::vector<Wake> heap_;
};

}  // namespace windtunnel::node
