#include "planning/job_shop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "planning/job_shop_search.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

using ::testing::ElementsAre;

JobShop random_shop(base::RandomStream& random) {
  JobShop shop;
  shop.machines = 1 + random.below(3);
  shop.jobs.resize(1 + random.below(3));
  for (auto& job : shop.jobs) {
    const size_t operations = 1 + random.below(3);
    for (size_t i = 0; i < operations; ++i)
      job.push_back({static_cast<uint32_t>(random.below(shop.machines)),
                     static_cast<int64_t>(random.below(9))});
  }
  return shop;
}

// Starts the next operation of one job after the other, in every possible turn: all semi-active
// plans.
struct Enumeration {
  const JobShop& shop;
  std::vector<size_t> next = std::vector<size_t>(shop.jobs.size(), 0);
  std::vector<int64_t> job_free = std::vector<int64_t>(shop.jobs.size(), 0);
  std::vector<int64_t> machine_free = std::vector<int64_t>(shop.machines, 0);
  int64_t least = std::numeric_limits<int64_t>::max();

  int64_t run(int64_t makespan = 0) {
    bool done = true;
    for (size_t job = 0; job < shop.jobs.size(); ++job) {
      if (next[job] == shop.jobs[job].size()) continue;
      done = false;
      const auto operation = shop.jobs[job][next[job]];
      int64_t& machine = machine_free[operation.machine];
      const int64_t machine_was = machine;
      const int64_t job_was = job_free[job];
      machine = job_free[job] = std::max(machine, job_free[job]) + operation.time;
      ++next[job];
      run(std::max(makespan, machine));
      --next[job];
      machine = machine_was;
      job_free[job] = job_was;
    }
    if (done) least = std::min(least, makespan);
    return least;
  }
};

void expect_valid(const JobShop& shop, const JobShopPlan& plan) {
  const auto times = job_shop_times(shop, plan.orders);
  ASSERT_TRUE(times.has_value());
  EXPECT_EQ(times->makespan, plan.makespan.value);
}

TEST(JobShop, SearchMeetsEnumeration) {
  int64_t misses = 0;
  for (int64_t episode = 0; episode < testing::episodes(200); ++episode) {
    SCOPED_TRACE("seed 51, episode " + std::to_string(episode));
    base::RandomStream random(51, "job shop", static_cast<uint64_t>(episode));
    const JobShop shop = random_shop(random);
    const int64_t least = Enumeration{shop}.run();
    const JobShopPlan found = searched_job_shop(shop, {.iterations = 500}, random);
    expect_valid(shop, found);
    EXPECT_GE(found.makespan.value, least);
    EXPECT_LE(found.makespan.lower_bound, least);
    EXPECT_LE(job_shop_bound(shop), least);
    misses += found.makespan.value > least ? 1 : 0;
  }
  EXPECT_LE(misses * 50, testing::episodes(200));
}

TEST(JobShop, TimesFollowTheOrders) {
  // Job 0: machine 0 for 3, then 1 for 2. Job 1: machine 1 for 2, then 0 for 4.
  const JobShop shop{2, {{{0, 3}, {1, 2}}, {{1, 2}, {0, 4}}}};
  const auto times = job_shop_times(shop, {{0, 3}, {2, 1}});
  ASSERT_TRUE(times.has_value());
  EXPECT_THAT(times->start, ElementsAre(0, 3, 0, 3));
  EXPECT_EQ(times->makespan, 7);
  EXPECT_FALSE(job_shop_times(shop, {{3, 0}, {1, 2}}).has_value()) << "each waits for the other";
}

TEST(JobShop, BoundInterruptsAtOneMachine) {
  // Both need machine 1 for long; one arrives at 1, the other at 2 with a long tail.
  const JobShop shop{3, {{{0, 1}, {1, 10}}, {{2, 2}, {1, 3}, {0, 9}}}};
  EXPECT_EQ(job_shop_bound(shop), 2 + 3 + 9);
  EXPECT_EQ(Enumeration{shop}.run(), 15);
}

TEST(JobShop, LargerShopsAreRepeatable) {
  base::RandomStream random(52, "larger");
  JobShop shop{6, std::vector<std::vector<JobShop::Operation>>(8)};
  for (auto& job : shop.jobs)
    for (uint32_t m = 0; m < 12; ++m)
      job.push_back(
          {static_cast<uint32_t>(random.below(6)), static_cast<int64_t>(1 + random.below(50))});
  const JobShopPlan a = searched_job_shop(shop, {.iterations = 5'000}, random);
  expect_valid(shop, a);
  EXPECT_EQ(a.orders, searched_job_shop(shop, {.iterations = 5'000}, random).orders);
  const int64_t first = job_shop_times(shop, dispatched_orders(shop))->makespan;
  EXPECT_LT(a.makespan.value, first);
  EXPECT_LT(a.makespan.gap(), 0.1);
}

TEST(JobShop, NothingToDo) {
  EXPECT_EQ(searched_job_shop({}, {.iterations = 10}, {}).makespan.value, 0);
  EXPECT_EQ(searched_job_shop({2, {{}, {{1, 5}}}}, {.iterations = 10}, {}).makespan.value, 5);
}

}  // namespace
}  // namespace windtunnel::planning
