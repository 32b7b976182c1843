#include "factory/traffic.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace windtunnel::factory {
namespace {

void erase_value(std::vector<uint32_t>& values, uint32_t value) {
  const auto at = std::find(values.begin(), values.end(), value);
  if (at != values.end()) values.erase(at);
}

}  // namespace

Traffic::Traffic(Sim& sim, const Layout& layout, TrafficUser& user)
    : sim_(&sim),
      layout_(&layout),
      user_(&user),
      target_(sim.add_target(*this)),
      zones_(layout.zones()),
      visits_(layout.places()),
      way_mark_(layout.places()) {}

uint32_t Traffic::add(uint32_t place, Duration range) {
  WT_CHECK(has_room(place), "a vehicle starts where there is room");
  const auto vehicle = static_cast<uint32_t>(movers_.size());
  Mover& mover = movers_.emplace_back();
  mover.at = mover.goal = place;
  mover.range = range;
  take(place, vehicle);
  return vehicle;
}

void Traffic::send(uint32_t vehicle, uint32_t goal, int64_t rank) {
  Mover& mover = movers_[vehicle];
  mover.goal = goal;
  mover.rank = rank;
  mover.announced = false;
  mover.anywhere = false;
  if (std::exchange(mover.yields_to, Layout::kNone) != Layout::kNone) --aside_;
  if (mover.stand == Stand::kBlocked) unblock(vehicle);
  if (mover.arc == Layout::kNone) list(vehicle);
  if (mover.stand == Stand::kLaneEnd) {
    suspects_.push_back(zones_[layout_->arc(mover.arc).zone].holders.front());
  }
}

void Traffic::stay(uint32_t vehicle) {
  const Mover& mover = movers_[vehicle];
  const uint32_t here = mover.arc == Layout::kNone ? mover.at : layout_->arc(mover.arc).to;
  send(vehicle, here, kNoHurry + vehicle);
  movers_[vehicle].anywhere = true;
}

void Traffic::set_busy(uint32_t vehicle, bool busy) {
  Mover& mover = movers_[vehicle];
  WT_CHECK(mover.stand == (busy ? Stand::kStanding : Stand::kBusy), "only who stands is busy");
  mover.stand = busy ? Stand::kBusy : Stand::kStanding;
}

Duration Traffic::distance(uint32_t vehicle, uint32_t place) const {
  const Mover& mover = movers_[vehicle];
  if (mover.arc == Layout::kNone) return layout_->distance(mover.at, place);
  const Duration further = layout_->distance(layout_->arc(mover.arc).to, place);
  const Duration left = std::max(mover.arrives - sim_->now(), Duration::zero());
  return further == Duration::max() ? further : left + further;
}

void Traffic::list(uint32_t vehicle) {
  if (movers_[vehicle].listed) return;
  movers_[vehicle].listed = true;
  to_decide_.push_back(vehicle);
}

// HOT: a handful of steps per lane driven. The lists keep their memory.
void Traffic::settle() {
  do {
    for (size_t decided = 0, freed = 0; decided < to_decide_.size() || freed < freed_.size();) {
      if (decided < to_decide_.size()) {
        decide(to_decide_[decided++]);
      } else {
        admit(freed_[freed++]);
      }
    }
    to_decide_.clear();
    freed_.clear();
  } while ((!suspects_.empty() || !unresolved_.empty()) && untangle());
}

void Traffic::handle(const des::Event& event) {
  arrive(static_cast<uint32_t>(event.data));
  settle();
}

// What a vehicle that stands at a place does next.
void Traffic::decide(uint32_t vehicle) {
  Mover& mover = movers_[vehicle];
  mover.listed = false;
  if (mover.arc != Layout::kNone || mover.stand == Stand::kBusy) return;
  if (mover.stand == Stand::kBlocked) unblock(vehicle);
  if (mover.at == mover.goal) {
    mover.stand = Stand::kStanding;
    if (mover.yields_to != Layout::kNone) {
      mover.rank = kNoHurry;
    } else if (!std::exchange(mover.announced, true)) {
      if (mover.rank < kNoHurry) futile_ = 0;
      let_back(vehicle);
      user_->reached(vehicle);
    }
    // It may be in somebody's way now.
    if (!zones_[mover.at].waiting.empty()) suspects_.push_back(vehicle);
    return;
  }
  const uint32_t next = layout_->next_arc(mover.at, mover.goal);
  WT_CHECK(next != Layout::kNone, "a vehicle is sent where there is a way");
  mover.stand = Stand::kStanding;
  if (layout_->arc(next).time > mover.range) {
    user_->stranded(vehicle);
  } else if (can_enter(layout_->arc(next))) {
    depart(vehicle, next);
  } else {
    block(vehicle, next);
  }
}

// ---- zones

bool Traffic::has_room_in_lane(const Arc& arc) const {
  const Zone& lane = zones_[arc.zone];
  if (lane.used() >= layout_->room(arc.zone)) return false;
  return arc.queues || lane.holders.empty() || lane.from == arc.from;
}

bool Traffic::can_enter(const Arc& arc) const {
  return has_room_in_lane(arc) && (arc.queues || has_room(arc.to));
}

