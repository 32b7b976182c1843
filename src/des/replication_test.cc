#include "des/replication.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "base/random.h"
#include "des/confidence.h"
#include "des/output_analysis.h"

namespace windtunnel::des {
namespace {

double noisy(Replication replication) {
  base::RandomStream random(replication.seed, "noise");
  return random.normal(10, 2);
}

TEST(Replicate, ResultsDoNotDependOnTheNumberOfThreads) {
  const auto one = replicate({.count = 100, .seed = 3, .threads = 1}, noisy);
  const auto four = replicate({.count = 100, .seed = 3, .threads = 4}, noisy);
  EXPECT_EQ(one, four);
  EXPECT_EQ(std::set<double>(one.begin(), one.end()).size(), 100u);
  EXPECT_NE(one, replicate({.count = 100, .seed = 4, .threads = 1}, noisy));
  EXPECT_TRUE(replicate({.count = 0}, noisy).empty());
}

TEST(ReplicateUntil, StopsAtTheWantedPrecision) {
  const Precision wanted{.relative = 0.01, .count_min = 10, .count_max = 100000};
  const auto measure = [](double x) { return x; };
  const auto run = replicate_until({.seed = 5, .threads = 2}, wanted, noisy, measure);
  EXPECT_TRUE(run.reached);
  EXPECT_LE(run.interval.relative(), 0.01);
  // (1.96 * 2 / 0.1)^2 = 1537 observations; the rounds may pass that by a part.
  EXPECT_GT(run.results.size(), 1000u);
  EXPECT_LT(run.results.size(), 3500u);
  const auto again = replicate_until({.seed = 5, .threads = 1}, wanted, noisy, measure);
  EXPECT_EQ(run.results, again.results);

  const Precision too_much{.relative = 1e-6, .count_min = 10, .count_max = 50};
  const auto stopped = replicate_until({.seed = 5}, too_much, noisy, measure);
  EXPECT_FALSE(stopped.reached);
  EXPECT_EQ(stopped.results.size(), 50u);
}

TEST(Confidence, AgreesWithAWorkedExample) {
  // Mean 11, deviation sqrt(10/3); t(0.975, 3) = 3.1824463.
  const std::vector<double> x{9, 10, 12, 13};
  const Interval interval = confidence_interval(x);
  EXPECT_DOUBLE_EQ(interval.mean, 11);
  EXPECT_NEAR(interval.half_width, 3.1824463052837096 * std::sqrt(10.0 / 3) / 2, 1e-9);
  EXPECT_TRUE(interval.contains(13.9));
  EXPECT_FALSE(interval.contains(13.91));
  EXPECT_EQ(confidence_interval(std::vector<double>{5}).half_width,
            std::numeric_limits<double>::infinity());
}

// Two systems that differ by exactly 1 under common random numbers: the difference has no spread.
TEST(Confidence, PairedDifferencesCancelWhatIsCommon) {
  const auto a = replicate({.count = 10, .seed = 1}, noisy);
  const auto b = replicate({.count = 10, .seed = 1}, [](Replication r) { return noisy(r) - 1; });
  const Interval paired = paired_difference(a, b);
  EXPECT_NEAR(paired.mean, 1, 1e-12);
  EXPECT_LT(paired.half_width, 1e-12);
}

// 95 % intervals of normal observations cover in 1,000 trials between 925 and 973 times: a binomial
// of p = 0.95 falls outside with probability 0.0007.
TEST(Confidence, CoversAsOftenAsItSays) {
  int covered = 0;
  for (uint64_t trial = 0; trial < 1000; ++trial) {
    const auto x = replicate({.count = 5, .seed = 100 + trial}, noisy);
    covered += confidence_interval(x).contains(10) ? 1 : 0;
  }
  EXPECT_GE(covered, 925);
  EXPECT_LE(covered, 973);
}

// x(t) = 1 + 20 exp(-t / 50) + noise: the transient sinks below the noise after about 150 to 300.
TEST(Mser5, CutsTheTransient) {
  base::RandomStream random(8, "transient");
  std::vector<double> x;
  for (int t = 0; t < 5000; ++t) x.push_back(1 + 20 * std::exp(-t / 50.0) + random.normal(0, 1));
  const WarmUp warm_up = mser5(x);
  EXPECT_TRUE(warm_up.settled);
  EXPECT_GE(warm_up.observations, 100u);
  EXPECT_LE(warm_up.observations, 500u);
  EXPECT_EQ(warm_up.observations % 5, 0u);
}

TEST(Mser5, SaysWhenARunDoesNotSettle) {
  std::vector<double> growing;
  for (int t = 0; t < 1000; ++t) growing.push_back(t);
  EXPECT_FALSE(mser5(growing).settled);
  EXPECT_FALSE(mser5(std::vector<double>(10, 1.0)).settled) << "too short to tell";
  const std::vector<double> flat(1000, 3.0);
  EXPECT_TRUE(mser5(flat).settled);
  EXPECT_EQ(mser5(flat).observations, 0u);
}

// An autoregressive series: x' = 0.9 x + e has 1.9 / 0.1 = 19 times the variance of its mean that
// independent observations of the same spread would have.
TEST(BatchMeans, AllowsForCorrelation) {
  int covered = 0;
  double correlation = 0;
  for (uint64_t trial = 0; trial < 200; ++trial) {
    base::RandomStream random(trial, "autoregressive");
    BatchMeans batches;
    double x = random.normal(0, 1 / std::sqrt(1 - 0.81));
    for (int i = 0; i < 20000; ++i) {
      batches.add(5 + x);
      x = 0.9 * x + random.normal(0, 1);
    }
    EXPECT_EQ(batches.count(), 20000);
    EXPECT_LT(batches.batches(), 2 * BatchMeans::kBatches);
    covered += batches.interval().contains(5) ? 1 : 0;
    correlation += batches.correlation() / 200;
  }
  // Binomial of 200 and 0.95: at least 178 with probability 0.999.
  EXPECT_GE(covered, 178);
  EXPECT_LT(std::abs(correlation), 0.1);
}

TEST(BatchMeans, MeanIsThatOfAll) {
  BatchMeans batches;
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    batches.add(i);
    sum += i;
    ASSERT_NEAR(batches.mean(), sum / (i + 1), 1e-9);
  }
}

}  // namespace
}  // namespace windtunnel::des
