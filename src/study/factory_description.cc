#include "study/factory_description.h"

#include <fmt/format.h>

#include "scenario/decimal.h"
#include "scenario/quantity.h"
#include "scenario/suggest.h"

namespace windtunnel::scenario {

using factory::AfterRepair;
using factory::AtShiftEnd;
using factory::FailBy;
using factory::OnFail;
using factory::ReleaseKind;
using factory::Sequence;
using factory::Serve;
using factory::SetupWhen;
using factory::WhenFull;

template <>
struct EnumNames<OnFail> {
  static constexpr std::array<EnumName<OnFail>, 2> kNames = {
      {{OnFail::kScrap, "scrap"}, {OnFail::kRework, "rework"}}};
};
template <>
struct EnumNames<Serve> {
  static constexpr std::array<EnumName<Serve>, 6> kNames = {{{Serve::kFifo, "fifo"},
                                                             {Serve::kPriority, "priority"},
                                                             {Serve::kDue, "due"},
                                                             {Serve::kSameFamily, "same-family"},
                                                             {Serve::kExhaustive, "exhaustive"},
                                                             {Serve::kGated, "gated"}}};
};
template <>
struct EnumNames<SetupWhen> {
  static constexpr std::array<EnumName<SetupWhen>, 2> kNames = {
      {{SetupWhen::kFamilyChange, "family-change"}, {SetupWhen::kLot, "lot"}}};
};
template <>
struct EnumNames<FailBy> {
  static constexpr std::array<EnumName<FailBy>, 3> kNames = {{{FailBy::kRunning, "running"},
                                                              {FailBy::kClock, "clock"},
                                                              {FailBy::kOperation, "operation"}}};
};
template <>
struct EnumNames<AfterRepair> {
  static constexpr std::array<EnumName<AfterRepair>, 3> kNames = {
      {{AfterRepair::kResume, "resume"},
       {AfterRepair::kRestart, "restart"},
       {AfterRepair::kScrap, "scrap"}}};
};
template <>
struct EnumNames<AtShiftEnd> {
  static constexpr std::array<EnumName<AtShiftEnd>, 2> kNames = {
      {{AtShiftEnd::kSuspend, "suspend"}, {AtShiftEnd::kFinish, "finish"}}};
};
template <>
struct EnumNames<ReleaseKind> {
  static constexpr std::array<EnumName<ReleaseKind>, 4> kNames = {
      {{ReleaseKind::kArrivals, "arrivals"},
       {ReleaseKind::kSaturated, "saturated"},
       {ReleaseKind::kLots, "lots"},
       {ReleaseKind::kOrders, "orders"}}};
};
template <>
struct EnumNames<WhenFull> {
  static constexpr std::array<EnumName<WhenFull>, 2> kNames = {
      {{WhenFull::kWait, "wait"}, {WhenFull::kLost, "lost"}}};
};
template <>
struct EnumNames<Sequence> {
  static constexpr std::array<EnumName<Sequence>, 3> kNames = {
      {{Sequence::kGiven, "given"}, {Sequence::kDue, "due"}, {Sequence::kLevel, "level"}}};
};

base::Result<factory::Part> ValueTraits<factory::Part>::parse(const Node& node) {
  const std::string_view text = detail::trimmed(node.text);
  const size_t space = text.find(' ');
  factory::Part part;
  std::string_view item = text;
  if (space != std::string_view::npos) {
    if (const auto count = parse_integer(text.substr(0, space))) {
      part.count = *count;
      item = detail::trimmed(text.substr(space));
    }
  }
  part.item = std::string(item);
  if (!item.empty() && part.count >= 1 && part.count <= 1'000'000) return part;
  return base::fail(node.mark,
                    fmt::format("found {}, expected an item, or a count of at least 1 and an item, "
                                "as in `8 hip`",
                                text.empty() ? std::string("nothing") : quoted(node.text)));
}
Node ValueTraits<factory::Part>::written(const factory::Part& value) {
  if (value.count == 1) return Node::scalar(value.item, true);
  return Node::scalar(fmt::format("{} {}", value.count, value.item), true);
}

namespace {

// A hundred years: what a week, a route and a run may come to.
constexpr std::string_view kLongest = "36500 d";
constexpr std::string_view kMany = "1000000";

}  // namespace

void describe(Visitor& v, factory::Step& step) {
  v.key({"name", "For rework_to and results; empty: the station's name"}, step.name);
  v.key({"station", "Where it is done"}, step.station);
  v.key({"time", "Of one piece, or of one batch at a station that works in batches"}, step.time);
  v.key({"docking", "Before that: connecting, adapting, starting a test program"}, step.docking);
  v.key({"parts", "Taken from stocks, all at once, before work begins; per piece"}, step.parts);
  v.key({"yield", "Share of pieces that pass", "0", "1"}, step.yield);
  v.key({"on_fail", "What becomes of the others"}, step.on_fail);
  v.key({"rework_to", "Step at which a piece goes on; empty: this one again"}, step.rework_to);
  v.key({"rework_time", "Beside the line, for which nobody has to be free"}, step.rework_time);
  v.key({"rework_max", "Failures after which a piece is scrapped; 0: never", "0", kMany},
        step.rework_max);
}

void describe(Visitor& v, factory::Item& item) {
  v.key({"name", "Of what is made or bought"}, item.name);
  v.key({"family", "What setup matrices know; empty: the item's name"}, item.family);
  v.key({"protocol", "What a test bench must speak; empty: any bench will do"}, item.protocol);
  v.key({"material", "Cost per piece started", "0"}, item.material);
  v.key({"route",
         "Steps in their order, then into the stock of the item or, without one, shipped; empty: "
         "bought"},
        item.route);
}

void describe(Visitor& v, factory::Stock& stock) {
  v.key({"item", "What it holds"}, stock.item);
  v.key({"capacity", "Pieces; a full stock blocks whoever delivers", "1", "1000000000", "no limit"},
        stock.capacity);
  v.key({"initial", "Pieces at the start", "0", "1000000000"}, stock.initial);
  v.key({"place", "Of the layout; empty: no vehicle needed"}, stock.place);
}

void describe(Visitor& v, factory::Breakdown& breakdown) {
  v.key({"name", "In results; empty: its number"}, breakdown.name);
  v.key({"by",
         "running: ages while the machine works; clock: all the time; operation: a chance per "
         "operation, struck before it begins"},
        breakdown.by);
  v.key({"between", "Up time"}, breakdown.between);
  v.key({"per_operation", "Chance, with by: operation", "0", "1"}, breakdown.per_operation);
  v.key({"repair", "Until it works again, once somebody is there"}, breakdown.repair);
  v.key({"crew", "Who repairs; empty: nobody has to be free"}, breakdown.crew);
  v.key({"priority", "In line for the crew, lower first", "-1000", "1000"}, breakdown.priority);
  v.key({"preempts", "Takes the crew from a repair of worse priority"}, breakdown.preempts);
  v.key({"after", "What becomes of the operation"}, breakdown.after);
}

void describe(Visitor& v, factory::Outage& outage) {
  v.key({"at", "Since the start of the run", "0 s", kLongest}, outage.at);
  v.key({"length", "Until all is up again", "0 s", kLongest}, outage.length);
}

void describe(Visitor& v, factory::MachineGroup& group) {
  v.key({"count", "Machines of this sort", "1", "100000"}, group.count);
  v.key({"protocols", "That they speak; empty: every one"}, group.protocols);
}

void describe(Visitor& v, factory::StationPower& power) {
  v.key({"working", "Of one machine at work", "0 W", "1000 MW"}, power.working);
  v.key({"setup", "While it is set up", "0 W", "1000 MW"}, power.setup);
  v.key({"idle", "Starved, blocked or waiting", "0 W", "1000 MW"}, power.idle);
  v.key({"down", "Under repair", "0 W", "1000 MW"}, power.down);
}

void describe(Visitor& v, factory::Station& station) {
  v.key({"name", "What routes and results call it"}, station.name);
  v.key({"machines", "Alike and in parallel", "1", "100000"}, station.machines);
  v.key({"groups", "Machines that differ in what they speak, instead of `machines`"},
        station.groups);
  v.key({"buffer", "Pieces that may wait in front", "0", "1000000000", "no limit"}, station.buffer);
  v.key({"serve",
         "In which order: same-family stays with its family while any of it waits; exhaustive and "
         "gated take families in cyclic order"},
        station.serve);
  v.key({"visit_empty", "Exhaustive, gated: set up also for families of which none waits"},
        station.visit_empty);
  v.key({"setups", "A setup matrix; empty: none"}, station.setups);
  v.key({"setup_when", "Between pieces of different families, or before each lot"},
        station.setup_when);
  v.key({"setup_crew", "Needed for a setup; empty: nobody"}, station.setup_crew);
  v.key({"operators", "A crew, needed for an operation; empty: nobody"}, station.operators);
  v.key({"operators_needed", "Of them, per operation", "1", "1000"}, station.operators_needed);
  v.key({"calendar", "When it is open; empty: always"}, station.calendar);
  v.key({"at_shift_end", "Of an operation under way"}, station.at_shift_end);
  v.key({"batch_max", "Pieces of one item worked on together", "1", kMany}, station.batch_max);
  v.key({"batch_min", "That must have come before work begins", "1", kMany}, station.batch_min);
  v.key({"breakdowns", "What befalls each machine"}, station.breakdowns);
  v.key({"outages", "Stops of all its machines that are known beforehand"}, station.outages);
  v.key({"place", "Of the layout; empty: pieces come and go without vehicles"}, station.place);
  v.key({"power", "Drawn by one machine"}, station.power);
  v.key({"cost_per_hour", "Of one machine, working or not", "0"}, station.cost_per_hour);
}

void describe(Visitor& v, factory::SetupRow& row) {
  v.key({"from", "Family that was made"}, row.from);
  v.key({"to", "Times to each family, in the order of the rows", "0 s", kLongest}, row.to);
}

void describe(Visitor& v, factory::Crew& crew) {
  v.key({"name", "What stations call it"}, crew.name);
  v.key({"count", "Heads", "1", "100000"}, crew.count);
  v.key({"calendar", "When it is there; empty: always"}, crew.calendar);
  v.key({"cost_per_hour", "Per head, while on shift", "0"}, crew.cost_per_hour);
}

void describe(Visitor& v, factory::Shift& shift) {
  Weekdays days{shift.first_day, shift.last_day};
  TimeOfDay from{shift.from};
  TimeOfDay until{shift.until};
  v.key({"days", "On which it begins"}, days);
  v.key({"from", "Begin"}, from);
  v.key({"until", "End; before the begin: on the next day"}, until);
  shift = {days.first, days.last, from.since_midnight, until.since_midnight};
}

void describe(Visitor& v, factory::Calendar& calendar) {
  v.key({"name", "What stations and crews call it"}, calendar.name);
  v.key({"shifts", "Stretches of every week; the run begins on a Monday at midnight"},
        calendar.shifts);
}

void describe(Visitor& v, factory::ReleaseShare& share) {
  v.key({"item", "What is made"}, share.item);
  v.key({"weight", "Arrivals and saturated: share of the draws or of the cycle", "1", kMany},
        share.weight);
  v.key({"lot", "Lots: good pieces per turn; arrivals: pieces that come at once", "1", kMany},
        share.lot);
  v.key({"stock_cap", "Lots: the turn waits while the stock of the item holds so much", "1",
         "1000000000", "it never waits"},
        share.stock_cap);
}

void describe(Visitor& v, factory::Order& order) {
  v.key({"name", "In results; empty: its number"}, order.name);
  v.key({"item", "What is wanted"}, order.item);
  v.key({"quantity", "Pieces", "1", kMany}, order.quantity);
  v.key({"release", "Since the start", "0 s", kLongest, "the lead of the release before it is due"},
        order.release);
  v.key({"due", "Since the start", "0 s", kLongest, "never"}, order.due);
  v.key({"rush", "Before all others in every queue that sorts"}, order.rush);
  v.key({"by", "The release that makes it; empty: the only one of kind orders"}, order.by);
}

void describe(Visitor& v, factory::Loop& loop) {
  v.key({"name", "In results"}, loop.name);
  v.key({"cards", "Pieces that may be between both stations", "1", kMany}, loop.cards);
  v.key({"from", "Station: a card is taken before a piece enters its queue"}, loop.from);
  v.key({"to", "And given back when the piece leaves this one for good"}, loop.to);
  v.key({"back", "Until the card may be taken again", "0 s", kLongest}, loop.back);
}

void describe(Visitor& v, factory::Place& place) {
  v.key({"name", "What stations, stocks and lanes call it"}, place.name);
  v.key({"room", "Vehicles that may be there at once", "1", "10000"}, place.room);
  v.key({"chargers", "At this place", "0", "10000"}, place.chargers);
}

void describe(Visitor& v, factory::Lane& lane) {
  v.key({"from", "One end"}, lane.from);
  v.key({"to", "The other"}, lane.to);
  v.key({"time", "From end to end", "0 s", "1 d"}, lane.time);
  v.key({"both_ways", "May be driven in both directions"}, lane.both_ways);
  v.key({"room", "Vehicles under way on it, per direction", "1", "10000"}, lane.room);
  v.key({"single", "Both directions share the room"}, lane.single);
}

void describe(Visitor& v, factory::Battery& battery) {
  v.key({"endurance", "Driving time from full to empty", "1 s", kLongest, "never needs charging"},
        battery.endurance);
  v.key({"charge_time", "From empty to full", "0 s", kLongest}, battery.charge_time);
  v.key({"charge_below", "Goes to a charger when idle below this share", "0", "1"},
        battery.charge_below);
}

void describe(Visitor& v, factory::Fleet& fleet) {
  v.key({"name", "In results"}, fleet.name);
  v.key({"vehicles", "Alike; 0: things move in no time", "0", "10000"}, fleet.vehicles);
  v.key({"home", "Where they start and wait; empty: the first place"}, fleet.home);
  v.key({"load", "Time to pick up", "0 s", "1 d"}, fleet.load);
  v.key({"unload", "Time to put down", "0 s", "1 d"}, fleet.unload);
  v.key({"carries", "Pieces with the same start and end at once", "1", "10000"}, fleet.carries);
  v.key({"battery", "And when it is charged"}, fleet.battery);
  v.key({"driving", "Power of one vehicle under way", "0 W", "1000 MW"}, fleet.driving);
  v.key({"cost_per_hour", "Per vehicle", "0"}, fleet.cost_per_hour);
}

namespace {

void describe_release(Visitor& v, factory::Release& release) {
  v.key({"name", "In results"}, release.name);
  v.key({"kind",
         "arrivals: at random times; saturated: always one more; lots: families in turn; orders: "
         "what the order book asks for"},
        release.kind);
  v.key({"shares", "What it makes; not with orders"}, release.shares);
  v.key({"between", "Arrivals: from one to the next"}, release.between);
  v.key({"when_full", "Arrivals: what becomes of a piece without room"}, release.when_full);
  v.key({"sequence", "Orders: as given, earliest due first, or mixed evenly"}, release.sequence);
  v.key({"lead", "Orders: released this long before they are due, if not given", "0 s", kLongest},
        release.lead);
  v.key({"priority", "Of its pieces, in queues that look at it; lower first", "-1000", "1000"},
        release.priority);
}

}  // namespace
}  // namespace windtunnel::scenario

