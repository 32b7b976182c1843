#include "factory/upkeep.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/check.h"

namespace windtunnel::factory {
namespace {

constexpr uint32_t kDisturbed = 1;

std::string name_of(const Breakdown& breakdown, size_t index) {
  return breakdown.name.empty() ? "breakdown " + std::to_string(index + 1) : breakdown.name;
}

// Operations that are spared before one is struck, each with the chance `per_operation`: geometric,
// by inversion.
int64_t draw_spared(Ratio per_operation, base::RandomStream& stream) {
  if (per_operation.part <= 0) return INT64_MAX;
  const double chance =
      static_cast<double>(per_operation.part) / static_cast<double>(per_operation.whole);
  const double spared = std::log(1 - stream.uniform()) / std::log1p(-chance);
  return spared < 1e18 ? static_cast<int64_t>(spared) : INT64_MAX;
}

// In the order they come, those that touch as one.
std::vector<Outage> in_turn(std::vector<Outage> outages) {
  std::sort(outages.begin(), outages.end(),
            [](const Outage& a, const Outage& b) { return a.at < b.at; });
  std::vector<Outage> merged;
  for (const Outage& outage : outages) {
    if (merged.empty() || merged.back().at + merged.back().length < outage.at) {
      merged.push_back(outage);
      continue;
    }
    Outage& last = merged.back();
    last.length = std::max(last.length, outage.at + outage.length - last.at);
  }
  return merged;
}

}  // namespace

Upkeep::Upkeep(Sim& sim, MachineClock& clock, const UpkeepRules& rules,
               const base::RandomStream& stream)
    : sim_(&sim),
      clock_(&clock),
      rules_(&rules),
      changed_(sim),
      open_(rules.hours.open(sim.now())) {
  for (size_t i = 0; i < rules.modes.size(); ++i) {
    const base::RandomStream of_mode = stream.child(name_of(rules.modes[i].breakdown, i));
    modes_.push_back({.between = of_mode.child("between"), .repair = of_mode.child("repair")});
  }
  for (size_t i = 0; i < modes_.size(); ++i) {
    draw_next(i);
    if (rules.modes[i].breakdown.by == FailBy::kClock) sim.spawn(strike_by_clock(i));
  }
  outages_ = in_turn(rules.outages);
  if (!outages_.empty()) {
    outage_at_ = Time::at(outages_.front().at);
    find_next();
    sim.spawn(follow_outages());
  }
  if (!rules.hours.always() && !rules.hours.never()) sim.spawn(follow_calendar());
  look_ahead();
  show();
}

// ---- work

des::Task<WorkEnd> Upkeep::work(Duration length, int32_t item) {
  return carry_on(
      {.length = length, .left = length, .state = MachineState::kWorking, .item = item},
      rules_->operators,
      {.heads = rules_->operators_needed, .finishes = rules_->at_shift_end == AtShiftEnd::kFinish});
}

des::Task<WorkEnd> Upkeep::set_up(Duration length, int32_t item) {
  return carry_on({.length = length, .left = length, .state = MachineState::kSetup, .item = item},
                  rules_->setup_crew, {.finishes = rules_->at_shift_end == AtShiftEnd::kFinish});
}

des::Task<void> Upkeep::ready() {
  while (!is_ready()) co_await changed_.until([this] { return is_ready(); });
}

// Every wait may end because something else has changed, so after each it is all looked at anew.
des::Task<WorkEnd> Upkeep::carry_on(Job job, Roster* crew, Duty terms) {
  WT_CHECK(job_ == nullptr && !under_way_, "a machine does one thing at a time");
  std::optional<CrewDuty> duty;
  if (crew != nullptr) duty.emplace(*crew, terms);
  worker_ = sim_->current_process();
  co_await ready();
  job_ = &job;
  if (job.state == MachineState::kWorking) begin_operation();
  const auto done = [&] {
    return job.scrapped || (job.left == Duration::zero() && (job.begun || can_go_on(job)));
  };
  while (!done()) {
    if (std::exchange(job.again, false)) job.left = job.length;
    if (!can_go_on(job)) {
      if (duty) duty->pause();
      co_await changed_.until([this, &job] { return can_go_on(job); });
    } else if (duty && !duty->held()) {
      awaited_ = true;
      clock_->set(sim_->now(), MachineState::kWaiting, job.item);
      auto outcome = co_await duty->begin().interruptible();
      awaited_ = false;
      sim_->take_interrupt(worker_);
      duty->hold(std::move(outcome.grant));
    } else {
      const Duration stint = stint_of(job);
      set_under_way(job);
      const auto outcome = co_await sim_->delay(stint).interruptible();
      under_way_ = false;
      sim_->take_interrupt(worker_);
      if (duty) duty->taken_away();
      account(job, stint - outcome.remaining);
      show();
    }
  }
  job_ = nullptr;
  co_return job.scrapped ? WorkEnd::kScrapped : WorkEnd::kDone;
}

Duration Upkeep::stint_of(const Job& job) const {
  if (job.state != MachineState::kWorking) return job.left;
  return std::min(job.left, struck_running_ - ran_);
}

void Upkeep::account(Job& job, Duration worked) {
  job.left -= worked;
  if (job.state != MachineState::kWorking) return;
  ran_ += worked;
  if (job.left > Duration::zero()) strike_what_is_due();
}

void Upkeep::set_under_way(const Job& job) {
  job_->begun = true;
  under_way_ = true;
  show();
  clock_->set(sim_->now(), job.state, job.item);
}

bool Upkeep::can_go_on(const Job& job) const {
  const bool overtime = job.begun && rules_->at_shift_end == AtShiftEnd::kFinish;
  return down_ == 0 && (open_ || overtime);
}

// ---- strikes

void Upkeep::draw_next(size_t index) {
  const Breakdown& breakdown = rules_->modes[index].breakdown;
  Mode& mode = modes_[index];
  switch (breakdown.by) {
    case FailBy::kRunning:
      mode.running = ran_ + draw(breakdown.between, mode.between);
      break;
    case FailBy::kClock:
      mode.at = sim_->now() + draw(breakdown.between, mode.between);
      break;
    case FailBy::kOperation: {
      const int64_t spared = draw_spared(breakdown.per_operation, mode.between);
      mode.operation = spared == INT64_MAX ? INT64_MAX : operations_ + spared;
      break;
    }
  }
  find_next();
}

void Upkeep::find_next() {
  struck_running_ = Duration::max();
  struck_operation_ = INT64_MAX;
  struck_at_ = outage_at_;
  for (const Mode& mode : modes_) {
    struck_running_ = std::min(struck_running_, mode.running);
    struck_operation_ = std::min(struck_operation_, mode.operation);
    struck_at_ = std::min(struck_at_, mode.at);
  }
}

// Counts it, after the modes that strike before it.
void Upkeep::begin_operation() {
  const int64_t operation = operations_++;
  for (size_t i = 0; i < modes_.size(); ++i) {
    if (modes_[i].operation > operation) continue;
    strike(i);
    sim_->spawn(repair(i));
  }
}

void Upkeep::strike_what_is_due() {
  if (struck_running_ > ran_) return;
  for (size_t i = 0; i < modes_.size(); ++i) {
    if (modes_[i].running > ran_) continue;
    strike(i);
    sim_->spawn(repair(i));
  }
}

void Upkeep::strike(size_t index) {
  Mode& mode = modes_[index];
  mode.running = Duration::max();
  mode.operation = INT64_MAX;
  mode.at = Time::max();
  find_next();
  ++breakdowns_;
  ++down_;
  if (job_ == nullptr || job_->state != MachineState::kWorking) return;
  const FailBy by = rules_->modes[index].breakdown.by;
  const AfterRepair after = rules_->modes[index].breakdown.after;
  if (!job_->begun && by == FailBy::kClock) return;  // nothing is on the machine yet
  job_->scrapped |= after == AfterRepair::kScrap;
  job_->again |= after == AfterRepair::kRestart;
}

des::Process Upkeep::strike_by_clock(size_t index) {
  for (;;) {
    co_await sim_->until(modes_[index].at);
    strike(index);
    disturb();
    show();
    co_await repair(index);
  }
}

des::Process Upkeep::repair(size_t index) {
  const UpkeepRules::Mode& mode = rules_->modes[index];
  const Breakdown& breakdown = mode.breakdown;
  const Duration length = draw(breakdown.repair, modes_[index].repair);
  if (mode.crew != nullptr) {
    co_await mode.crew->serve(length,
                              {.priority = breakdown.priority, .preempts = breakdown.preempts});
  } else {
    co_await sim_->delay(length);
  }
  draw_next(index);
  recovered();
}

des::Process Upkeep::follow_outages() {
  for (const Outage& outage : outages_) {
    outage_at_ = Time::at(outage.at);
    find_next();
    co_await sim_->until(outage_at_);
    ++down_;
    disturb();
    show();
    co_await sim_->until(Time::at(outage.at + outage.length));
    outage_at_ = Time::max();
    find_next();
    recovered();
  }
}

void Upkeep::recovered() {
  --down_;
  show();
  changed_.notify_all();
}

// ---- shifts

des::Process Upkeep::follow_calendar() {
  for (;;) {
    co_await sim_->until(rules_->hours.next_change(sim_->now()), des::EventClass::kFirst);
    open_ = rules_->hours.open(sim_->now());
    look_ahead();
    disturb();
    show();
    if (open_) changed_.notify_all();
  }
}

void Upkeep::look_ahead() {
  const bool suspends = open_ && rules_->at_shift_end == AtShiftEnd::kSuspend;
  suspended_at_ = suspends ? rules_->hours.next_change(sim_->now()) : Time::max();
}

// ---- both

// Ends the wait of a job that has to stop.
void Upkeep::disturb() {
  if (job_ == nullptr || can_go_on(*job_) || !(under_way_ || awaited_)) return;
  sim_->interrupt(worker_, {kDisturbed, 0});
}

// What the machine is under way with shows, also after its shift; then the shift, then repairs.
void Upkeep::show() {
  const bool overtime =
      job_ != nullptr && job_->begun && rules_->at_shift_end == AtShiftEnd::kFinish;
  const bool goes_on = under_way_ && (job_ == nullptr || can_go_on(*job_));
  if (!goes_on && !open_ && !overtime) {
    clock_->cover(sim_->now(), MachineState::kOff);
  } else if (!goes_on && down_ > 0) {
    clock_->cover(sim_->now(), MachineState::kDown);
  } else {
    clock_->uncover(sim_->now());
  }
}

}  // namespace windtunnel::factory
