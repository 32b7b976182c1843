// Known answers of queues and lines that are cheap enough for every test run. Intervals: the
// tolerance is about four standard errors of the run length used, with a fixed seed.
#include <gtest/gtest.h>

#include "factory/plant_fixture.h"

namespace windtunnel::factory {
namespace {

TEST(RunPlant, MM1) {
  Plant plant = line_of({exponential(1)}, {});
  plant.releases.push_back(arrivals_of("piece", exponential(1.25)));
  const Outcome out = run(plant, 1'000'000, 1000);
  const StationOutcome& station = out.stations[0];
  EXPECT_NEAR(station.present_mean, 4, 0.15);
  EXPECT_NEAR(station.wait.mean(), 4, 0.15);
  EXPECT_NEAR(out.items[0].lead_mean, 5, 0.15);
  EXPECT_NEAR(out.items[0].lead.quantile(0.95), 14.979, 0.5);
  EXPECT_NEAR(share(out, 0, MachineState::kWorking), 0.8, 0.005);
  EXPECT_NEAR(static_cast<double>(station.delayed) / static_cast<double>(station.wait.count()), 0.8,
              0.01);
}

TEST(RunPlant, MD4) {
  Plant plant = line_of({constant(1)}, {});
  plant.stations[0].machines = 4;
  plant.releases.push_back(arrivals_of("piece", exponential(1 / 3.6)));
  const Outcome out = run(plant, 300'000, 1000);
  EXPECT_NEAR(out.stations[0].wait.mean(), 0.99997, 0.04);
}

// Without any place to wait: who finds all machines busy goes away.
TEST(RunPlant, ErlangLoss) {
  Plant plant = line_of({exponential(1)}, 0);
  plant.stations[0].machines = 10;
  plant.releases.push_back(arrivals_of("piece", exponential(1 / 8.0)));
  plant.releases[0].when_full = WhenFull::kLost;
  const Outcome out = run(plant, 100'000, 1000);
  const auto lost = static_cast<double>(out.items[0].lost);
  EXPECT_NEAR(lost / (lost + static_cast<double>(out.items[0].released)), 0.12166, 0.003);
  EXPECT_EQ(out.items[0].lost, out.stations[0].lost);
}

// Hillier and Boling's exact rates of saturated exponential lines.
TEST(RunPlant, BlockingAfterService) {
  const double expected[2][3] = {{2.0 / 3, 3.0 / 4, 4.0 / 5}, {0.56410, 0.67047, 0.73402}};
  for (size_t k = 2; k <= 3; ++k) {
    for (int64_t buffer = 0; buffer <= 2; ++buffer) {
      Plant plant = even_line(k, exponential(1), buffer);
      plant.releases.push_back(endless("piece"));
      const Outcome out = run(plant, 200'000, 1000);
      EXPECT_NEAR(per_second(out), expected[k - 2][buffer], 0.006) << k << " stations, " << buffer;
    }
  }
}

TEST(RunPlant, ReworkRejoinsTheQueue) {
  Plant plant = line_of({exponential(1 / 1.5), exponential(1 / 1.3)}, {});
  Step& last = plant.items[0].route[1];
  last.yield = {9, 10};
  last.on_fail = OnFail::kRework;
  last.rework_to = "s0";
  plant.releases.push_back(arrivals_of("piece", exponential(1)));
  const Outcome out = run(plant, 1'000'000, 5000);
  EXPECT_NEAR(out.stations[0].present_mean, 2.857, 0.12);
  EXPECT_NEAR(out.stations[1].present_mean, 5.882, 0.4);
}

TEST(RunPlant, Conwip) {
  const double expected[] = {0.125, 0.2857, 0.3636};
  const int64_t cards[] = {1, 4, 8};
  for (size_t i = 0; i < 3; ++i) {
    Plant plant = even_line(4, exponential(2), {});
    plant.releases.push_back(endless("piece"));
    plant.loops.push_back({"cards", cards[i], "s0", "s3", {}});
    const Outcome out = run(plant, 400'000, 1000);
    EXPECT_NEAR(per_second(out), expected[i], 0.004);
    EXPECT_NEAR(out.loops[0].in_use_mean, static_cast<double>(cards[i]), 1e-9);
    EXPECT_NEAR(out.items[0].in_process_mean, static_cast<double>(cards[i]), 1e-9);
  }
}

// Two kinds of parts arrive, each at rate 1 into a store of K, and are lost when it is full: kits
// leave at 2K / (2K + 1).
TEST(RunPlant, Kitting) {
  Plant plant;
  plant.stations.push_back(station_named("kitting", 0));
  Step step = step_at("kitting", constant(0));
  step.parts = {{"left", 1}, {"right", 1}};
  plant.items = {item_named("kit", {step}), item_named("left"), item_named("right")};
  plant.stocks = {stock_of("left", 5), stock_of("right", 5)};
  plant.releases = {endless("kit"), arrivals_of("left", exponential(1)),
                    arrivals_of("right", exponential(1))};
  plant.releases[1].when_full = plant.releases[2].when_full = WhenFull::kLost;
  const Outcome out = run(plant, 200'000, 1000);
  EXPECT_NEAR(per_second(out), 0.90909, 0.01);
}

Plant polling(Serve serve) {
  Plant plant;
  plant.stations.push_back(station_named("server"));
  plant.stations[0].serve = serve;
  plant.stations[0].visit_empty = true;
  plant.stations[0].setups = "switch";
  SetupMatrix matrix;
  matrix.name = "switch";
  for (int i = 0; i < 4; ++i) {
    const std::string name = "class " + std::to_string(i);
    plant.items.push_back(item_named(name, {step_at("server", exponential(1))}));
    plant.releases.push_back(arrivals_of(name, exponential(5)));
    matrix.rows.push_back({name, std::vector<Duration>(4, seconds(2))});
  }
  plant.setups.push_back(matrix);
  return plant;
}

// Switching is paid at every family, also when nothing waits anywhere.
TEST(RunPlant, Polling) {
  const Outcome exhaustive = run(polling(Serve::kExhaustive), 1'000'000, 10'000);
  EXPECT_NEAR(exhaustive.stations[0].wait.mean(), 20, 0.7);
  EXPECT_NEAR(1'000'000.0 / static_cast<double>(exhaustive.stations[0].setups) * 4, 40, 0.5);
  const Outcome gated = run(polling(Serve::kGated), 1'000'000, 10'000);
  EXPECT_NEAR(gated.stations[0].wait.mean(), 28, 0.9);
}

// Lots of 60 arrive as one, with a setup before each: the last piece of a lot stays 4.375 h.
TEST(RunPlant, LotsWithSetups) {
  Plant plant = line_of({constant(60)}, {});
  plant.stations[0].setups = "each";
  plant.stations[0].setup_when = SetupWhen::kLot;
  plant.setups.push_back({"each", {{"piece", {seconds(900)}}}, {1, 1}, seconds(900)});
  plant.releases.push_back(arrivals_of("piece", exponential(5400)));
  plant.releases[0].shares[0].lot = 60;
  const Outcome out = run(plant, 3600.0 * 100'000, 3600.0 * 100);
  // A piece waits on the average for half of the others of its lot.
  EXPECT_NEAR(out.items[0].lead_mean / 3600, 4.375 - 59.0 / 120, 0.15);
  EXPECT_NEAR(share(out, 0, MachineState::kSetup), 0.25 * 40 / 60, 0.004);
}

}  // namespace
}  // namespace windtunnel::factory
