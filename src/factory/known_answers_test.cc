// Closed forms and chains against values computed apart from this project, and against each other.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "factory/known_lines.h"
#include "factory/known_queues.h"
#include "factory/markov_chain.h"
#include "tests/support/reference_values.h"

namespace windtunnel::factory {
namespace {

class KnownAnswers : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::reference_values().empty())
      GTEST_SKIP() << testing::reference_file() << " is absent";
  }
};

void expect(const std::string& row, const std::string& field, double ours) {
  SCOPED_TRACE(row + "." + field);
  const auto reference = testing::find_reference(row, field);
  ASSERT_TRUE(reference.has_value()) << "no such reference value";
  if (std::isinf(*reference)) {
    EXPECT_EQ(ours, *reference);
    return;
  }
  EXPECT_NEAR(ours, *reference, 1e-6 * std::abs(*reference));
}

TEST_F(KnownAnswers, Queues) {
  const QueueFigures one = mm_queue(0.8, 1, 1);
  expect("MM1_lam0.8", "L", one.present);
  expect("MM1_lam0.8", "Lq", one.waiting);
  expect("MM1_lam0.8", "W", one.stay);
  expect("MM1_lam0.8", "Wq", one.wait);
  expect("MM1_lam0.8", "W_p95", mm1_stay_quantile(0.8, 1, 0.95));
  const QueueFigures ten = mm_queue(9, 1, 10);
  expect("MMc_c10_lam9.0", "P_wait", ten.delayed);
  expect("MMc_c10_lam9.0", "L", ten.present);
  expect("ErlangB_c10_a8", "B", erlang_loss(8, 10));
  expect("ErlangB_c5_a3", "B", erlang_loss(3, 5));
  expect("MH2cv41_rho0.8", "Wq", mg1_wait(0.8, 1, 5));
  expect("DM1_rho0.8", "sigma", d_m1(0.8, 1).delayed);
  expect("DM1_rho0.8", "Wq", d_m1(0.8, 1).wait);
  expect("DM1_rho0.8", "Kingman_approx", kingman_wait(0.8, 1, 0, 1));
  expect("E2M1_rho0.8", "Wq", e2_m1(0.8, 1).wait);
  expect("E2M1_rho0.8", "Kingman_approx", kingman_wait(0.8, 1, 0.5, 1));
  expect("MDc_c1_lam0.8", "Wq", md_queue(0.8, 1, 1).wait);
  expect("MDc_c4_lam3.6", "Lq", md_queue(3.6, 1, 4).waiting);
  expect("MDc_c4_lam3.6", "Wq", md_queue(3.6, 1, 4).wait);
}

TEST_F(KnownAnswers, Breakdowns) {
  const std::string row = "MG1_breakdown_t1_mtbf20_mttr2_lam0.7";
  const BreakdownFigures f = mg1_with_breakdowns(0.7, 1, 20, 2);
  expect(row, "EC", f.completion);
  expect(row, "EC2", f.completion_second);
  expect(row, "rho", f.load);
  expect(row, "Wq", f.wait);
  expect(row, "A", f.availability);
  const RepairFigures shared = machine_repair(20, 2, 50, 4);
  expect("repair_N20_R2_mtbf50.0_mttr4.0", "availability", shared.availability);
  expect("repair_N20_R2_mtbf50.0_mttr4.0", "down", shared.down);
  expect("repair_N20_R2_mtbf50.0_mttr4.0", "waiting", shared.waiting);
}

TEST_F(KnownAnswers, Networks) {
  const JacksonFigures open = jackson_rework(1, 1.5, 1.3, 0.1);
  expect("JacksonRework", "visit_rate", open.rate);
  expect("JacksonRework", "L1", open.present_first);
  expect("JacksonRework", "L2", open.present_second);
  expect("JacksonRework", "W", open.stay);
  const ClosedFigures closed = closed_loop({1, 0.8, 0.5}, 10);
  expect("closedJackson_1_0.8_0.5_N10", "TH", closed.throughput);
  expect("closedJackson_1_0.8_0.5_N10", "Q3", closed.present[2]);
  expect("closedJackson_1_0.8_0.5_N10", "CT", closed.cycle);
  const PollingFigures polling = symmetric_polling(4, 0.8, 1, 2, 2);
  expect("polling_N4_rho0.8_r2.0", "Wq_exhaustive", polling.wait_exhaustive);
  expect("polling_N4_rho0.8_r2.0", "Wq_gated", polling.wait_gated);
  expect("polling_N4_rho0.8_r2.0", "mean_cycle", polling.cycle);
}

