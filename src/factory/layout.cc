#include "factory/layout.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>

#include "base/check.h"

namespace windtunnel::factory {

Layout Layout::build(const Plant& plant) {
  Layout layout;
  layout.places_ = plant.places.size();
  WT_CHECK(layout.places_ <= kPlacesMax, "a layout of more places than is allowed");
  for (const Place& place : plant.places) {
    layout.names_.push_back(place.name);
    layout.chargers_.push_back(place.chargers);
    layout.room_.push_back(place.room);
  }
  layout.arcs_from_.resize(layout.places_);
  layout.arcs_to_.resize(layout.places_);
  for (const Lane& lane : plant.lanes) layout.add_lane(lane);
  layout.distance_.assign(layout.places_ * layout.places_, Duration::max());
  layout.next_arc_.assign(layout.places_ * layout.places_, kNone);
  layout.charger_distance_.assign(layout.places_, Duration::max());
  for (uint32_t to = 0; to < layout.places_; ++to) {
    layout.find_ways_to(to);
    if (layout.chargers_[to] == 0) continue;
    for (uint32_t from = 0; from < layout.places_; ++from) {
      Duration& nearest = layout.charger_distance_[from];
      nearest = std::min(nearest, layout.distance(from, to));
    }
  }
  return layout;
}

uint32_t Layout::find(std::string_view name) const {
  const auto at = std::find(names_.begin(), names_.end(), name);
  return at == names_.end() ? kNone : static_cast<uint32_t>(at - names_.begin());
}

void Layout::add_lane(const Lane& lane) {
  const uint32_t from = find(lane.from);
  const uint32_t to = find(lane.to);
  WT_CHECK(from != kNone && to != kNone, "a lane leads from place to place");
  const auto add = [&](uint32_t a, uint32_t b, bool queues) {
    const auto index = static_cast<uint32_t>(arcs_.size());
    arcs_.push_back({a, b, static_cast<uint32_t>(room_.size() - 1), lane.time, queues});
    arcs_from_[a].push_back(index);
    arcs_to_[b].push_back(index);
  };
  const bool shared = lane.both_ways && lane.single;
  room_.push_back(lane.room);
  add(from, to, !shared);
  if (lane.both_ways) {
    if (!shared) room_.push_back(lane.room);
    add(to, from, !shared);
  }
  arc_time_max_ = std::max(arc_time_max_, lane.time);
}

// Dijkstra from the end backwards. Of equal ways the one whose first lane was given first.
void Layout::find_ways_to(uint32_t to) {
  using Entry = std::pair<Duration, uint32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  distance_[cell(to, to)] = Duration::zero();
  open.push({Duration::zero(), to});
  while (!open.empty()) {
    const auto [so_far, place] = open.top();
    open.pop();
    if (so_far > distance(place, to)) continue;
    for (const uint32_t index : arcs_to_[place]) {
      const Arc& arc = arcs_[index];
      if (arc.from == to) continue;
      const Duration length = so_far + arc.time;
      const auto better = std::tuple(length, index);
      if (better >= std::tuple(distance(arc.from, to), next_arc(arc.from, to))) continue;
      const bool nearer = length < distance(arc.from, to);
      distance_[cell(arc.from, to)] = length;
      next_arc_[cell(arc.from, to)] = index;
      if (nearer) open.push({length, arc.from});
    }
  }
}

}  // namespace windtunnel::factory
