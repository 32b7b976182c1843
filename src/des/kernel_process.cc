// The part of the kernel that knows coroutines: their table, turns, interrupts and ends.
#include <utility>

#include "base/check.h"
#include "des/kernel.h"
#include "des/process.h"

namespace windtunnel::des {

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

void Kernel::cancel_wake(uint32_t slot) {
  if (!tearing_down_) mark_dead(slot);
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