TEST_F(KnownAnswers, Lots) {
  expect("lotsize_D40_t1min_setup15min", "Q_min", smallest_lot(40, 1.0 / 60, 0.25));
  expect("lotsize_D40_t1min_setup15min", "Q_best",
         static_cast<double>(best_lot(40, 1.0 / 60, 0.25)));
  expect("lotsize_D40_t1min_setup15min", "W_best_h", lot_stay(40, 62, 1.0 / 60, 0.25));
  expect("lotsize_D40_t1min_setup5min", "Q_best",
         static_cast<double>(best_lot(40, 1.0 / 60, 1.0 / 12)));
  expect("lotsize_D40_t1min_setup60min", "Q_best", static_cast<double>(best_lot(40, 1.0 / 60, 1)));
  expect("lotsize_D40_t1min_setup60min", "W_Q60", lot_stay(40, 60, 1.0 / 60, 1));
  expect("lotsize_D40_t1min_setup60min", "W_Q120", lot_stay(40, 120, 1.0 / 60, 1));
}

TEST_F(KnownAnswers, StartAndSpread) {
  const std::vector<double> waits = mm1_waits_from_empty(0.9, 1, 1000);
  expect("MM1_rho0.9_empty_start", "Wq_cust10", waits[9]);
  expect("MM1_rho0.9_empty_start", "Wq_cust1000", waits[999]);
  expect("MM1_asymptotic_variance_L_rho0.8", "sigma2", mm1_present_variance_limit(0.8, 1));
  expect("MM1_asymptotic_variance_L_rho0.9", "sigma2", mm1_present_variance_limit(0.9, 1));
}

TEST_F(KnownAnswers, SlottedLines) {
  const struct {
    const char* row;
    SlottedMachine first;
    SlottedMachine second;
    int64_t capacity;
  } rows[] = {
      {"Gershwin_r0.1_p0.01_r0.1_p0.01_N4", {0.1, 0.01}, {0.1, 0.01}, 4},
      {"Gershwin_r0.1_p0.01_r0.1_p0.02_N22", {0.1, 0.01}, {0.1, 0.02}, 22},
      {"Gershwin_r0.2_p0.05_r0.1_p0.02_N52", {0.2, 0.05}, {0.1, 0.02}, 52},
  };
  for (const auto& r : rows) {
    const SlottedLine line = slotted_line(r.first, r.second, r.capacity);
    expect(r.row, "E", line.throughput);
    expect(r.row, "nbar", line.level);
    expect(r.row, "E_zero", slotted_line_rigid(r.first, r.second));
    expect(r.row, "E_inf", slotted_line_unlimited(r.first, r.second));
  }
}

TEST_F(KnownAnswers, ExponentialLines) {
  for (int k = 2; k <= 4; ++k) {
    for (int b = 0; b <= 4; ++b) {
      expect("exp_tandem_k" + std::to_string(k) + "_b" + std::to_string(b), "TH",
             exponential_line(std::vector<double>(static_cast<size_t>(k), 1), b));
    }
  }
  expect("exp_tandem_1_0.8_1_b1", "TH", exponential_line({1, 0.8, 1}, 1));
  expect("exp_tandem_bowl_reverse_0.9_1.1_1.1_0.9_b0", "TH",
         exponential_line({0.9, 1.1, 1.1, 0.9}, 0));
  expect("kitting_2streams_K5_lam1", "TH", kitting_rate(1, 5));
  expect("CONWIP_4x2h_w8", "TH_practical_worst", constant_wip(4, 2, 8).practical_worst);
  expect("CONWIP_4x2h_w8", "TH_best", constant_wip(4, 2, 8).best);
  expect("CONWIP_4x2h_w8", "TH_worst", constant_wip(4, 2, 8).worst);
  expect("CONWIP_4x2h_w8", "CT", constant_wip(4, 2, 8).cycle);
}

