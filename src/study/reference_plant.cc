#include "study/reference_plant.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "study/known_plants.h"

namespace windtunnel::study {
namespace {

using base::Ratio;
using factory::Duration;
using factory::Plant;

constexpr double kMinute = 60;
constexpr double kHour = 3600;
// Hip and knee, ankle and waist, shoulder, elbow and forearm, wrist and neck, hand: 43 in all.
constexpr int64_t kJointsPerRobot[kReferenceFamilies] = {8, 6, 6, 6, 7, 10};
constexpr char kJointLine[] = "joint line";
constexpr char kAssembly[] = "assembly";
constexpr char kBenches[] = "benches";
constexpr char kRobot[] = "robot";
constexpr char kChangeovers[] = "changeovers";

factory::Breakdown by_running_time(double between_hours, double repair_hours) {
  factory::Breakdown b;
  b.by = factory::FailBy::kRunning;
  b.between = exponential_time(between_hours * kHour);
  b.repair = exponential_time(repair_hours * kHour);
  return b;
}

std::string family_name(int family) { return fmt::format("joint {}", family); }

factory::Step step(const char* at, double seconds) {
  factory::Step s;
  s.station = at;
  s.time = constant_time(seconds);
  return s;
}

std::vector<factory::Station> stations(int64_t benches) {
  factory::Station joints;
  joints.name = kJointLine;
  joints.buffer = 0;
  joints.setups = kChangeovers;
  joints.breakdowns = {by_running_time(20, 1.5)};
  factory::Station assembly;
  assembly.name = kAssembly;
  assembly.buffer = 0;
  assembly.breakdowns = {by_running_time(40, 2)};
  factory::Station pool;
  pool.name = kBenches;
  pool.machines = benches;
  return {joints, assembly, pool};
}

factory::SetupMatrix changeovers(const ReferencePlant& settings) {
  factory::SetupMatrix matrix;
  matrix.name = kChangeovers;
  matrix.scale = settings.setup_scale;
  for (const int from : settings.order) {
    factory::SetupRow row{family_name(from), {}};
    for (const int to : settings.order)
      row.to.push_back(Duration::s(60 * changeover_minutes(from, to)));
    matrix.rows.push_back(std::move(row));
  }
  return matrix;
}

// Lots of good joints in turn; a turn waits while the stock of its family holds two lots.
void add_joints(Plant& plant, const ReferencePlant& settings) {
  factory::Release lots;
  lots.name = "joints";
  lots.kind = factory::ReleaseKind::kLots;
  for (const int family : settings.order) {
    const int64_t lot = settings.lot_kits * kJointsPerRobot[static_cast<size_t>(family)];
    factory::Step joint = step(kJointLine, 45);
    joint.yield = Ratio{98, 100};
    factory::Item item;
    item.name = family_name(family);
    item.route = {joint};
    plant.items.push_back(item);
    factory::Stock stock;
    stock.item = item.name;
    plant.stocks.push_back(stock);
    lots.shares.push_back({.item = item.name, .lot = lot, .stock_cap = 2 * lot});
  }
  plant.releases.push_back(lots);
}

// One full kit a robot; who fails the test is repaired beside the line and tested again in full.
void add_robots(Plant& plant) {
  factory::Step build = step(kAssembly, 40 * kMinute);
  for (size_t f = 0; f < kReferenceFamilies; ++f)
    build.parts.push_back({family_name(static_cast<int>(f)), kJointsPerRobot[f]});
  factory::Step test = step(kBenches, 5 * kHour);
  test.yield = Ratio{8, 10};
  test.on_fail = factory::OnFail::kRework;
  test.rework_time = constant_time(2 * kHour);
  factory::Item robot;
  robot.name = kRobot;
  robot.route = {build, test};
  plant.items.push_back(robot);
  factory::Release without_end;
  without_end.name = "robots";
  without_end.kind = factory::ReleaseKind::kSaturated;
  without_end.shares = {{.item = kRobot, .stock_cap = {}}};
  plant.releases.push_back(without_end);
}

}  // namespace

int changeover_minutes(int from, int to) {
  constexpr int kSizes[kReferenceFamilies] = {4, 3, 3, 2, 1, 0};
  constexpr int kTypes[kReferenceFamilies] = {1, 1, 0, 0, 0, 2};
  if (from == to) return 0;
  const int differ = kTypes[from] == kTypes[to] ? 0 : 4;
  return std::min(15, 4 + 2 * std::abs(kSizes[from] - kSizes[to]) + differ);
}

Plant reference_plant(const ReferencePlant& settings) {
  Plant plant;
  plant.stations = stations(settings.benches);
  plant.setups = {changeovers(settings)};
  add_joints(plant, settings);
  add_robots(plant);
  return plant;
}

}  // namespace windtunnel::study
