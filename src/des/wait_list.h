// A first-in first-out list of waiters of one kind, linked through the waiters themselves: joining
// and leaving cost a few stores and no memory. A waiter is in at most one list.
#pragma once

#include <cstdint>

namespace windtunnel::des {

template <class W>
class WaitList {
 public:
  bool empty() const { return head_ == nullptr; }
  int64_t size() const { return size_; }
  W* front() const { return head_; }
  W* back() const { return tail_; }
  static W* next(const W& waiter) { return static_cast<W*>(waiter.next_); }
  static W* previous(const W& waiter) { return static_cast<W*>(waiter.previous_); }

  void push_back(W& waiter) { insert_after(tail_, waiter); }
  // A null `where` means the front.
  void insert_after(W* where, W& waiter) {
    W* const after = where != nullptr ? next(*where) : head_;
    waiter.previous_ = where;
    waiter.next_ = after;
    if (where != nullptr) {
      where->next_ = &waiter;
    } else {
      head_ = &waiter;
    }
    if (after != nullptr) {
      after->previous_ = &waiter;
    } else {
      tail_ = &waiter;
    }
    ++size_;
  }
  void remove(W& waiter) {
    W* const before = previous(waiter);
    W* const after = next(waiter);
    if (before != nullptr) {
      before->next_ = after;
    } else {
      head_ = after;
    }
    if (after != nullptr) {
      after->previous_ = before;
    } else {
      tail_ = before;
    }
    waiter.previous_ = nullptr;
    waiter.next_ = nullptr;
    --size_;
  }
  // For an owner that dies: nobody in the list will be served any more.
  void orphan_all() {
    while (head_ != nullptr) {
      W& waiter = *head_;
      remove(waiter);
      waiter.orphan();
    }
  }

 private:
  W* head_ = nullptr;
  W* tail_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace windtunnel::des
