// Do the intervals cover the truth as often as they say? 100 seeds, each with its own 95 % interval
// from 20 replications with the warm-up removed.
//
// A sound procedure covers a binomial number of times with n = 100, p = 0.95: below 88 with
// probability 0.0015. Mean and interval of a skewed average cover a little less than 95 %, never
// notably more, so the upper end of 100 is allowed.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "des/output_analysis.h"
#include "des/queueing_fixture.h"

namespace windtunnel::des::queueing {
namespace {

constexpr uint64_t kSeeds = 100;
constexpr int kCoveredMin = 88;

struct Truth {
  std::string name;
  double QueueSample::*field;
  double exact;
};

// All replications of all seeds, seed by seed.
std::vector<QueueSample> check_coverage(const QueueSpec& spec, const RunLength& length,
                                        const std::vector<Truth>& truths) {
  std::vector<int> covered(truths.size());
  std::vector<QueueSample> all;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const auto samples = run_queue(spec, length, 1000 + seed);
    for (size_t i = 0; i < truths.size(); ++i) {
      const Interval interval = confidence_interval(column(samples, truths[i].field));
      covered[i] += interval.contains(truths[i].exact) ? 1 : 0;
    }
    all.insert(all.end(), samples.begin(), samples.end());
  }
  for (size_t i = 0; i < truths.size(); ++i) {
    testing::Test::RecordProperty(truths[i].name + "_covered", covered[i]);
    EXPECT_GE(covered[i], kCoveredMin) << truths[i].name;
  }
  return all;
}

// A tenth of the effort would test the coverage of intervals from too short runs.
class Coverage : public testing::Test {
 protected:
  void SetUp() override {
    if (kEffort < 1) GTEST_SKIP() << "coverage is tested in optimised builds";
  }
};

// M/M/1 at load 0.8, and from the same runs the variance of the mean number in the system over a
// time T: T Var = 1,800 for long T (2 rho (1 + rho) / (1 - rho)^4). The estimate from 2,000
// replications has a standard error of 3.2 %, and a T of 5,000 falls short of the limit by about
// 2 % (a correlation time of 45).
TEST_F(Coverage, MM1) {
  const RunLength length{20, 500, 5'000};
  const auto all = check_coverage({exponential(1 / 0.8), exponential(1)}, length,
                                  {{"MM1_L", &QueueSample::L, 4},
                                   {"MM1_Lq", &QueueSample::Lq, 3.2},
                                   {"MM1_W", &QueueSample::W, 5},
                                   {"MM1_Wq", &QueueSample::Wq, 4}});
  Tally in_system;
  for (const QueueSample& sample : all) in_system.add(sample.L);
  EXPECT_NEAR(in_system.variance() * length.length, 1800, 0.12 * 1800);
  const auto reference = find_reference("MM1_asymptotic_variance_L_rho0.8", "sigma2");
  if (reference) {
    EXPECT_NEAR(*reference, 1800, 1e-6);
  }
}

TEST_F(Coverage, DM1) {
  // sigma = exp(-(1 - sigma) / 0.8)
  double sigma = 0.5;
  for (int i = 0; i < 1000; ++i) sigma = std::exp(-(1 - sigma) / 0.8);
  check_coverage({constant(1 / 0.8), exponential(1)}, {20, 300, 2'000},
                 {{"DM1_Wq", &QueueSample::Wq, sigma / (1 - sigma)}});
}

TEST_F(Coverage, MM3) {
  check_coverage({exponential(1 / 2.4), exponential(1), 3}, {20, 300, 2'000},
                 {{"MM3_Wq", &QueueSample::Wq, 1.078651685393258}});
}

// One long run with batch means instead of replications. Batches stay a little correlated, so these
// intervals may cover less: at least 85 (probability 0.0001 for a sound one).
class WaitSequence {
 public:
  // Waits of successive customers of M/M/1 by Lindley's recursion, after 2,000 to warm up.
  explicit WaitSequence(uint64_t seed) : arrival_(seed, "arrival"), service_(seed, "service") {
    for (int i = 0; i < 2000; ++i) next();
  }
  double next() {
    wait_ = std::max(0.0, wait_ + service_.exponential(1) - arrival_.exponential(1 / 0.8));
    return wait_;
  }

 private:
  RandomStream arrival_;
  RandomStream service_;
  double wait_ = 0;
};

TEST_F(Coverage, BatchMeansOfOneRun) {
  int covered = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    WaitSequence waits(seed);
    BatchMeans batches;
    for (int i = 0; i < 100'000; ++i) batches.add(waits.next());
    covered += batches.interval().contains(4) ? 1 : 0;
  }
  RecordProperty("batch_means_covered", covered);
  EXPECT_GE(covered, 85);
}

}  // namespace
}  // namespace windtunnel::des::queueing
