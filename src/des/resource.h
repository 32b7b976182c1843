// A number of equal servers (machines, workers, docks) that processes take and give back.
//
//   Grant grant = co_await machine.acquire();          // waits its turn
//   co_await sim.delay(cycle);
//   grant.release();                                   // or leave the scope
//
// Queue: by priority (lower numbers first), first come first served among equals. Nobody overtakes:
// while the first in line asks for more than is free, those behind it wait, unless they outrank it.
//
// Pre-emption: an acquire with `preempt` that finds too little free takes it from holders of worse
// priority, worst first and among equals the latest first, if that frees enough; otherwise it takes
// nothing and queues. A holder so hit finds its grant revoked and is interrupted with cause
// Interruption::kPreempted; it should do its work in interruptible waits and acquire again for the
// rest.
//
// One resource belongs to one kernel. It may die before or after the processes that use it and the
// kernel: those still waiting then wait for ever, grants become empty. A grant that no process
// holds is given back before the kernel dies, or outlives the resource.
#pragma once

#include <cstdint>
#include <limits>

#include "des/kernel.h"
#include "des/statistics.h"
#include "des/waiter.h"

namespace windtunnel::des {

class Resource;

struct AcquireOptions {
  int64_t amount = 1;
  int32_t priority = 0;  // lower goes first
  bool preempt = false;
};

// The right to a part of a resource. Returns it when destroyed.
class Grant {
 public:
  Grant() = default;
  Grant(Grant&& other) noexcept { take_over(other); }
  Grant& operator=(Grant&& other) noexcept {
    if (this != &other) {
      release();
      take_over(other);
    }
    return *this;
  }
  ~Grant() { release(); }

  bool held() const { return resource_ != nullptr; }
  explicit operator bool() const { return held(); }
  bool revoked() const { return revoked_; }  // it was held and has been taken away
  int64_t amount() const { return terms_.amount; }
  int32_t priority() const { return terms_.priority; }
  void release();

 private:
  friend class Resource;
  void take_over(Grant& other) noexcept;

  Resource* resource_ = nullptr;
  Grant* previous_ = nullptr;  // in the resource's list of holders, oldest first
  Grant* next_ = nullptr;
  AcquireOptions terms_;
  ProcessId holder_;
  bool revoked_ = false;
};

struct AcquireOutcome : Outcome {
  Grant grant;  // empty when interrupted
};

class Acquire final : public Wait<Acquire> {
 public:
  Acquire(Resource& resource, const AcquireOptions& options)
      : resource_(&resource), options_(options) {}
  Acquire(Acquire&&) noexcept = default;
  ~Acquire() override { abandon(); }

  bool poll();
  void arm();
  Grant result() { return std::move(grant_); }
  AcquireOutcome outcome() { return {outcome_now(), std::move(grant_)}; }

 protected:
  void disarm() noexcept override;

 private:
  friend class Resource;
  Resource* resource_;
  AcquireOptions options_;
  Grant grant_;
};

enum class Shrink : uint8_t { kWait, kRevoke };

class Resource {
 public:
  // capacity >= 0.
  Resource(Kernel& kernel, int64_t capacity);
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;
  ~Resource();

  Acquire acquire(const AcquireOptions& options = {});
  // Empty when it would have to wait.
  Grant try_acquire(const AcquireOptions& options = {});
  // Below what is in use, the difference is taken back as holders release it (kWait), or at once as
  // by pre-emption (kRevoke).
  void set_capacity(int64_t capacity, Shrink shrink = Shrink::kWait);

  Kernel& kernel() const { return *kernel_; }
  int64_t capacity() const { return capacity_; }
  int64_t in_use() const { return busy_.value(); }
  int64_t waiting() const { return line_.size(); }
  // In use and waiting over time. Restart both at the end of the warm-up.
  Level& busy() { return busy_; }
  Level& queue() { return queue_; }

 private:
  friend class Grant;
  friend class Acquire;

  bool outranks_line(const AcquireOptions& options) const;
  bool fits(int64_t amount) const { return in_use() + amount <= capacity_; }
  bool take(const AcquireOptions& options, ProcessId holder, Grant& grant);
  void hand_over(const AcquireOptions& options, ProcessId holder, Grant& grant);
  void admit();
  void enqueue(Acquire& acquire);
  void leave(Acquire& acquire);
  Grant* worst_holder(int32_t than) const;
  bool preempt(const AcquireOptions& options);
  void revoke(Grant& grant);
  void link(Grant& grant);
  void detach(Grant& grant);
  void unlink(Grant& grant);
  void give_back(Grant& grant);

  Kernel* kernel_;
  int64_t capacity_;
  WaitList<Acquire> line_;  // by priority, then arrival
  Grant* holders_first_ = nullptr;
  Grant* holders_last_ = nullptr;
  Level busy_;
  Level queue_;
};

}  // namespace windtunnel::des
