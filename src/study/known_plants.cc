#include "study/known_plants.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/random.h"

namespace windtunnel::study {
namespace {

using base::Ratio;
using base::TimeDistribution;
using base::TimeShape;
using factory::Duration;
using factory::Item;
using factory::Plant;
using factory::Release;
using factory::ReleaseKind;
using factory::Station;
using factory::Step;

constexpr char kStation[] = "station";
constexpr char kPiece[] = "piece";

Duration seconds(double s) { return Duration::from_seconds(s); }

Station station(std::string name, int64_t machines = 1, std::optional<int64_t> buffer = {}) {
  Station s;
  s.name = std::move(name);
  s.machines = machines;
  s.buffer = buffer;
  return s;
}

Step step(std::string at, const TimeDistribution& time) {
  Step s;
  s.station = std::move(at);
  s.time = time;
  return s;
}

Item item(std::string name, std::vector<Step> route) {
  Item i;
  i.name = std::move(name);
  i.route = std::move(route);
  return i;
}

Release arrivals(std::string of, const TimeDistribution& between) {
  Release r;
  r.name = of + " arrivals";
  r.kind = ReleaseKind::kArrivals;
  r.shares = {{.item = std::move(of), .stock_cap = {}}};
  r.between = between;
  return r;
}

Release saturated(std::string of) {
  Release r;
  r.name = of + " without end";
  r.kind = ReleaseKind::kSaturated;
  r.shares = {{.item = std::move(of), .stock_cap = {}}};
  return r;
}

std::string numbered(const char* what, size_t i) { return fmt::format("{} {}", what, i + 1); }

// Machines "station 1", "station 2", ... with `buffer` places before each but the first, which has
// none: it takes from a supply without end.
Plant line(const std::vector<TimeDistribution>& times, std::optional<int64_t> buffer) {
  Plant plant;
  std::vector<Step> route;
  for (size_t i = 0; i < times.size(); ++i) {
    const std::string name = numbered(kStation, i);
    plant.stations.push_back(station(name, 1, i == 0 && buffer ? 0 : buffer));
    route.push_back(step(name, times[i]));
  }
  plant.items = {item(kPiece, std::move(route))};
  plant.releases = {saturated(kPiece)};
  return plant;
}

factory::Breakdown slotted_breakdown(const factory::SlottedMachine& machine) {
  factory::Breakdown b;
  b.by = factory::FailBy::kOperation;
  b.per_operation = Ratio{std::llround(machine.fails * 1'000'000), 1'000'000};
  b.repair.shape = TimeShape::kGeometric;
  b.repair.slot = seconds(1);
  b.repair.mean = seconds(1 / machine.repaired);
  return b;
}

}  // namespace

TimeDistribution constant_time(double mean) { return TimeDistribution::constant(seconds(mean)); }

TimeDistribution exponential_time(double mean) {
  return TimeDistribution::exponential(seconds(mean));
}

TimeDistribution erlang2_time(double mean) {
  TimeDistribution d;
  d.shape = TimeShape::kErlang;
  d.mean = seconds(mean);
  d.stages = 2;
  return d;
}

TimeDistribution hyperexponential_time(double mean, Ratio cv) {
  TimeDistribution d;
  d.shape = TimeShape::kHyperexponential;
  d.mean = seconds(mean);
  d.parameter = cv;
  return d;
}

Plant queue_plant(const QueuePlant& queue) {
  Plant plant;
  plant.stations = {station(kStation, queue.machines)};
  plant.items = {item(kPiece, {step(kStation, queue.time)})};
  plant.releases = {arrivals(kPiece, queue.between)};
  if (queue.loses) {
    plant.stations[0].buffer = 0;
    plant.releases[0].when_full = factory::WhenFull::kLost;
  }
  return plant;
}

Plant breakdown_plant(double arrival_rate, double mean, double between, double repair) {
  Plant plant = queue_plant({exponential_time(1 / arrival_rate), exponential_time(mean)});
  factory::Breakdown b;
  b.by = factory::FailBy::kRunning;
  b.between = exponential_time(between);
  b.repair = exponential_time(repair);
  plant.stations[0].breakdowns = {b};
  return plant;
}

Plant repair_plant(int64_t machines, int64_t repairers, double between, double repair) {
  // What they make does not matter: they fail all the time.
  Plant plant = line({constant_time(10 * between)}, 0);
  plant.stations[0].machines = machines;
  factory::Breakdown b;
  b.by = factory::FailBy::kClock;
  b.between = exponential_time(between);
  b.repair = exponential_time(repair);
  b.crew = "repairers";
  plant.stations[0].breakdowns = {b};
  factory::Crew crew;
  crew.name = b.crew;
  crew.count = repairers;
  plant.crews = {crew};
  return plant;
}

Plant order_plant(double arrival_rate, int64_t customers, uint64_t seed) {
  Plant plant;
  plant.stations = {station(kStation)};
  plant.items = {item(kPiece, {step(kStation, exponential_time(1))})};
  Release book;
  book.name = "book";
  book.kind = ReleaseKind::kOrders;
  book.sequence = factory::Sequence::kGiven;
  plant.releases = {book};
  base::RandomStream stream(seed, "customers");
  Duration at;
  for (int64_t n = 1; n <= customers; ++n) {
    at += seconds(stream.exponential(1 / arrival_rate));
    factory::Order order;
    order.name = fmt::format("customer {}", n);
    order.item = kPiece;
    order.release = at;
    plant.orders.push_back(order);
  }
  return plant;
}

Plant rework_plant(double arrival_rate, double first_rate, double second_rate, int64_t again_of) {
  Plant plant;
  plant.stations = {station("first"), station("second")};
  Step first = step("first", exponential_time(1 / first_rate));
  Step second = step("second", exponential_time(1 / second_rate));
  second.yield = Ratio{again_of - 1, again_of};
  second.on_fail = factory::OnFail::kRework;
  second.rework_to = "first";
  plant.items = {item(kPiece, {first, second})};
  plant.releases = {arrivals(kPiece, exponential_time(1 / arrival_rate))};
  return plant;
}

Plant loop_plant(const std::vector<TimeDistribution>& times, int64_t cards) {
  Plant plant = line(times, {});
  factory::Loop loop;
  loop.name = "cards";
  loop.cards = cards;
  loop.from = plant.stations.front().name;
  loop.to = plant.stations.back().name;
  plant.loops = {loop};
  return plant;
}

Plant convoy_plant(int64_t stations, double mean, int64_t cards) {
  const auto count = static_cast<size_t>(stations);
  const double all = mean * static_cast<double>(cards);
  Plant plant = loop_plant(std::vector<TimeDistribution>(count, constant_time(all)), cards);
  if (cards == 1) return plant;
  Item light = plant.items[0];
  light.name = "light piece";
  for (Step& s : light.route) s.time = constant_time(0);
  plant.items.push_back(light);
  plant.releases[0].shares.push_back({.item = light.name, .weight = cards - 1, .stock_cap = {}});
  return plant;
}

Plant polling_plant(int64_t queues, double load, double switching, factory::Serve serve) {
  Plant plant;
  plant.stations = {station(kStation)};
  plant.stations[0].serve = serve;
  plant.stations[0].visit_empty = true;
  plant.stations[0].setups = "switches";
  Release release = arrivals(kPiece, exponential_time(1 / load));
  release.shares.clear();
  factory::SetupMatrix switches;
  switches.name = "switches";
  const auto count = static_cast<size_t>(queues);
  for (size_t i = 0; i < count; ++i) {
    const std::string name = numbered("family", i);
    plant.items.push_back(item(name, {step(kStation, exponential_time(1))}));
    release.shares.push_back({.item = name, .stock_cap = {}});
    factory::SetupRow row{name, std::vector<Duration>(count, seconds(switching))};
    row.to[i] = Duration::zero();
    switches.rows.push_back(std::move(row));
  }
  plant.setups = {switches};
  plant.releases = {release};
  return plant;
}

Plant lot_plant(const LotPlant& lots) {
  const auto pieces = static_cast<double>(lots.lot);
  const bool by_piece = lots.as == LotPlant::As::kPieces;
  const double time = 60 * lots.each_minutes * (by_piece ? 1 : pieces);
  Plant plant = queue_plant({exponential_time(3600 * pieces / lots.demand), constant_time(time)});
  if (lots.as != LotPlant::As::kOne) plant.releases[0].shares[0].lot = lots.lot;
  Station& s = plant.stations[0];
  s.setups = "changeover";
  s.setup_when = factory::SetupWhen::kLot;
  if (lots.as == LotPlant::As::kBatch) s.batch_max = s.batch_min = lots.lot;
  factory::SetupMatrix changeover;
  changeover.name = s.setups;
  changeover.rows = {{kPiece, {seconds(60 * lots.setup_minutes)}}};
  changeover.initial = seconds(60 * lots.setup_minutes);
  plant.setups = {changeover};
  return plant;
}

Plant slotted_plant(const factory::SlottedMachine& first, const factory::SlottedMachine& second,
                    int64_t buffer) {
  Plant plant = line({constant_time(1), constant_time(1)}, buffer);
  plant.stations[0].breakdowns = {slotted_breakdown(first)};
  plant.stations[1].breakdowns = {slotted_breakdown(second)};
  return plant;
}

Plant slotted_machine_plant(const std::vector<factory::SlottedMachine>& of) {
  Plant plant = line({constant_time(1)}, 0);
  for (const factory::SlottedMachine& machine : of)
    plant.stations[0].breakdowns.push_back(slotted_breakdown(machine));
  return plant;
}

Plant exponential_line_plant(const std::vector<double>& rates, int64_t buffer) {
  std::vector<TimeDistribution> times;
  for (const double rate : rates) times.push_back(exponential_time(1 / rate));
  return line(times, buffer);
}

Plant kitting_plant(double rate, int64_t capacity) {
  Plant plant;
  Step join = step(kStation, constant_time(0));
  plant.stations = {station(kStation, 1, 0)};
  for (size_t i = 0; i < 2; ++i) {
    const std::string part = numbered("part", i);
    plant.items.push_back(item(part, {}));
    factory::Stock stock;
    stock.item = part;
    stock.capacity = capacity;
    plant.stocks.push_back(stock);
    plant.releases.push_back(arrivals(part, exponential_time(1 / rate)));
    plant.releases.back().when_full = factory::WhenFull::kLost;
    join.parts.push_back({part, 1});
  }
  plant.items.push_back(item("pair", {join}));
  plant.releases.push_back(saturated("pair"));
  return plant;
}

Plant kit_plant(int64_t joints, Ratio good) {
  Plant plant = queue_plant({constant_time(1), constant_time(0)});
  Step& joint = plant.items[0].route[0];
  joint.yield = good;
  plant.items[0].route.assign(static_cast<size_t>(joints), joint);
  for (size_t i = 0; i < plant.items[0].route.size(); ++i)
    plant.items[0].route[i].name = numbered("joint", i);
  return plant;
}

}  // namespace windtunnel::study
