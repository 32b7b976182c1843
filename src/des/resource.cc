#include "des/resource.h"

#include "base/check.h"

namespace windtunnel::des {

// ---- grants

void Grant::release() {
  if (resource_ != nullptr) resource_->give_back(*this);
}

void Grant::take_over(Grant& other) noexcept {
  resource_ = other.resource_;
  terms_ = other.terms_;
  holder_ = other.holder_;
  revoked_ = other.revoked_;
  previous_ = other.previous_;
  next_ = other.next_;
  if (resource_ == nullptr) return;
  (previous_ != nullptr ? previous_->next_ : resource_->holders_first_) = this;
  (next_ != nullptr ? next_->previous_ : resource_->holders_last_) = this;
  other.resource_ = nullptr;
  other.previous_ = nullptr;
  other.next_ = nullptr;
}

void Resource::link(Grant& grant) {
  grant.previous_ = holders_last_;
  grant.next_ = nullptr;
  (holders_last_ != nullptr ? holders_last_->next_ : holders_first_) = &grant;
  holders_last_ = &grant;
}

void Resource::detach(Grant& grant) {
  (grant.previous_ != nullptr ? grant.previous_->next_ : holders_first_) = grant.next_;
  (grant.next_ != nullptr ? grant.next_->previous_ : holders_last_) = grant.previous_;
  grant.resource_ = nullptr;
  grant.previous_ = nullptr;
  grant.next_ = nullptr;
}

void Resource::unlink(Grant& grant) {
  detach(grant);
  busy_.add(kernel_->now_ticks(), -grant.terms_.amount);
}

void Resource::give_back(Grant& grant) {
  unlink(grant);
  admit();
}

// ---- the resource

Resource::Resource(Kernel& kernel, int64_t capacity)
    : kernel_(&kernel), capacity_(capacity), busy_(kernel.now_ticks()), queue_(kernel.now_ticks()) {
  WT_CHECK(capacity >= 0, "a negative capacity");
}

Resource::~Resource() {
  line_.orphan_all();
  while (holders_first_ != nullptr) detach(*holders_first_);  // the clock may be gone
}

Acquire Resource::acquire(const AcquireOptions& options) {
  WT_CHECK(options.amount > 0, "acquire needs a positive amount");
  return {*this, options};
}

Grant Resource::try_acquire(const AcquireOptions& options) {
  WT_CHECK(options.amount > 0, "acquire needs a positive amount");
  Grant grant;
  take(options, kernel_->current_process(), grant);
  return grant;
}

void Resource::set_capacity(int64_t capacity, Shrink shrink) {
  WT_CHECK(capacity >= 0, "a negative capacity");
  capacity_ = capacity;
  while (shrink == Shrink::kRevoke && in_use() > capacity_) {
    Grant* const victim = worst_holder(std::numeric_limits<int32_t>::min());
    WT_CHECK(victim != nullptr, "in use, but nobody holds it");
    revoke(*victim);
  }
  admit();
}

bool Resource::outranks_line(const AcquireOptions& options) const {
  return line_.empty() || options.priority < line_.front()->options_.priority;
}

bool Resource::take(const AcquireOptions& options, ProcessId holder, Grant& grant) {
  if (!outranks_line(options)) return false;
  const bool must_preempt = !fits(options.amount);
  if (must_preempt && !(options.preempt && preempt(options))) return false;
  hand_over(options, holder, grant);
  if (must_preempt) admit();  // a large holder may have freed more than was needed
  return true;
}

void Resource::hand_over(const AcquireOptions& options, ProcessId holder, Grant& grant) {
  grant.resource_ = this;
  grant.terms_ = options;
  grant.holder_ = holder;
  link(grant);
  busy_.add(kernel_->now_ticks(), options.amount);
}

void Resource::admit() {
  while (!line_.empty() && fits(line_.front()->options_.amount)) {
    Acquire& acquire = *line_.front();
    leave(acquire);
    hand_over(acquire.options_, acquire.waiting_process(), acquire.grant_);
    acquire.complete();
  }
}

// Behind everyone of equal or better priority: usually that is everyone.
void Resource::enqueue(Acquire& acquire) {
  Acquire* ahead = line_.back();
  while (ahead != nullptr && ahead->options_.priority > acquire.options_.priority) {
    ahead = WaitList<Acquire>::previous(*ahead);
  }
  line_.insert_after(ahead, acquire);
  queue_.add(kernel_->now_ticks(), 1);
}

void Resource::leave(Acquire& acquire) {
  line_.remove(acquire);
  queue_.add(kernel_->now_ticks(), -1);
}

// ---- pre-emption

// The latest of the holders with the worst priority, if that is worse than `than`.
Grant* Resource::worst_holder(int32_t than) const {
  Grant* worst = nullptr;
  for (Grant* grant = holders_last_; grant != nullptr; grant = grant->previous_) {
    if (grant->terms_.priority < than) continue;
    if (worst == nullptr || grant->terms_.priority > worst->terms_.priority) worst = grant;
  }
  return worst;
}

bool Resource::preempt(const AcquireOptions& options) {
  if (options.priority == std::numeric_limits<int32_t>::max()) return false;
  int64_t revocable = capacity_ - in_use();
  for (Grant* grant = holders_first_; grant != nullptr; grant = grant->next_) {
    if (grant->terms_.priority > options.priority) revocable += grant->terms_.amount;
  }
  if (revocable < options.amount) return false;
  while (!fits(options.amount)) revoke(*worst_holder(options.priority + 1));
  return true;
}

// Does not admit: whoever revokes is first in line for what becomes free.
void Resource::revoke(Grant& grant) {
  unlink(grant);
  grant.revoked_ = true;
  kernel_->interrupt(grant.holder_, {Interruption::kPreempted, 0});
}

// ---- acquire

bool Acquire::poll() { return resource_->take(options_, waiting_process(), grant_); }

void Acquire::arm() { resource_->enqueue(*this); }

// Whoever leaves the line may have been what held up those behind.
void Acquire::disarm() noexcept {
  resource_->leave(*this);
  resource_->admit();
}

}  // namespace windtunnel::des
