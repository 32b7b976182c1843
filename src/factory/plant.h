// What a factory consists of, as plain data: items with their routes, stations, stocks, how work is
// released, setups, breakdowns, crews, calendars, vehicles. Whoever reads files fills it,
// problems.h judges it, model.h builds it. Everything refers to everything else by name.
//
// The words are those of docs/factory.md. Times count microseconds: a year of shifts is exact.
//
// How a piece moves. A release makes pieces of an item. A piece visits the steps of its item's
// route; at each it waits in the station's queue, is worked on by one of its machines, and leaves
// when there is room where it goes next: until then it blocks the machine (blocking after service).
// At the end of its route it goes to the stock of its item if there is one, and is shipped
// otherwise. A step may take parts from stocks, all at once, before work begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/time_distribution.h"
#include "base/units.h"

namespace windtunnel::factory {

using Tick = base::Microseconds;
using Duration = base::BasicDuration<Tick>;
using Time = base::BasicTime<Tick>;
using base::Money;
using base::Power;
using base::Ratio;
using base::TimeDistribution;

// --- what is made -----------------------------------------------------------------------------

struct Part {
  std::string item = {};
  int64_t count = 1;
};

enum class OnFail : uint8_t {
  kScrap,   // the piece is lost
  kRework,  // it goes on at the step `rework_to`, after `rework_time`
};

struct Step {
  std::string name = {};  // empty: the station's name
  std::string station = {};
  TimeDistribution time = {};  // of one piece, or of one batch at a station that works in batches
  TimeDistribution docking = {};  // before that: connecting, adapting, starting a test program
  std::vector<Part> parts = {};   // per piece
  Ratio yield{1, 1};              // share of pieces that pass
  OnFail on_fail = OnFail::kScrap;
  std::string rework_to = {};         // empty: this step again
  TimeDistribution rework_time = {};  // repaired beside the line, for which nobody has to be free
  int64_t rework_max = 0;             // failures after which a piece is scrapped; 0: never
};

struct Item {
  std::string name = {};
  std::string family = {};       // setup matrices know families; empty: the item's own name
  std::string protocol = {};     // what a test bench must speak; empty: any bench will do
  std::vector<Step> route = {};  // empty: bought; a release brings it into its stock
  Money material = {};           // per piece started
};

// Where finished pieces wait until a step takes them as parts.
struct Stock {
  std::string item = {};
  std::optional<int64_t> capacity =
      {};  // pieces; a full stock blocks whoever delivers. Empty: no limit
  int64_t initial = 0;
  std::string place = {};  // of the layout; empty: no vehicle needed
};

// --- where it is made -------------------------------------------------------------------------

// In which order a station takes what waits.
enum class Serve : uint8_t {
  kFifo,
  kPriority,    // lower numbers first, then the order of arrival
  kDue,         // earliest due date first
  kSameFamily,  // stays with its family while any of it waits, then the oldest
  kExhaustive,  // families in cyclic order of the setup matrix (or of the items), each until none
                // waits
  kGated,       // families in cyclic order, each what waited when its turn began
};

enum class SetupWhen : uint8_t {
  kFamilyChange,  // between pieces of different families
  kLot,           // before each lot, also of the same family
};

enum class FailBy : uint8_t {
  kRunning,    // ages while it works, not while it waits
  kClock,      // ages all the time
  kOperation,  // a chance per operation, struck before it begins
};

enum class AfterRepair : uint8_t {
  kResume,   // the rest of the operation
  kRestart,  // the whole operation again
  kScrap,    // the piece is lost
};

struct Breakdown {
  std::string name = {};  // empty: "breakdown" and its number
  FailBy by = FailBy::kRunning;
  TimeDistribution between = {};  // up time, running or clock
  Ratio per_operation{0, 1};      // with kOperation
  TimeDistribution repair = {};
  std::string crew = {};  // empty: nobody has to be free
  int64_t priority = 0;   // in line for the crew, lower first
  bool preempts = false;  // takes the crew from a repair of worse priority
  AfterRepair after = AfterRepair::kResume;
};

// A stop that is known: maintenance, or a breakdown that has just happened and is planned around.
// All machines of the station; an operation under way waits for its end.
struct Outage {
  Duration at = {};  // since the start of the run
  Duration length = {};
};

// Machines of a station that are alike but for what they can do. All by default.
struct MachineGroup {
  int64_t count = 1;
  std::vector<std::string> protocols = {};  // that these benches speak; empty: every one
};

enum class AtShiftEnd : uint8_t {
  kSuspend,  // the rest of the operation waits for the next shift
  kFinish,   // the operation under way is finished
};

// Drawn by each machine, by what it does. Blocked, starved and waiting machines idle.
struct StationPower {
  Power working = {};
  Power setup = {};
  Power idle = {};
  Power down = {};
};

struct Station {
  std::string name = {};
  int64_t machines = 1;
  std::vector<MachineGroup> groups = {};  // instead of `machines`
  std::optional<int64_t> buffer = {};     // pieces that may wait in front. Empty: no limit
  Serve serve = Serve::kFifo;
  bool visit_empty = false;  // kExhaustive, kGated: pay the setup of families of which none waits
  std::string setups = {};   // a SetupMatrix; empty: none
  SetupWhen setup_when = SetupWhen::kFamilyChange;
  std::string setup_crew = {};  // needed for the setup; empty: nobody
  std::string operators = {};   // a crew, needed for the operation; empty: nobody
  int64_t operators_needed = 1;
  std::string calendar = {};  // empty: always open
  AtShiftEnd at_shift_end = AtShiftEnd::kSuspend;
  int64_t batch_max = 1;  // pieces of one item worked on together
  int64_t batch_min = 1;  // that must have come before work begins
  std::vector<Breakdown> breakdowns = {};
  std::vector<Outage> outages = {};
  std::string place = {};  // of the layout; empty: pieces come and go without vehicles
  StationPower power = {};
  Money cost_per_hour = {};  // per machine, working or not
};

// From the family of a row to the families in the order of the rows.
struct SetupRow {
  std::string from = {};
  std::vector<Duration> to = {};
};

struct SetupMatrix {
  std::string name = {};
  std::vector<SetupRow> rows = {};
  Ratio scale{1, 1};  // of every time: what a shorter changeover is worth
  std::optional<Duration> initial =
      {};               // before the first piece of all; empty: the machine is set up
  Duration saved = {};  // taken off every time after the scale, down to none
};

struct Crew {
  std::string name = {};
  int64_t count = 1;
  std::string calendar = {};
  Money cost_per_hour = {};  // per head, while on shift
};

// One stretch of every week. `until` before `from` ends on the next day.
struct Shift {
  int64_t first_day = 1;  // 1 Monday to 7 Sunday
  int64_t last_day = 7;
  Duration from = {};  // since midnight
  Duration until = {};
};

// The run begins on a Monday at midnight.
struct Calendar {
  std::string name = {};
  std::vector<Shift> shifts = {};
};

// --- how work gets in -------------------------------------------------------------------------

enum class ReleaseKind : uint8_t {
  kArrivals,   // pieces come by themselves at random times and wait in the queue
  kSaturated,  // there is always one more, as soon as the first station has room
  kLots,       // families in turn, each a lot of good pieces
  kOrders,     // what the order book asks for, in the sequence of `sequence`
};

enum class WhenFull : uint8_t { kWait, kLost };

// What a release makes, and how much of each.
struct ReleaseShare {
  std::string item = {};
  int64_t weight = 1;  // arrivals and saturated: share of the draws; saturated: of the cycle
  int64_t lot = 1;     // lots: good pieces per turn; arrivals: pieces that come at once
  // Lots: the turn waits while the stock of the item holds so much. Empty: it never waits.
  std::optional<int64_t> stock_cap = {};
};

enum class Sequence : uint8_t {
  kGiven,  // as in the order book
  kDue,    // earliest due date first, rush orders before all others
  kLevel,  // mixes the items as evenly as their quantities allow
};

struct Release {
  std::string name = {};
  ReleaseKind kind = ReleaseKind::kSaturated;
  std::vector<ReleaseShare> shares = {};
  TimeDistribution between = {};  // arrivals
  WhenFull when_full = WhenFull::kWait;
  Sequence sequence = Sequence::kDue;
  Duration lead = {};    // orders: released this long before they are due, if not given
  int64_t priority = 0;  // of its pieces, in queues that look at it
};

struct Order {
  std::string name = {};
  std::string item = {};
  int64_t quantity = 1;
  std::optional<Duration> release = {};  // since the start; empty: due less the release's lead
  std::optional<Duration> due = {};
  bool rush = false;    // before all others in every queue that sorts
  std::string by = {};  // the release that makes it; empty: the only one of kind orders
};

// Cards that limit the pieces between two stations: kanban with one station, CONWIP with the whole
// line, pallets that come back after `back`.
struct Loop {
  std::string name = {};
  int64_t cards = 1;
  std::string from = {};  // a station: a card is taken before a piece enters its queue
  std::string to = {};    // and given back when the piece leaves this one for good
  Duration back = {};
};

// --- how it moves -----------------------------------------------------------------------------

// A point of the layout that one vehicle can hold at a time, unless it is a depot.
struct Place {
  std::string name = {};
  int64_t room = 1;  // vehicles that may be there at once
  int64_t chargers = 0;
};

struct Lane {
  std::string from = {};
  std::string to = {};
  Duration time = {};
  bool both_ways = true;
  int64_t room =
      1;  // vehicles under way on it, per direction; both directions share it if `single`
  bool single = true;
};

struct Battery {
  std::optional<Duration> endurance =
      {};                     // driving time from full to empty. Empty: never needs charging
  Duration charge_time = {};  // from empty to full
  Ratio charge_below{1, 5};   // goes to a charger when idle below this share
};

struct Fleet {
  std::string name = {};
  int64_t vehicles = 1;
  std::string home = {};  // where they start and wait; empty: the first place
  Duration load = {};
  Duration unload = {};
  int64_t carries = 1;  // pieces with the same start and end at once
  Battery battery = {};
  Power driving = {};
  Money cost_per_hour = {};  // per vehicle
};

// --- all of it --------------------------------------------------------------------------------

struct Plant {
  std::vector<Item> items = {};
  std::vector<Station> stations = {};
  std::vector<Stock> stocks = {};
  std::vector<SetupMatrix> setups = {};
  std::vector<Crew> crews = {};
  std::vector<Calendar> calendars = {};
  std::vector<Release> releases = {};
  std::vector<Order> orders = {};
  std::vector<Loop> loops = {};
  std::vector<Place> places = {};
  std::vector<Lane> lanes = {};
  std::optional<Fleet> fleet = {};  // empty: things move in no time
  Money energy_price = {};          // per kWh
};

}  // namespace windtunnel::factory
