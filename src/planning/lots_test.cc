// Lot sizes against their closed forms and against trying all.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "planning/lot_queue.h"
#include "planning/lot_schedule.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

TEST(LotQueue, FortyPartsAnHourWithAQuarterHourSetup) {
  const LotQueue queue{40, 1.0 / 60, 0.25, 0};
  EXPECT_NEAR(lot_min(queue), 30, 1e-9);
  const LotChoice best = best_lot(queue);
  EXPECT_EQ(best.lot, 62);
  EXPECT_NEAR(best.sojourn, 4.371354166666665, 1e-12);
  EXPECT_NEAR(best.utilisation, 0.8279569892473118, 1e-12);
  EXPECT_NEAR(lot_sojourn(queue, 60), 4.375, 1e-12);
  EXPECT_NEAR(lot_sojourn(queue, 120), 5.625, 1e-12);
}

TEST(LotQueue, AnHoursSetupNeedsLargerLots) {
  const LotQueue queue{40, 1.0 / 60, 1, 0};
  EXPECT_NEAR(lot_min(queue), 120, 1e-9);
  EXPECT_EQ(lot_sojourn(queue, 120), std::numeric_limits<double>::infinity());
  EXPECT_EQ(lot_sojourn(queue, 60), std::numeric_limits<double>::infinity());
  EXPECT_EQ(best_lot(queue).lot, 247);
  EXPECT_NEAR(best_lot(queue).sojourn, 17.485301837270335, 1e-9);
}

TEST(LotQueue, BestIsThatOfTryingAll) {
  for (int64_t episode = 0; episode < testing::episodes(200); ++episode) {
    SCOPED_TRACE("seed 31, episode " + std::to_string(episode));
    base::RandomStream random(31, "lots", static_cast<uint64_t>(episode));
    const LotQueue queue{1 + 5 * random.uniform(), 0.15 * random.uniform(), 3 * random.uniform(),
                         2 * random.uniform()};
    const LotChoice best = best_lot(queue);
    double least = std::numeric_limits<double>::infinity();
    for (int lot = 1; lot < 2000; ++lot) least = std::min(least, lot_sojourn(queue, lot));
    ASSERT_LT(best.lot, 2000);
    EXPECT_EQ(best.sojourn, least);
  }
}

TEST(LotQueue, NothingIsStableWhenPartsFillTheMachine) {
  const LotQueue full{2, 0.5, 1, 0};
  EXPECT_EQ(lot_min(full), std::numeric_limits<double>::infinity());
  EXPECT_EQ(best_lot(full).lot, 0);
  EXPECT_EQ(best_lot({1, 0.5, 0, 0}).lot, 1) << "without setups lots are of one";
}

// Ten items in the manner of the literature; costs per day.
std::vector<LotItem> random_items(base::RandomStream& random) {
  std::vector<LotItem> items(1 + random.below(6));
  const double load = 0.3 + 0.6 * random.uniform();
  for (LotItem& item : items) {
    item.setup_cost = 5 + 200 * random.uniform();
    item.setup_time = 0.5 * random.uniform();
    item.holding_cost = 1e-4 + 1e-3 * random.uniform();
    item.production = 1000 + 9000 * random.uniform();
    item.demand = item.production * load / static_cast<double>(items.size());
  }
  return items;
}

TEST(LotSchedule, CommonCycleIsCheapestOfThoseLongEnough) {
  const std::vector<LotItem> items{{"a", 100, 1, 0.01, 100, 40}, {"b", 50, 2, 0.02, 100, 20}};
  const CommonCycle common = common_cycle(items);
  EXPECT_NEAR(common.cycle_min, 3 / 0.4, 1e-12);
  // sqrt(2 (100 + 50) / (0.01 * 40 * 0.6 + 0.02 * 20 * 0.8)) = sqrt(300 / 0.56)
  EXPECT_NEAR(common.cycle, std::sqrt(300 / 0.56), 1e-12);
  EXPECT_NEAR(common.cost, std::sqrt(2 * 150 * 0.56), 1e-12);
  EXPECT_NEAR(items[0].stock(10), 40 * 10 * 0.6 / 2, 1e-12);
}

TEST(LotSchedule, SetupTimeLengthensTheCycle) {
  const std::vector<LotItem> items{{"a", 0, 1, 0.01, 100, 90}};
  EXPECT_NEAR(common_cycle(items).cycle, 10, 1e-9);
  EXPECT_EQ(common_cycle({{"a", 0, 1, 0.01, 100, 100}}).cycle_min,
            std::numeric_limits<double>::infinity());
}

TEST(LotSchedule, CostsLieBetweenBoundAndCommonCycle) {
  for (int64_t episode = 0; episode < testing::episodes(100); ++episode) {
    SCOPED_TRACE("seed 32, episode " + std::to_string(episode));
    base::RandomStream random(32, "elsp", static_cast<uint64_t>(episode));
    const std::vector<LotItem> items = random_items(random);
    const LotSchedule schedule = power_of_two_schedule(items);
    const double bound = capacity_bound(items).cost;
    EXPECT_GE(bound, independent_bound(items).cost * (1 - 1e-12));
    EXPECT_GE(schedule.cost, bound * (1 - 1e-9));
    EXPECT_LE(schedule.cost, common_cycle(items).cost * (1 + 1e-8));
    EXPECT_LE(fullest_period(items, schedule), 1 + 1e-12);
    double cost = 0;
    for (size_t i = 0; i < items.size(); ++i) {
      cost += items[i].cost(schedule.cycle(i));
      EXPECT_GE(schedule.phase[i], 0);
      EXPECT_LT(schedule.phase[i], schedule.multiple[i]);
    }
    EXPECT_NEAR(cost, schedule.cost, 1e-9 * cost);
  }
}

TEST(LotSchedule, RareItemsWaitTheirTurn) {
  // The second item is asked for hardly ever: making it every time would be a waste.
  const std::vector<LotItem> items{{"often", 1, 0.01, 1, 100, 50},
                                   {"rare", 100, 0.01, 1, 100, 0.5}};
  const LotSchedule schedule = power_of_two_schedule(items);
  EXPECT_GT(schedule.multiple[1], 8 * schedule.multiple[0]);
  EXPECT_LT(schedule.cost, 0.7 * common_cycle(items).cost);
}

}  // namespace
}  // namespace windtunnel::planning
