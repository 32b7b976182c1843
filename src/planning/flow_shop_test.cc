#include "planning/flow_shop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "planning/flow_shop_insertion.h"
#include "planning/flow_shop_proof.h"
#include "planning/flow_shop_search.h"
#include "tests/support/episodes.h"

namespace windtunnel::planning {
namespace {

FlowShop random_shop(base::RandomStream& random, size_t jobs_max, bool with_setups) {
  FlowShop shop;
  shop.jobs = 1 + random.below(jobs_max);
  shop.machines = 1 + random.below(4);
  const uint64_t spread = 2 + random.below(30);
  for (size_t i = 0; i < shop.jobs * shop.machines; ++i)
    shop.times.push_back(static_cast<int64_t>(random.below(spread)));
  for (size_t m = 0; with_setups && m < shop.machines; ++m) {
    std::vector<int64_t> rows(shop.jobs * shop.jobs);
    for (int64_t& setup : rows) setup = static_cast<int64_t>(random.below(spread));
    shop.setups.emplace_back(shop.jobs, rows);
  }
  return shop;
}

// When the i-th job of the order leaves machine m, straight from the definition.
int64_t leaves(const FlowShop& shop, const std::vector<uint32_t>& order, size_t i, size_t m) {
  const int64_t arrived = m == 0 ? 0 : leaves(shop, order, i, m - 1);
  int64_t ready = 0;
  if (i > 0) ready = leaves(shop, order, i - 1, m);
  if (i > 0 && !shop.setups.empty()) ready += shop.setups[m].at(order[i - 1], order[i]);
  return std::max(arrived, ready) + shop.time(order[i], m);
}

int64_t by_enumeration(const FlowShop& shop) {
  std::vector<uint32_t> order = given_order(shop.jobs);
  int64_t least = std::numeric_limits<int64_t>::max();
  do least = std::min(least, makespan(shop, order));
  while (std::next_permutation(order.begin(), order.end()));
  return least;
}

template <class Body>
void each_shop(const char* purpose, size_t jobs_max, Body body) {
  for (int64_t episode = 0; episode < testing::episodes(200); ++episode) {
    SCOPED_TRACE(std::string(purpose) + ", seed 11, episode " + std::to_string(episode));
    base::RandomStream random(11, purpose, static_cast<uint64_t>(episode));
    const FlowShop shop = random_shop(random, jobs_max, episode % 2 == 1);
    body(shop, random);
  }
}

TEST(FlowShop, MakespanFollowsTheDefinition) {
  each_shop("makespan", 6, [](const FlowShop& shop, base::RandomStream& random) {
    std::vector<uint32_t> order = given_order(shop.jobs);
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    EXPECT_EQ(makespan(shop, order), leaves(shop, order, shop.jobs - 1, shop.machines - 1));
  });
}

TEST(FlowShop, AnticipatorySetupBeginsBeforeTheJobArrives) {
  // Job 1 arrives on machine 1 at 5 + 5; machine 1 is free at 6 and ready at 6 + 3.
  const FlowShop early{
      2, 2, {5, 1, 5, 1}, {SetupMatrix(2, {0, 0, 0, 0}), SetupMatrix(2, {0, 3, 3, 0})}};
  EXPECT_EQ(makespan(early, given_order(2)), 11);
  const FlowShop late{
      2, 2, {5, 1, 5, 1}, {SetupMatrix(2, {0, 0, 0, 0}), SetupMatrix(2, {0, 9, 9, 0})}};
  EXPECT_EQ(makespan(late, given_order(2)), 6 + 9 + 1);
}

TEST(FlowShop, BestPlaceIsThatOfTryingAll) {
  each_shop("insertion", 7, [](const FlowShop& shop, base::RandomStream& random) {
    std::vector<uint32_t> order = given_order(shop.jobs);
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    const uint32_t job = order.back();
    order.pop_back();
    const auto place = FlowShopInsertion(shop).best_place(order, job);
    for (size_t position = 0; position <= order.size(); ++position) {
      std::vector<uint32_t> tried = order;
      tried.insert(tried.begin() + static_cast<std::ptrdiff_t>(position), job);
      const int64_t length = makespan(shop, tried);
      if (position == place.position) {
        EXPECT_EQ(place.makespan, length);
      }
      if (position < place.position) {
        EXPECT_GT(length, place.makespan);
      }
      EXPECT_GE(length, place.makespan);
    }
  });
}

TEST(FlowShop, BoundStaysBelowEnumeration) {
  each_shop("bound", 6, [](const FlowShop& shop, base::RandomStream&) {
    EXPECT_LE(makespan_bound(shop), by_enumeration(shop));
  });
}

TEST(FlowShop, BoundOfTwoMachinesIsJohnsons) {
  const FlowShop shop{5, 2, {4, 5, 4, 1, 10, 4, 6, 10, 2, 3}, {}};
  EXPECT_EQ(makespan_bound(shop), by_enumeration(shop));
}

TEST(FlowShop, SearchAndProofMeetEnumeration) {
  int64_t misses = 0;  // the proof may not miss, the search hardly ever
  each_shop("proof", 7, [&misses](const FlowShop& shop, base::RandomStream& random) {
    const int64_t least = by_enumeration(shop);
    const FlowShopOrder found = searched_flow_shop(shop, {.iterations = 200}, random);
    EXPECT_TRUE(is_order(found.order, shop.jobs));
    EXPECT_EQ(makespan(shop, found.order), found.makespan.value);
    EXPECT_GE(found.makespan.value, least);
    EXPECT_LE(found.makespan.lower_bound, least);
    misses += found.makespan.value > least ? 1 : 0;
    FlowShopOrder given{given_order(shop.jobs), {makespan(shop, given_order(shop.jobs)), 0}, 0};
    const FlowShopOrder proved = proved_flow_shop(shop, given, {.iterations = 1'000'000});
    EXPECT_EQ(proved.makespan.value, least);
    EXPECT_TRUE(proved.makespan.optimal());
    EXPECT_EQ(makespan(shop, proved.order), least);
  });
  EXPECT_LE(misses * 100, testing::episodes(200));
}

TEST(FlowShop, ProofCutShortKeepsItsBound) {
  base::RandomStream random(12, "cut short");
  FlowShop shop{30, 5, std::vector<int64_t>(150), {}};
  for (int64_t& time : shop.times) time = static_cast<int64_t>(1 + random.below(99));
  const FlowShopOrder start{given_order(30), {makespan(shop, given_order(30)), 17}, 0};
  const FlowShopOrder cut = proved_flow_shop(shop, start, {.iterations = 40});
  EXPECT_EQ(cut.makespan.lower_bound, 17);
  EXPECT_LE(cut.makespan.value, start.makespan.value);
  EXPECT_EQ(makespan(shop, cut.order), cut.makespan.value);
  EXPECT_EQ(cut.iterations, 40);
}

TEST(FlowShop, SameStreamSameOrder) {
  base::RandomStream random(13, "same");
  const FlowShop shop = random_shop(random, 20, true);
  const FlowShopOrder a = searched_flow_shop(shop, {.iterations = 50}, random);
  EXPECT_EQ(a.order, searched_flow_shop(shop, {.iterations = 50}, random).order);
}

TEST(FlowShop, EmptyAndSingle) {
  EXPECT_EQ(searched_flow_shop({}, {}, {}).makespan.value, 0);
  const FlowShopOrder one = searched_flow_shop({1, 3, {1, 2, 3}, {}}, {.iterations = 5}, {});
  EXPECT_EQ(one.makespan.value, 6);
  EXPECT_TRUE(one.makespan.optimal());
  const FlowShopOrder idle = searched_flow_shop({3, 1, {0, 0, 0}, {}}, {.iterations = 5}, {});
  EXPECT_EQ(idle.makespan.value, 0);
}

TEST(FlowShop, FirstJobsKeepTheirSetups) {
  const FlowShop shop{3, 1, {1, 2, 3}, {SetupMatrix(3, {0, 1, 2, 3, 0, 5, 6, 7, 0})}};
  const FlowShop two = first_jobs(shop, 2);
  EXPECT_EQ(makespan(two, given_order(2)), 1 + 1 + 2);
  EXPECT_EQ(two.setups[0].at(1, 0), 3);
}

}  // namespace
}  // namespace windtunnel::planning