// ---- without the file: each formula against another that must agree with it

TEST(KnownQueues, ChainsAgreeWithClosedForms) {
  // M/D/1 by its chain and by Pollaczek and Khinchine.
  EXPECT_NEAR(md_queue(0.8, 1, 1).wait, mg1_wait(0.8, 1, 1), 1e-8);
  // Two exponential machines.
  for (int b = 0; b < 5; ++b) EXPECT_NEAR(exponential_line({1, 1}, b), (b + 2.0) / (b + 3), 1e-12);
  // A line and its reverse pass on equally much.
  EXPECT_NEAR(exponential_line({1, 0.7, 1.2}, 1), exponential_line({1.2, 0.7, 1}, 1), 1e-12);
  // No repairer is ever missing: machines are independent.
  EXPECT_NEAR(machine_repair(5, 5, 90, 10).availability, 0.9, 1e-12);
  // GI/M/1 with Poisson arrivals is M/M/1.
  const GiM1 poisson = gi_m1([](double s) { return 0.8 / (0.8 + s); }, 1);
  EXPECT_NEAR(poisson.wait, mm_queue(0.8, 1, 1).wait, 1e-9);
  // A closed loop of equal stations is constant work in process.
  EXPECT_NEAR(closed_loop({2, 2, 2, 2}, 8).throughput, constant_wip(4, 2, 8).practical_worst,
              1e-12);
}

// The share of the chain of a kit store with two places, written out as states.
TEST(MarkovChain, WalksBetweenTheEnds) {
  const StateSpace space({0}, [](const StateSpace::State& s) {
    std::vector<StateSpace::Move> moves;
    if (s[0] < 2) moves.push_back({{s[0] + 1}, 1});
    if (s[0] > -2) moves.push_back({{s[0] - 1}, 1});
    return moves;
  });
  EXPECT_EQ(space.size(), 5U);
  const double lost = space.mean([](const StateSpace::State& s) { return s[0] == 2 ? 1.0 : 0.0; });
  EXPECT_NEAR(1 - lost, kitting_rate(1, 2), 1e-12);
}

// The correction for a finite run against the variance of ever longer runs: of a run as long as a
// few correlation times the mean varies less, since it has seen little beyond its start.
TEST(KnownQueues, VarianceOfFiniteRuns) {
  const double limit = mm1_present_variance_limit(0.8, 1);
  EXPECT_NEAR(limit, 1800, 1e-6);
  EXPECT_NEAR(mm1_present_variance(0.8, 1, 1e9), limit, 1e-3);
  const double short_by = limit - mm1_present_variance(0.8, 1, 1000);
  EXPECT_GT(short_by, 0);
  EXPECT_NEAR(limit - mm1_present_variance(0.8, 1, 2000), short_by / 2, 1e-6 * limit);
}

// By hand: the first finds nobody; the second finds the first with chance mu / (lambda + mu) gone.
TEST(KnownQueues, FirstWaitsFromEmpty) {
  const std::vector<double> waits = mm1_waits_from_empty(1, 1, 3);
  EXPECT_EQ(waits[0], 0);
  EXPECT_NEAR(waits[1], 0.5, 1e-12);
  // Third: finds 2 w.p. 1/4, 1 w.p. 1/4 + 1/8 and, by way of an empty shop, 1/2 * 1/2 ... = 3/8.
  EXPECT_NEAR(waits[2], 0.25 * 2 + 0.375, 1e-12);
}

TEST(KnownQueues, LotsThatCannotKeepUp) {
  EXPECT_TRUE(std::isinf(lot_stay(40, 30, 1.0 / 60, 0.25)));
  EXPECT_FALSE(std::isinf(lot_stay(40, 31, 1.0 / 60, 0.25)));
}

}  // namespace
}  // namespace windtunnel::factory
