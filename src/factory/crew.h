// People: a resource whose capacity follows a calendar. Off shift nobody is free, and who works is
// called away (or finishes, as the duty says); the rest of the work waits in line for them.
//
//   co_await crew.serve(length, {.priority = 2, .preempts = true});   // a repair, whole
//
// or, for work that may also be disturbed by others than the crew:
//
//   CrewDuty duty(crew, {.heads = 2, .finishes = true});
//   co_await duty.begin().interruptible();
//   co_await sim.delay(left).interruptible();       // interrupted when the crew is taken away
//   if (duty.taken_away()) ...                      // begin() again for the rest
//   duty.end();
//
// Line: by priority, lower first, then in the order of arrival; a duty taken away goes on before
// all others of its priority. Pre-emption takes the latest begun of the worst priority.
#pragma once

#include <cstdint>
#include <string>

#include "des/process.h"
#include "des/resource.h"
#include "factory/calendar.h"
#include "factory/sim.h"

namespace windtunnel::factory {

struct Duty {
  int64_t heads = 1;
  int64_t priority = 0;  // -2^29 to 2^29
  bool preempts = false;
  bool finishes = false;  // what is begun is finished after the end of the shift
};

class CrewDuty;

class Roster {
 public:
  static constexpr int64_t kPriorityMax = int64_t{1} << 29;

  // `hours` is copied. The run begins in the simulation's present instant.
  Roster(Sim& sim, int64_t count, OpenHours hours);
  Roster(const Roster&) = delete;
  Roster& operator=(const Roster&) = delete;
  // May die before the simulation and the processes in it.
  ~Roster();

  // Work of that length by the crew, however often it is taken away and comes back.
  des::Process serve(Duration length, Duty terms);

  Sim& kernel() const { return *sim_; }
  int64_t count() const { return count_; }
  bool on_shift() const { return on_shift_; }
  // Nobody is called away in the time to come but by pre-emption.
  bool on_shift_for(Duration length) const { return hours_.left(sim_->now()) >= length; }
  const OpenHours& hours() const { return hours_; }
  des::Level& busy() { return heads_.busy(); }    // heads at work
  des::Level& queue() { return heads_.queue(); }  // duties waiting

 private:
  friend class CrewDuty;
  des::Process follow_calendar();
  void call_away();

  Sim* sim_;
  int64_t count_;
  OpenHours hours_;
  bool on_shift_;
  des::Resource heads_;
  CrewDuty* begun_first_ = nullptr;  // duties that hold heads, oldest first
  CrewDuty* begun_last_ = nullptr;
};

// One duty of one process: lives in its frame, does not move.
class CrewDuty {
 public:
  CrewDuty(Roster& crew, const Duty& terms) : crew_(&crew), terms_(terms) {}
  CrewDuty(const CrewDuty&) = delete;
  CrewDuty& operator=(const CrewDuty&) = delete;
  ~CrewDuty() { end(); }

  // A wait for the heads; pass its result to hold(), by the process that waited.
  des::Acquire begin() const;
  void hold(des::Grant grant);
  bool held() const { return grant_.held(); }
  // Looked at after every wait while it is held: the heads are wanted elsewhere or their shift is
  // over. They are given back as by pause().
  bool taken_away();
  // Gives the heads back; the next begin() is one that goes on.
  void pause();
  void end();

 private:
  friend class Roster;
  void unlink();

  Roster* crew_;
  Duty terms_;
  des::Grant grant_;
  des::ProcessId holder_;
  CrewDuty* next_ = nullptr;
  CrewDuty* previous_ = nullptr;
  bool linked_ = false;
  bool called_away_ = false;
  bool resumes_ = false;
};

}  // namespace windtunnel::factory
