// One feature of a plant at a time, small enough to follow by hand.
#include <gtest/gtest.h>

#include "factory/plant_fixture.h"

namespace windtunnel::factory {
namespace {

constexpr double kDay = 86'400;

TEST(RunFeatures, BatchesOfOneItem) {
  Plant plant = line_of({constant(100)}, {});
  plant.stations[0].batch_max = 4;
  plant.stations[0].batch_min = 3;
  plant.releases = {arrivals_of("piece", constant(50))};
  // Three have come at 150; then two more come in each 100: at 250 two wait, at 300 the third.
  const Outcome out = run(plant, 451);
  EXPECT_EQ(out.items[0].finished, 3 + 3);
  EXPECT_NEAR(out.items[0].lead.max(), 200, 1e-6);
  EXPECT_NEAR(share(out, 0, MachineState::kWorking), 201.0 / 451, 1e-9);
}

TEST(RunFeatures, BenchesTakeTheProtocolsTheySpeak) {
  Plant plant;
  Station benches = station_named("benches");
  benches.groups = {{1, {"can"}}, {1, {"can", "lan"}}};
  plant.stations = {benches};
  for (const char* const protocol : {"can", "lan"}) {
    Item item = item_named(protocol, {step_at("benches", constant(80))});
    item.protocol = protocol;
    plant.items.push_back(item);
    plant.releases.push_back(arrivals_of(protocol, constant(100)));
  }
  const Outcome out = run(plant, kDay);
  // The first goes to the bench that has been idle longest, which is the one that speaks one.
  EXPECT_NEAR(share(out, 0, MachineState::kWorking), 0.8, 0.001);
  EXPECT_EQ(out.stations[0].delayed, 0);
  plant.releases[1].between = constant(50);
  const Outcome over = run(plant, kDay);
  EXPECT_NEAR(per_second(over, 1), 1.0 / 80, 0.0002);  // the second bench cannot do more
  EXPECT_NEAR(per_second(over, 0), 1.0 / 100, 0.0002);
}

TEST(RunFeatures, DockingComesBeforeTheTest) {
  Plant plant = line_of({constant(30)}, {});
  plant.items[0].route[0].docking = constant(20);
  plant.releases = {endless("piece")};
  EXPECT_EQ(run(plant, 1001).items[0].finished, 20);
}

Plant two_families(Serve serve, int64_t setup_s) {
  Plant plant;
  plant.stations = {station_named("s")};
  plant.stations[0].serve = serve;
  plant.stations[0].setups = "matrix";
  const Duration setup = Duration::s(setup_s);
  plant.setups.push_back({"matrix", {{"a", {{}, setup}}, {"b", {setup, {}}}}, {1, 1}, {}});
  for (const char* const name : {"a", "b"}) {
    plant.items.push_back(item_named(name, {step_at("s", constant(10))}));
    plant.releases.push_back(arrivals_of(name, exponential(26)));
  }
  return plant;
}

// Staying with a family saves setups; first come first served pays nearly every second piece.
TEST(RunFeatures, SameFamilySavesSetups) {
  const Outcome fifo = run(two_families(Serve::kFifo, 5), 10 * kDay);
  const Outcome same = run(two_families(Serve::kSameFamily, 5), 10 * kDay);
  EXPECT_GT(2 * fifo.stations[0].setups, 3 * same.stations[0].setups);
  EXPECT_LT(same.stations[0].wait.mean(), fifo.stations[0].wait.mean());
}

TEST(RunFeatures, PriorityGoesFirst) {
  Plant plant = two_families(Serve::kPriority, 0);
  plant.releases[0].between = plant.releases[1].between = exponential(22);
  plant.releases[0].priority = 2;
  plant.releases[1].priority = 1;
  const Outcome out = run(plant, 10 * kDay);
  EXPECT_LT(3 * out.items[1].lead_mean, out.items[0].lead_mean);
}

// Four setups at once and one crew: three machines wait for it.
TEST(RunFeatures, SetupsWaitForTheirCrew) {
  Plant plant = line_of({constant(100)}, {});
  plant.stations[0].machines = 4;
  plant.stations[0].setups = "matrix";
  plant.stations[0].setup_crew = "fitters";
  plant.setups.push_back({"matrix", {{"piece", {{}}}}, {1, 2}, Duration::s(200)});  // halved
  plant.crews.push_back({"fitters", 1, "", {}});
  plant.releases = {endless("piece")};
  const Outcome out = run(plant, 1000);
  EXPECT_EQ(out.stations[0].setups, 4);
  EXPECT_NEAR(share(out, 0, MachineState::kSetup), 0.1, 1e-9);
  EXPECT_NEAR(share(out, 0, MachineState::kWaiting), (100 + 200 + 300) / 4000.0, 1e-9);
}

// A machine that makes into a full stock is blocked until parts are taken.
TEST(RunFeatures, AFullStockBlocks) {
  Plant plant;
  plant.stations = {station_named("maker"), station_named("taker")};
  Step take = step_at("taker", constant(100));
  take.parts = {{"part", 2}};
  plant.items = {item_named("part", {step_at("maker", constant(10))}), item_named("whole", {take})};
  plant.stocks = {stock_of("part", 3)};
  plant.releases = {endless("part"), endless("whole")};
  const Outcome out = run(plant, 10'000, 1000);
  EXPECT_NEAR(per_second(out, 1), 0.01, 0.0002);
  EXPECT_NEAR(share(out, 0, MachineState::kBlocked), 0.8, 0.001);
  EXPECT_LE(out.items[0].stock_max, 3);
}

// Nine in ten pass; a lot has ended when ten have.
TEST(RunFeatures, LotsAreOfGoodPieces) {
  Plant plant = two_families(Serve::kFifo, 100);
  plant.stations[0].buffer = 0;
  for (Item& item : plant.items) item.route[0].yield = {9, 10};
  Release lots;
  lots.name = "lots";
  lots.kind = ReleaseKind::kLots;
  lots.shares = {{"a", 1, 10, {}}, {"b", 1, 10, {}}};
  plant.releases = {lots};
  const Outcome out = run(plant, 10 * kDay);
  EXPECT_NEAR(static_cast<double>(out.items[0].finished + out.items[1].finished) /
                  static_cast<double>(out.stations[0].setups),
              10, 0.02);
  EXPECT_LE(std::abs(out.items[0].finished - out.items[1].finished), 10);
  EXPECT_NEAR(per_second(out) * 2, 10 / (100 + 10 / 0.9 * 10), 0.0005);
}

// What is scrapped after its turn is made in the next one of its family.
TEST(RunFeatures, LaterScrapIsOwedToTheNextTurn) {
  Plant plant = two_families(Serve::kFifo, 0);
  plant.stations.push_back(station_named("end"));
  for (Item& item : plant.items) {
    item.route.push_back(step_at("end", constant(9)));
    item.route[1].yield = {1, 2};
  }
  Release lots;
  lots.name = "lots";
  lots.kind = ReleaseKind::kLots;
  lots.shares = {{"a", 1, 1, {}}, {"b", 1, 1, {}}};
  plant.releases = {lots};
  const Outcome out = run(plant, 10 * kDay);
  // One good piece of each in turn on the average, or debts would grow without end.
  EXPECT_LT(std::abs(out.items[0].finished - out.items[1].finished),
            out.items[0].finished / 20 + 20);
  EXPECT_NEAR(per_second(out) * 2, 0.05, 0.002);
}

TEST(RunFeatures, KanbanCardsComeBackLater) {
  Plant plant = line_of({constant(10), constant(10)}, {});
  plant.loops.push_back({"pallets", 2, "s0", "s1", Duration::s(20)});
  plant.releases = {endless("piece")};
  const Outcome out = run(plant, 10'000, 1000);
  EXPECT_NEAR(per_second(out), 0.05, 1e-3);  // two pallets in a round of 40 s
  EXPECT_NEAR(out.items[0].in_process_mean, 1, 0.01);
  EXPECT_NEAR(out.loops[0].in_use_mean, 2, 0.01);
}

TEST(RunFeatures, ReworkHasAnEnd) {
  Plant plant = line_of({constant(10)}, {});
  Step& step = plant.items[0].route[0];
  step.yield = {0, 1};
  step.on_fail = OnFail::kRework;
  step.rework_time = constant(50);
  step.rework_max = 3;
  plant.releases = {arrivals_of("piece", constant(1000))};
  const Outcome out = run(plant, 10'500);
  EXPECT_EQ(out.items[0].scrapped, 10);
  EXPECT_EQ(out.items[0].reworked, 20);
  EXPECT_EQ(out.stations[0].worked, 30);
  EXPECT_EQ(out.stations[0].failed, 30);
}

TEST(RunFeatures, EnergyAndCost) {
  Plant plant = line_of({constant(10)}, {});
  plant.stations[0].power = {Power::watts(1000), {}, Power::watts(100), {}};
  plant.stations[0].cost_per_hour = Money::whole(36);
  plant.items[0].material = Money::whole(2);
  plant.energy_price = Money::whole(1);
  plant.releases = {arrivals_of("piece", constant(20))};
  const Outcome out = run(plant, 7200, 1);
  EXPECT_NEAR(out.energy, 3600 * 1000 + 3600 * 100, 20'000);
  EXPECT_NEAR(out.cost, 72 + 2 * 360 + 1.1, 2.1);
}

// Stretches cover the whole run, figures only what comes after the warm-up.
TEST(RunFeatures, WarmUpCountsInTheCurvesAlone) {
  Plant plant = line_of({constant(60)}, {});
  plant.releases = {endless("piece")};
  const Model model = Model::build(plant);
  RunOptions options;
  options.warm_up = options.measured = Duration::s(36'000);
  options.stretches_max = 20;
  const Outcome out = run_plant(model, options);
  EXPECT_EQ(out.stretch, Duration::s(3600));
  EXPECT_EQ(out.items[0].finished, 600);
  ASSERT_EQ(out.finished_by_stretch[0].size(), 20u);
  for (size_t i = 1; i < 20; ++i) EXPECT_EQ(out.finished_by_stretch[0][i], 60);
  EXPECT_NEAR(out.stations[0].profile.by_stretch[0][0], 1, 1e-9);
  EXPECT_EQ(out.in_process.size(), 20u);
}

TEST(RunFeatures, TheRunCanBeToldToEnd) {
  Plant plant = line_of({constant(60)}, {});
  const Model model = Model::build(plant);
  int asked = 0;
  RunOptions options;
  options.measured = Duration::s(1000);
  options.go_on = [&](Time) { return ++asked < 3; };
  run_plant(model, options);
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace windtunnel::factory
