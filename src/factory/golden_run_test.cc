// Fingerprints of small plants that between them use most of the engine: the same as in
// tests/golden/factory_engine.csv on every compiler. Times are constant or uniform, so no
// mathematical library has a say. WT_GOLDEN=write rewrites the file.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "factory/plant_fixture.h"

namespace windtunnel::factory {
namespace {

TimeDistribution uniform(double low, double high) {
  TimeDistribution d;
  d.shape = base::TimeShape::kUniform;
  d.low = seconds(low);
  d.high = seconds(high);
  return d;
}

SetupMatrix changeovers() {
  const Duration setup = seconds(7);
  return {"changeovers", {{"piece", {{}, setup}}, {"other", {setup, {}}}}, {3, 2}, seconds(1)};
}

// Two items on a line of three stations with breakdowns, a crew, shifts, scrap.
Plant common(Serve serve) {
  Plant plant = line_of({uniform(2, 6), constant(4), uniform(1, 7)}, 2);
  plant.items[0].route[1].yield = {9, 10};
  plant.items.push_back(item_named("other", plant.items[0].route));
  plant.setups.push_back(changeovers());
  plant.crews.push_back({"crew", 1, "", {}});
  plant.calendars.push_back({"days", {{1, 5, seconds(6 * 3600), seconds(22 * 3600)}}});
  for (Station& station : plant.stations) {
    station.serve = serve;
    station.setups = "changeovers";
    Breakdown breakdown;
    breakdown.between = uniform(0, 500);
    breakdown.repair = uniform(5, 50);
    breakdown.crew = "crew";
    station.breakdowns.push_back(breakdown);
  }
  plant.stations[0].setup_crew = "crew";
  plant.stations[2].calendar = "days";
  return plant;
}

Plant lots() {
  Plant plant = common(Serve::kFifo);
  Step assemble = step_at("assembly", constant(30));
  assemble.parts = {{"piece", 2}, {"other", 1}};
  Step test = step_at("benches", constant(90));
  test.yield = {8, 10};
  test.on_fail = OnFail::kRework;
  test.rework_time = constant(40);
  plant.items.push_back(item_named("whole", {assemble, test}));
  plant.stations.push_back(station_named("assembly", 2));
  plant.stations.push_back(station_named("benches", {}, 4));
  plant.stocks = {stock_of("piece", 30), stock_of("other")};
  Release release;
  release.name = "lots";
  release.kind = ReleaseKind::kLots;
  release.shares = {{"piece", 1, 10, 20}, {"other", 1, 5, 10}};
  plant.releases = {release, endless("whole")};
  plant.loops.push_back({"cards", 6, "assembly", "benches", seconds(5)});
  return plant;
}

Plant arrivals(Serve serve) {
  Plant plant = common(serve);
  plant.stations[1].batch_max = 3;
  plant.stations[1].machines = 2;
  plant.releases = {arrivals_of("piece", uniform(5, 20)), arrivals_of("other", uniform(5, 20))};
  plant.releases[1].when_full = WhenFull::kLost;
  return plant;
}

Plant orders() {
  Plant plant = common(Serve::kDue);
  Release release;
  release.name = "book";
  release.kind = ReleaseKind::kOrders;
  release.sequence = Sequence::kLevel;
  plant.releases.push_back(release);
  for (int i = 0; i < 40; ++i) {
    Order order;
    order.name = std::to_string(i);
    order.item = i % 3 == 0 ? "other" : "piece";
    order.quantity = 1 + i % 7;
    order.due = seconds(1000.0 * (i * 17 % 40));
    order.release = seconds(300.0 * i);
    order.rush = i % 11 == 0;
    plant.orders.push_back(order);
  }
  return plant;
}

std::map<std::string, uint64_t> fingerprints() {
  const std::map<std::string, Plant> plants = {{"lots", lots()},
                                               {"fifo", arrivals(Serve::kFifo)},
                                               {"same family", arrivals(Serve::kSameFamily)},
                                               {"exhaustive", arrivals(Serve::kExhaustive)},
                                               {"gated", arrivals(Serve::kGated)},
                                               {"orders", orders()}};
  std::map<std::string, uint64_t> out;
  for (const auto& [name, plant] : plants) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      out[name + "," + std::to_string(seed)] = run(plant, 200'000, 10'000, seed).fingerprint;
    }
  }
  return out;
}

TEST(GoldenRuns, FingerprintsAreThoseOfTheFile) {
  const char* const source = std::getenv("WT_SOURCE_DIR");
  const std::filesystem::path file = std::filesystem::path(source != nullptr ? source : ".") /
                                     "tests" / "golden" / "factory_engine.csv";
  const auto now = fingerprints();
  const char* const mode = std::getenv("WT_GOLDEN");
  if (mode != nullptr && std::string(mode) == "write") {
    std::ofstream out(file);
    out << "plant,seed,fingerprint\n";
    for (const auto& [name, value] : now) out << name << ',' << value << '\n';
  }
  std::ifstream in(file);
  if (!in) GTEST_SKIP() << file << " not found: run from the source folder or by ctest";
  std::map<std::string, uint64_t> expected;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const size_t comma = line.rfind(',');
    expected[line.substr(0, comma)] = std::stoull(line.substr(comma + 1));
  }
  EXPECT_EQ(now, expected);
}

}  // namespace
}  // namespace windtunnel::factory
