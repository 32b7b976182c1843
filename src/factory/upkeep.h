// One machine between its troubles: breakdowns, repairs, stops, shifts, operators. Core decides
// what the machine is to do; the upkeep lets it happen, later and in pieces if it must.
//
//   co_await upkeep.ready();                                    // up, and its shift is on
//   if (co_await upkeep.work(length, item) == WorkEnd::kScrapped) ...
//
// Where nothing can happen a task is saved:
//
//   if (upkeep.undisturbed(length)) {
//     upkeep.begin(item);
//     co_await sim.delay(length);
//     upkeep.end(length);
//   }
//
// On the machine's clock the upkeep sets kWorking, kSetup and, while it waits for a crew, kWaiting;
// it covers them and whatever core sets with kOff outside shifts and kDown during repairs. After
// work() and end() the clock still says what was done: core says what comes next.
//
// Breakdowns. Each mode of a machine is independent of the others, with streams of its own, and is
// repaired on its own: the machine is up when no mode of it is under repair. A mode that counts
// running time ages while operations run, not in setups; its strike is drawn ahead, so that an
// operation without a strike costs one delay. One that counts by the clock also strikes an idle
// machine, in and out of shifts, and not again before it is repaired. One that counts operations
// strikes before an operation begins. A running time that ends together with an operation strikes
// at the begin of the next one. A setup always goes on after a repair where it was.
//
// Shifts. Work is suspended at the end of the machine's shift or goes on (AtShiftEnd); under
// kFinish that holds for a setup and for an operation, each by itself. Operators and setup crews
// leave at the end of their own shifts by the same rule, and leave the machine while it is down or
// suspended. Repairs go on when the machine's shift is over, as long as their crew is there.
//
// The upkeep may die before the simulation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "des/process.h"
#include "des/signal.h"
#include "factory/calendar.h"
#include "factory/crew.h"
#include "factory/machine_clock.h"
#include "factory/outcome.h"
#include "factory/sim.h"

namespace windtunnel::factory {

enum class WorkEnd : uint8_t {
  kDone,
  kScrapped,  // by a breakdown; the machine may still be down
};

// What all machines of a station have in common. Crews belong to the run, so this does too.
struct UpkeepRules {
  struct Mode {
    Breakdown breakdown;
    Roster* crew = nullptr;  // null: nobody has to be free
  };
  std::vector<Mode> modes = {};
  std::vector<Outage> outages = {};
  OpenHours hours = {};
  AtShiftEnd at_shift_end = AtShiftEnd::kSuspend;
  Roster* operators = nullptr;
  int64_t operators_needed = 1;
  Roster* setup_crew = nullptr;
};

class Upkeep {
 public:
  // `rules` and `clock` outlive it. `stream` is the machine's own: (seed, station) and its index.
  Upkeep(Sim& sim, MachineClock& clock, const UpkeepRules& rules, const base::RandomStream& stream);
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  // Until the machine is up and on shift.
  des::Task<void> ready();
  bool is_ready() const { return down_ == 0 && open_; }

  // Begins when ready and the crew is there. One at a time, by one process.
  des::Task<WorkEnd> work(Duration length, int32_t item = -1);
  des::Task<WorkEnd> set_up(Duration length, int32_t item = -1);  // never scrapped

  // Nothing can get in the way of an operation that begins now, nor has it to wait for anybody.
  // Then begin(), a delay, end().
  bool undisturbed(Duration length) const {
    const Time end = sim_->now() + length;
    return is_ready() && rules_->operators == nullptr && operations_ < struck_operation_ &&
           struck_running_ - ran_ >= length && end < struck_at_ && end <= suspended_at_;
  }
  void begin(int32_t item = -1) {
    ++operations_;
    under_way_ = true;
    clock_->set(sim_->now(), MachineState::kWorking, item);
  }
  void end(Duration length) {
    ran_ += length;
    under_way_ = false;
    if (!open_) show();
  }

  Sim& kernel() const { return *sim_; }
  bool down() const { return down_ > 0; }
  bool on_shift() const { return open_; }
  // Since the last restart().
  int64_t breakdowns() const { return breakdowns_; }
  void restart() { breakdowns_ = 0; }

 private:
  // When a mode strikes next, in what it counts; the maximum while it is under repair.
  struct Mode {
    base::RandomStream between;
    base::RandomStream repair;
    Duration running = Duration::max();
    int64_t operation = INT64_MAX;
    Time at = Time::max();
  };
  struct Job {
    Duration length;
    Duration left;
    MachineState state = MachineState::kWorking;
    int32_t item = -1;
    bool begun = false;
    bool again = false;  // a breakdown spoilt what was done
    bool scrapped = false;
  };

  des::Process follow_calendar();
  des::Process follow_outages();
  des::Process strike_by_clock(size_t index);
  des::Process repair(size_t index);

  des::Task<WorkEnd> carry_on(Job job, Roster* crew, Duty duty);
  Duration stint_of(const Job& job) const;
  void account(Job& job, Duration worked);
  void set_under_way(const Job& job);
  bool can_go_on(const Job& job) const;

  void draw_next(size_t index);
  void find_next();
  void look_ahead();
  void begin_operation();
  void strike_what_is_due();
  void strike(size_t index);
  void disturb();
  void show();
  void recovered();

  Sim* sim_;
  MachineClock* clock_;
  const UpkeepRules* rules_;
  std::vector<Mode> modes_;
  std::vector<Outage> outages_;  // in turn, none touching the next
  des::Signal changed_;          // up again, on shift again

  Duration ran_;                               // running time so far
  Duration struck_running_ = Duration::max();  // the earliest of the modes
  int64_t operations_ = 0;                     // begun so far
  int64_t struck_operation_ = INT64_MAX;       // the earliest of the modes
  Time struck_at_ = Time::max();               // the earliest of the modes and outages
  Time outage_at_ = Time::max();               // the next
  Time suspended_at_ = Time::max();            // when the shift ends, if that suspends work

  Job* job_ = nullptr;      // what work() or set_up() is at
  des::ProcessId worker_;   // whose wait to cut short
  bool under_way_ = false;  // an operation or a setup runs at this moment
  bool awaited_ = false;    // its crew is awaited
  bool open_;
  int64_t down_ = 0;  // modes under repair, and 1 for an outage
  int64_t breakdowns_ = 0;
};

}  // namespace windtunnel::factory
