// The layout of a plant as a graph to drive on: places, the lanes between them in each direction,
// the zones that vehicles reserve, and the shortest ways. Const after build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "factory/plant.h"

namespace windtunnel::factory {

// One direction of a lane.
struct Arc {
  uint32_t from = 0;
  uint32_t to = 0;
  uint32_t zone = 0;
  Duration time;
  // Vehicles may wait at its end for the place there. Not on a lane that serves both directions:
  // who waited there could not get out of the way, so the place at the end is reserved with it.
  bool queues = false;
};

class Layout {
 public:
  static constexpr uint32_t kNone = 0xffffffff;
  static constexpr size_t kPlacesMax = 2'000;  // the ways between all of them are kept

  // The plant has no problems of find_layout_problems (layout_problems.h).
  static Layout build(const Plant& plant);

  size_t places() const { return places_; }
  uint32_t find(std::string_view name) const;  // a place; kNone
  const std::string& name(uint32_t place) const { return names_[place]; }
  int64_t chargers(uint32_t place) const { return chargers_[place]; }

  // Zones: the places first, by their own numbers, then the lanes.
  size_t zones() const { return room_.size(); }
  int64_t room(uint32_t zone) const { return room_[zone]; }

  size_t arcs() const { return arcs_.size(); }
  const Arc& arc(uint32_t index) const { return arcs_[index]; }
  const std::vector<uint32_t>& arcs_from(uint32_t place) const { return arcs_from_[place]; }
  Duration arc_time_max() const { return arc_time_max_; }

  // Driving time; Duration::max() when there is no way. And the first lane of the way; kNone at the
  // end of it and when there is none.
  Duration distance(uint32_t from, uint32_t to) const { return distance_[cell(from, to)]; }
  uint32_t next_arc(uint32_t from, uint32_t to) const { return next_arc_[cell(from, to)]; }
  // To the nearest charger; max when there is none to be reached.
  Duration charger_distance(uint32_t from) const { return charger_distance_[from]; }

 private:
  size_t cell(uint32_t from, uint32_t to) const { return to * places_ + from; }
  void add_lane(const Lane& lane);
  void find_ways_to(uint32_t to);

  size_t places_ = 0;
  std::vector<std::string> names_;
  std::vector<int64_t> chargers_;
  std::vector<int64_t> room_;
  std::vector<Arc> arcs_;
  std::vector<std::vector<uint32_t>> arcs_from_;
  std::vector<std::vector<uint32_t>> arcs_to_;
  std::vector<Duration> distance_;  // by (to, from)
  std::vector<uint32_t> next_arc_;
  std::vector<Duration> charger_distance_;
  Duration arc_time_max_;
};

}  // namespace windtunnel::factory
