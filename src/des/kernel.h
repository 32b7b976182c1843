// The kernel: clock, pending events, processes. Time is a count of ticks here; Simulation<Tick>
// (simulation.h) is the same object with typed time and is what models use.
//
// A kernel is one world. It has no globals and no threads: any number of kernels may run in one
// process, each used by one thread at a time.
//
// Order. Events run by (time, class, origin, sequence), see event_key.h. The origin is the entity
// that scheduled the event; a model that declares no entities has one, and ties then run in the
// order they were scheduled. An event together with the processes it wakes is a turn: woken
// processes run right after the event that woke them, in the order they were woken, before any
// other event of the same instant. So a turn depends on nothing outside it.
//
// Two ways to write behaviour:
//  - plain events: 32-byte records handed to a target's `handle(const Event&)`. No allocation, one
//    indirect call. Use one target per kind of component and put the index into `data`.
//  - processes: coroutines, see process.h.
#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "base/id.h"
#include "des/event_key.h"
#include "des/fingerprint.h"
#include "des/frame_pool.h"
#include "des/ladder_queue.h"
#include "des/wait_list.h"

namespace windtunnel::des {

class Waiter;
class Join;
template <class T>
class Task;
using Process = Task<void>;

using EntityId = base::Id<struct EntityTag>;
using TargetId = base::Id<struct TargetTag>;

// One pending event. `kind` and `data` belong to the target.
struct Event {
  EventKey key;
  uint32_t target = 0;
  uint32_t kind = 0;
  uint64_t data = 0;
};
static_assert(sizeof(Event) == 32);

// What a plain event says apart from when.
struct EventBody {
  TargetId target;
  uint32_t kind = 0;
  uint64_t data = 0;
  EventClass event_class = EventClass::kNormal;
};

// A pending event that can be cancelled. Harmless after it has run.
struct TimerId {
  uint32_t slot = 0xffffffff;
  uint32_t generation = 0;
};

// A process; harmless after its end.
struct ProcessId {
  uint32_t index = 0xffffffff;
  uint32_t generation = 0;
  bool operator==(const ProcessId&) const = default;
};

// Why a process was interrupted. `cause` is the model's own number from 1 up; 0 is the kernel's.
struct Interruption {
  static constexpr uint32_t kPreempted = 0;  // a grant was taken away; see resource.h
  uint32_t cause = kPreempted;
  uint64_t data = 0;
  bool operator==(const Interruption&) const = default;
};

// What became of an interrupt.
enum class Delivery : uint8_t {
  kDelivered,  // the wait ended
  kPending,    // kept until the process next waits interruptibly
  kDropped,    // another interrupt was pending already; the first one is kept
  kGone,       // the process has ended
};

enum class RunEnd : uint8_t {
  kReached,    // everything before the end has run
  kExhausted,  // nothing is left to run
  kStopped,    // stop() was called
};

// Called with every event before it runs.
struct TraceTap {
  void* context = nullptr;
  void (*call)(void* context, const Event& event) = nullptr;
};

struct KernelOptions {
  int64_t ticks_per_second = 1;
  // Ingredients of the fingerprint. Data is left out by default, since models may keep there what
  // is not the same in every run.
  bool fingerprint_order = true;
  bool fingerprint_kind = true;
  bool fingerprint_data = false;
};

class Kernel {
 public:
  explicit Kernel(const KernelOptions& options);
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;
  // Destroys the frames of all processes that have not ended. Resources and queues may die before
  // or after the kernel.
  ~Kernel();

  Kernel& kernel() { return *this; }
  int64_t now_ticks() const { return now_; }
  int64_t ticks_per_second() const { return options_.ticks_per_second; }

  // Entities are what ties between simultaneous events are broken by: in the order of declaration.
  // Entity 0 is the world itself. A process and a plain event inherit the entity that made them.
  EntityId add_entity();
  EntityId current_entity() const { return EntityId(current_entity_); }
  // For the handler of a plain event that acts for another entity than the one that scheduled it.
  void act_as(EntityId entity);

  // Target needs `void handle(const Event&)` and must outlive the run.
  template <class Target>
  TargetId add_target(Target& target);
  // `at` must not be in the past.
  void schedule_at(int64_t at, const EventBody& body);
  TimerId schedule_timer_at(int64_t at, const EventBody& body);
  // False when the event has run or was cancelled before.
  bool cancel(TimerId timer);

  struct SpawnOptions {
    EntityId entity;  // invalid: that of the spawning process or event
  };
  // The process starts in this turn, after what is running now.
  ProcessId spawn(Process process, const SpawnOptions& options);
  ProcessId spawn(Process process);
  bool alive(ProcessId process) const;
  ProcessId current_process() const;
  // A wait for the end of `process`.
  Join join(ProcessId process);
  // Ends an interruptible wait of `process` now, or keeps the interrupt until it begins one.
  Delivery interrupt(ProcessId process, const Interruption& interruption);
  // Takes back what is pending, for a process that has dealt with it otherwise.
  std::optional<Interruption> take_interrupt(ProcessId process);
  // Destroys the process where it waits: its objects are destroyed, grants are released, whoever
  // joined it goes on. Not for the running process. False when it has ended.
  bool kill(ProcessId process);

  // Runs every event before `end` and leaves the clock there: windows [a, b) and [b, c) do what
  // [a, c) does.
  RunEnd run_until_ticks(int64_t end);
  // Runs until nothing is left; the clock stays at the last event.
  RunEnd run();
  // Ends the run after the current turn.
  void stop() { stopped_ = true; }

