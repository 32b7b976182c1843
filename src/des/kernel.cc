#include "des/kernel.h"

#include <limits>
#include <utility>

#include "base/check.h"
#include "base/units.h"
#include "des/waiter.h"

namespace windtunnel::des {
namespace {

// Cancelled events are swept out when they are the majority, but not for a handful.
constexpr size_t kDeadMin = 64;

// A turn that wakes more than this without time passing is processes waking each other for ever.
constexpr size_t kWakesPerTurnMax = 100'000'000;

// Lets a failed check print the simulated time while a picosecond world runs.
class CheckClock {
 public:
  CheckClock(const KernelOptions& options, const long long& now) {
    if (options.ticks_per_second == base::Picoseconds::kPerSecond) {
      base::check_context().simulated_ps = &now;
    }
  }
  CheckClock(const CheckClock&) = delete;
  CheckClock& operator=(const CheckClock&) = delete;
  ~CheckClock() { base::check_context() = before_; }

 private:
  base::CheckContext before_ = base::check_context();
};

}  // namespace

Kernel::Kernel(const KernelOptions& options) : options_(options) {
  WT_CHECK(options.ticks_per_second > 0, "ticks per second must be positive");
  sequences_.push_back(0);  // the world
}

Kernel::~Kernel() {
  tearing_down_ = true;
  for (size_t i = 0; i < processes_.size(); ++i) {
    if (processes_[i].state == State::kFree) continue;
    WT_CHECK(processes_[i].state != State::kRunning, "a process destroys its own simulation");
    processes_[i].root.destroy();
  }
}

EntityId Kernel::add_entity() {
  const size_t entity = sequences_.size();
  WT_CHECK(entity < EventOrder::kOriginEnd, "too many entities");
  sequences_.push_back(0);
  return EntityId(static_cast<uint32_t>(entity));
}

void Kernel::act_as(EntityId entity) {
  WT_CHECK(entity.index() < sequences_.size(), "unknown entity");
  current_entity_ = entity.index();
}

// ---- plain events

// HOT
void Kernel::schedule_at(int64_t at, const EventBody& body) {
  WT_CHECK(at >= now_, "an event in the past");
  WT_DCHECK(body.target.index() < targets_.size(), "unknown target");
  queue_.push({{at, next_order(body.event_class)}, body.target.index(), body.kind, body.data});
}

// HOT
uint32_t Kernel::schedule_wake(int64_t delay_ticks, Waiter& waiter, EventClass event_class) {
  WT_CHECK(delay_ticks >= 0, "a negative delay");
  int64_t at = 0;
  WT_CHECK(!__builtin_add_overflow(static_cast<int64_t>(now_), delay_ticks, &at), "time overflow");
  const uint32_t slot = take_slot(waiter.process_);
  const auto data = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(&waiter));
  queue_.push({{at, next_order(event_class)}, kWaiterTarget, slot, data});
  return slot;
}

TimerId Kernel::schedule_timer_at(int64_t at, const EventBody& body) {
  WT_CHECK(at >= now_, "an event in the past");
  WT_CHECK(body.target.index() < targets_.size(), "unknown target");
  const uint32_t slot = take_slot(body.data);
  queue_.push(
      {{at, next_order(body.event_class)}, body.target.index() | kTimerBit, body.kind, slot});
  return {slot, slots_[slot].generation};
}

bool Kernel::cancel(TimerId timer) {
  if (timer.slot >= slots_.size() || slots_[timer.slot].generation != timer.generation)
    return false;
  if (slots_[timer.slot].cancelled) return false;
  mark_dead(timer.slot);
  return true;
}

uint32_t Kernel::add_slot(uint64_t data) {
  slots_.push_back({data, 0, false});
  slots_free_.reserve(slots_.capacity());
  return static_cast<uint32_t>(slots_.size() - 1);
}

// The event stays in the queue, and with it the slot, until it comes up or is swept out.
void Kernel::mark_dead(uint32_t slot) {
  slots_[slot].cancelled = true;
  ++dead_;
  if (dead_ > kDeadMin && dead_ * 2 > queue_.size()) drop_dead_events();
}

void Kernel::drop_dead_events() {
  queue_.remove_if([this](const Event& event) { return slot_is_dead(event); });
}

// Frees the slot of an event that leaves the queue unless it is to stay there. True when the event
// was cancelled.
inline bool Kernel::slot_is_dead(const Event& event) {
  uint32_t slot = event.kind;
  if (event.target != kWaiterTarget) {
    if ((event.target & kTimerBit) == 0) return false;
    slot = static_cast<uint32_t>(event.data);
  }
  if (!slots_[slot].cancelled) return false;
  slots_[slot].cancelled = false;
  ++slots_[slot].generation;
  slots_free_.push_back(slot);
  --dead_;
  return true;
}

