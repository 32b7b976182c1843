#include "factory/fleet.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace windtunnel::factory {
namespace {

// A vehicle that needs no charging can drive that long: for ever.
constexpr Duration kEndless = Duration::max();

}  // namespace

Vehicles::Vehicles(Sim& sim, const Layout& layout, const Fleet& fleet)
    : sim_(&sim),
      layout_(&layout),
      fleet_(fleet),
      traffic_(sim, layout, *this),
      target_(sim.add_target(*this)),
      range_(fleet.battery.endurance.value_or(kEndless)),
      reserve_(std::min(std::max(range_ / 20, layout.arc_time_max() * 2), range_ / 4)),
      restarted_(sim.now()) {
  for (uint32_t place = 0; place < layout.places(); ++place) {
    chargers_free_.push_back(layout.chargers(place));
    charges_ = charges_ || (fleet.battery.endurance && layout.chargers(place) > 0);
  }
  WT_CHECK(layout.arc_time_max() <= range_, "a battery lasts for every lane");
  // At home as long as there is room, then at the places nearest to it.
  const uint32_t home = fleet.home.empty() ? 0 : layout.find(fleet.home);
  WT_CHECK(home != Layout::kNone, "the fleet's home is a place");
  std::vector<uint32_t> nearest(layout.places());
  for (uint32_t place = 0; place < layout.places(); ++place) nearest[place] = place;
  std::stable_sort(nearest.begin(), nearest.end(), [&](uint32_t a, uint32_t b) {
    return layout.distance(home, a) < layout.distance(home, b);
  });
  for (const uint32_t place : nearest) {
    while (traffic_.has_room(place) && vehicles_.size() < static_cast<size_t>(fleet.vehicles)) {
      traffic_.add(place, range_);
      vehicles_.push_back({.home = place, .loads = {}, .since = sim.now()});
    }
  }
  WT_CHECK(vehicles_.size() == static_cast<size_t>(fleet.vehicles), "places for all vehicles");
}

Vehicles::~Vehicles() {
  for (const Call& call : calls_) {
    if (call.waiter != nullptr) call.waiter->orphan();
  }
}

// ---- calls

uint32_t Vehicles::relation_of(const Move& move) {
  const uint64_t key = uint64_t{move.from} << 32 | move.to;
  const auto [at, is_new] =
      relation_index_.try_emplace(key, static_cast<uint32_t>(relations_.size()));
  if (is_new) relations_.push_back({.from = move.from, .to = move.to});
  return at->second;
}

uint32_t Vehicles::call(const Move& move) {
  WT_CHECK(move.pieces > 0, "a call for something");
  if (calls_free_.empty()) {
    calls_free_.push_back(static_cast<uint32_t>(calls_.size()));
    calls_.emplace_back();
  }
  const uint32_t index = calls_free_.back();
  calls_free_.pop_back();
  Call& call = calls_[index];
  call.move = move;
  call.since = sim_->now();
  call.sequence = sequence_++;
  call.untaken = call.unloaded = call.undelivered = move.pieces;
  waiting_ += move.pieces;
  const uint32_t relation = relation_of(move);
  call.next = Layout::kNone;
  Relation& line = relations_[relation];
  (line.empty() ? line.first : calls_[line.last].next) = index;
  line.last = index;
  dispatch(relation);
  traffic_.settle();
  return index;
}

des::Task<void> Vehicles::carry(Move move) {
  if (move.from == move.to) co_return;
  co_await delivered(call(move));
}

bool CallWait::poll() const {
  const Vehicles::Call& call = vehicles_->calls_[call_];
  return (delivered_ ? call.undelivered : call.unloaded) == 0;
}

void CallWait::arm() { vehicles_->calls_[call_].waiter = this; }

void CallWait::disarm() noexcept { vehicles_->calls_[call_].waiter = nullptr; }

void CallWait::result() const {
  if (delivered_) vehicles_->calls_free_.push_back(call_);
}

// All of it has been loaded, or unloaded.
void Vehicles::tell(Call& call) {
  if (call.waiter != nullptr && call.waiter->poll())
    std::exchange(call.waiter, nullptr)->complete();
}

// ---- who takes which

// HOT: one look at every vehicle per call.
void Vehicles::dispatch(uint32_t relation) {
  while (!relations_[relation].empty()) {
    if (fleet_.carries > 1 && join_trip(relation)) continue;
    const uint32_t vehicle = nearest_free(relations_[relation]);
    if (vehicle == Layout::kNone) {
      charge_the_idle();
      return;
    }
    send_to_fetch(vehicle, relation);
  }
}

