// What one run of a factory measured, after the warm-up: one replication. Plain data; means over
// replications and intervals are made from it by whoever runs several.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "des/quantile_sketch.h"
#include "des/statistics.h"
#include "des/time_series.h"
#include "factory/plant.h"

namespace windtunnel::factory {

// What a machine does. Each is in exactly one state at any time.
enum class MachineState : uint8_t {
  kWorking,
  kSetup,
  kStarved,  // nothing to do: nothing waits, or parts are missing
  kBlocked,  // its piece cannot leave, or what it would make may not be made (stock at its cap)
  kDown,     // under repair or waiting for the crew
  kWaiting,  // for operators, for the setup crew
  kOff,      // outside its shifts
};
inline constexpr size_t kMachineStates = 7;
const char* machine_state_name(MachineState state);

using StateShares = std::array<double, kMachineStates>;  // of time, sum 1

// A station's day and week: shares by hour of the day, and by stretch of the run.
struct StationProfile {
  std::array<StateShares, 24> by_hour_of_day{};
  Duration stretch;  // length of each entry below
  std::vector<StateShares> by_stretch;
};

struct StationOutcome {
  std::string name;
  int64_t machines = 1;
  StateShares shares{};  // over its machines
  StationProfile profile;
  int64_t arrived = 0;  // pieces that joined its queue
  int64_t worked = 0;   // operations ended, each piece of a batch counted
  int64_t failed = 0;   // pieces that did not pass
  int64_t scrapped = 0;
  int64_t setups = 0;
  int64_t breakdowns = 0;
  int64_t lost = 0;       // arrivals turned away
  int64_t delayed = 0;    // pieces of `wait` that did wait, rather than find a machine free
  double queue_mean = 0;  // pieces waiting, without those at machines
  int64_t queue_max = 0;
  double present_mean = 0;   // pieces waiting and at machines
  des::Tally wait;           // s, from joining the queue to the begin of its setup or operation
  des::QuantileSketch stay;  // s, from joining the queue to leaving the station
  double stay_mean = 0;      // s
  double energy = 0;         // J
};

struct ItemOutcome {
  std::string name;
  int64_t released = 0;
  int64_t finished = 0;  // reached the end of the route
  int64_t scrapped = 0;
  int64_t reworked = 0;  // failures that went to rework
  int64_t lost = 0;      // arrivals turned away
  double in_process_mean = 0;
  des::QuantileSketch lead;  // s, from release to the end of the route
  double lead_mean = 0;      // s
  double stock_mean = 0;
  int64_t stock_max = 0;
};

// Why an order was late: where its last piece spent most of the time beyond the work itself.
struct OrderOutcome {
  std::string name;
  std::string item;
  int64_t quantity = 0;
  int64_t finished = 0;
  Time release;
  Time due;
  bool has_due = false;
  bool begun = false;
  Time begin;         // of its first piece, when begun
  Time done;          // meaningful when finished == quantity
  std::string cause;  // "waited 3.2 h at final-test"; empty when on time
};

struct FleetOutcome {
  int64_t vehicles = 0;
  int64_t trips = 0;
  int64_t deadlocks = 0;  // found and undone
  double loaded = 0;      // shares of time over all vehicles
  double empty = 0;       // driving to a pick-up, to a charger, home, out of the way
  double waiting = 0;     // for a zone that another vehicle holds
  double charging = 0;    // and waiting for a charger
  double idle = 0;
  des::Tally call_wait;  // s, from the request to the pick-up
  double energy = 0;     // J
};

struct CrewOutcome {
  std::string name;
  double on_shift_mean = 0;  // heads
  double busy_mean = 0;      // heads at work
  double waiting_mean = 0;   // machines that wait for the crew
};

struct LoopOutcome {
  std::string name;
  int64_t cards = 0;
  double in_use_mean = 0;
};

// One bar of a Gantt chart.
struct Bar {
  uint32_t station = 0;
  uint32_t machine = 0;  // within the station
  MachineState state = MachineState::kWorking;
  int32_t item = -1;  // index into the plant's items; -1: none
  Time begin;
  Time end;
};

struct Outcome {
  Duration measured;  // length of the time behind all figures
  std::vector<StationOutcome> stations;
  std::vector<ItemOutcome> items;
  std::vector<OrderOutcome> orders;
  std::vector<CrewOutcome> crews;
  std::vector<LoopOutcome> loops;
  FleetOutcome fleet;
  std::vector<des::TimeSeries::Bin> in_process;  // pieces released and not yet finished
  // Pieces finished per item and stretch of the run, warm-up included: the ramp.
  Duration stretch;
  std::vector<std::vector<int64_t>> finished_by_stretch;
  std::vector<Bar> gantt;  // of the window asked for, at most RunOptions::bars_max
  double energy = 0;       // J, all
  double cost = 0;         // in the plant's currency: material, machines, crews, vehicles, energy
  int64_t events = 0;
  uint64_t fingerprint = 0;
  bool stuck = false;  // nothing could move any more before the end: a deadlock of the plant
  std::string stuck_where;
};

}  // namespace windtunnel::factory
