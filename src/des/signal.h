// Waiting for something to happen.
//
//   Signal parts_changed(sim);
//   co_await parts_changed.wait();                                  // the next notification
//   co_await parts_changed.until([&] { return stock >= kit; });     // now, or when notified and
//   true
//
//   Gate shift(sim);                                                // open or closed
//   co_await shift.wait();                                          // at once while it is open
//
// A condition is looked at when the wait begins and at every notification. It held when the process
// was woken; another process woken by the same notification may have run first and changed it.
#pragma once

#include <cstdint>
#include <utility>

#include "des/kernel.h"
#include "des/waiter.h"

namespace windtunnel::des {

class Signal;

// What a signal has in its list; the two kinds of wait below.
class SignalWaiter : public Waiter {
 public:
  explicit SignalWaiter(Signal& signal) : signal_(&signal) {}
  SignalWaiter(SignalWaiter&&) noexcept = default;

 protected:
  void join_signal();
  void disarm() noexcept final;

 private:
  friend class Signal;
  virtual bool holds() = 0;
  Signal* signal_;
  WaitList<SignalWaiter>* list_ = nullptr;  // which of the signal's lists it is in
};

class WaitSignal final : public Wait<WaitSignal, SignalWaiter> {
 public:
  explicit WaitSignal(Signal& signal) : Wait(signal) {}
  WaitSignal(WaitSignal&&) noexcept = default;
  ~WaitSignal() override { abandon(); }
  bool poll() const { return false; }
  void arm() { join_signal(); }
  void result() const {}
  Outcome outcome() const { return outcome_now(); }

 private:
  bool holds() override { return true; }
};

template <class Condition>
class WaitUntil final : public Wait<WaitUntil<Condition>, SignalWaiter> {
 public:
  WaitUntil(Signal& signal, Condition condition)
      : Wait<WaitUntil<Condition>, SignalWaiter>(signal), condition_(std::move(condition)) {}
  WaitUntil(WaitUntil&&) noexcept = default;
  ~WaitUntil() override { this->abandon(); }
  bool poll() { return condition_(); }
  void arm() { this->join_signal(); }
  void result() const {}
  Outcome outcome() const { return this->outcome_now(); }

 private:
  bool holds() override { return condition_(); }
  Condition condition_;
};

class Signal {
 public:
  explicit Signal(Kernel& kernel) : kernel_(&kernel) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal() { waiting_.orphan_all(); }

  WaitSignal wait() { return WaitSignal(*this); }
  // `condition` takes nothing and returns whether to go on.
  template <class Condition>
  WaitUntil<Condition> until(Condition condition) {
    return WaitUntil<Condition>(*this, std::move(condition));
  }
  // Wakes every process whose condition holds, in the order they came.
  void notify_all() { notify(waiting_.size()); }
  // Wakes the first process whose condition holds.
  void notify_one() { notify(1); }

  Kernel& kernel() const { return *kernel_; }
  int64_t waiting() const { return waiting_.size(); }

 private:
  friend class SignalWaiter;
  void notify(int64_t count_max);

  Kernel* kernel_;
  WaitList<SignalWaiter> waiting_;
};

// A condition of its own: open or closed.
class Gate {
  struct IsOpen {
    const Gate* gate;
    bool operator()() const { return gate->is_open(); }
  };

 public:
  explicit Gate(Kernel& kernel, bool open = false) : signal_(kernel), open_(open) {}

  auto wait() { return signal_.until(IsOpen{this}); }
  void open() {
    open_ = true;
    signal_.notify_all();
  }
  void close() { open_ = false; }

  Kernel& kernel() const { return signal_.kernel(); }
  bool is_open() const { return open_; }
  int64_t waiting() const { return signal_.waiting(); }

 private:
  Signal signal_;
  bool open_;
};

}  // namespace windtunnel::des
