// Finding vehicles that wait for each other, and deciding who goes first.
//
// A vehicle has hope when it moves by itself (drives, or is busy and will be done), or when each
// zone it waits for is held by somebody with hope. Those reached from a vehicle without hope are a
// tangle: a circle of waiting, or a queue behind vehicles that stand there with nothing to do.
#include <algorithm>
#include <utility>

#include "factory/traffic.h"

namespace windtunnel::factory {
namespace {

// Moves out of the way without anybody reaching a goal, after which it is called going in circles.
constexpr int64_t kFutileMax = 1'000;
constexpr int64_t kFutilePerVehicle = 50;

}  // namespace

// Looks at those who have just had to wait. True when somebody moves now.
bool Traffic::untangle() {
  if (!unresolved_.empty()) {
    suspects_.insert(suspects_.end(), unresolved_.begin(), unresolved_.end());
    unresolved_.clear();
  }
  Way way = Way::kNobodyMinds;
  while (!suspects_.empty() && way != Way::kOpened) {
    const uint32_t suspect = suspects_.back();
    suspects_.pop_back();
    if (stuck_ || !is_tangled(suspect)) continue;
    way = resolve();
    if (way == Way::kNobodyMinds) way = resolve_behind();
    // Opened may mean that another of its tangle moves.
    if (way != Way::kNobodyMinds) unresolved_.push_back(suspect);
  }
  return way == Way::kOpened;
}

// Those in a tangle have nothing to do, but somebody who has may wait behind them.
Traffic::Way Traffic::resolve_behind() {
  for (uint32_t v = 0; v < movers_.size(); ++v) {
    if (leads(v) && find_tangle(v)) return resolve();
  }
  return Way::kNobodyMinds;
}

// Itself, or for one that stands there with nothing to do: those who want its place.
bool Traffic::is_tangled(uint32_t suspect) {
  const Mover& mover = movers_[suspect];
  if (mover.stand != Stand::kStanding) return find_tangle(suspect);
  const std::vector<uint32_t>& waiting = zones_[mover.at].waiting;
  return std::any_of(waiting.begin(), waiting.end(),
                     [this](uint32_t vehicle) { return find_tangle(vehicle); });
}

bool Traffic::moves_by_itself(uint32_t vehicle) const {
  const Stand stand = movers_[vehicle].stand;
  return stand == Stand::kDriving || stand == Stand::kBusy;
}

bool Traffic::find_tangle(uint32_t vehicle) {
  if (moves_by_itself(vehicle)) return false;
  hope_.resize(movers_.size(), Hope::kUnknown);
  reached_.assign(1, vehicle);
  hope_[vehicle] = Hope::kLost;
  for (size_t i = 0; i < reached_.size(); ++i) {
    if (moves_by_itself(reached_[i])) {
      hope_[reached_[i]] = Hope::kMoves;
    } else {
      reach_from(movers_[reached_[i]]);
    }
  }
  for (bool changed = true; changed && hope_[vehicle] == Hope::kLost;) {
    changed = false;
    for (const uint32_t v : reached_) {
      if (hope_[v] == Hope::kMoves || !may_move_on(movers_[v])) continue;
      hope_[v] = Hope::kMoves;
      changed = true;
    }
  }
  const bool found = hope_[vehicle] == Hope::kLost;
  tangle_.clear();
  for (const uint32_t v : reached_) {
    if (found && hope_[v] == Hope::kLost) tangle_.push_back(v);
    hope_[v] = Hope::kUnknown;
  }
  return found;
}

void Traffic::reach_holders(uint32_t zone) {
  for (const uint32_t holder : zones_[zone].holders) {
    if (hope_[holder] != Hope::kUnknown) continue;
    hope_[holder] = Hope::kLost;
    reached_.push_back(holder);
  }
}

void Traffic::reach_from(const Mover& mover) {
  if (mover.stand == Stand::kBlocked) {
    const Arc& arc = layout_->arc(mover.want);
    if (!has_room_in_lane(arc)) reach_holders(arc.zone);
    if (!arc.queues && !has_room(arc.to)) reach_holders(arc.to);
  } else if (mover.stand == Stand::kLaneEnd) {
    const Arc& arc = layout_->arc(mover.arc);
    reach_holders(arc.zone);
    reach_holders(arc.to);
  }
}

// A place is free when any of its vehicles goes, a lane when the first in it does.
bool Traffic::frees(uint32_t zone) const {
  const std::vector<uint32_t>& holders = zones_[zone].holders;
  if (zone >= layout_->places()) return hope_[holders.front()] == Hope::kMoves;
  return std::any_of(holders.begin(), holders.end(),
                     [this](uint32_t v) { return hope_[v] == Hope::kMoves; });
}

bool Traffic::may_move_on(const Mover& mover) const {
  if (mover.stand == Stand::kBlocked) {
    const Arc& arc = layout_->arc(mover.want);
    return (has_room_in_lane(arc) || frees(arc.zone)) &&
           (arc.queues || has_room(arc.to) || frees(arc.to));
  }
  if (mover.stand != Stand::kLaneEnd) return false;
  const Arc& arc = layout_->arc(mover.arc);
  const uint32_t first = zones_[arc.zone].holders.front();
  if (&movers_[first] != &mover) return hope_[first] == Hope::kMoves;
  return has_room(arc.to) || frees(arc.to);
}

// At the end of a lane, with that of those who wait behind.
int64_t Traffic::rank_of(uint32_t vehicle) const {
  const Mover& mover = movers_[vehicle];
  int64_t rank = mover.rank;
  if (mover.stand != Stand::kLaneEnd) return rank;
  for (const uint32_t other : zones_[layout_->arc(mover.arc).zone].holders) {
    rank = std::min(rank, movers_[other].rank);
  }
  return rank;
}

// Has a task, and waits for a zone rather than for those in front in its lane.
bool Traffic::leads(uint32_t vehicle) const {
  const Mover& mover = movers_[vehicle];
  if (rank_of(vehicle) >= kNoHurry) return false;
  if (mover.stand == Stand::kBlocked) return true;
  return mover.stand == Stand::kLaneEnd &&
         zones_[layout_->arc(mover.arc).zone].holders.front() == vehicle;
}

// From what disturbs least: all go their own ways at once, one goes around, those of worse rank
// make room, anybody does, one that has nothing to do is sent away. Each for the best rank first.
Traffic::Way Traffic::resolve() {
  std::sort(tangle_.begin(), tangle_.end(), [this](uint32_t a, uint32_t b) {
    return std::pair(rank_of(a), a) < std::pair(rank_of(b), b);
  });
  if (rank_of(tangle_.front()) >= kNoHurry) return Way::kNobodyMinds;
  const auto first_that = [this](const auto& way) {
    return std::any_of(tangle_.begin(), tangle_.end(), [&](uint32_t leader) {
      if (!leads(leader) || !way(leader)) return false;
      count_deadlock(leader);
      return true;
    });
  };
  const bool opened =
      first_that([this](uint32_t v) { return make_room({.leader = v, .own_ways = true}); }) ||
      first_that([this](uint32_t v) {
        return detour(v) || make_room({.leader = v, .worse_only = true});
      }) ||
      first_that([this](uint32_t v) { return make_room({.leader = v}) && promote(v); }) ||
      first_that([this](uint32_t v) { return send_aside(v); });
  ++futile_;
  const auto count = static_cast<int64_t>(movers_.size());
  bool all_wait = true;
  for (uint32_t v = 0; v < movers_.size(); ++v) all_wait = all_wait && !moves_by_itself(v);
  if ((!opened && all_wait) || futile_ > kFutileMax + kFutilePerVehicle * count) report_stuck();
  return opened ? Way::kOpened : Way::kNoneNow;
}

// One that goes before its betters goes before them until it has arrived: otherwise they would push
// it back as soon as they can. Always true.
bool Traffic::promote(uint32_t vehicle) {
  const int64_t best = rank_of(tangle_.front());
  Mover& mover = movers_[vehicle];
  if (mover.rank <= best) return true;
  if (counted_rank_ == mover.rank) counted_rank_ = best - 1;
  mover.rank = best - 1;
  return true;
}

// Once, however many moves it takes. Where one without a task stands in the way nobody is
// deadlocked: it gives way.
void Traffic::count_deadlock(uint32_t leader) {
  const int64_t rank = rank_of(leader);
  if (rank == counted_rank_) return;
  const bool all_have_tasks = std::all_of(
      tangle_.begin(), tangle_.end(), [this](uint32_t v) { return movers_[v].rank < kNoHurry; });
  if (!all_have_tasks) return;
  counted_rank_ = rank;
  ++deadlocks_;
}

void Traffic::report_stuck() {
  stuck_ = true;
  const Mover& mover = movers_[tangle_.front()];
  stuck_where_ = "vehicle " + std::to_string(tangle_.front() + 1) + " on its way from " +
                 layout_->name(mover.at) + " to " + layout_->name(mover.goal);
}

}  // namespace windtunnel::factory
