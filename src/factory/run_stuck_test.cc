// Plants in which nothing can move any more say so, and where.
#include <gtest/gtest.h>

#include "factory/plant_fixture.h"

namespace windtunnel::factory {
namespace {

// Two stations that hand to each other: one item goes there, the other back.
Plant crossing(int64_t buffer) {
  Plant plant;
  plant.stations = {station_named("left", buffer), station_named("right", buffer)};
  plant.items = {
      item_named("there", {step_at("left", constant(10)), step_at("right", constant(10))}),
      item_named("back", {step_at("right", constant(10)), step_at("left", constant(10))})};
  return plant;
}

TEST(RunStuck, StationsThatBlockEachOther) {
  Plant plant = crossing(0);
  plant.releases = {endless("there"), endless("back")};
  const Outcome out = run(plant, 100'000);
  EXPECT_TRUE(out.stuck);
  EXPECT_EQ(out.stuck_where, "2 wait for room at left; 2 wait for room at right");
  EXPECT_EQ(out.items[0].finished, 0);
  EXPECT_NEAR(share(out, 0, MachineState::kBlocked), 1, 1e-3);
}

TEST(RunStuck, StationsThatBlockEachOtherWhileOthersWork) {
  Plant plant = crossing(1);
  plant.releases = {endless("there"), endless("back")};
  plant.stations.push_back(station_named("elsewhere"));
  plant.items.push_back(item_named("free", {step_at("elsewhere", constant(1))}));
  plant.releases.push_back(arrivals_of("free", exponential(2)));
  const Outcome out = run(plant, 100'000);
  EXPECT_TRUE(out.stuck);
  EXPECT_EQ(out.stuck_where, "left; right: each has all machines blocked by the others");
}

TEST(RunStuck, PartsThatNobodyBrings) {
  Plant plant = line_of({constant(10)}, {});
  plant.items[0].route[0].parts = {{"screw", 4}};
  plant.items.push_back(item_named("screw"));
  plant.stocks.push_back(stock_of("screw"));
  plant.stocks[0].initial = 9;
  plant.releases = {endless("piece")};
  const Outcome out = run(plant, 1000);
  EXPECT_EQ(out.items[0].finished, 2);
  EXPECT_TRUE(out.stuck);
  EXPECT_EQ(out.stuck_where, "1 wait for room at s0; s0 waits for parts: 1 of 4 screw");
}

TEST(RunStuck, AStockThatNobodyEmpties) {
  Plant plant = line_of({constant(10)}, {});
  plant.stocks.push_back(stock_of("piece"));
  Release release = endless("piece");
  release.name = "lots";
  release.kind = ReleaseKind::kLots;
  release.shares[0].lot = 3;
  release.shares[0].stock_cap = 5;
  plant.releases = {release};
  const Outcome out = run(plant, 1000);
  EXPECT_EQ(out.items[0].finished, 6);
  EXPECT_EQ(out.stuck_where, "lots waits until the stock of piece falls below 5");
  EXPECT_NEAR(share(out, 0, MachineState::kBlocked), 0.94, 1e-9);
}

TEST(RunStuck, FinishedOrdersAreNotStuck) {
  Plant plant = line_of({constant(10)}, {});
  Release release;
  release.name = "book";
  release.kind = ReleaseKind::kOrders;
  plant.releases = {release};
  Order order;
  order.item = "piece";
  order.quantity = 3;
  plant.orders = {order};
  const Outcome out = run(plant, 1000);
  EXPECT_FALSE(out.stuck) << out.stuck_where;
  EXPECT_EQ(out.items[0].finished, 3);
}

TEST(RunStuck, AnEmptyPlantIsNotStuck) { EXPECT_FALSE(run(Plant{}, 1000).stuck); }

}  // namespace
}  // namespace windtunnel::factory
