// A buffer of items between processes, first in first out, finite if wanted.
//
//   co_await buffer.put(std::move(part));   // waits while the buffer is full
//   Part part = co_await buffer.get();      // waits while it is empty
//
// Items and waiting processes keep their order. An item on its way into a full buffer is inside its
// putter; if that wait is interrupted or destroyed, the item goes with it (the outcome of an
// interruptible put returns it). An item handed to a getter is the getter's even before it runs.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/check.h"
#include "des/kernel.h"
#include "des/ring.h"
#include "des/statistics.h"
#include "des/waiter.h"

namespace windtunnel::des {

template <class T>
class Store {
 public:
  static constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();

  struct GetOutcome : Outcome {
    std::optional<T> item;  // empty when interrupted
  };
  struct PutOutcome : Outcome {
    std::optional<T> item;  // what could not be put, when interrupted
  };
  class Get;
  class Put;

  // capacity >= 1: a store without room would need a rendezvous, which is two signals.
  explicit Store(Kernel& kernel, int64_t capacity = kUnbounded)
      : kernel_(&kernel), capacity_(capacity), level_(kernel.now_ticks()) {
    WT_CHECK(capacity >= 1, "a store needs room for one item");
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store() {
    getters_.orphan_all();
    putters_.orphan_all();
  }

  Get get() { return Get(*this); }
  Put put(T item) { return Put(*this, std::move(item)); }
  // Without waiting: empty when there is nothing; false, and the item untouched, when full.
  std::optional<T> try_get();
  bool try_put(T& item);

  Kernel& kernel() const { return *kernel_; }
  int64_t size() const { return level_.value(); }
  int64_t capacity() const { return capacity_; }
  int64_t getters() const { return getters_.size(); }
  int64_t putters() const { return putters_.size(); }
  // Items in the buffer over time. Restart at the end of the warm-up.
  Level& level() { return level_; }

 private:
  void add(T&& item) {
    items_.push_back(std::move(item));
    level_.add(kernel_->now_ticks(), 1);
  }
  T remove() {
    T item = items_.pop_front();
    level_.add(kernel_->now_ticks(), -1);
    if (!putters_.empty()) {
      Put& putter = *putters_.front();
      putters_.remove(putter);
      add(putter.hand_over());
      putter.complete();
    }
    return item;
  }

  Kernel* kernel_;
  int64_t capacity_;
  Ring<T> items_;
  WaitList<Get> getters_;  // not empty only while there are no items
  WaitList<Put> putters_;  // not empty only while the buffer is full
  Level level_;
};

template <class T>
class Store<T>::Get final : public Wait<Get> {
 public:
  explicit Get(Store& store) : store_(&store) {}
  Get(Get&&) noexcept = default;
  ~Get() override { this->abandon(); }

  bool poll() {
    item_ = store_->try_get();
    return item_.has_value();
  }
  void arm() { store_->getters_.push_back(*this); }
  T result() { return std::move(*item_); }
  GetOutcome outcome() { return {this->outcome_now(), std::move(item_)}; }

 protected:
  void disarm() noexcept override { store_->getters_.remove(*this); }

 private:
  friend class Store;
  Store* store_;
  std::optional<T> item_;
};

template <class T>
class Store<T>::Put final : public Wait<Put> {
 public:
  Put(Store& store, T&& item) : store_(&store), item_(std::move(item)) {}
  Put(Put&&) noexcept = default;
  ~Put() override { this->abandon(); }

  bool poll() {
    if (!store_->try_put(*item_)) return false;
    item_.reset();
    return true;
  }
  void arm() { store_->putters_.push_back(*this); }
  void result() const {}
  PutOutcome outcome() { return {this->outcome_now(), std::move(item_)}; }

 protected:
  void disarm() noexcept override { store_->putters_.remove(*this); }

 private:
  friend class Store;
  T hand_over() {
    T item = std::move(*item_);
    item_.reset();
    return item;
  }
  Store* store_;
  std::optional<T> item_;
};

template <class T>
std::optional<T> Store<T>::try_get() {
  if (items_.empty()) return std::nullopt;
  return remove();
}

template <class T>
bool Store<T>::try_put(T& item) {
  if (!getters_.empty()) {
    Get& getter = *getters_.front();
    getters_.remove(getter);
    getter.item_ = std::move(item);
    getter.complete();
    return true;
  }
  if (size() >= capacity_) return false;
  add(std::move(item));
  return true;
}

}  // namespace windtunnel::des
