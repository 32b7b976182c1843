#include "factory/stuck.h"

#include <vector>

#include "factory/world.h"

namespace windtunnel::factory {
namespace {

constexpr size_t kNamedMax = 4;

bool has_unfinished_work(const World& world) {
  return world.in_process.value() > 0 || !world.feeds.orders().all_done() ||
         world.feeds.any_endless();
}

// Nothing under way that could wake anybody later.
bool is_quiet(const World& world) {
  return world.active == 0 && world.flow.under_way() == 0 && !world.feeds.more_to_come();
}

// blocked[from][to]: machines of `from` that have a piece for `to`.
class Circle {
 public:
  explicit Circle(World& world) : world_(world), in_(world.stations.size(), true) {}

  // The stations that wait for each other for ever, by taking away what does not.
  std::vector<uint32_t> find() {
    for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t station = 0; station < in_.size(); ++station) {
        if (!in_[station] || is_held(station)) continue;
        in_[station] = false;
        changed = true;
      }
    }
    std::vector<uint32_t> out;
    for (uint32_t station = 0; station < in_.size(); ++station) {
      if (in_[station]) out.push_back(station);
    }
    return out;
  }

 private:
  bool is_full(uint32_t station) const {
    const StationRun& run = world_.stations[station];
    return run.idle.empty() && run.waiting() + run.reserved >= run.compiled().buffer;
  }
  bool is_held(uint32_t station) const {
    if (!is_full(station)) return false;
    const CompiledStation& compiled = world_.stations[station].compiled();
    std::vector<bool> held(compiled.machines.size());
    size_t count = 0;
    for (uint32_t to = 0; to < in_.size(); ++to) {
      if (!in_[to] || !is_full(to)) continue;
      const PieceList& entrants = world_.stations[to].entrants;
      for (PieceId id = entrants.first(); id != kNone; id = world_.pieces[id].next) {
        const uint32_t machine = world_.pieces[id].machine;
        if (machine < compiled.machine || machine - compiled.machine >= held.size()) continue;
        if (!held[machine - compiled.machine]) ++count;
        held[machine - compiled.machine] = true;
      }
    }
    return count == held.size();
  }

  World& world_;
  std::vector<bool> in_;
};

void add(std::string& text, const std::string& sentence) {
  if (!text.empty()) text += "; ";
  text += sentence;
}

std::string describe_circle(const World& world, const std::vector<uint32_t>& circle) {
  std::string text;
  for (size_t i = 0; i < circle.size() && i < kNamedMax; ++i) {
    add(text, world.plant.plant.stations[circle[i]].name);
  }
  if (circle.size() > kNamedMax)
    text += " and " + std::to_string(circle.size() - kNamedMax) + " more";
  if (circle.size() == 1)
    return text + " waits for room in its own queue: every machine is blocked";
  return text + ": each has all machines blocked by the others";
}

std::string describe_all(World& world) {
  std::string text;
  size_t named = 0;
  for (size_t i = 0; i < world.stations.size() && named < kNamedMax; ++i) {
    const StationRun& station = world.stations[i];
    const std::string& name = station.described().name;
    if (!station.entrants.empty()) {
      const Piece& first = world.pieces[station.entrants.first()];
      const char* const lack =
          world.flow.lacks_card(first) ? " wait for a card to enter " : " wait for room at ";
      add(text, std::to_string(station.entrants.size()) + lack + name);
      ++named;
    } else if (station.waiting() > 0) {
      add(text, std::to_string(station.waiting()) + " wait at " + name +
                    " for a machine or a full batch");
      ++named;
    }
  }
  const std::string parts = world.stores.missing();
  if (!parts.empty()) add(text, parts);
  const std::string releases = world.feeds.waiting_for_caps();
  if (!releases.empty()) add(text, releases);
  return text.empty() ? "pieces are left and nothing happens any more" : text;
}

}  // namespace

std::string find_stuck(World& world) {
  if (!has_unfinished_work(world)) return {};
  if (world.vehicles && world.vehicles->stuck()) return world.vehicles->stuck_where();
  if (is_quiet(world)) return describe_all(world);
  const std::vector<uint32_t> circle = Circle(world).find();
  return circle.empty() ? std::string() : describe_circle(world, circle);
}

}  // namespace windtunnel::factory
