// The part of the kernel that knows coroutines: their table, turns, interrupts and ends.
#include <utility>

#include "base/check.h"
#include "des/kernel.h"
#include "des/process.h"

namespace windtunnel::des {
namespace {

// A turn that wakes more than this without time passing is processes waking each other for ever.
constexpr size_t kWakesPerTurnMax = 100'000'000;

}  // namespace

ProcessId Kernel::spawn(Process process) { return spawn(std::move(process), SpawnOptions{}); }

ProcessId Kernel::spawn(Process process, const SpawnOptions& options) {
  if (processes_free_.empty()) {
    WT_CHECK(processes_.size() < kNoProcess, "too many processes");
    processes_free_.push_back(static_cast<uint32_t>(processes_.size()));
    processes_.emplace_back();
  }
  const uint32_t index = processes_free_.back();
  processes_free_.pop_back();
  const std::coroutine_handle<Process::promise_type> root = process.release();
  WT_CHECK(root && !root.done(), "spawn needs a process that has not run");
  WT_CHECK(&root.promise().kernel() == this, "the process belongs to another simulation");
  root.promise().set_process(index);
  ProcessRecord& record = processes_[index];
  record.root = root;
  record.leaf = root;
  record.entity = options.entity.valid() ? options.entity.index() : current_entity_;
  WT_CHECK(record.entity < sequences_.size(), "unknown entity");
  record.interrupt_pending = false;
  ++live_processes_;
  wake(index);
  return {index, record.generation};
}

bool Kernel::alive(ProcessId process) const {
  if (process.index >= processes_.size()) return false;
  const ProcessRecord& record = processes_[process.index];
  return record.generation == process.generation && record.state != State::kFree &&
         record.state != State::kFinished;
}

ProcessId Kernel::current_process() const {
  if (current_process_ == kNoProcess) return {};
  return {current_process_, processes_[current_process_].generation};
}

Join Kernel::join(ProcessId process) { return Join(process); }

Delivery Kernel::interrupt(ProcessId process, const Interruption& interruption) {
  if (!alive(process)) return Delivery::kGone;
  ProcessRecord& record = processes_[process.index];
  if (record.interrupt_pending) return Delivery::kDropped;
  if (record.state != State::kWaiting || !record.interruptible) {
    record.pending = interruption;
    record.interrupt_pending = true;
    return Delivery::kPending;
  }
  record.interruption = interruption;
  record.waiter->abandon();
  record.waiter->interrupted_ = true;
  wake(process.index);
  return Delivery::kDelivered;
}

std::optional<Interruption> Kernel::take_interrupt(ProcessId process) {
  if (!alive(process) || !processes_[process.index].interrupt_pending) return std::nullopt;
  processes_[process.index].interrupt_pending = false;
  return processes_[process.index].pending;
}

bool Kernel::take_pending_interrupt(uint32_t process) {
  ProcessRecord& record = processes_[process];
  if (!record.interrupt_pending) return false;
  record.interrupt_pending = false;
  record.interruption = record.pending;
  return true;
}

bool Kernel::kill(ProcessId process) {
  if (!alive(process)) return false;
  WT_CHECK(processes_[process.index].state != State::kRunning, "a process cannot kill itself");
  processes_[process.index].state = State::kFinished;
  processes_[process.index].root.destroy();
  retire(process.index);
  return true;
}

void Kernel::begin_wait(Waiter& waiter, std::coroutine_handle<> leaf, bool interruptible) {
  ProcessRecord& record = processes_[waiter.process_];
  record.leaf = leaf;
  record.waiter = &waiter;
  record.interruptible = interruptible;
  record.state = State::kWaiting;
}

uint32_t Kernel::schedule_wake(int64_t delay_ticks, Waiter& waiter, EventClass event_class) {
  WT_CHECK(delay_ticks >= 0, "a negative delay");
  int64_t at = 0;
  WT_CHECK(!__builtin_add_overflow(static_cast<int64_t>(now_), delay_ticks, &at), "time overflow");
  const uint32_t slot = take_slot(waiter.process_);
  const auto data = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(&waiter));
  queue_.push({{at, next_order(event_class)}, kWaiterTarget, slot, data});
  return slot;
}

void Kernel::cancel_wake(uint32_t slot) {
  if (!tearing_down_) mark_dead(slot);
}

void Kernel::wake(uint32_t process) {
  if (tearing_down_) return;
  ProcessRecord& record = processes_[process];
  record.state = State::kReady;
  record.waiter = nullptr;
  ready_.push_back({process, record.generation});
}

void Kernel::run_ready() {
  while (ready_next_ < ready_.size()) {
    const ProcessId process = ready_[ready_next_++];
    WT_CHECK(ready_next_ < kWakesPerTurnMax, "processes wake each other without end");
    if (alive(process)) resume(process.index);
  }
  ready_.clear();
  ready_next_ = 0;
}

// HOT: one step of a process. Its record may move while it runs, when it spawns others. Calls of
// and returns from tasks come back to this loop instead of transferring from frame to frame, since
// without optimisation or with a sanitizer such transfers grow the stack.
void Kernel::resume(uint32_t process) {
  ++wakes_;
  ProcessRecord& record = processes_[process];
  record.state = State::kRunning;
  current_process_ = process;
  current_entity_ = record.entity;
  step_ = record.leaf;
  while (step_) std::exchange(step_, nullptr).resume();
  current_process_ = kNoProcess;
  if (processes_[process].state == State::kFinished) {
    processes_[process].root.destroy();
    retire(process);
  }
}

void Kernel::step_ended(uint32_t process, std::coroutine_handle<> continuation) {
  if (continuation) {
    step_ = continuation;
  } else {
    processes_[process].state = State::kFinished;
  }
}

void Kernel::retire(uint32_t process) {
  --live_processes_;
  ++processes_[process].generation;
  WaitList<Join> joiners = std::exchange(processes_[process].joiners, {});
  processes_[process].state = State::kFree;
  processes_free_.push_back(process);
  while (!joiners.empty()) {
    Join& join = *joiners.front();
    joiners.remove(join);
    join.complete();
  }
}

// ---- waiters

void Waiter::complete() {
  armed_ = false;
  if (parent_ != nullptr) {
    parent_->child_completed(*this);
  } else {
    kernel_->wake(process_);
  }
}

ProcessId Waiter::waiting_process() const {
  return {process_, kernel_->processes_[process_].generation};
}

Outcome Waiter::outcome_now() const {
  if (!interrupted_) return {};
  return {true, kernel_->processes_[process_].interruption};
}

// ---- join

bool Join::poll() { return !kernel().alive(target_); }

void Join::arm() { kernel().processes_[target_.index].joiners.push_back(*this); }

void Join::disarm() noexcept { kernel().processes_[target_.index].joiners.remove(*this); }

}  // namespace windtunnel::des
