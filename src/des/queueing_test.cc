// Known answers: single queues written as processes against closed forms. Time unit: the mean
// service time. Seeds are fixed, so a failure is a change of behaviour, not bad luck.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "des/queueing_fixture.h"

namespace windtunnel::des::queueing {
namespace {

// ---- closed forms (Kleinrock, Queueing Systems I, 1975)

// Probability that all c servers are busy with offered load a: Erlang's loss formula by recursion.
double erlang_b(int c, double a) {
  double b = 1;
  for (int i = 1; i <= c; ++i) b = a * b / (i + a * b);
  return b;
}
double erlang_c(int c, double a) {
  const double b = erlang_b(c, a);
  return b / (1 - a / c * (1 - b));
}
// Pollaczek and Khinchine: mean wait in M/G/1 from the second moment of the service time.
double pollaczek(double lambda, double second_moment, double rho) {
  return lambda * second_moment / (2 * (1 - rho));
}
// GI/M/1 with mu = 1: waits are those of M/M/1 with load sigma, the root of
// sigma = E[exp(-(1 - sigma) A)] in (0, 1).
template <class Transform>
double gi_m_1_sigma(Transform transform) {
  double sigma = 0.5;
  for (int i = 0; i < 10000; ++i) sigma = transform(1 - sigma);
  return sigma;
}
// P(N >= k) for a Poisson N, k not below its mean: the terms fall.
double poisson_tail(double mean, int k) {
  double term = std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
  double tail = 0;
  for (int j = k; term > 1e-17 * tail; ++j) {
    tail += term;
    term *= mean / (j + 1);
  }
  return tail;
}
// M/D/c with D = 1 (Crommelin 1932): mean wait. The terms fall as exp(-i c (rho - 1 - ln rho)).
double m_d_c_wait(int c, double lambda) {
  double wait = 0;
  for (int i = 1; i < 3000; ++i) {
    wait += poisson_tail(i * lambda, i * c) - c / lambda * poisson_tail(i * lambda, i * c + 1);
  }
  return wait;
}

// ---- Markovian queues

void check_mm1(double lambda, const RunLength& length, double precision) {
  const std::string row = "MM1_lam" + std::to_string(lambda).substr(0, lambda == 0.95 ? 4 : 3);
  const auto samples = run_queue({exponential(1 / lambda), exponential(1)}, length);
  const double stay = 1 / (1 - lambda);
  judge({row, "L", lambda * stay, precision}, column(samples, &QueueSample::L));
  judge({row, "Lq", lambda * lambda * stay, precision}, column(samples, &QueueSample::Lq));
  judge({row, "W", stay, precision}, column(samples, &QueueSample::W));
  judge({row, "Wq", lambda * stay, precision}, column(samples, &QueueSample::Wq));
  // The sojourn time is exponential. A quantile of a sketch may be off by its stated error.
  judge({row, "W_p95", -stay * std::log(0.05), precision, QuantileSketch::kRelativeError},
        column(samples, &QueueSample::W_p95));
}

TEST(Queueing, MM1AtHalfLoad) { check_mm1(0.5, {20, 500, 90'000}, 0.02); }
TEST(Queueing, MM1AtLoad80) { check_mm1(0.8, {20, 2'000, 150'000}, 0.02); }
TEST(Queueing, MM1AtLoad90) { check_mm1(0.9, {20, 10'000, 300'000}, 0.03); }
TEST(Queueing, MM1AtLoad95) { check_mm1(0.95, {20, 40'000, 500'000}, 0.05); }

void check_mmc(int c, double lambda, const std::string& row, const RunLength& length) {
  const auto samples = run_queue({exponential(1 / lambda), exponential(1), c}, length);
  const double p_wait = erlang_c(c, lambda);
  const double wait = p_wait / (c - lambda);
  judge({row, "P_wait", p_wait, 0.02}, column(samples, &QueueSample::P_wait));
  judge({row, "Wq", wait, 0.03}, column(samples, &QueueSample::Wq));
  judge({row, "Lq", lambda * wait, 0.03}, column(samples, &QueueSample::Lq));
  judge({row, "L", lambda * wait + lambda, 0.03}, column(samples, &QueueSample::L));
}

TEST(Queueing, MM2) { check_mmc(2, 1.6, "MMc_c2_lam1.6", {20, 1'000, 60'000}); }
TEST(Queueing, MM3) { check_mmc(3, 2.4, "MMc_c3_lam2.4", {20, 1'000, 40'000}); }
TEST(Queueing, MM10) { check_mmc(10, 9, "MMc_c10_lam9.0", {20, 1'000, 40'000}); }

// The loss does not depend on the distribution of the service time, only on its mean.
TEST(Queueing, ErlangLossForAnyServiceTime) {
  for (const Draw& service : {exponential(1), constant(1), hyperexponential2(1, 4)}) {
    const auto ten = run_queue({exponential(1.0 / 8), service, 10, true}, {20, 100, 5'000});
    judge({"ErlangB_c10_a8", "B", erlang_b(10, 8), 0.03}, column(ten, &QueueSample::B));
    const auto five = run_queue({exponential(1.0 / 3), service, 5, true}, {20, 100, 10'000});
    judge({"ErlangB_c5_a3", "B", erlang_b(5, 3), 0.03}, column(five, &QueueSample::B));
  }
}

// ---- other service times: Poisson arrivals, one server, load 0.8

void check_mg1(const std::string& row, const Draw& service, double second_moment,
               const RunLength& length) {
  const auto samples = run_queue({exponential(1 / 0.8), service}, length);
  judge({row, "Wq", pollaczek(0.8, second_moment, 0.8), 0.03}, column(samples, &QueueSample::Wq));
}

TEST(Queueing, MD1) { check_mg1("MD1_rho0.8", constant(1), 1, {20, 1'000, 80'000}); }
TEST(Queueing, MErlang1) { check_mg1("ME21_rho0.8", erlang2(1), 1.5, {20, 1'000, 80'000}); }
TEST(Queueing, MM1AsMG1) { check_mg1("MM1_rho0.8", exponential(1), 2, {20, 2'000, 100'000}); }
TEST(Queueing, MHyperexponential1) {
  check_mg1("MH2cv41_rho0.8", hyperexponential2(1, 4), 5, {20, 5'000, 300'000});
}

TEST(Queueing, MDc) {
  const auto one = run_queue({exponential(1 / 0.8), constant(1)}, {20, 1'000, 80'000}, 2);
  judge({"MDc_c1_lam0.8", "Wq", m_d_c_wait(1, 0.8), 0.03}, column(one, &QueueSample::Wq));
  judge({"MDc_c1_lam0.8", "Lq", 0.8 * m_d_c_wait(1, 0.8), 0.03}, column(one, &QueueSample::Lq));
  const auto four = run_queue({exponential(1 / 3.6), constant(1), 4}, {20, 1'000, 60'000});
  judge({"MDc_c4_lam3.6", "Wq", m_d_c_wait(4, 3.6), 0.03}, column(four, &QueueSample::Wq));
  judge({"MDc_c4_lam3.6", "Lq", 3.6 * m_d_c_wait(4, 3.6), 0.03}, column(four, &QueueSample::Lq));
}

// ---- other arrivals: exponential service, one server, load 0.8

void check_gim1(const std::string& row, const Draw& interarrival, double sigma) {
  const auto reference = find_reference(row, "sigma");
  if (reference) {
    EXPECT_NEAR(sigma, *reference, 1e-9);
  }
  const auto samples = run_queue({interarrival, exponential(1)}, {20, 1'000, 80'000});
  judge({row, "Wq", sigma / (1 - sigma), 0.03}, column(samples, &QueueSample::Wq));
}

TEST(Queueing, DM1) {
  check_gim1("DM1_rho0.8", constant(1 / 0.8),
             gi_m_1_sigma([](double s) { return std::exp(-s / 0.8); }));
}
TEST(Queueing, ErlangM1) {
  check_gim1("E2M1_rho0.8", erlang2(1 / 0.8),
             gi_m_1_sigma([](double s) { return std::pow(1.6 / (1.6 + s), 2); }));
}

// ---- start from empty

// Mean wait of the n-th customer of M/M/1, by the birth and death of the number a customer finds:
// from i found, the next finds j <= i + 1 when i + 1 - j are served before it comes.
std::vector<double> mm1_transient_waits(double lambda, int customers) {
  const double served = 1 / (1 + lambda);  // the next thing to happen is a service
  std::vector<double> found{1};
  std::vector<double> waits;
  for (int n = 1; n <= customers; ++n) {
    double mean = 0;
    for (size_t i = 0; i < found.size(); ++i) mean += static_cast<double>(i) * found[i];
    waits.push_back(mean);
    std::vector<double> next(std::min<size_t>(found.size() + 1, 600), 0.0);
    double left = 0;  // probability of having reached this number by services
    for (size_t j = found.size(); j > 0; --j) {
      left = left * served + found[j - 1];
      if (j < next.size()) next[j] += left * (1 - served);
    }
    next[0] += left * served;
    found = next;
  }
  return waits;
}

struct TransientSample {
  double cust10 = 0;
  double cust100 = 0;
  double cust500 = 0;
  double first100 = 0;
};

Process served(Sim& sim, Resource& server, RandomStream& service, std::vector<double>& waits) {
  const Time arrived = sim.now();
  const Grant grant = co_await server.acquire();
  waits.push_back((sim.now() - arrived).seconds());
  co_await sim.delay(Duration::from_seconds(service.exponential(1)));
}
Process opening(Sim& sim, Resource& server, RandomStream arrival, RandomStream service,
                std::vector<double>& waits) {
  for (int i = 0; i < 500; ++i) {
    if (i > 0) co_await sim.delay(Duration::from_seconds(arrival.exponential(1 / 0.9)));
    sim.spawn(served(sim, server, service, waits));
  }
  co_await sim.delay(Duration::s(1'000'000));  // its streams serve those still waiting
}

TransientSample open_and_serve_500(Replication replication) {
  Sim sim;
  Resource server(sim, 1);
  std::vector<double> waits;
  sim.spawn(opening(sim, server, RandomStream(replication.seed, "arrival"),
                    RandomStream(replication.seed, "service"), waits));
  sim.run();
  TransientSample sample{waits.at(9), waits.at(99), waits.at(499), 0};
  for (size_t i = 0; i < 100; ++i) sample.first100 += waits[i] / 100;
  return sample;
}

TEST(Queueing, MM1FromEmpty) {
  const auto exact = mm1_transient_waits(0.9, 500);
  double first100 = 0;
  for (size_t i = 0; i < 100; ++i) first100 += exact[i] / 100;
  const auto count = static_cast<int64_t>(10'000 * kEffort);
  const auto samples = replicate({.count = count, .seed = 1, .threads = 2}, open_and_serve_500);
  const std::string row = "MM1_rho0.9_empty_start";
  judge({row, "Wq_cust10", exact[9], 0.04}, column(samples, &TransientSample::cust10));
  judge({row, "Wq_cust100", exact[99], 0.04}, column(samples, &TransientSample::cust100));
  judge({row, "Wq_cust500", exact[499], 0.04}, column(samples, &TransientSample::cust500));
  judge({row, "avg_first100", first100, 0.04}, column(samples, &TransientSample::first100));
}

}  // namespace
}  // namespace windtunnel::des::queueing