// There is a call that none of them has the range for.
void Vehicles::charge_the_idle() {
  for (uint32_t v = 0; v < vehicles_.size(); ++v) {
    if (vehicles_[v].task == Task::kFree && !vehicles_[v].low) want_charger(v);
  }
}

// Onto a vehicle that is on its way there.
bool Vehicles::join_trip(uint32_t relation) {
  for (uint32_t v = 0; v < vehicles_.size(); ++v) {
    const Vehicle& vehicle = vehicles_[v];
    const bool on_its_way = vehicle.task == Task::kFetch && !vehicle.loading;
    if (!on_its_way || vehicle.relation != relation || vehicle.pieces >= fleet_.carries) continue;
    take_calls(v, relation);
    return true;
  }
  return false;
}

uint32_t Vehicles::nearest_free(const Relation& relation) const {
  uint32_t nearest = Layout::kNone;
  Duration shortest = Duration::max();
  for (uint32_t v = 0; v < vehicles_.size(); ++v) {
    const Vehicle& vehicle = vehicles_[v];
    if (vehicle.task != Task::kFree || vehicle.low || !can_take(v, relation)) continue;
    const Duration distance = traffic_.distance(v, relation.from);
    if (distance >= shortest) continue;
    shortest = distance;
    nearest = v;
  }
  return nearest;
}

uint32_t Vehicles::oldest() const {
  uint32_t oldest = Layout::kNone;
  int64_t sequence = INT64_MAX;
  for (uint32_t r = 0; r < relations_.size(); ++r) {
    if (relations_[r].empty()) continue;
    const int64_t of_first = calls_[relations_[r].first].sequence;
    if (of_first >= sequence) continue;
    sequence = of_first;
    oldest = r;
  }
  return oldest;
}

// A full battery has to do: whether it does was asked before the run.
bool Vehicles::can_take(uint32_t vehicle, const Relation& relation) const {
  const Duration left = traffic_.range(vehicle);
  if (!charges_ || left == range_) return true;
  const Duration need =
      traffic_.distance(vehicle, relation.from) + layout_->distance(relation.from, relation.to);
  return need + layout_->charger_distance(relation.to) + reserve_ <= left;
}

bool Vehicles::needs_charge(uint32_t vehicle) const {
  if (!charges_) return false;
  const base::Ratio below = fleet_.battery.charge_below;
  return static_cast<base::Int128>(traffic_.range(vehicle).ticks()) * below.whole <
         static_cast<base::Int128>(range_.ticks()) * below.part;
}

// As much of the oldest calls as there is room for.
void Vehicles::take_calls(uint32_t v, uint32_t relation) {
  Vehicle& vehicle = vehicles_[v];
  Relation& line = relations_[relation];
  while (!line.empty() && vehicle.pieces < fleet_.carries) {
    Call& call = calls_[line.first];
    const int64_t pieces = std::min(call.untaken, fleet_.carries - vehicle.pieces);
    vehicle.loads.push_back({line.first, pieces});
    vehicle.pieces += pieces;
    call.untaken -= pieces;
    waiting_ -= pieces;
    if (call.untaken == 0) line.first = call.next;
  }
}

void Vehicles::send_to_fetch(uint32_t v, uint32_t relation) {
  Vehicle& vehicle = vehicles_[v];
  const int64_t rank = calls_[relations_[relation].first].sequence * kRankStep;
  vehicle.task = Task::kFetch;
  vehicle.relation = relation;
  take_calls(v, relation);
  traffic_.send(v, relations_[relation].from, rank);
}

void Vehicles::next_task(uint32_t v) {
  vehicles_[v].task = Task::kFree;
  const uint32_t relation = oldest();
  const bool called = relation != Layout::kNone;
  if (needs_charge(v) || (called && !can_take(v, relations_[relation]))) {
    want_charger(v);
  } else if (called) {
    send_to_fetch(v, relation);
  } else {
    go_home(v);
  }
}

void Vehicles::go_home(uint32_t v) {
  show(v, vehicles_[v].low ? Doing::kCharging : Doing::kIdle);
  traffic_.send(v, vehicles_[v].home, Traffic::kNoHurry + v);
}

// ---- what traffic tells

