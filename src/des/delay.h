// co_await delay(...): let simulated time pass. `co_await delay(d).interruptible()` results in a
// DelayOutcome that says whether the wait was cut short and how much of it was left.
#pragma once

#include <cstdint>

#include "base/check.h"
#include "base/units.h"
#include "des/kernel.h"
#include "des/waiter.h"

namespace windtunnel::des {

template <class Tick>
struct DelayOutcome : Outcome {
  base::BasicDuration<Tick> remaining;  // zero unless interrupted
};

template <class Tick>
class BasicDelay final : public Wait<BasicDelay<Tick>> {
 public:
  using Duration = base::BasicDuration<Tick>;
  explicit BasicDelay(Duration length, EventClass event_class = EventClass::kNormal)
      : length_(length), event_class_(event_class) {
    WT_CHECK(length >= Duration::zero(), "a negative delay");
  }
  BasicDelay(BasicDelay&&) noexcept = default;
  ~BasicDelay() override { this->abandon(); }

  bool poll() {
    WT_CHECK(this->kernel().ticks_per_second() == Tick::kPerSecond,
             "a delay in another tick than the simulation's");
    begin_ = this->kernel().now_ticks();
    return false;
  }
  void arm() { slot_ = this->kernel().schedule_wake(length_.ticks(), *this, event_class_); }
  void result() const {}
  DelayOutcome<Tick> outcome() const {
    if (!this->interrupted()) return {};
    const int64_t spent = begin_ < 0 ? 0 : this->kernel().now_ticks() - begin_;
    return {this->outcome_now(), length_ - Duration::ticks(spent)};
  }

 protected:
  void disarm() noexcept override { this->kernel().cancel_wake(slot_); }

 private:
  Duration length_;
  int64_t begin_ = -1;  // negative until the wait begins
  uint32_t slot_ = 0;
  EventClass event_class_;
};

// The same without a simulation at hand: co_await delay(Duration::s(5)).
template <class Tick>
BasicDelay<Tick> delay(base::BasicDuration<Tick> length) {
  return BasicDelay<Tick>(length);
}

}  // namespace windtunnel::des