namespace windtunnel::study {

void describe(scenario::Visitor& v, SetupsDescription& setups) {
  factory::SetupMatrix& matrix = setups.matrix;
  v.key({"name", "What stations call it"}, matrix.name);
  v.key({"rows", "One for each family"}, matrix.rows);
  v.key({"file", "Spreadsheet with the rows instead: CSV, families in the first row and column"},
        setups.file);
  v.key({"scale", "Of every time: what a shorter changeover is worth", "0", "1000"}, matrix.scale);
  v.key({"saved", "Taken off every time after the scale, down to none", "0 s", "36500 d"},
        matrix.saved);
  v.key({"initial", "Before the first piece of all", "0 s", "36500 d", "the machine is set up"},
        matrix.initial);
}

void describe(scenario::Visitor& v, ReleaseDescription& release) {
  scenario::describe_release(v, release.release);
  v.key({"kits", "Lots: multiplies every `lot` and `stock_cap`", "1", "1000000"}, release.kits);
}

void describe(scenario::Visitor& v, FactoryRunDescription& run) {
  v.key({"warm_up", "Not measured", "0 s", "36500 d",
         "0 s with an order book, else a quarter of the duration"},
        run.warm_up);
  v.key({"duration", "Measured", "1 s", "36500 d"}, run.duration);
  v.key({"replications", "Runs with independent draws, at least; intervals are over them", "1",
         "10000"},
        run.replications);
  v.key({"half_width",
         "Goes on until the 95 % interval of half_width_of is as small, in proportion to its mean; "
         "0: stops at `replications`",
         "0", "1"},
        run.half_width);
  v.key({"half_width_of", "A metric of the results"}, run.half_width_of);
  v.key({"replications_max", "Bound on that", "1", "10000"}, run.replications_max);
  v.key({"threads", "Replications at the same time; results do not depend on it", "1", "1024"},
        run.threads);
  v.key({"gantt_from", "Begin of the chart of what each machine did, since the start", "0 s",
         "36500 d", "when measuring begins"},
        run.gantt_from);
  v.key({"gantt_length", "Of that chart; 0: none", "0 s", "31 d"}, run.gantt_length);
}

namespace {

// A fleet is there when it has vehicles.
void describe_fleet(scenario::Visitor& v, std::optional<factory::Fleet>& fleet) {
  factory::Fleet form = fleet.value_or(factory::Fleet{});
  if (!fleet) form.vehicles = 0;
  v.key({"fleet", "Vehicles that carry pieces between places"}, form);
  fleet.reset();
  if (form.vehicles > 0) fleet = form;
}

}  // namespace

void describe(scenario::Visitor& v, FactoryDescription& scenario) {
  std::string kind = "factory";
  factory::Plant& plant = scenario.plant;
  v.key({"kind", "This kind of scenario"}, kind);
  v.key({"name", "Title of the report"}, scenario.name);
  v.key({"description", "For people"}, scenario.description);
  v.key({"seed", "Of all draws", "0"}, scenario.seed);
  v.key({"currency", "Of every amount of money; amounts may repeat it"}, scenario.currency);
  v.key({"items", "What is made and what is bought"}, plant.items);
  v.key({"stations", "Where it is made"}, plant.stations);
  v.key({"stocks", "Where finished pieces wait until a step takes them as parts"}, plant.stocks);
  v.key({"setups", "Times to change from family to family"}, scenario.setups);
  v.key({"crews", "People"}, plant.crews);
  v.key({"calendars", "Shifts"}, plant.calendars);
  v.key({"releases", "How work gets in"}, scenario.releases);
  v.key({"orders", "The order book"}, plant.orders);
  v.key({"orders_file",
         "Spreadsheet with more orders: CSV with columns name, item, quantity, release, due, rush"},
        scenario.orders_file);
  v.key({"loops", "Cards that limit the pieces between two stations: kanban, CONWIP, pallets"},
        plant.loops);
  v.key({"places", "Points of the layout where vehicles stop"}, plant.places);
  v.key({"lanes", "Ways between them"}, plant.lanes);
  describe_fleet(v, plant.fleet);
  v.key({"energy_price", "Per kWh", "0"}, plant.energy_price);
  v.key({"run", "How it is measured"}, scenario.run);
}

}  // namespace windtunnel::study
