// Ways out of a tangle. The main one is a shift: a chain of vehicles, each of which moves into the
// room of the next, the last into room there is, or into the place that the first leaves. All of it
// in one instant, so that nobody can take what was made free. The lanes of it have to be free now.
//
// Room is looked for off the leader's own way, or where there is enough of it: pushed along the
// way, a vehicle only stands in the way again. A chain may begin along it, as long as it leads to
// room beside it.
#include <algorithm>
#include <utility>

#include "factory/traffic.h"

namespace windtunnel::factory {

uint32_t Traffic::wanted_place(const Mover& mover) const {
  return layout_->arc(mover.stand == Stand::kLaneEnd ? mover.arc : mover.want).to;
}

// The places from the one it wants next to its goal.
void Traffic::mark_way(uint32_t leader) {
  ++mark_;
  const Mover& mover = movers_[leader];
  uint32_t place = wanted_place(mover);
  way_mark_[place] = mark_;
  while (place != mover.goal) {
    place = layout_->arc(layout_->next_arc(place, mover.goal)).to;
    way_mark_[place] = mark_;
  }
}

// Who goes there does not stand in the leader's way.
bool Traffic::lets_pass(uint32_t place) const {
  return way_mark_[place] != mark_ || layout_->room(place) - zones_[place].used() >= 2;
}

// ---- around

bool Traffic::passes(uint32_t from, uint32_t goal, uint32_t place) const {
  for (uint32_t at = from;; at = layout_->arc(layout_->next_arc(at, goal)).to) {
    if (at == place) return true;
    if (at == goal) return false;
  }
}

// By another free lane, if the whole way is at most twice as long and does not come back.
bool Traffic::detour(uint32_t leader) {
  Mover& mover = movers_[leader];
  if (mover.stand != Stand::kBlocked) return false;
  Duration best = layout_->distance(mover.at, mover.goal) * 2;
  uint32_t chosen = Layout::kNone;
  for (const uint32_t index : layout_->arcs_from(mover.at)) {
    const Arc& arc = layout_->arc(index);
    const Duration rest = layout_->distance(arc.to, mover.goal);
    if (index == mover.want || !can_enter(arc) || arc.time > mover.range) continue;
    if (rest == Duration::max() || arc.time + rest > best) continue;
    if (passes(arc.to, mover.goal, mover.at)) continue;
    if (chosen != Layout::kNone && arc.time + rest == best) continue;
    best = arc.time + rest;
    chosen = index;
  }
  if (chosen == Layout::kNone) return false;
  unblock(leader);
  depart(leader, chosen);
  return true;
}

// ---- shift

// The nearest room, by the number of vehicles that have to move.
bool Traffic::make_room(const Search& search) {
  const Mover& leader = movers_[search.leader];
  const uint32_t wanted = wanted_place(leader);
  const bool in_lane = leader.stand == Stand::kLaneEnd;
  if (has_room(wanted) || !(in_lane || lane_opens(layout_->arc(leader.want)))) return false;
  mark_way(search.leader);
  frontier_.assign(1, wanted);
  visits_[wanted] = {.mark = mark_, .from = wanted, .push = {}, .spare = false};
  for (size_t i = 0; i < frontier_.size(); ++i) {
    if (explore(search, frontier_[i])) return true;
  }
  return false;
}

bool Traffic::may_push(const Search& search, uint32_t vehicle, const Arc& arc) const {
  const Mover& mover = movers_[vehicle];
  if (vehicle == search.leader || arc.time > mover.range) return false;
  return !search.worse_only || mover.rank > rank_of(search.leader);
}

bool Traffic::explore(const Search& search, uint32_t place) {
  if (visits_[place].spare) {
    const std::vector<uint32_t>& arcs = layout_->arcs_from(place);
    return std::any_of(arcs.begin(), arcs.end(),
                       [&](uint32_t arc) { return explore_arc(search, place, {.arc = arc}); });
  }
  for (const uint32_t vehicle : zones_[place].holders) {
    const Mover& mover = movers_[vehicle];
    const bool here = mover.arc == Layout::kNone && mover.at == place;
    if (!here || mover.stand == Stand::kBusy) continue;
    for (const uint32_t arc : layout_->arcs_from(place)) {
      if (search.own_ways && arc != mover.want) continue;
      if (!may_push(search, vehicle, layout_->arc(arc))) continue;
      if (explore_arc(search, place, {vehicle, arc})) return true;
    }
  }
  return false;
}

// It has room, or gets some when the first in it moves on.
bool Traffic::lane_opens(const Arc& arc) const {
  if (has_room_in_lane(arc)) return true;
  return arc.queues && movers_[zones_[arc.zone].holders.front()].stand == Stand::kLaneEnd;
}

bool Traffic::explore_arc(const Search& search, uint32_t place, const Push& push) {
  const Arc& arc = layout_->arc(push.arc);
  const Mover& leader = movers_[search.leader];
  const bool leaves = leader.stand == Stand::kBlocked;  // the leader gives up its place
  const Arc& own = layout_->arc(leaves ? leader.want : leader.arc);
  if (leaves && !own.queues && arc.zone == own.zone) return false;  // head on
  const bool pushed = push.vehicle != Layout::kNone;
  if (pushed && !lane_opens(arc)) return false;
  const bool into_lane = arc.queues && has_room_in_lane(arc);
  if (leaves && arc.to == leader.at && !into_lane) {
    if (pushed) shift(search.leader, push, place);
    return pushed;
  }
  if (pushed && into_lane) {
    shift(search.leader, push, place);
    return true;
  }
  if (visits_[arc.to].mark == mark_) return false;
  const bool room = has_room(arc.to);
  if (room && lets_pass(arc.to)) {
    shift(search.leader, push, place);
    return true;
  }
  visits_[arc.to] = {.mark = mark_, .from = place, .push = push, .spare = room};
  frontier_.push_back(arc.to);
  return false;
}

// Carries out what the search has found: `last` leaves `place`, for which the others make room
// after it, and so on back to the leader.
void Traffic::shift(uint32_t leader, const Push& last, uint32_t place) {
  pushes_.assign(1, last);
  for (; visits_[place].from != place; place = visits_[place].from) {
    if (visits_[place].spare) pushes_.clear();  // who comes here needs no more
    pushes_.push_back(visits_[place].push);
  }
  Mover& mover = movers_[leader];
  const uint32_t want = mover.want;
  const bool leaves = mover.stand == Stand::kBlocked;
  if (leaves) {
    unblock(leader);
    give_back(mover.at, leader);
  }
  for (const Push& push : pushes_) {
    if (movers_[push.vehicle].stand == Stand::kBlocked) unblock(push.vehicle);
    move_by(push.vehicle, push.arc);
  }
  if (leaves) {
    move_by(leader, want);
  } else {
    enter_place(leader);
  }
}

void Traffic::move_by(uint32_t vehicle, uint32_t arc_index) {
  const Arc& arc = layout_->arc(arc_index);
  if (!has_room_in_lane(arc)) enter_place(zones_[arc.zone].holders.front());
  depart(vehicle, arc_index);
}

// ---- aside

// One with nothing to do that no shift can move, because the leader stands in the only way out: it
// gets a goal off the leader's way, goes first, and stays there until the leader has arrived.
bool Traffic::send_aside(uint32_t leader) {
  mark_way(leader);
  const uint32_t wanted = wanted_place(movers_[leader]);
  for (const uint32_t vehicle : zones_[wanted].holders) {
    Mover& mover = movers_[vehicle];
    if (mover.arc != Layout::kNone || mover.at != wanted) continue;
    if (mover.rank < kNoHurry || mover.stand == Stand::kBusy) continue;
    uint32_t goal = Layout::kNone;
    for (uint32_t place = 0; place < layout_->places(); ++place) {
      if (!has_room(place) || !lets_pass(place) || place == movers_[leader].at) continue;
      const Duration length = layout_->distance(wanted, place);
      if (length > mover.range) continue;
      if (goal == Layout::kNone || length < layout_->distance(wanted, goal)) goal = place;
    }
    if (goal == Layout::kNone) continue;
    send(vehicle, goal, rank_of(leader) - 1);
    mover.yields_to = leader;
    ++aside_;
    return true;
  }
  return false;
}

void Traffic::let_back(uint32_t leader) {
  for (uint32_t v = 0; aside_ > 0 && v < movers_.size(); ++v) {
    if (movers_[v].yields_to != leader) continue;
    movers_[v].yields_to = Layout::kNone;
    --aside_;
    if (movers_[v].arc == Layout::kNone) list(v);
  }
}

}  // namespace windtunnel::factory
