#include "planning/campaign.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"
#include "planning/lot_schedule.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kMinute = 60'000'000;

// 10,000 robots a year of 43 joints in six families, evenly.
CampaignRequest even_joints(int64_t setup_minutes, int64_t process_seconds) {
  CampaignRequest request;
  request.availability = 0.85;
  request.setups = SetupMatrix(6, std::vector<int64_t>(36, setup_minutes * kMinute));
  for (int i = 0; i < 6; ++i)
    request.families.push_back({fmt::format("f{}", i), 430'000.0 / 8760 / 6,
                                LineDuration::s(process_seconds), 0.98, 0, 0});
  return request;
}

CampaignPlan plan(const CampaignRequest& request) {
  const auto result = plan_campaign(request, {.iterations = 50}, base::RandomStream(1, "campaign"));
  EXPECT_TRUE(result.has_value()) << result.error().to_string();
  return result.value_or(CampaignPlan{});
}

std::string refusal(const CampaignRequest& request) {
  const auto result = plan_campaign(request, {}, {});
  return result ? "" : result.error().to_string();
}

TEST(Campaign, ShortestCycleOfTenThousandRobots) {
  // setups / (availability - load): 6 * 15 min / (0.85 - 0.6957)
  const CampaignPlan quarter = plan(even_joints(15, 50));
  EXPECT_NEAR(quarter.load, 0.6957, 1e-4);
  EXPECT_NEAR(quarter.best.cycle_hours, 9.72, 0.01);
  EXPECT_NEAR(quarter.best.setups_per_day, 14.8, 0.1);
  EXPECT_NEAR(quarter.best.stock, 211, 0.5);
  EXPECT_NEAR(plan(even_joints(60, 50)).best.cycle_hours, 38.9, 0.1);
  EXPECT_NEAR(plan(even_joints(60, 50)).best.stock, 844, 2);
  EXPECT_NEAR(plan(even_joints(5, 50)).best.stock, 70, 0.5);
  EXPECT_NEAR(plan(even_joints(15, 60)).best.cycle_hours, 99, 1);
}

TEST(Campaign, TheOrderShortensTheCycle) {
  CampaignRequest request = even_joints(0, 50);
  // Families change over cheaply to the next but one.
  for (size_t a = 0; a < 6; ++a)
    for (size_t b = 0; b < 6; ++b) request.setups.set(a, b, ((a + 5) % 6 == b ? 5 : 15) * kMinute);
  const CampaignPlan found = plan(request);
  EXPECT_EQ(found.best.setup, LineDuration::s(6 * 5 * 60));
  EXPECT_EQ(found.best.setup_bound, found.best.setup);
  EXPECT_EQ(found.given.setup, LineDuration::s(6 * 15 * 60));
  EXPECT_EQ(found.worst_setup, LineDuration::s(6 * 15 * 60));
  EXPECT_NEAR(found.given.cycle_hours, 3 * found.best.cycle_hours, 1e-9);
  EXPECT_NEAR(found.given.stock, 3 * found.best.stock, 1e-9);
}

CampaignRequest random_request(base::RandomStream& random) {
  CampaignRequest request;
  const size_t n = 1 + random.below(7);
  request.availability = 0.8 + 0.2 * random.uniform();
  std::vector<int64_t> rows(n * n);
  for (int64_t& setup : rows) setup = static_cast<int64_t>(random.below(60)) * kMinute;
  request.setups = SetupMatrix(n, rows);
  for (size_t i = 0; i < n; ++i) {
    CampaignFamily family;
    family.name = fmt::format("f{}", i);
    family.process_time = LineDuration::s(static_cast<int64_t>(10 + random.below(100)));
    family.yield = 0.9 + 0.1 * random.uniform();
    const double share = random.uniform() * 0.75 / static_cast<double>(n);
    family.demand_per_hour = share * 3600 / family.process_time.seconds();
    family.setup_cost = random.uniform() * 100;
    family.holding_cost = random.uniform() * 0.1;
    request.families.push_back(family);
  }
  return request;
}

TEST(Campaign, PlansKeepUpAndCostLessThanNoPlan) {
  for (int64_t episode = 0; episode < testing::episodes(100); ++episode) {
    SCOPED_TRACE("seed 41, episode " + std::to_string(episode));
    base::RandomStream random(41, "campaign", static_cast<uint64_t>(episode));
    const CampaignRequest request = random_request(random);
    const CampaignPlan found = plan(request);
    EXPECT_LE(found.best.cost_per_hour, found.common.cost_per_hour);
    EXPECT_LE(found.common.setup, found.given.setup);
    EXPECT_LE(found.common.setup_bound, found.common.setup);
    EXPECT_GE(found.best.cost_per_hour, found.cost_bound * (1 - 1e-9));
    EXPECT_GE(found.common.cycle_hours * (request.availability - found.load) * 3600 * (1 + 1e-9),
              found.common.setup.seconds());
    EXPECT_TRUE(is_order(found.best.order, request.families.size()));
  }
}

TEST(Campaign, RefusesWhatCannotBe) {
  EXPECT_THAT(refusal({}), HasSubstr("without families"));
  CampaignRequest request = even_joints(15, 62);
  EXPECT_THAT(refusal(request), HasSubstr("cannot keep up: parts alone take 86.3 %"));
  request = even_joints(15, 50);
  request.setups = SetupMatrix(5, std::vector<int64_t>(25, 0));
  EXPECT_THAT(refusal(request), HasSubstr("5 by 5, expected 6 by 6"));
  request = even_joints(15, 50);
  request.setups.set(2, 3, -1);
  EXPECT_THAT(refusal(request), HasSubstr("setup from f2 to f3 is negative"));
  request = even_joints(15, 50);
  request.families[1].yield = 0;
  EXPECT_THAT(refusal(request), HasSubstr("family f1: yield: found 0"));
  request.families[1] = even_joints(15, 50).families[1];
  request.availability = 1.5;
  EXPECT_THAT(refusal(request), HasSubstr("availability: found 1.5"));
}

TEST(Campaign, OneFamilyNeedsNoSetup) {
  CampaignRequest request = even_joints(15, 50);
  request.families.resize(1);
  request.setups = SetupMatrix(1, {15 * kMinute});
  EXPECT_EQ(plan(request).best.setup, LineDuration::zero());
  EXPECT_EQ(plan(request).best.cycle_hours, 0);
}

}  // namespace
}  // namespace windtunnel::planning