void Vehicles::reached(uint32_t v) {
  Vehicle& vehicle = vehicles_[v];
  switch (vehicle.task) {
    case Task::kFetch:
      vehicle.loading = true;
      for (const Load& load : vehicle.loads) {
        call_wait_.add((sim_->now() - calls_[load.call].since).seconds());
      }
      begin(v, fleet_.load, kIsLoaded, Doing::kLoaded);
      break;
    case Task::kDeliver:
      begin(v, fleet_.unload, kIsUnloaded, Doing::kLoaded);
      break;
    case Task::kCharge:
      begin(v, charge_time(v), kIsCharged, Doing::kCharging);
      break;
    case Task::kFree:
      if (!vehicle.low && needs_charge(v)) {
        want_charger(v);
      } else if (!traffic_.standing_at(v, vehicle.home) && can_go_home(v)) {
        go_home(v);  // it had to make room, and this is not where it belongs
      } else {
        show(v, vehicle.low ? Doing::kCharging : Doing::kIdle);
      }
      break;
  }
}

void Vehicles::drives(uint32_t v) {
  show(v, vehicles_[v].task == Task::kDeliver ? Doing::kLoaded : Doing::kEmpty);
}

void Vehicles::waits(uint32_t v) {
  if (vehicles_[v].task != Task::kFree) {
    show(v, Doing::kWaiting);
  } else {
    show(v, vehicles_[v].low ? Doing::kCharging : Doing::kIdle);
  }
}

// ---- loading

void Vehicles::begin(uint32_t v, Duration length, Kind kind, Doing doing) {
  show(v, doing);
  traffic_.set_busy(v, true);
  sim_->schedule(length, {.target = target_, .kind = kind, .data = v});
}

void Vehicles::handle(const des::Event& event) {
  const auto v = static_cast<uint32_t>(event.data);
  traffic_.set_busy(v, false);
  switch (static_cast<Kind>(event.kind)) {
    case kIsLoaded:
      has_loaded(v);
      break;
    case kIsUnloaded:
      has_unloaded(v);
      break;
    case kIsCharged:
      has_charged(v);
      break;
  }
  traffic_.settle();
}

void Vehicles::has_loaded(uint32_t v) {
  Vehicle& vehicle = vehicles_[v];
  vehicle.loading = false;
  vehicle.task = Task::kDeliver;
  for (const Load& load : vehicle.loads) {
    Call& call = calls_[load.call];
    call.unloaded -= load.pieces;
    if (call.unloaded == 0) tell(call);
  }
  const int64_t rank = calls_[vehicle.loads.front().call].sequence * kRankStep;
  traffic_.send(v, relations_[vehicle.relation].to, rank);
}

void Vehicles::has_unloaded(uint32_t v) {
  Vehicle& vehicle = vehicles_[v];
  ++trips_;
  for (const Load& load : vehicle.loads) {
    Call& call = calls_[load.call];
    call.undelivered -= load.pieces;
    if (call.undelivered == 0) tell(call);
  }
  vehicle.loads.clear();
  vehicle.pieces = 0;
  next_task(v);
}

// ---- measuring

void Vehicles::show(uint32_t v, Doing doing) {
  Vehicle& vehicle = vehicles_[v];
  vehicle.ticks[static_cast<size_t>(vehicle.doing)] += (sim_->now() - vehicle.since).ticks();
  vehicle.since = sim_->now();
  vehicle.doing = doing;
}

void Vehicles::restart(Time now) {
  restarted_ = now;
  trips_ = stranded_ = 0;
  call_wait_ = {};
  traffic_.restart();
  for (Vehicle& vehicle : vehicles_) {
    vehicle.since = now;
    vehicle.ticks = {};
  }
}

FleetOutcome Vehicles::outcome(Time now) const {
  std::array<int64_t, kDoings> ticks{};
  for (const Vehicle& vehicle : vehicles_) {
    for (size_t i = 0; i < kDoings; ++i) ticks[i] += vehicle.ticks[i];
    ticks[static_cast<size_t>(vehicle.doing)] += (now - vehicle.since).ticks();
  }
  const double all =
      static_cast<double>((now - restarted_).ticks()) * static_cast<double>(vehicles_.size());
  const auto share = [&](Doing doing) {
    return all == 0 ? 0 : static_cast<double>(ticks[static_cast<size_t>(doing)]) / all;
  };
  FleetOutcome outcome;
  outcome.vehicles = static_cast<int64_t>(vehicles_.size());
  outcome.trips = trips_;
  outcome.deadlocks = traffic_.deadlocks();
  outcome.loaded = share(Doing::kLoaded);
  outcome.empty = share(Doing::kEmpty);
  outcome.waiting = share(Doing::kWaiting);
  outcome.charging = share(Doing::kCharging);
  outcome.idle = share(Doing::kIdle);
  outcome.call_wait = call_wait_;
  outcome.energy =
      static_cast<double>(traffic_.driven().ticks()) / Tick::kPerSecond * fleet_.driving.watts();
  return outcome;
}

}  // namespace windtunnel::factory
