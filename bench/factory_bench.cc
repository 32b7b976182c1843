// What a year of a factory costs: the reference plant F0 on the engine and written by hand with
// plain events, and the plant of 10,000 robots a year with a joint line of seven stations.
// items_per_second counts operations of the joint line.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "des/simulation.h"
#include "factory/model.h"

namespace {

using windtunnel::base::RandomStream;
using windtunnel::base::TimeDistribution;
using windtunnel::des::Event;
using windtunnel::des::TargetId;
using windtunnel::factory::Duration;
using windtunnel::factory::Model;
using windtunnel::factory::Outcome;
using windtunnel::factory::Plant;
using windtunnel::factory::RunOptions;
using windtunnel::factory::Tick;
namespace factory = windtunnel::factory;

constexpr size_t kFamilies = 6;
constexpr std::array<int64_t, kFamilies> kPerRobot = {8, 6, 6, 6, 7, 10};
constexpr int64_t kLotKits = 8;
constexpr int64_t kMinute = 60;
constexpr int64_t kHour = 3600;
constexpr Duration kYear = Duration::s(8760 * kHour);

int64_t changeover_minutes(size_t a, size_t b) {
  constexpr std::array<int64_t, kFamilies> kSizes = {4, 3, 3, 2, 1, 0};
  constexpr std::array<int64_t, kFamilies> kTypes = {1, 1, 0, 0, 0, 2};
  if (a == b) return 0;
  return std::min<int64_t>(
      15, 4 + 2 * std::abs(kSizes[a] - kSizes[b]) + (kTypes[a] == kTypes[b] ? 0 : 4));
}

std::string family(size_t f) {
  std::string name = "joint ";
  name += std::to_string(f);
  return name;
}

factory::Breakdown breakdown(int64_t between_hours, int64_t repair_minutes) {
  factory::Breakdown b;
  b.between = TimeDistribution::exponential(Duration::s(between_hours * kHour));
  b.repair = TimeDistribution::exponential(Duration::s(repair_minutes * kMinute));
  return b;
}

factory::SetupMatrix changeovers() {
  factory::SetupMatrix matrix;
  matrix.name = "changeovers";
  for (size_t f = 0; f < kFamilies; ++f) {
    factory::SetupRow row;
    row.from = family(f);
    for (size_t to = 0; to < kFamilies; ++to) {
      row.to.push_back(Duration::s(kMinute * changeover_minutes(f, to)));
    }
    matrix.rows.push_back(row);
  }
  return matrix;
}

// Lots of good joints, family by family, into stocks of at most two lots.
void add_joints(Plant& plant, size_t stations, int64_t cycle_ms) {
  factory::Release lots;
  lots.name = "joints";
  lots.kind = factory::ReleaseKind::kLots;
  std::vector<factory::Step> route;
  for (size_t s = 0; s < stations; ++s) {
    factory::Station station;
    station.name = "joint line ";
    station.name += std::to_string(s);
    station.buffer = s == 0 ? 0 : 4;
    station.setups = "changeovers";
    station.breakdowns.push_back(breakdown(20 * static_cast<int64_t>(stations), 90));
    plant.stations.push_back(station);
    factory::Step step;
    step.station = station.name;
    step.time = TimeDistribution::constant(Duration::ms(cycle_ms));
    route.push_back(step);
  }
  route.back().yield = {98, 100};
  for (size_t f = 0; f < kFamilies; ++f) {
    factory::Item item;
    item.name = family(f);
    item.route = route;
    plant.items.push_back(item);
    factory::Stock stock;
    stock.item = item.name;
    plant.stocks.push_back(stock);
    const int64_t lot = kLotKits * kPerRobot[f];
    lots.shares.push_back({item.name, 1, lot, 2 * lot});
  }
  plant.releases.push_back(lots);
}

void add_robots(Plant& plant) {
  factory::Station assembly;
  assembly.name = "assembly";
  assembly.buffer = 0;
  assembly.breakdowns.push_back(breakdown(40, 120));
  factory::Station benches;
  benches.name = "benches";
  benches.machines = 10;
  plant.stations.push_back(assembly);
  plant.stations.push_back(benches);
  factory::Step assemble;
  assemble.station = "assembly";
  assemble.time = TimeDistribution::constant(Duration::s(40 * kMinute));
  for (size_t f = 0; f < kFamilies; ++f) assemble.parts.push_back({family(f), kPerRobot[f]});
  factory::Step test;
  test.station = "benches";
  test.time = TimeDistribution::constant(Duration::s(5 * kHour));
  test.yield = {8, 10};
  test.on_fail = factory::OnFail::kRework;
  test.rework_time = TimeDistribution::constant(Duration::s(2 * kHour));
  factory::Item robot;
  robot.name = "robot";
  robot.route = {assemble, test};
  plant.items.push_back(robot);
  factory::Release robots;
  robots.name = "robots";
  factory::ReleaseShare share;
  share.item = "robot";
  robots.shares.push_back(share);
  plant.releases.push_back(robots);
}

// Joint line, assembly and benches. With one station of 45 s the line is that of F0.
Plant plant_of(size_t joint_stations, int64_t cycle_ms) {
  Plant plant;
  plant.setups.push_back(changeovers());
  add_joints(plant, joint_stations, cycle_ms);
  add_robots(plant);
  return plant;
}

void run_years(benchmark::State& state, const Plant& plant, size_t joint_stations) {
  const Model model = Model::build(plant);
  int64_t operations = 0;
  int64_t robots = 0;
  uint64_t seed = 0;
  for (auto _ : state) {
    RunOptions options;
    options.seed = ++seed;
    options.measured = kYear;
    const Outcome outcome = run_plant(model, options);
    for (size_t s = 0; s < joint_stations; ++s) operations += outcome.stations[s].worked;
    robots += outcome.items.back().finished;
  }
  state.SetItemsProcessed(operations);
  const auto years = static_cast<double>(state.iterations());
  state.counters["robots"] = static_cast<double>(robots) / years;
  state.counters["operations"] = static_cast<double>(operations) / years;
}

void f0_year(benchmark::State& state) { run_years(state, plant_of(1, 45'000), 1); }
BENCHMARK(f0_year)->Unit(benchmark::kMillisecond);

void plant_year(benchmark::State& state) { run_years(state, plant_of(7, 36'000), 7); }
BENCHMARK(plant_year)->Unit(benchmark::kMillisecond);

// F0 as one would write it for itself: plain events, no names, no measurement but counts and the
// stock.
class HandWritten {
 public:
  explicit HandWritten(uint64_t seed)
      : joints_(seed, "joints"), robots_(seed, "robots"), target_(sim_.add_target(*this)) {
    next_joint_failure_ = exponential(joints_, 20 * kHour);
    next_assembly_failure_ = exponential(robots_, 40 * kHour);
    begin_turn();
  }
  void run() { sim_.run_until(windtunnel::factory::Time::at(kYear)); }
  int64_t operations() const { return operations_; }
  int64_t robots() const { return shipped_; }

  void handle(const Event& event) {
    switch (event.kind) {
      case kJoint:
        return end_joint();
      case kSetUp:
        return begin_joint();
      case kAssembled:
        ++waiting_;
        assembling_ = false;
        assemble();
        return begin_tests();
      case kTested:
        ++free_;
        if (robots_.chance(8, 10)) {
          ++shipped_;
        } else {
          sim_.schedule(Duration::s(2 * kHour), {target_, kRepaired});
        }
        return begin_tests();
      case kRepaired:
        ++waiting_;
        return begin_tests();
      default:
        return;
    }
  }

 private:
  enum Kind : uint32_t { kJoint, kSetUp, kAssembled, kTested, kRepaired };

  static Duration exponential(RandomStream& random, int64_t mean_s) {
    return Duration::from_seconds(random.exponential(static_cast<double>(mean_s)));
  }
  int64_t lot() const { return kLotKits * kPerRobot[family_]; }
  void begin_turn() {
    waits_ = stock_[family_] >= 2 * lot();
    if (waits_) return;
    good_ = 0;
    const size_t before = (family_ + kFamilies - 1) % kFamilies;
    sim_.schedule(Duration::s(kMinute * changeover_minutes(before, family_)), {target_, kSetUp});
  }
  void begin_joint() {
    const Duration length =
        lengthened(Duration::s(45), joints_, next_joint_failure_, 20 * kHour, 90 * kMinute);
    sim_.schedule(length, {target_, kJoint});
  }
  void end_joint() {
    ++operations_;
    if (joints_.chance(98, 100)) {
      ++good_;
      change_stock(family_, 1);
      assemble();
    }
    if (good_ < lot()) return begin_joint();
    family_ = (family_ + 1) % kFamilies;
    begin_turn();
  }
  static Duration lengthened(Duration work, RandomStream& random, Duration& next_failure,
                             int64_t between_s, int64_t repair_s) {
    Duration length = work;
    while (next_failure < work) {
      length += exponential(random, repair_s);
      next_failure += exponential(random, between_s);
    }
    next_failure -= work;
    return length;
  }
  void assemble() {
    if (assembling_) return;
    for (size_t f = 0; f < kFamilies; ++f) {
      if (stock_[f] < kPerRobot[f]) return;
    }
    assembling_ = true;
    for (size_t f = 0; f < kFamilies; ++f) change_stock(f, -kPerRobot[f]);
    sim_.schedule(lengthened(Duration::s(40 * kMinute), robots_, next_assembly_failure_, 40 * kHour,
                             2 * kHour),
                  {target_, kAssembled});
    if (waits_) begin_turn();
  }
  void change_stock(size_t f, int64_t change) {
    stock_[f] += change;
    level_.add(sim_.now_ticks(), change);
  }
  void begin_tests() {
    for (; waiting_ > 0 && free_ > 0; --waiting_, --free_) {
      sim_.schedule(Duration::s(5 * kHour), {target_, kTested});
    }
  }

  windtunnel::des::Simulation<Tick> sim_;
  RandomStream joints_;
  RandomStream robots_;
  TargetId target_;
  std::array<int64_t, kFamilies> stock_{};
  windtunnel::des::Level level_;
  Duration next_joint_failure_;
  Duration next_assembly_failure_;
  size_t family_ = 0;
  int64_t good_ = 0;
  bool waits_ = false;
  bool assembling_ = false;
  int64_t waiting_ = 0;
  int64_t free_ = 10;
  int64_t operations_ = 0;
  int64_t shipped_ = 0;
};

void f0_year_by_hand(benchmark::State& state) {
  int64_t operations = 0;
  int64_t robots = 0;
  uint64_t seed = 0;
  for (auto _ : state) {
    HandWritten plant(++seed);
    plant.run();
    operations += plant.operations();
    robots += plant.robots();
  }
  state.SetItemsProcessed(operations);
  state.counters["robots"] = static_cast<double>(robots) / static_cast<double>(state.iterations());
}
BENCHMARK(f0_year_by_hand)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