int64_t Kernel::pending() const { return static_cast<int64_t>(queue_.size() - dead_); }

// ---- the run

// HOT: with many processes every step would wait for three cold cache lines one after the other:
// the timer slot and waiter of its event, its record, its frame. Here they are asked for while
// earlier events run; each stage reads only what the one before it has fetched.
inline void Kernel::prefetch() {
  if (queue_.ahead(4) == nullptr) return;
  if (const Event* event = queue_.ahead(12); event != nullptr && event->target == kWaiterTarget) {
    __builtin_prefetch(&slots_[event->kind]);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the waiter, as in dispatch()
    __builtin_prefetch(reinterpret_cast<const void*>(event->data), 1);
  }
  if (const Event* event = queue_.ahead(8); event != nullptr && event->target == kWaiterTarget) {
    __builtin_prefetch(&processes_[slots_[event->kind].data], 1);
  }
  if (const Event* event = queue_.ahead(4); event != nullptr && event->target == kWaiterTarget) {
    __builtin_prefetch(processes_[slots_[event->kind].data].leaf.address(), 1);
  }
}

inline void Kernel::account(const Event& event) {
  ++events_;
  const auto time = static_cast<uint64_t>(event.key.time);
  const uint64_t order = options_.fingerprint_order ? event.key.order : 0;
  if (event.target == kWaiterTarget) {
    fingerprint_.add(time, order, 0, 0);
  } else {
    fingerprint_.add(time, order, options_.fingerprint_kind ? event.kind : 0,
                     options_.fingerprint_data ? event.data : 0);
  }
  if (tap_.call != nullptr) [[unlikely]]
    tap_.call(tap_.context, event);
}

inline void Kernel::run_ready() {
  while (ready_next_ < ready_.size()) {
    const ProcessId process = ready_[ready_next_++];
    WT_CHECK(ready_next_ < kWakesPerTurnMax, "processes wake each other without end");
    const ProcessRecord& record = processes_[process.index];
    if (record.generation == process.generation && record.state != State::kFree &&
        record.state != State::kFinished) {
      resume(process.index);
    }
  }
  ready_.clear();
  ready_next_ = 0;
}

// HOT: one step of a process. Its record may move while it runs, when it spawns others. Calls of
// and returns from tasks come back to this loop instead of transferring from frame to frame, since
// without optimisation or with a sanitizer such transfers grow the stack.
inline void Kernel::resume(uint32_t process) {
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

// Nobody else is ready yet, so a process that waited for nothing but time goes on at once.
inline void Kernel::end_delay(Waiter& waiter) {
  if (waiter.parent_ != nullptr) {
    waiter.complete();
    return;
  }
  waiter.armed_ = false;
  processes_[waiter.process_].waiter = nullptr;
  resume(waiter.process_);
}

// HOT: one event. About 30 instructions besides queue and target.
inline void Kernel::dispatch(Event& event) {
  if (slot_is_dead(event)) return;
  now_ = event.key.time;
  current_entity_ = EventOrder::origin(event.key.order);
  account(event);
  if (event.target == kWaiterTarget) {
    ++slots_[event.kind].generation;
    slots_free_.push_back(event.kind);
    // The waiter lives in its frame, which has not been destroyed: that would have cancelled this.
    end_delay(*reinterpret_cast<Waiter*>(event.data));  // NOLINT(performance-no-int-to-ptr)
  } else {
    if ((event.target & kTimerBit) != 0) {
      const auto slot = static_cast<uint32_t>(event.data);
      ++slots_[slot].generation;
      slots_free_.push_back(slot);
      event.data = slots_[slot].data;
      event.target &= ~kTimerBit;
    }
    const TargetEntry& target = targets_[event.target];
    target.call(target.object, event);
  }
  run_ready();
}

RunEnd Kernel::run_until_ticks(int64_t end) {
  WT_CHECK(end >= now_, "the end of a run lies in the past");
  const RunEnd result = run_events(end);
  if (result != RunEnd::kStopped) now_ = end;
  return result;
}

RunEnd Kernel::run() { return run_events(std::numeric_limits<int64_t>::max()); }

RunEnd Kernel::run_events(int64_t end) {
  WT_CHECK(current_process_ == kNoProcess, "a process runs its own simulation");
  const CheckClock clock(options_, now_);
  stopped_ = false;
  run_ready();
  while (!stopped_) {
    Event event;
    if (!queue_.pop_before(end, event))
      return pending() > 0 ? RunEnd::kReached : RunEnd::kExhausted;
    dispatch(event);
    prefetch();
  }
  return RunEnd::kStopped;
}

}  // namespace windtunnel::des
