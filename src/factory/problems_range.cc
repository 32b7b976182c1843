// Whether a full battery lasts for every ride of the plant: from a charger to the pick-up, with the
// pieces to where they go, and to a charger again.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "factory/layout.h"
#include "factory/problem_list.h"

namespace windtunnel::factory {
namespace {

using Rides = std::set<std::pair<uint32_t, uint32_t>>;

// All rides that pieces and parts may need.
class RideFinder {
 public:
  RideFinder(const Plant& plant, const Layout& layout) : plant_(plant), layout_(layout) {}

  Rides find() {
    for (const Item& item : plant_.items) {
      for (size_t s = 0; s < item.route.size(); ++s) {
        const uint32_t here = place_of(item.route[s].station);
        const bool last = s + 1 == item.route.size();
        add(here, last ? stock_place(item.name) : place_of(item.route[s + 1].station));
        for (const Step& other : item.route) {
          const std::string& name = other.name.empty() ? other.station : other.name;
          if (name == item.route[s].rework_to) add(here, place_of(other.station));
        }
        for (const Part& part : item.route[s].parts) add(stock_place(part.item), here);
      }
    }
    return std::move(rides_);
  }

 private:
  uint32_t place_of(const std::string& station) const {
    for (const Station& s : plant_.stations) {
      if (s.name == station) return layout_.find(s.place);
    }
    return Layout::kNone;
  }
  uint32_t stock_place(const std::string& item) const {
    for (const Stock& stock : plant_.stocks) {
      if (stock.item == item) return layout_.find(stock.place);
    }
    return Layout::kNone;
  }
  void add(uint32_t from, uint32_t to) {
    if (from != Layout::kNone && to != Layout::kNone && from != to) rides_.insert({from, to});
  }

  const Plant& plant_;
  const Layout& layout_;
  Rides rides_;
};

std::string in_minutes(Duration length) { return fmt::format("{:.1f} min", length.seconds() / 60); }

Duration from_charger(const Layout& layout, uint32_t to) {
  Duration nearest = Duration::max();
  for (uint32_t place = 0; place < layout.places(); ++place) {
    if (layout.chargers(place) > 0) nearest = std::min(nearest, layout.distance(place, to));
  }
  return nearest;
}

}  // namespace

void find_range_problems(const Plant& plant, ProblemList& list) {
  if (!plant.fleet || !plant.fleet->battery.endurance) return;
  const Layout layout = Layout::build(plant);
  Duration longest;
  std::string ride;
  for (const auto& [from, to] : RideFinder(plant, layout).find()) {
    const Duration length =
        from_charger(layout, from) + layout.distance(from, to) + layout.charger_distance(to);
    if (length <= longest) continue;
    longest = length;
    ride = fmt::format("`{}` to `{}`", layout.name(from), layout.name(to));
  }
  const Duration endurance = *plant.fleet->battery.endurance;
  if (longest <= endurance) return;
  list.add("fleet.battery.endurance",
           fmt::format("found {}, expected at least {}: so long is the ride from {} with the ways "
                       "from a charger and to one",
                       in_minutes(endurance), in_minutes(longest), ride));
}

}  // namespace windtunnel::factory
