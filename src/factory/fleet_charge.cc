// Batteries and chargers of the vehicles.
#include <algorithm>

#include "base/check.h"
#include "factory/fleet.h"

namespace windtunnel::factory {

// From what is left to the full, rounded up.
Duration Vehicles::charge_time(uint32_t v) const {
  const auto missing = static_cast<base::Int128>((range_ - traffic_.range(v)).ticks());
  const base::Int128 ticks = missing * fleet_.battery.charge_time.ticks();
  return Duration::ticks(static_cast<int64_t>((ticks + range_.ticks() - 1) / range_.ticks()));
}

// Of those that nobody has booked.
uint32_t Vehicles::nearest_charger(uint32_t v) const {
  uint32_t nearest = Layout::kNone;
  Duration shortest = Duration::max();
  for (uint32_t place = 0; place < chargers_free_.size(); ++place) {
    if (chargers_free_[place] == 0) continue;
    const Duration distance = traffic_.distance(v, place);
    if (distance >= shortest) continue;
    shortest = distance;
    nearest = place;
  }
  return nearest;
}

// Without giving up the way to a charger.
bool Vehicles::can_go_home(uint32_t v) const {
  if (!charges_) return true;
  const uint32_t home = vehicles_[v].home;
  return traffic_.distance(v, home) + layout_->charger_distance(home) <= traffic_.range(v);
}

// In line it goes home if it can, or stays and gives way.
void Vehicles::want_charger(uint32_t v) {
  Vehicle& vehicle = vehicles_[v];
  vehicle.low = true;
  const uint32_t place = nearest_charger(v);
  if (place != Layout::kNone) {
    book_charger(v, place);
    return;
  }
  charger_line_.push_back(v);
  show(v, Doing::kCharging);
  if (can_go_home(v)) {
    go_home(v);
  } else {
    traffic_.stay(v);
  }
}

void Vehicles::book_charger(uint32_t v, uint32_t place) {
  Vehicle& vehicle = vehicles_[v];
  --chargers_free_[place];
  vehicle.task = Task::kCharge;
  vehicle.charger = place;
  traffic_.send(v, place, sequence_++ * kRankStep);
}

// At a charger, or by hand where it ran empty.
void Vehicles::has_charged(uint32_t v) {
  Vehicle& vehicle = vehicles_[v];
  traffic_.set_range(v, range_);
  if (vehicle.by_hand) {
    vehicle.by_hand = false;
    traffic_.resume(v);
    return;
  }
  vehicle.low = false;
  ++chargers_free_[vehicle.charger];
  if (!charger_line_.empty()) {
    const uint32_t next = charger_line_.front();
    charger_line_.erase(charger_line_.begin());
    book_charger(next, vehicle.charger);
  }
  next_task(v);
}

void Vehicles::stranded(uint32_t v) {
  ++stranded_;
  vehicles_[v].by_hand = true;
  begin(v, charge_time(v), kIsCharged, Doing::kCharging);
}

}  // namespace windtunnel::factory
