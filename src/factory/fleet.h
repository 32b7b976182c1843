// The vehicles of a plant at work: calls, who takes which, loading, batteries and chargers. How
// they get past each other is traffic.h.
//
//   co_await vehicles.carry({.from = a, .to = b});          // until it is unloaded
//
// or, for who is relieved as soon as the pieces are on the vehicle:
//
//   const uint32_t call = vehicles.call({.from = a, .to = b});
//   co_await vehicles.loaded(call);
//   co_await vehicles.delivered(call);       // the call is over and its number used again
//
// Dispatch. A new call goes to a vehicle on its way to the same pick-up for the same end, if that
// has room left; else to the nearest vehicle without a task. When there is none it waits, and
// whoever is done takes the oldest, with others from there to the same end as long as there is
// room. A call of more pieces than one vehicle carries takes several trips.
//
// Batteries drain by driving time. A vehicle takes no call that would leave it without the way to a
// charger and a reserve: a twentieth of its range, or twice the longest lane if that is more, but
// no more than a quarter of it. Below `charge_below`, or when the oldest call is too much for it,
// it books the nearest free charger, or stands in line for one, and charges to the full. One that
// runs empty all the same (it was sent around too often) is charged where it stands, and counted.
//
// Vehicles without a task drive to where they started, and take calls on the way.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "des/process.h"
#include "des/waiter.h"
#include "factory/outcome.h"
#include "factory/traffic.h"

namespace windtunnel::factory {

struct Move {
  uint32_t from = 0;  // places of the layout
  uint32_t to = 0;
  int64_t pieces = 1;
};

class Vehicles;

// The wait of a process for a call of its own: until all its pieces are on vehicles, or off again.
// The latter ends the call.
class CallWait final : public des::Wait<CallWait> {
 public:
  CallWait(Vehicles& vehicles, uint32_t call, bool delivered)
      : vehicles_(&vehicles), call_(call), delivered_(delivered) {}
  CallWait(CallWait&&) noexcept = default;
  ~CallWait() override { abandon(); }

  bool poll() const;
  void arm();
  void result() const;

 protected:
  void disarm() noexcept override;

 private:
  Vehicles* vehicles_;
  uint32_t call_;
  bool delivered_;
};

class Vehicles final : private TrafficUser {
 public:
  // The layout outlives it. Its places have room for all vehicles.
  Vehicles(Sim& sim, const Layout& layout, const Fleet& fleet);
  // May die before the simulation and the processes in it.
  ~Vehicles() override;
  Vehicles(const Vehicles&) = delete;
  Vehicles& operator=(const Vehicles&) = delete;

  // Nothing happens, at once, from a place to itself.
  des::Task<void> carry(Move move);
  uint32_t call(const Move& move);
  // By one process at a time.
  CallWait loaded(uint32_t call) { return CallWait(*this, call, false); }
  CallWait delivered(uint32_t call) { return CallWait(*this, call, true); }

  Sim& kernel() const { return *sim_; }
  // Since the last restart.
  FleetOutcome outcome(Time now) const;
  void restart(Time now);
  int64_t waiting() const { return waiting_; }    // pieces no vehicle has taken on yet
  int64_t stranded() const { return stranded_; }  // times a battery ran empty on the way
  bool stuck() const { return traffic_.stuck(); }
  const std::string& stuck_where() const { return traffic_.stuck_where(); }

  const Traffic& traffic() const { return traffic_; }
  void handle(const des::Event& event);  // the kernel's

 private:
  friend class CallWait;
  enum class Task : uint8_t { kFree, kFetch, kDeliver, kCharge };
  enum class Doing : uint8_t { kIdle, kLoaded, kEmpty, kWaiting, kCharging };
  static constexpr size_t kDoings = 5;
  // Ranks of tasks are this far apart, so that others fit between two (Traffic::promote).
  static constexpr int64_t kRankStep = int64_t{1} << 20;
  enum Kind : uint32_t { kIsLoaded, kIsUnloaded, kIsCharged };

  struct Call {
    Move move;
    Time since;
    int64_t sequence = 0;
    uint32_t next = Layout::kNone;  // of its relation
    int64_t untaken = 0;            // pieces
    int64_t unloaded = 0;           // pieces still to be loaded
    int64_t undelivered = 0;        // pieces
    CallWait* waiter = nullptr;
  };
  // All calls from one place to another that are not taken on, oldest first.
  struct Relation {
    uint32_t from = 0;
    uint32_t to = 0;
    uint32_t first = Layout::kNone;
    uint32_t last = Layout::kNone;
    bool empty() const { return first == Layout::kNone; }
  };
  struct Load {
    uint32_t call = 0;
    int64_t pieces = 0;
  };
  struct Vehicle {
    uint32_t home = 0;
    Task task = Task::kFree;
    bool low = false;  // wants a charger and takes no calls
    bool loading = false;
    bool by_hand = false;   // being charged where it ran empty
    uint32_t relation = 0;  // fetch, deliver
    uint32_t charger = 0;   // charge: the place
    int64_t pieces = 0;     // taken on
    std::vector<Load> loads;
    Doing doing = Doing::kIdle;
    Time since;
    std::array<int64_t, kDoings> ticks{};
  };

  void reached(uint32_t vehicle) override;
  void stranded(uint32_t vehicle) override;
  void drives(uint32_t vehicle) override;
  void waits(uint32_t vehicle) override;

  uint32_t relation_of(const Move& move);
  void dispatch(uint32_t relation);
  bool join_trip(uint32_t relation);
  void charge_the_idle();
  uint32_t nearest_free(const Relation& relation) const;
  uint32_t oldest() const;
  bool can_take(uint32_t vehicle, const Relation& relation) const;
  bool needs_charge(uint32_t vehicle) const;
  void take_calls(uint32_t vehicle, uint32_t relation);
  void send_to_fetch(uint32_t vehicle, uint32_t relation);
  void next_task(uint32_t vehicle);
  void go_home(uint32_t vehicle);
  bool can_go_home(uint32_t vehicle) const;

  void tell(Call& call);
  void begin(uint32_t vehicle, Duration length, Kind kind, Doing doing);
  void has_loaded(uint32_t vehicle);
  void has_unloaded(uint32_t vehicle);

  // fleet_charge.cc
  void want_charger(uint32_t vehicle);
  uint32_t nearest_charger(uint32_t vehicle) const;
  void book_charger(uint32_t vehicle, uint32_t place);
  void has_charged(uint32_t vehicle);
  Duration charge_time(uint32_t vehicle) const;

  void show(uint32_t vehicle, Doing doing);

  Sim* sim_;
  const Layout* layout_;
  Fleet fleet_;
  Traffic traffic_;
  des::TargetId target_;
  Duration range_;        // of a full battery
  bool charges_ = false;  // there are batteries and chargers
  Duration reserve_;      // kept for ways around
  std::vector<Vehicle> vehicles_;
  std::vector<Call> calls_;
  std::vector<uint32_t> calls_free_;
  std::vector<Relation> relations_;
  std::unordered_map<uint64_t, uint32_t> relation_index_;
  std::vector<int64_t> chargers_free_;  // by place, not booked
  std::vector<uint32_t> charger_line_;
  int64_t sequence_ = 0;
  int64_t waiting_ = 0;

  Time restarted_;
  int64_t trips_ = 0;
  int64_t stranded_ = 0;
  des::Tally call_wait_;
};

}  // namespace windtunnel::factory
