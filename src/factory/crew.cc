#include "factory/crew.h"

#include <utility>

#include "base/check.h"

namespace windtunnel::factory {

Roster::Roster(Sim& sim, int64_t count, OpenHours hours)
    : sim_(&sim),
      count_(count),
      hours_(std::move(hours)),
      on_shift_(hours_.open(sim.now())),
      heads_(sim, on_shift_ ? count : 0) {
  if (!hours_.always() && !hours_.never()) sim.spawn(follow_calendar());
}

Roster::~Roster() {
  while (begun_first_ != nullptr) begun_first_->unlink();
}

des::Process Roster::follow_calendar() {
  for (;;) {
    co_await sim_->until(hours_.next_change(sim_->now()), des::EventClass::kFirst);
    on_shift_ = hours_.open(sim_->now());
    heads_.set_capacity(on_shift_ ? count_ : 0, des::Shrink::kWait);
    if (!on_shift_) call_away();
  }
}

// They wake in this turn and give their heads back, who began first being first in line for them.
void Roster::call_away() {
  for (CrewDuty* duty = begun_first_; duty != nullptr; duty = duty->next_) {
    if (duty->terms_.finishes || !duty->grant_.held()) continue;
    duty->called_away_ = true;
    sim_->interrupt(duty->holder_, {des::Interruption::kPreempted, 0});
  }
}

des::Process Roster::serve(Duration length, Duty terms) {
  CrewDuty duty(*this, terms);
  Duration left = length;
  while (left > Duration::zero()) {
    if (!duty.held()) duty.hold(co_await duty.begin());
    left = (co_await sim_->delay(left).interruptible()).remaining;
    duty.taken_away();
  }
}

// The odd numbers are for who comes, the even ones before them for who goes on. Who goes on takes
// nobody's heads: those who lost to it before are not at work.
des::Acquire CrewDuty::begin() const {
  WT_CHECK(terms_.heads <= crew_->count_, "a duty for more heads than the crew has");
  const auto priority = static_cast<int32_t>(terms_.priority * 2 + (resumes_ ? 0 : 1));
  return crew_->heads_.acquire({terms_.heads, priority, terms_.preempts && !resumes_});
}

void CrewDuty::hold(des::Grant grant) {
  WT_CHECK(!linked_, "a duty held twice");
  if (!grant.held()) return;  // interrupted, or pre-empted before it could say so
  grant_ = std::move(grant);
  holder_ = crew_->sim_->current_process();
  previous_ = crew_->begun_last_;
  (previous_ != nullptr ? previous_->next_ : crew_->begun_first_) = this;
  crew_->begun_last_ = this;
  linked_ = true;
}

bool CrewDuty::taken_away() {
  if (!linked_ || (!called_away_ && grant_.held())) return false;
  crew_->sim_->take_interrupt(holder_);  // one more, in the turn of the first
  pause();
  return true;
}

void CrewDuty::pause() {
  resumes_ |= linked_;
  end();
}

void CrewDuty::end() {
  grant_.release();
  called_away_ = false;
  unlink();
}

void CrewDuty::unlink() {
  if (!linked_) return;
  linked_ = false;
  (previous_ != nullptr ? previous_->next_ : crew_->begun_first_) = next_;
  (next_ != nullptr ? next_->previous_ : crew_->begun_last_) = previous_;
  previous_ = next_ = nullptr;
}

}  // namespace windtunnel::factory
