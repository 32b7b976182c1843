#include "factory/flow.h"

#include "base/check.h"
#include "factory/world.h"

namespace windtunnel::factory {

Flow::Flow(World& world) : world_(world), target_(world.sim.add_target(*this)) {
  for (const Loop& loop : world.plant.plant.loops) loops.push_back({loop.cards, des::Level()});
}

Sim& Flow::kernel() const { return world_.sim; }

void Flow::release(PieceId id) {
  Piece& piece = world_.pieces[id];
  const int64_t now = world_.sim.now_ticks();
  piece.released = world_.sim.now();
  piece.ticket = false;
  ItemBook& book = world_.items[piece.item];
  ++book.released;
  book.in_process.add(now, 1);
  world_.in_process.add(now, 1);
}

// ---- room and cards

uint32_t Flow::target(const Piece& piece) const {
  switch (piece.way) {
    case Way::kOnward:
      return world_.plant.steps[piece.step].next;
    case Way::kBack:
      return world_.plant.steps[piece.step].rework_to;
    case Way::kFirst:
      break;
  }
  return piece.step;
}

const std::vector<uint32_t>& Flow::cards_wanted(const Piece& piece) const {
  const CompiledStep& step = world_.plant.steps[piece.step];
  switch (piece.way) {
    case Way::kOnward:
      return step.onward.take;
    case Way::kBack:
      return step.back.take;
    case Way::kFirst:
      break;
  }
  return step.cards;
}

// A release that always has one more keeps no more than a batch in front of a station without
// limit.
bool Flow::has_room_at_idle(const Piece& piece, const CompiledStep& step) const {
  const StationRun& station = world_.stations[step.station];
  int64_t places = station.compiled().buffer;
  if (places == kUnlimited) {
    if (!piece.ticket || !world_.feeds.is_endless(piece.feed) || station.compiled().loop_begins) {
      return true;
    }
    places = station.described().batch_max;
  }
  const int64_t taken = station.waiting() + station.reserved;
  if (taken < places) return true;
  for (const uint32_t machine : station.idle) {
    const Machine& idle = *world_.machines[station.compiled().machine + machine];
    if (idle.ready() && station.would_take(machine, step.line) && taken < ++places) return true;
  }
  return false;
}

// HOT: nearly always it is the buffer that says so.
inline bool Flow::has_room(const Piece& piece, const CompiledStep& step) const {
  const StationRun& station = world_.stations[step.station];
  const int64_t buffer = station.compiled().buffer;
  if (buffer != kUnlimited && station.waiting() + station.reserved < buffer) return true;
  return has_room_at_idle(piece, step);
}

bool Flow::lacks_card(const Piece& piece) const {
  for (const uint32_t loop : cards_wanted(piece)) {
    if (loops[loop].free == 0) return true;
  }
  return false;
}

bool Flow::can_enter(const Piece& piece) const {
  return (loops.empty() || !lacks_card(piece)) &&
         has_room(piece, world_.plant.steps[target(piece)]);
}

void Flow::take_cards(const std::vector<uint32_t>& wanted) {
  for (const uint32_t loop : wanted) {
    --loops[loop].free;
    loops[loop].in_use.add(world_.sim.now_ticks(), 1);
  }
}

void Flow::give_cards(const std::vector<uint32_t>& given) {
  for (const uint32_t loop : given) {
    const Duration back = world_.plant.plant.loops[loop].back;
    ++under_way_;
    world_.sim.schedule(back, {target_, kCardBack, loop});
  }
}

// ---- ways in

bool Flow::try_enter(PieceId id) {
  if (!can_enter(world_.pieces[id])) return false;
  let_in(id);
  return true;
}

void Flow::stand_outside(PieceId id) {
  const Piece& piece = world_.pieces[id];
  const uint32_t index = world_.plant.steps[target(piece)].station;
  StationRun& station = world_.stations[index];
  station.entrants.push_back(world_.pieces, id);
  // A machine that was down or off when it last looked is to look again.
  for (size_t i = 0; i < station.idle.size();) {
    Machine& idle = *world_.machines[station.compiled().machine + station.idle[i]];
    if (idle.ready() || !idle.rouse()) ++i;
  }
}

void Flow::admit(uint32_t index) {
  StationRun& station = world_.stations[index];
  const bool first_only = station.compiled().alike && !station.compiled().loop_begins;
  PieceId id = station.entrants.first();
  while (id != kNone) {
    if (can_enter(world_.pieces[id])) {
      station.entrants.remove(world_.pieces, id);
      let_in(id);
      id = station.entrants.first();
    } else if (first_only) {
      return;
    } else {
      id = world_.pieces[id].next;
    }
  }
}

inline void Flow::unblock(Piece& piece) {
  if (piece.machine == kNone) return;
  world_.machines[piece.machine]->piece_left();
  piece.machine = kNone;
}

// It is not at its station any more.
[[gnu::always_inline]] inline void Flow::depart(Piece& piece) {
  const uint32_t index = world_.plant.steps[piece.step].station;
  StationRun& station = world_.stations[index];
  const Time now = world_.sim.now();
  station.book.present.add(now.ticks(), -1);
  station.book.stay.add(now - piece.joined);
  piece.first_pass = false;
  if (piece.machine == kNone) return;
  world_.ledger.lose(piece, now, index, Loss::kBlocked);
  unblock(piece);
}

// HOT: into every caller, all of which know the piece.
[[gnu::always_inline]] inline void Flow::join(PieceId id, Piece& piece, uint32_t step_index) {
  const CompiledStep& step = world_.plant.steps[step_index];
  StationRun& station = world_.stations[step.station];
  const Time now = world_.sim.now();
  if (piece.way == Way::kBack) {
    world_.ledger.lose(piece, now, world_.plant.steps[piece.step].station, Loss::kRework);
  }
  piece.step = step_index;
  piece.joined = now;
  ++station.book.arrived;
  station.book.present.add(now.ticks(), 1);
  station.push(id, step.line);
  if (!station.idle.empty()) offer_work(step.station, step.family);
  station.show_queue(now.ticks());
}

// There is room for it and it stands in no list. What it frees elsewhere is free once it is in.
void Flow::let_in(PieceId id) {
  Piece& piece = world_.pieces[id];
  if (piece.way == Way::kFirst) {
    let_in_first(id, piece);
    return;
  }
  const CompiledStep& from = world_.plant.steps[piece.step];
  const bool onward = piece.way == Way::kOnward;
  const uint32_t to = onward ? from.next : from.rework_to;
  const CardMoves& moves = onward ? from.onward : from.back;
  if (!loops.empty()) take_cards(moves.take);
  if (onward ? from.rides_onward : from.rides_back) {
    ++world_.stations[world_.plant.steps[to].station].reserved;
    set_off_alone(id);
    return;
  }
  const uint32_t feed = piece.feed;
  const uint64_t lot = piece.lot;
  const bool leaves_first = onward && piece.first_pass;
  if (onward) depart(piece);
  join(id, piece, to);
  if (!loops.empty()) give_cards(moves.give);
  if (leaves_first) world_.feeds.left_first(feed, lot);
}

void Flow::let_in_first(PieceId id, Piece& piece) {
  const uint32_t feed = piece.feed;
  const bool was_ticket = piece.ticket;
  if (!loops.empty()) take_cards(world_.plant.steps[piece.step].cards);
  if (was_ticket) world_.feeds.redeem(id);
  piece.first_pass = true;
  join(id, piece, piece.step);
  if (was_ticket) world_.feeds.went_in(feed);
}

// To an idle machine that is set up for the family, or else to the one that has been idle longest.
void Flow::offer_work(uint32_t index, uint32_t family) {
  StationRun& station = world_.stations[index];
  const uint32_t first = station.compiled().machine;
  if (station.compiled().setups != kNone && station.idle.size() > 1) {
    for (size_t i = 0; i < station.idle.size(); ++i) {
      Machine& machine = *world_.machines[first + station.idle[i]];
      if (machine.family() == family && machine.start()) return;
    }
  }
  for (size_t i = 0; i < station.idle.size();) {
    Machine& machine = *world_.machines[first + station.idle[i]];
    if (machine.start()) return;
    if (machine.ready() || !machine.rouse()) ++i;
  }
}

// ---- rides

void Flow::pass_to_ride(PieceId id, Party& party) {
  Piece& piece = world_.pieces[id];
  piece.way = Way::kOnward;
  const CompiledStep& from = world_.plant.steps[piece.step];
  if (from.next == kNone) {
    if (!world_.stores.has_room(piece.item)) return world_.stores.stand_outside(id);
    world_.stores.expect(piece.item);
  } else {
    if (!can_enter(piece)) return stand_outside(id);
    take_cards(from.onward.take);
    ++world_.stations[world_.plant.steps[from.next].station].reserved;
  }
  piece.next = kNone;
  (party.first == kNone ? party.first : world_.pieces[party.last].next) = id;
  party.last = id;
  ++party.pieces;
  if (party.pieces == world_.plant.plant.fleet->carries) set_off(party);
}

void Flow::set_off(Party& party) {
  if (party.pieces == 0) return;
  const Piece& piece = world_.pieces[party.first];
  const uint32_t to = target(piece);
  under_way_ += party.pieces;
  world_.sim.spawn(to == kNone ? ride_to_stock(party.first, party.pieces)
                               : ride(party.first, party.pieces, to));
  party = {};
}

// What it needs where it goes is its own already.
void Flow::set_off_alone(PieceId id) {
  world_.pieces[id].next = kNone;
  Party party{id, id, 1};
  set_off(party);
}

// The pieces may go into other lists meanwhile.
template <class Use>
void Flow::each_of(PieceId first, const Use& use) {
  for (PieceId id = first; id != kNone;) {
    const PieceId next = world_.pieces[id].next;
    use(id);
    id = next;
  }
}

// It is on a vehicle now, and what it held is free.
void Flow::leave(PieceId id) {
  Piece& piece = world_.pieces[id];
  const CompiledStep& from = world_.plant.steps[piece.step];
  const bool onward = piece.way == Way::kOnward;
  const bool leaves_first = onward && piece.first_pass;
  if (onward) depart(piece);
  give_cards(onward ? from.onward.give : from.back.give);
  if (leaves_first) world_.feeds.left_first(piece.feed, piece.lot);
}

des::Process Flow::ride(PieceId first, int64_t pieces, uint32_t step) {
  const uint32_t from = world_.station_of(world_.pieces[first]).compiled().place;
  const uint32_t station = world_.plant.steps[step].station;
  const auto lose = [&](PieceId id, Loss loss) {
    world_.ledger.lose(world_.pieces[id], world_.sim.now(), station, loss);
  };
  if (world_.pieces[first].way == Way::kBack) lose(first, Loss::kRework);
  const uint32_t call = world_.vehicles->call(
      {.from = from, .to = world_.plant.stations[station].place, .pieces = pieces});
  co_await world_.vehicles->loaded(call);
  each_of(first, [&](PieceId id) {
    lose(id, Loss::kRide);
    leave(id);
  });
  co_await world_.vehicles->delivered(call);
  each_of(first, [&](PieceId id) {
    lose(id, Loss::kRide);
    --under_way_;
    --world_.stations[station].reserved;
    join(id, world_.pieces[id], step);
  });
}

des::Process Flow::ride_to_stock(PieceId first, int64_t pieces) {
  const uint32_t station = world_.plant.steps[world_.pieces[first].step].station;
  const uint32_t item = world_.pieces[first].item;
  const uint32_t to = world_.plant.stock_places[world_.plant.items[item].stock];
  const uint32_t call = world_.vehicles->call(
      {.from = world_.plant.stations[station].place, .to = to, .pieces = pieces});
  co_await world_.vehicles->loaded(call);
  each_of(first, [this](PieceId id) { leave(id); });
  co_await world_.vehicles->delivered(call);
  each_of(first, [this, item](PieceId id) {
    --under_way_;
    finish(id);
    world_.stores.put_expected(item);
  });
}

// ---- ways on

// HOT: where there are no cards, all of it is here.
void Flow::pass(PieceId id) {
  Piece& piece = world_.pieces[id];
  piece.way = Way::kOnward;
  const CompiledStep& from = world_.plant.steps[piece.step];
  if (from.next == kNone) {
    if (world_.stores.has_room(piece.item)) {
      deliver(id);
    } else {
      world_.stores.stand_outside(id);
    }
  } else if (!loops.empty()) {
    can_enter(piece) ? let_in(id) : stand_outside(id);
  } else if (has_room(piece, world_.plant.steps[from.next])) {
    const uint32_t feed = piece.feed;
    const uint64_t lot = piece.lot;
    const bool leaves_first = piece.first_pass;
    depart(piece);
    join(id, piece, from.next);
    if (leaves_first) world_.feeds.left_first(feed, lot);
  } else {
    stand_outside(id);
  }
}

void Flow::deliver(PieceId id) {
  Piece& piece = world_.pieces[id];
  const uint32_t feed = piece.feed;
  const uint64_t lot = piece.lot;
  const uint32_t item = piece.item;
  const bool was_ticket = piece.ticket;
  bool leaves_first = false;
  if (piece.step != kNone && world_.plant.steps[piece.step].rides_onward) {
    world_.stores.expect(item);
    set_off_alone(id);
    return;
  }
  if (was_ticket) world_.feeds.redeem(id);
  if (piece.step != kNone) {
    leaves_first = piece.first_pass;
    depart(piece);
    give_cards(world_.plant.steps[piece.step].onward.give);
  } else {
    unblock(piece);
  }
  finish(id);
  world_.stores.put(item);
  if (leaves_first) world_.feeds.left_first(feed, lot);
  if (was_ticket) world_.feeds.went_in(feed);
}

void Flow::finish(PieceId id) {
  const Piece& piece = world_.pieces[id];
  ItemBook& book = world_.items[piece.item];
  ++book.finished;
  book.lead.add(world_.sim.now() - piece.released);
  const auto stretch = static_cast<size_t>(world_.sim.now_ticks() / world_.stretch.ticks());
  if (stretch < book.finished_by_stretch.size()) ++book.finished_by_stretch[stretch];
  world_.feeds.finished(piece);
  end(id);
}

void Flow::end(PieceId id) {
  const int64_t now = world_.sim.now_ticks();
  world_.items[world_.pieces[id].item].in_process.add(now, -1);
  world_.in_process.add(now, -1);
  world_.ledger.close(world_.pieces[id]);
  world_.pieces.free(id);
}

void Flow::scrap(PieceId id) {
  Piece& piece = world_.pieces[id];
  const uint32_t feed = piece.feed;
  const uint64_t lot = piece.lot;
  const bool leaves_first = piece.first_pass;
  ++world_.station_of(piece).book.scrapped;
  ++world_.items[piece.item].scrapped;
  depart(piece);
  give_cards(world_.plant.steps[piece.step].cards);
  world_.feeds.scrapped(piece);
  end(id);
  if (leaves_first) world_.feeds.left_first(feed, lot);
}

// It leaves at once, also when nobody repairs it: beside the line there is always room, so that no
// machine waits for a place in its own queue.
void Flow::rework(PieceId id) {
  Piece& piece = world_.pieces[id];
  const CompiledStep& step = world_.plant.steps[piece.step];
  const bool leaves_first = piece.first_pass;
  ++world_.items[piece.item].reworked;
  depart(piece);
  piece.way = Way::kBack;
  const Duration repair = step.rework_time.draw(world_.streams[piece.step].rework);
  ++under_way_;
  world_.sim.schedule(repair, {target_, kRepaired, id});
  if (leaves_first) world_.feeds.left_first(piece.feed, piece.lot);
}

void Flow::handle(const des::Event& event) {
  --under_way_;
  if (event.kind == kCardBack) {
    LoopRun& loop = loops[event.data];
    ++loop.free;
    loop.in_use.add(event.key.time, -1);
    admit(world_.plant.loops[event.data].from);
    return;
  }
  const auto id = static_cast<PieceId>(event.data);
  if (!try_enter(id)) stand_outside(id);
}

}  // namespace windtunnel::factory
