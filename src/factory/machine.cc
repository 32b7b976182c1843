#include "factory/machine.h"

#include <algorithm>

#include "factory/world.h"

namespace windtunnel::factory {
namespace {

// What a machine without it never has to wait for, and what never happens to it.
bool needs_upkeep(const CompiledStation& compiled, const Station& station) {
  return !station.breakdowns.empty() || !station.outages.empty() || compiled.calendar != kNone ||
         compiled.operators != kNone || compiled.setup_crew != kNone;
}

}  // namespace

Machine::Machine(World& world, uint32_t station, uint32_t number, uint32_t index)
    : clock(world.stations[station].clock, world.bars, station, number),
      world_(world),
      at_(world.stations[station]),
      station_(station),
      number_(number),
      index_(index) {
  const Station& described = at_.described();
  if (!needs_upkeep(at_.compiled(), described)) return;
  const base::RandomStream of_station(world.options.seed, described.name);
  upkeep_.emplace(world.sim, clock, world.rules[station], of_station.child(number));
}

Sim& Machine::kernel() const { return world_.sim; }
uint64_t Machine::lot() const { return world_.pieces[work_.first].lot; }

void Machine::set_active(bool active) {
  world_.active += (active ? 1 : 0) - (active_ ? 1 : 0);
  active_ = active;
}

inline void Machine::lose(Loss loss) {
  if (world_.keeps_ledger) lose_time(loss);
}

// HOT: one operation without trouble is one delay and two resumptions at most. What happens between
// two waits is done in functions, whose variables need no place in the frame.
des::Process Machine::run() {
  for (;;) {
    if (!work_ && !ready()) co_await upkeep_->ready();
    if (!work_ && !find_work()) {
      set_active(false);
      co_await parking_.wait();
    }
    if (!work_) continue;
    if (work_.visit != kNone) {
      co_await visit();
      continue;
    }
    Begin begun = begin_work();
    if (begun == Begin::kToPrepare) {
      co_await prepare();
      begun = begin_operation();
    }
    if (begun == Begin::kUndisturbed) {
      co_await world_.sim.delay(length_);
      if (upkeep_) upkeep_->end(length_);
      end_work(WorkEnd::kDone);
    } else {
      end_work(co_await upkeep_->work(length_, item_));
    }
    if (in_hand_ > 0) {
      block();
      co_await parking_.wait();
    }
  }
}

// ---- what to do next

// From the queue, or from among those who stand outside, who may come in now that this machine has
// nothing to do.
bool Machine::find_work() {
  work_ = at_.choose(number_, memory_);
  if (work_) {
    at_.show_queue(world_.sim.now_ticks());
    if (!at_.entrants.empty()) world_.flow.admit(station_);
    return true;
  }
  at_.idle.push_back(number_);
  if (!at_.entrants.empty()) {
    world_.flow.admit(station_);
    if (work_) return true;
  }
  show_idle();
  return false;
}

bool Machine::start() {
  if (!ready()) return false;
  work_ = at_.choose(number_, memory_);
  if (!work_) return false;
  at_.show_queue(world_.sim.now_ticks());
  at_.end_idle(number_);
  set_active(true);
  if (parking_.occupied()) parking_.release();
  if (work_.pieces > 1 && !at_.entrants.empty()) world_.flow.admit(station_);
  return true;
}

bool Machine::rouse() {
  if (!parking_.occupied()) return false;
  at_.end_idle(number_);
  set_active(true);
  parking_.release();
  return true;
}

void Machine::show_idle() {
  clock.set(world_.sim.now(), at_.capped > 0 ? MachineState::kBlocked : MachineState::kStarved);
}

// ---- setups

Duration Machine::setup_time(uint32_t family, uint64_t lot) const {
  const uint32_t matrix = at_.compiled().setups;
  if (matrix == kNone) return Duration::zero();
  const CompiledMatrix& times = world_.plant.setups[matrix];
  if (memory_.fresh && work_.visit == kNone) return times.initial;
  const bool each_lot = at_.described().setup_when == SetupWhen::kLot && lot != memory_.lot;
  if (family == memory_.family && !each_lot && work_.visit == kNone) return Duration::zero();
  return world_.plant.setup(matrix, memory_.family, family);
}

des::Task<void> Machine::set_up(Duration length, int32_t item) {
  ++at_.book.setups;
  if (upkeep_) {
    co_await upkeep_->set_up(length, item);
  } else {
    clock.set(world_.sim.now(), MachineState::kSetup, item);
    co_await world_.sim.delay(length);
  }
  memory_.gate = at_.arrivals();
}

// Sets up for a family of which perhaps nothing waits.
des::Task<void> Machine::visit() {
  const uint32_t family = work_.visit;
  const Duration length = setup_time(family, 0);
  memory_.empties = length > Duration::zero() ? 0 : memory_.empties + 1;
  co_await set_up(length, -1);
  memory_.family = family;
  memory_.fresh = false;
  work_ = {};
}

// The setup, then the parts.
des::Task<void> Machine::prepare() {
  const CompiledStep& step = world_.plant.steps[world_.pieces[work_.first].step];
  const Duration setup = setup_time(step.family, lot());
  const auto item = static_cast<int32_t>(step.item);
  if (setup > Duration::zero()) {
    end_waits();
    co_await set_up(setup, item);
    lose(Loss::kSetup);
  }
  if (!step.parts.empty() && !world_.stores.take(step.parts, work_.pieces, index_)) {
    clock.set(world_.sim.now(), MachineState::kStarved, item);
    set_active(false);
    co_await parking_.wait();
    lose(Loss::kParts);
  }
  if (!step.parts.empty() && world_.vehicles) co_await fetch_parts(step);
  if (setup == Duration::zero()) end_waits();
}

// The parts are its own already, and have to come from where they are.
des::Task<void> Machine::fetch_parts(const CompiledStep& step) {
  const uint32_t here = at_.compiled().place;
  rides_.clear();
  for (const CompiledPart& part : step.parts) {
    const uint32_t there = world_.plant.stock_places[part.stock];
    if (!world_.plant.needs_ride(there, here)) continue;
    rides_.push_back(world_.vehicles->call({there, here, part.count * work_.pieces}));
  }
  if (rides_.empty()) co_return;
  clock.set(world_.sim.now(), MachineState::kStarved, static_cast<int32_t>(step.item));
  for (const uint32_t ride : rides_) co_await world_.vehicles->delivered(ride);
  lose(Loss::kRide);
}

// ---- work

// The setup of the pieces begins, or the operation itself.
inline void Machine::end_waits() {
  const Time now = world_.sim.now();
  StationBook& book = at_.book;
  for (PieceId id = work_.first; id != kNone;) {
    const Piece& piece = world_.pieces[id];
    id = piece.next;
    const Duration waited = now - piece.joined;
    if (waited > Duration::zero()) ++book.delayed;
    book.wait.add(waited.seconds());
  }
  lose(Loss::kQueue);
}

void Machine::lose_time(Loss loss) {
  for (PieceId id = work_.first; id != kNone; id = world_.pieces[id].next) {
    world_.ledger.lose(world_.pieces[id], world_.sim.now(), station_, loss);
  }
}

// What an operation took beyond its length was lost, and all of it when it was done before.
void Machine::account_work(uint32_t step, Duration length) {
  for (PieceId id = work_.first; id != kNone; id = world_.pieces[id].next) {
    Piece& piece = world_.pieces[id];
    const bool again = piece.failures > 0 && piece.failed_at == step;
    if (!again) world_.ledger.work(piece, length);
    world_.ledger.lose(piece, world_.sim.now(), station_, again ? Loss::kRework : Loss::kStopped);
  }
}

// HOT
Machine::Begin Machine::begin_work() {
  const Piece& first = world_.pieces[work_.first];
  const CompiledStep& step = world_.plant.steps[first.step];
  if (!step.parts.empty() || setup_time(step.family, first.lot) > Duration::zero()) {
    return Begin::kToPrepare;
  }
  end_waits();
  return begin_operation();
}

// HOT
inline Machine::Begin Machine::begin_operation() {
  const Piece& first = world_.pieces[work_.first];
  const CompiledStep& step = world_.plant.steps[first.step];
  memory_.family = step.family;
  memory_.lot = first.lot;
  memory_.fresh = false;
  item_ = static_cast<int32_t>(step.item);
  StepStreams& streams = world_.streams[first.step];
  length_ = step.time.draw(streams.time);
  if (step.docks) length_ += step.docking.draw(streams.docking);
  if (!upkeep_) {
    clock.set(world_.sim.now(), MachineState::kWorking, item_);
    return Begin::kUndisturbed;
  }
  if (!upkeep_->undisturbed(length_)) return Begin::kDisturbed;
  upkeep_->begin(item_);
  return Begin::kUndisturbed;
}

// HOT
void Machine::end_work(WorkEnd how) {
  PieceId id = work_.first;
  const uint32_t index = world_.pieces[id].step;
  const CompiledStep& step = world_.plant.steps[index];
  if (world_.keeps_ledger) account_work(index, length_);
  in_hand_ = work_.pieces;
  at_.book.worked += work_.pieces;
  work_ = {};
  Party party;
  while (id != kNone) {
    const PieceId next = world_.pieces[id].next;
    if (how == WorkEnd::kScrapped || !passes(id, step, index)) {
      fail_piece(id, step, index, how == WorkEnd::kScrapped);
    } else if (step.rides_onward) {
      world_.flow.pass_to_ride(id, party);
    } else {
      world_.flow.pass(id);
    }
    id = next;
  }
  world_.flow.set_off(party);
}

void Machine::block() {
  clock.set(world_.sim.now(), MachineState::kBlocked, item_);
  set_active(false);
}

// Whatever becomes of a piece, piece_left() is called when it goes.
bool Machine::passes(PieceId id, const CompiledStep& step, uint32_t index) {
  world_.pieces[id].machine = index_;
  return step.always_passes ||
         world_.streams[index].yield.chance(static_cast<uint64_t>(step.yield.part),
                                            static_cast<uint64_t>(step.yield.whole));
}

void Machine::fail_piece(PieceId id, const CompiledStep& step, uint32_t index, bool scrapped) {
  Piece& piece = world_.pieces[id];
  piece.machine = index_;
  ++at_.book.failed;
  piece.failures = piece.failed_at == index ? piece.failures + 1 : 1;
  piece.failed_at = index;
  if (scrapped || step.on_fail == OnFail::kScrap ||
      (step.rework_max > 0 && piece.failures >= step.rework_max)) {
    world_.flow.scrap(id);
  } else {
    world_.flow.rework(id);
  }
}

}  // namespace windtunnel::factory