  int64_t events() const { return events_; }  // events run so far
  int64_t wakes() const { return wakes_; }    // processes resumed so far
  int64_t pending() const;                    // events that will run, cancelled ones not counted
  int64_t processes() const { return live_processes_; }
  Fingerprint& fingerprint() { return fingerprint_; }
  void set_tap(const TraceTap& tap) { tap_ = tap; }
  FramePool& frames() { return frames_; }

 private:
  friend class Waiter;
  friend class Join;
  template <class, class>
  friend class Wait;
  template <class>
  friend class BasicDelay;
  template <class>
  friend struct FinalAwaiter;
  template <class>
  friend class Task;

  struct TargetEntry {
    void* object;
    void (*call)(void* object, const Event& event);
  };
  struct TimerSlot {
    uint64_t data = 0;
    uint32_t generation = 0;
    bool cancelled = false;
  };
  enum class State : uint8_t { kFree, kReady, kRunning, kWaiting, kFinished };
  struct ProcessRecord {
    std::coroutine_handle<> root;  // owns the frames
    std::coroutine_handle<> leaf;  // what to resume
    Waiter* waiter = nullptr;      // what is waited for, in state waiting
    WaitList<Join> joiners;
    Interruption interruption;  // the last one delivered
    Interruption pending;       // meaningful with interrupt_pending
    uint32_t generation = 0;
    uint32_t entity = 0;
    State state = State::kFree;
    bool interruptible = false;
    bool interrupt_pending = false;
  };

  // A waiter's own event: `data` is the waiter, `kind` its timer slot. No index space collides
  // with it: targets count from 0.
  static constexpr uint32_t kWaiterTarget = 0x7fffffff;
  static constexpr uint32_t kTimerBit = 0x80000000;

  uint64_t next_order(EventClass event_class);
  uint32_t take_slot(uint64_t data);
  uint32_t add_slot(uint64_t data);
  bool slot_is_dead(const Event& event);
  void drop_dead_events();
  void mark_dead(uint32_t slot);
  RunEnd run_events(int64_t end);
  void dispatch(Event& event);
  void end_delay(Waiter& waiter);
  void prefetch();
  void account(const Event& event);

  uint32_t schedule_wake(int64_t delay_ticks, Waiter& waiter, EventClass event_class);
  void cancel_wake(uint32_t slot);
  void begin_wait(Waiter& waiter, std::coroutine_handle<> leaf, bool interruptible);
  bool take_pending_interrupt(uint32_t process);
  void wake(uint32_t process);
  void resume(uint32_t process);
  void run_ready();
  void go_on_with(std::coroutine_handle<> step) { step_ = step; }
  void step_ended(uint32_t process, std::coroutine_handle<> continuation);
  void retire(uint32_t process);

  KernelOptions options_;
  FramePool frames_;  // before whatever may hold frames
  long long now_ = 0;
  LadderQueue<Event> queue_;
  std::vector<uint64_t> sequences_;  // per entity: events scheduled so far
  std::vector<TargetEntry> targets_;
  std::vector<TimerSlot> slots_;
  std::vector<uint32_t> slots_free_;
  size_t dead_ = 0;  // cancelled events still in the queue
  std::vector<ProcessRecord> processes_;
  std::vector<uint32_t> processes_free_;
  std::vector<ProcessId> ready_;  // woken in this turn; those before ready_next_ have run
  size_t ready_next_ = 0;
  std::coroutine_handle<> step_;  // what the running process does next, without having waited
  int64_t events_ = 0;
  int64_t wakes_ = 0;
  int64_t live_processes_ = 0;
  uint32_t current_entity_ = 0;
  uint32_t current_process_ = kNoProcess;
  static constexpr uint32_t kNoProcess = 0xffffffff;
  bool stopped_ = false;
  bool tearing_down_ = false;
  TraceTap tap_;
  Fingerprint fingerprint_;
};

// ---- what every event and every wait goes through, inline

inline bool Kernel::alive(ProcessId process) const {
  if (process.index >= processes_.size()) return false;
  const ProcessRecord& record = processes_[process.index];
  return record.generation == process.generation && record.state != State::kFree &&
         record.state != State::kFinished;
}

inline void Kernel::wake(uint32_t process) {
  if (tearing_down_) [[unlikely]]
    return;
  ProcessRecord& record = processes_[process];
  record.state = State::kReady;
  record.waiter = nullptr;
  ready_.push_back({process, record.generation});
}

inline uint64_t Kernel::next_order(EventClass event_class) {
  return EventOrder::pack(event_class, current_entity_, sequences_[current_entity_]++);
}

inline uint32_t Kernel::take_slot(uint64_t data) {
  if (slots_free_.empty()) [[unlikely]]
    return add_slot(data);
  const uint32_t slot = slots_free_.back();
  slots_free_.pop_back();
  slots_[slot].data = data;
  return slot;
}

template <class Target>
TargetId Kernel::add_target(Target& target) {
  WT_CHECK(targets_.size() < kWaiterTarget, "too many targets");
  targets_.push_back({&target, [](void* object, const Event& event) {
                        static_cast<Target*>(object)->handle(event);
                      }});
  return TargetId(static_cast<uint32_t>(targets_.size() - 1));
}

}  // namespace windtunnel::des