void Traffic::take(uint32_t zone, uint32_t vehicle) {
  zones_[zone].holders.push_back(vehicle);
  WT_CHECK(zones_[zone].used() <= layout_->room(zone), "no more vehicles in a zone than its room");
}

void Traffic::give_back(uint32_t zone, uint32_t vehicle) {
  erase_value(zones_[zone].holders, vehicle);
  freed_.push_back(zone);
}

void Traffic::depart(uint32_t vehicle, uint32_t arc_index) {
  const Arc& arc = layout_->arc(arc_index);
  Mover& mover = movers_[vehicle];
  take(arc.zone, vehicle);
  zones_[arc.zone].from = arc.from;
  if (!arc.queues) take(arc.to, vehicle);
  give_back(mover.at, vehicle);
  mover.arc = arc_index;
  mover.stand = Stand::kDriving;
  mover.announced = false;
  mover.range -= arc.time;
  driven_ += arc.time;
  mover.arrives = sim_->now() + arc.time;
  sim_->schedule(arc.time, {.target = target_, .data = vehicle});
  user_->drives(vehicle);
}

void Traffic::arrive(uint32_t vehicle) {
  const Arc& arc = layout_->arc(movers_[vehicle].arc);
  const bool reserved = !arc.queues;
  const bool first = zones_[arc.zone].holders.front() == vehicle;
  if (reserved || (first && has_room(arc.to))) {
    enter_place(vehicle);
  } else {
    wait_at_end(vehicle);
  }
}

void Traffic::wait_at_end(uint32_t vehicle) {
  Mover& mover = movers_[vehicle];
  const Arc& arc = layout_->arc(mover.arc);
  mover.stand = Stand::kLaneEnd;
  const uint32_t first = zones_[arc.zone].holders.front();
  if (first == vehicle) zones_[arc.to].waiting.push_back(vehicle);
  suspects_.push_back(first);  // there may be a task behind it now
  user_->waits(vehicle);
}

// Out of the lane; the next in it, if it is there already, is the first now.
void Traffic::enter_place(uint32_t vehicle) {
  Mover& mover = movers_[vehicle];
  WT_CHECK(mover.arrives <= sim_->now(), "nobody leaves a lane before its end");
  const Arc& arc = layout_->arc(mover.arc);
  if (arc.queues) {
    erase_value(zones_[arc.to].waiting, vehicle);
    take(arc.to, vehicle);
  }
  give_back(arc.zone, vehicle);
  mover.at = arc.to;
  mover.arc = Layout::kNone;
  mover.stand = Stand::kStanding;
  if (mover.anywhere) mover.goal = mover.at;
  list(vehicle);
  const Zone& lane = zones_[arc.zone];
  if (!arc.queues || lane.holders.empty()) return;
  const uint32_t next = lane.holders.front();
  if (movers_[next].stand != Stand::kLaneEnd) return;
  zones_[arc.to].waiting.push_back(next);
  suspects_.push_back(next);
  freed_.push_back(arc.to);
}

void Traffic::block(uint32_t vehicle, uint32_t arc_index) {
  const Arc& arc = layout_->arc(arc_index);
  Mover& mover = movers_[vehicle];
  mover.stand = Stand::kBlocked;
  mover.want = arc_index;
  zones_[arc.zone].waiting.push_back(vehicle);
  if (!arc.queues) zones_[arc.to].waiting.push_back(vehicle);
  suspects_.push_back(vehicle);
  user_->waits(vehicle);
}

void Traffic::unblock(uint32_t vehicle) {
  Mover& mover = movers_[vehicle];
  const Arc& arc = layout_->arc(mover.want);
  erase_value(zones_[arc.zone].waiting, vehicle);
  if (!arc.queues) erase_value(zones_[arc.to].waiting, vehicle);
  mover.want = Layout::kNone;
  mover.stand = Stand::kStanding;
}

void Traffic::admit(uint32_t zone) {
  while (admit_one(zone)) {
  }
}

bool Traffic::admit_one(uint32_t zone) {
  for (const uint32_t vehicle : zones_[zone].waiting) {
    const Mover& mover = movers_[vehicle];
    if (mover.stand == Stand::kLaneEnd) {
      if (!has_room(layout_->arc(mover.arc).to)) continue;
      enter_place(vehicle);
      return true;
    }
    if (!can_enter(layout_->arc(mover.want))) continue;
    const uint32_t arc = mover.want;
    unblock(vehicle);
    depart(vehicle, arc);
    return true;
  }
  return false;
}

bool Traffic::sound() const {
  std::vector<int64_t> held(zones_.size());
  for (const Mover& mover : movers_) {
    if (mover.arc == Layout::kNone) {
      ++held[mover.at];
    } else {
      const Arc& arc = layout_->arc(mover.arc);
      ++held[arc.zone];
      if (!arc.queues) ++held[arc.to];
    }
    if (mover.range < Duration::zero()) return false;
  }
  for (uint32_t zone = 0; zone < zones_.size(); ++zone) {
    if (held[zone] != zones_[zone].used() || held[zone] > layout_->room(zone)) return false;
  }
  return true;
}

}  // namespace windtunnel::factory
