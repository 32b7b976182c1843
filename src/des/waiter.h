// What a process waits for, as an object in its own frame: queues link waiters, they never
// allocate. Delay, Acquire, Get, Put, WaitSignal, Join, AnyOf and AllOf are waiters.
//
// Life of a waiter: made by a call such as resource.acquire(); moved at most until the process
// awaits it; poll() completes it at once if it can; otherwise arm() puts it into a queue, and it
// ends in exactly one of three ways: complete() by whoever owns the queue, an interrupt, or the
// destruction of its frame. The last two disarm() it.
//
// By default a wait cannot be cut short: an interrupt stays pending until the process reaches a
// wait it marked `.interruptible()`. So no delay is silently shortened in code that does not expect
// it, and no interrupt is lost.
#pragma once

#include <coroutine>
#include <cstdint>
#include <utility>

#include "base/check.h"
#include "des/kernel.h"

namespace windtunnel::des {

template <class Derived>
class Interruptible;

// How an interruptible wait ended.
struct Outcome {
  bool interrupted = false;
  Interruption interruption;  // meaningful when interrupted
};

class Waiter {
 public:
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter() = default;

  bool armed() const { return armed_; }
  bool interrupted() const { return interrupted_; }
  uint32_t process() const { return process_; }
  // The process that waits; valid from poll() on.
  ProcessId waiting_process() const;

  // Called by the owner of the queue once the waiter has left it and its effect is in place.
  void complete();
  // Called by a kernel or an enclosing wait that gives up on this one.
  void abandon() {
    if (!armed_) return;
    armed_ = false;
    disarm();
  }
  // Called by an owner that dies before its waiters: they stay suspended until destroyed.
  void orphan() { armed_ = false; }

 protected:
  Waiter() = default;
  // Moving is for waiters nobody has queued yet.
  Waiter(Waiter&& other) noexcept { WT_CHECK(!other.armed_, "moved a waiter that is in a queue"); }

  virtual void disarm() noexcept = 0;       // leave the queue
  virtual void child_completed(Waiter&) {}  // only any_of and all_of have children
  Kernel& kernel() const { return *kernel_; }
  Outcome outcome_now() const;

 private:
  friend class Kernel;
  template <class, class>
  friend class Wait;
  template <class>
  friend class Interruptible;
  template <class...>
  friend class AnyOf;
  template <class...>
  friend class AllOf;
  template <class>
  friend class WaitList;

  void bind(Kernel& kernel, uint32_t process, Waiter* parent) {
    kernel_ = &kernel;
    process_ = process;
    parent_ = parent;
  }

  Kernel* kernel_ = nullptr;
  Waiter* parent_ = nullptr;  // the any_of or all_of this is part of
  Waiter* previous_ = nullptr;
  Waiter* next_ = nullptr;
  uint32_t process_ = 0;
  bool armed_ = false;
  bool interrupted_ = false;
};

inline void Waiter::complete() {
  armed_ = false;
  if (parent_ != nullptr) {
    parent_->child_completed(*this);
  } else {
    kernel_->wake(process_);
  }
}

inline void Kernel::begin_wait(Waiter& waiter, std::coroutine_handle<> leaf, bool interruptible) {
  ProcessRecord& record = processes_[waiter.process_];
  record.leaf = leaf;
  record.waiter = &waiter;
  record.interruptible = interruptible;
  record.state = State::kWaiting;
}

// What the awaiting coroutine calls. Derived has poll(), arm() and result(), and outcome() if it
// can be interruptible.
template <class Derived, class Base = Waiter>
class Wait : public Base {
 public:
  using Base::Base;
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    Promise& promise = handle.promise();
    this->bind(promise.kernel(), promise.process(), nullptr);
    return suspend(handle, false);
  }
  decltype(auto) await_resume() { return self().result(); }

  // The same wait, cut short by an interrupt; it then results in Derived::outcome().
  Interruptible<Derived> interruptible() && { return Interruptible<Derived>(std::move(self())); }

 protected:
  Derived& self() { return static_cast<Derived&>(*this); }

 private:
  template <class>
  friend class Interruptible;
  template <class...>
  friend class AnyOf;
  template <class...>
  friend class AllOf;

  void arm_now() {
    this->armed_ = true;
    self().arm();
  }
  // False when the process need not wait at all.
  bool suspend(std::coroutine_handle<> handle, bool interruptible) {
    if (interruptible && this->kernel().take_pending_interrupt(this->process())) {
      this->interrupted_ = true;
      return false;
    }
    if (self().poll()) return false;
    this->kernel().begin_wait(*this, handle, interruptible);
    arm_now();
    return true;
  }
};

template <class Derived>
class Interruptible {
 public:
  explicit Interruptible(Derived&& wait) : wait_(std::move(wait)) {}
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    Promise& promise = handle.promise();
    wait_.bind(promise.kernel(), promise.process(), nullptr);
    return wait_.suspend(handle, true);
  }
  decltype(auto) await_resume() { return wait_.outcome(); }

 private:
  Derived wait_;
};

}  // namespace windtunnel::des
