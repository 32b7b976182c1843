// Selection against what is proven of it: the chance of a correct choice over many races.
#include "des/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "tests/support/episodes.h"

namespace windtunnel::des {
namespace {

using base::RandomStream;

struct Race {
  size_t choice = 0;
  int64_t observations = 0;
};

// `draw(system, round)` is one observation.
template <class Draw>
Race race(size_t systems, const SelectionOptions& options, const Draw& draw) {
  KimNelson selection(systems, options);
  Race out;
  while (!selection.done() && selection.rounds() < 100'000) {
    std::vector<double> observations;
    for (const size_t s : selection.survivors())
      observations.push_back(draw(s, selection.rounds()));
    out.observations += static_cast<int64_t>(observations.size());
    selection.add(observations);
  }
  EXPECT_TRUE(selection.done()) << "the race does not end";
  out.choice = selection.survivors().front();
  return out;
}

// The hardest case allowed: all others exactly the indifference zone below the best, independent.
// 1,000 races at alpha 0.05: a procedure that keeps its promise errs more than 75 times with
// probability below 0.0005.
TEST(KimNelson, KeepsItsPromiseInSlippage) {
  constexpr size_t kSystems = 5;
  const int64_t races = testing::episodes(1'000);
  int64_t wrong = 0;
  for (int64_t e = 0; e < races; ++e) {
    RandomStream stream(static_cast<uint64_t>(e), "slippage");
    const Race r = race(kSystems, {.indifference = 0.5},
                        [&](size_t s, int64_t) { return stream.normal(s == 3 ? 0.5 : 0, 1); });
    wrong += r.choice == 3 ? 0 : 1;
  }
  RecordProperty("wrong", static_cast<int>(wrong));
  EXPECT_LE(wrong, races * 75 / 1'000) << "seeds 0 to " << races - 1;
}

// Common random numbers: the same races need far fewer observations when the noise is shared.
TEST(KimNelson, SharedNoiseSavesObservations) {
  int64_t apart = 0;
  int64_t shared = 0;
  int64_t wrong = 0;
  for (uint64_t e = 0; e < 200; ++e) {
    RandomStream stream(e, "apart");
    apart += race(4, {.indifference = 0.3}, [&](size_t s, int64_t) {
               return stream.normal(s == 0 ? 0.3 : 0, 1);
             }).observations;
    const Race r = race(4, {.indifference = 0.3}, [&](size_t s, int64_t round) {
      RandomStream common(e, "shared", static_cast<uint64_t>(round));
      RandomStream own(e * 10 + s, "own", static_cast<uint64_t>(round));
      return (s == 0 ? 0.3 : 0) + common.normal(0, 0.95) + own.normal(0, 0.31);
    });
    shared += r.observations;
    wrong += r.choice == 0 ? 0 : 1;
  }
  EXPECT_LT(3 * shared, apart);
  EXPECT_LE(wrong, 22);  // of 200 at 0.05: probability 0.0003
}

// Waits of M/M/1 with loads 0.5, 0.6, 0.7: less is better, observations are means of 500
// customers, which are skewed. The shortest wait must be found.
TEST(KimNelson, FindsTheShortestQueue) {
  int64_t wrong = 0;
  for (uint64_t e = 0; e < 200; ++e) {
    const Race r = race(3, {.indifference = 0.4}, [&](size_t s, int64_t round) {
      RandomStream arrival(e, "arrival", static_cast<uint64_t>(round));
      RandomStream service(e, "service", static_cast<uint64_t>(round));
      const double load = 0.5 + 0.1 * static_cast<double>(s);
      double wait = 0;
      double sum = 0;
      for (int i = 0; i < 600; ++i) {
        wait = std::max(0.0, wait + service.exponential(1) - arrival.exponential(1 / load));
        if (i >= 100) sum += wait;
      }
      return -sum / 500;
    });
    wrong += r.choice == 0 ? 0 : 1;
  }
  EXPECT_LE(wrong, 22);
}

TEST(KimNelson, LeavesTheHopelessOutAtOnce) {
  KimNelson selection(3, {.indifference = 1, .first = 3});
  for (const double noise : {0.1, -0.1, 0.05}) {
    const std::vector<double> round{10 + noise, 0 - noise, 9.9 - 2 * noise};
    selection.add(round);
  }
  EXPECT_THAT(selection.survivors(), ::testing::Contains(0));
  EXPECT_THAT(selection.survivors(), ::testing::Not(::testing::Contains(1)));
}

TEST(KimNelson, TiesEndWithTheFirst) {
  KimNelson selection(3, {.indifference = 1, .first = 2});
  for (int i = 0; i < 2; ++i) selection.add(std::vector<double>(selection.survivors().size(), 7));
  EXPECT_TRUE(selection.done());
  EXPECT_EQ(selection.survivors().front(), 0U);
}

TEST(KimNelson, OneSystemIsChosenWithoutARace) {
  EXPECT_TRUE(KimNelson(1, {.indifference = 1}).done());
}

// ---- OCBA

Tally tally(double mean, double deviation) {
  Tally t;
  t.add(mean - deviation / std::sqrt(2));
  t.add(mean + deviation / std::sqrt(2));
  return t;
}

// Equal deviations, distances 1 and 2 from the best: the weights are 1, 1/4 and the root of the sum
// of their squares.
TEST(Ocba, FollowsItsFormula) {
  const std::vector<Tally> systems{tally(10, 1), tally(9, 1), tally(8, 1)};
  const auto counts = ocba_allocation(systems, 10'000);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), int64_t{0}), 10'000);
  EXPECT_NEAR(static_cast<double>(counts[1]) / static_cast<double>(counts[2]), 4, 0.01);
  EXPECT_NEAR(static_cast<double>(counts[0]) / static_cast<double>(counts[1]),
              std::sqrt(1 + 1.0 / 16), 0.01);
}

TEST(Ocba, GivesAllAtLeastOne) {
  const std::vector<Tally> systems{tally(10, 1), tally(10, 1), tally(-1e6, 1e-9)};
  const auto counts = ocba_allocation(systems, 100);
  EXPECT_GE(counts[2], 1);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), int64_t{0}), 100);
  EXPECT_EQ(ocba_allocation(std::vector<Tally>{tally(1, 1)}, 5), std::vector<int64_t>{5});
  EXPECT_EQ(ocba_allocation(std::vector<Tally>{tally(1, 0), tally(1, 0)}, 5).size(), 2U);
}

// Ten systems, means 0 to 9, equal noise: with the same number of observations the chance to name
// the best is higher than when all get equally many.
TEST(Ocba, BeatsEqualShares) {
  constexpr size_t kSystems = 10;
  constexpr int64_t kTotal = 300;
  const int64_t races = testing::episodes(400);
  int64_t right = 0;
  int64_t right_equal = 0;
  const auto best_of = [](const std::vector<Tally>& systems) {
    size_t best = 0;
    for (size_t i = 1; i < systems.size(); ++i) {
      if (systems[i].mean() > systems[best].mean()) best = i;
    }
    return best;
  };
  for (int64_t e = 0; e < races; ++e) {
    RandomStream stream(static_cast<uint64_t>(e), "ocba");
    const auto observe = [&](size_t s) { return stream.normal(static_cast<double>(s), 6); };
    std::vector<Tally> equal(kSystems);
    for (int64_t i = 0; i < kTotal; ++i)
      equal[static_cast<size_t>(i) % kSystems].add(observe(static_cast<size_t>(i) % kSystems));
    right_equal += best_of(equal) == kSystems - 1 ? 1 : 0;
    std::vector<Tally> systems(kSystems);
    for (size_t s = 0; s < kSystems; ++s) {
      for (int i = 0; i < 10; ++i) systems[s].add(observe(s));
    }
    for (int64_t total = 120; total <= kTotal; total += 20) {
      const auto counts = ocba_allocation(systems, total);
      // Those that are short of their share get the next ones.
      for (int64_t k = 0; k < 20; ++k) {
        size_t shortest = 0;
        int64_t most = counts[0] - systems[0].count();
        for (size_t s = 1; s < kSystems; ++s) {
          if (counts[s] - systems[s].count() > most) {
            most = counts[s] - systems[s].count();
            shortest = s;
          }
        }
        systems[shortest].add(observe(shortest));
      }
    }
    right += best_of(systems) == kSystems - 1 ? 1 : 0;
  }
  RecordProperty("right", static_cast<int>(right));
  RecordProperty("right_equal", static_cast<int>(right_equal));
  EXPECT_GT(right, right_equal + races / 20) << "of " << races << ", seeds from 0";
}

}  // namespace
}  // namespace windtunnel::des
