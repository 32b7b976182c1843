// Whether vehicles can come from every place to every other, and find a charger.
#include <fmt/format.h>

#include <algorithm>

#include "factory/layout.h"
#include "factory/problem_list.h"

namespace windtunnel::factory {
namespace {

// Places that can be reached from `from` along lanes, or against them.
std::vector<bool> reached(const Plant& plant, const NameTable& places, size_t from, bool against) {
  std::vector<std::vector<size_t>> next(plant.places.size());
  for (const Lane& lane : plant.lanes) {
    const size_t a = places.find(lane.from);
    const size_t b = places.find(lane.to);
    if (!against || lane.both_ways) next[a].push_back(b);
    if (against || lane.both_ways) next[b].push_back(a);
  }
  std::vector<bool> seen(plant.places.size());
  std::vector<size_t> open = {from};
  seen[from] = true;
  while (!open.empty()) {
    const size_t place = open.back();
    open.pop_back();
    for (const size_t other : next[place]) {
      if (seen[other]) continue;
      seen[other] = true;
      open.push_back(other);
    }
  }
  return seen;
}

std::string missing_names(const Plant& plant, const std::vector<bool>& seen) {
  constexpr size_t kShown = 5;
  std::string names;
  size_t missing = 0;
  for (size_t p = 0; p < seen.size(); ++p) {
    if (seen[p]) continue;
    if (missing++ < kShown)
      names += fmt::format("{}`{}`", names.empty() ? "" : ", ", plant.places[p].name);
  }
  if (missing > kShown) names += fmt::format(" and {} more", missing - kShown);
  return names;
}

void find_sizes(const Plant& plant, ProblemList& list) {
  const Fleet& fleet = *plant.fleet;
  if (plant.places.size() > Layout::kPlacesMax)
    list.add("places", fmt::format("found {}, expected at most {} for a fleet", plant.places.size(),
                                   Layout::kPlacesMax));
  int64_t room = 0;
  for (const Place& place : plant.places) room += place.room;
  if (room < fleet.vehicles)
    list.add("fleet.vehicles", fmt::format("found {}, for which the places have room for {}: "
                                           "expected fewer vehicles or more room",
                                           fleet.vehicles, room));
  for (size_t l = 0; l < plant.lanes.size(); ++l) {
    const Lane& lane = plant.lanes[l];
    const std::string key = fmt::format("lanes[{}]", l);
    if (lane.from == lane.to)
      list.add(key + ".to", fmt::format("found `{}`, where the lane begins", lane.to));
    if (fleet.battery.endurance && lane.time > *fleet.battery.endurance)
      list.add(key + ".time",
               "found a drive that no battery of the fleet lasts for, expected a "
               "shorter lane or more endurance");
  }
}

void find_pieces(const Plant& plant, ProblemList& list) {
  const NameTable places = NameTable::of(plant.places);
  const size_t home = plant.fleet->home.empty() ? 0 : places.find(plant.fleet->home);
  const std::string& name = plant.places[home].name;
  const std::vector<bool> there = reached(plant, places, home, false);
  const std::vector<bool> back = reached(plant, places, home, true);
  const bool all_there = std::find(there.begin(), there.end(), false) == there.end();
  const bool all_back = std::find(back.begin(), back.end(), false) == back.end();
  if (!all_there) {
    list.add("lanes", fmt::format("the layout is in pieces: no way leads from `{}` to {}; expected "
                                  "lanes that join all places",
                                  name, missing_names(plant, there)));
  } else if (!all_back) {
    list.add("lanes", fmt::format("the layout has places of no return: no way leads back to `{}` "
                                  "from {}; expected lanes out of there",
                                  name, missing_names(plant, back)));
  }
}

}  // namespace

void find_layout_problems(const Plant& plant, ProblemList& list) {
  if (!plant.fleet) return;
  if (plant.places.empty()) {
    list.add("places", "found none, expected places for the fleet to drive to");
    return;
  }
  find_sizes(plant, list);
  find_pieces(plant, list);
  const auto has_charger = [](const Place& place) { return place.chargers > 0; };
  if (plant.fleet->battery.endurance &&
      std::none_of(plant.places.begin(), plant.places.end(), has_charger))
    list.add("fleet.battery.endurance",
             "found batteries that run empty and no place with a charger, expected `chargers` of "
             "some place");
}

}  // namespace windtunnel::factory
