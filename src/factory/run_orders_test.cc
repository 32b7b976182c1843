// The order book: what comes first, what an order's delay was caused by, scrap made again.
#include <gtest/gtest.h>

#include "factory/plant_fixture.h"

namespace windtunnel::factory {
namespace {

Order order_of(const std::string& name, const std::string& item, int64_t quantity, double due_s) {
  Order order;
  order.name = name;
  order.item = item;
  order.quantity = quantity;
  order.release = Duration::zero();
  order.due = seconds(due_s);
  return order;
}

Plant shop(Sequence sequence) {
  Plant plant = line_of({constant(10)}, 0);
  plant.items.push_back(item_named("other", {step_at("s0", constant(10))}));
  Release release;
  release.name = "book";
  release.kind = ReleaseKind::kOrders;
  release.sequence = sequence;
  plant.releases.push_back(release);
  return plant;
}

TEST(RunOrders, TheEarliestDueGoesFirstAndRushBeforeAll) {
  Plant plant = shop(Sequence::kDue);
  plant.orders.push_back(order_of("late", "piece", 2, 300));
  plant.orders.push_back(order_of("soon", "piece", 2, 100));
  plant.orders.push_back(order_of("rush", "other", 1, 900));
  plant.orders[2].rush = true;
  const Outcome out = run(plant, 1000);
  EXPECT_EQ(out.orders[2].done, Time::at(seconds(10)));
  EXPECT_EQ(out.orders[1].done, Time::at(seconds(30)));
  EXPECT_EQ(out.orders[0].done, Time::at(seconds(50)));
  EXPECT_FALSE(out.stuck) << out.stuck_where;
}

TEST(RunOrders, AsGiven) {
  Plant plant = shop(Sequence::kGiven);
  plant.orders.push_back(order_of("a", "piece", 1, 300));
  plant.orders.push_back(order_of("b", "piece", 1, 100));
  plant.orders.push_back(order_of("c", "other", 1, 10));
  plant.orders[1].release = seconds(50);  // and c waits behind it
  const Outcome out = run(plant, 1000);
  EXPECT_EQ(out.orders[0].done, Time::at(seconds(10)));
  EXPECT_EQ(out.orders[1].done, Time::at(seconds(60)));
  EXPECT_EQ(out.orders[2].done, Time::at(seconds(70)));
  EXPECT_EQ(out.orders[2].cause, "waited 1.0 min to be let in at s0");
}

// Four of one and two of the other, evenly mixed: a b a a b a.
TEST(RunOrders, LevelMixesTheItems) {
  Plant plant = shop(Sequence::kLevel);
  plant.orders.push_back(order_of("a", "piece", 4, 500));
  plant.orders.push_back(order_of("b", "other", 2, 500));
  const Model model = Model::build(plant);
  RunOptions options;
  options.measured = seconds(1000);
  options.gantt = GanttWindow{Time::zero(), Time::at(seconds(1000))};
  const Outcome out = run_plant(model, options);
  std::vector<std::pair<int32_t, double>> bars;
  for (const Bar& bar : out.gantt) bars.push_back({bar.item, (bar.end - bar.begin).seconds()});
  const std::vector<std::pair<int32_t, double>> expected = {
      {0, 10}, {1, 10}, {0, 20}, {1, 10}, {0, 10}};
  EXPECT_EQ(bars, expected);
}

TEST(RunOrders, ScrapIsMadeAgain) {
  Plant plant = shop(Sequence::kDue);
  plant.items[0].route[0].yield = {1, 2};
  plant.orders.push_back(order_of("a", "piece", 100, 500));
  const Outcome out = run(plant, 10'000);
  EXPECT_EQ(out.orders[0].finished, 100);
  EXPECT_GT(out.items[0].scrapped, 50);
  EXPECT_EQ(out.items[0].released, out.items[0].scrapped + 100);
}

TEST(RunOrders, SaysWhereTheTimeWent) {
  Plant plant = line_of({constant(10), constant(100)}, {});
  Release release;
  release.name = "book";
  release.kind = ReleaseKind::kOrders;
  plant.releases.push_back(release);
  plant.orders.push_back(order_of("a", "piece", 5, 200));
  plant.orders.push_back(order_of("b", "piece", 1, 50));
  plant.orders.push_back(order_of("c", "piece", 1, 10'000));
  const Outcome out = run(plant, 5000);
  EXPECT_EQ(out.orders[0].cause, "waited 7.5 min at s1");
  EXPECT_EQ(out.orders[1].cause, "due sooner than the work takes");
  EXPECT_EQ(out.orders[2].cause, "");
}

TEST(RunOrders, WhatIsNotFinishedSaysSo) {
  Plant plant = shop(Sequence::kDue);
  plant.orders.push_back(order_of("a", "piece", 50, 200));
  const Outcome out = run(plant, 305);
  EXPECT_EQ(out.orders[0].finished, 30);
  EXPECT_EQ(out.orders[0].cause, "20 of 50 not finished by the end of the run");
}

}  // namespace
}  // namespace windtunnel::factory
