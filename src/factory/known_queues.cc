#include "factory/known_queues.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "factory/markov_chain.h"

namespace windtunnel::factory {
namespace {

// From the mean wait, the rest by Little's law.
QueueFigures from_wait(double wait, double delayed, double arrival_rate, double mean) {
  return {delayed, wait, wait + mean, arrival_rate * wait, arrival_rate * (wait + mean)};
}

// Probabilities of 0, 1, ..., count - 1 arrivals.
std::vector<double> poisson(double mean, size_t count) {
  std::vector<double> p(count);
  p[0] = std::exp(-mean);
  for (size_t n = 1; n < count; ++n) p[n] = p[n - 1] * mean / static_cast<double>(n);
  return p;
}

// Solves Q g = -(f - mean of f) for the birth-death chain of M/M/1, with mean of g zero: the sum
// over all later times by which f is expected to exceed its mean. pi[n] are the chain's shares.
std::vector<double> excess(const std::vector<double>& f, const std::vector<double>& pi,
                           double arrival_rate) {
  const size_t states = pi.size();
  double mean = 0;
  for (size_t n = 0; n < states; ++n) mean += pi[n] * f[n];
  std::vector<double> g(states);
  // Summed up to n, the equations weighted by pi leave arrival_rate pi[n] (g[n+1] - g[n]).
  double sum = 0;
  for (size_t n = 0; n + 1 < states; ++n) {
    sum += pi[n] * (f[n] - mean);
    g[n + 1] = g[n] - sum / (arrival_rate * pi[n]);
  }
  double g_mean = 0;
  for (size_t n = 0; n < states; ++n) g_mean += pi[n] * g[n];
  for (double& x : g) x -= g_mean;
  return g;
}

double covariance(const std::vector<double>& a, const std::vector<double>& b,
                  const std::vector<double>& pi) {
  double product = 0;
  double mean_a = 0;
  double mean_b = 0;
  for (size_t n = 0; n < pi.size(); ++n) {
    product += pi[n] * a[n] * b[n];
    mean_a += pi[n] * a[n];
    mean_b += pi[n] * b[n];
  }
  return product - mean_a * mean_b;
}

}  // namespace

double erlang_loss(double offered, int64_t machines) {
  double loss = 1;
  for (int64_t c = 1; c <= machines; ++c)
    loss = offered * loss / (static_cast<double>(c) + offered * loss);
  return loss;
}

QueueFigures mm_queue(double arrival_rate, double service_rate, int64_t machines) {
  const double offered = arrival_rate / service_rate;
  const auto c = static_cast<double>(machines);
  WT_CHECK(offered < c, "the machines keep up");
  const double loss = erlang_loss(offered, machines);
  const double delayed = c * loss / (c - offered * (1 - loss));
  return from_wait(delayed / (c * service_rate - arrival_rate), delayed, arrival_rate,
                   1 / service_rate);
}

double mm1_stay_quantile(double arrival_rate, double service_rate, double q) {
  return -std::log(1 - q) / (service_rate - arrival_rate);
}

double mg1_wait(double arrival_rate, double mean, double second_moment) {
  return arrival_rate * second_moment / (2 * (1 - arrival_rate * mean));
}

GiM1 gi_m1(const std::function<double(double)>& laplace, double service_rate) {
  // The right-hand side is convex and increasing, so from 0 the iteration climbs to the root.
  double s = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double next = laplace(service_rate * (1 - s));
    if (next - s < 1e-16) break;
    s = next;
  }
  return {s, s / (service_rate * (1 - s))};
}

GiM1 d_m1(double arrival_rate, double service_rate) {
  return gi_m1([=](double s) { return std::exp(-s / arrival_rate); }, service_rate);
}

GiM1 e2_m1(double arrival_rate, double service_rate) {
  const double stage = 2 * arrival_rate;
  return gi_m1([=](double s) { return stage / (stage + s) * stage / (stage + s); }, service_rate);
}

double kingman_wait(double arrival_rate, double mean, double arrival_scv, double service_scv) {
  const double load = arrival_rate * mean;
  return load / (1 - load) * (arrival_scv + service_scv) / 2 * mean;
}

QueueFigures md_queue(double arrival_rate, double service_time, int64_t machines) {
  // Whoever is at a machine now has left one service time later, nobody who comes meanwhile has.
  constexpr size_t kStates = 400;
  const auto c = static_cast<size_t>(machines);
  const std::vector<double> arrivals = poisson(arrival_rate * service_time, kStates);
  MarkovChain chain(kStates);
  for (size_t from = 0; from < kStates; ++from) {
    const size_t stay = from > c ? from - c : 0;
    for (size_t k = 0; k < kStates && arrivals[k] > 0; ++k)
      chain.add(from, std::min(stay + k, kStates - 1), arrivals[k]);
  }
  const std::vector<double> pi = chain.stationary();
  double waiting = 0;
  double free = 0;
  for (size_t n = 0; n < kStates; ++n) {
    if (n < c) free += pi[n];
    if (n > c) waiting += static_cast<double>(n - c) * pi[n];
  }
  return from_wait(waiting / arrival_rate, 1 - free, arrival_rate, service_time);
}

BreakdownFigures mg1_with_breakdowns(double arrival_rate, double mean, double between,
                                     double repair) {
  const double stretch = 1 + repair / between;
  BreakdownFigures f;
  f.completion = mean * stretch;
  // Second moments of exponential times are twice the squares of their means.
  f.completion_second = 2 * mean * mean * stretch * stretch + mean / between * 2 * repair * repair;
  f.load = arrival_rate * f.completion;
  f.wait = mg1_wait(arrival_rate, f.completion, f.completion_second);
  f.availability = 1 / stretch;
  return f;
}

RepairFigures machine_repair(int64_t machines, int64_t repairers, double between, double repair) {
  // Weights of 0, 1, ... machines down.
  double weight = 1;
  double sum = 1;
  double down = 0;
  double waiting = 0;
  for (int64_t n = 1; n <= machines; ++n) {
    const auto busy = static_cast<double>(std::min(n, repairers));
    weight *= static_cast<double>(machines - n + 1) / between * repair / busy;
    sum += weight;
    down += weight * static_cast<double>(n);
    waiting += weight * (static_cast<double>(n) - busy);
  }
  return {1 - down / sum / static_cast<double>(machines), down / sum, waiting / sum};
}

JacksonFigures jackson_rework(double arrival_rate, double first_rate, double second_rate,
                              double again) {
  JacksonFigures f;
  f.rate = arrival_rate / (1 - again);
  f.present_first = mm_queue(f.rate, first_rate, 1).present;
  f.present_second = mm_queue(f.rate, second_rate, 1).present;
  f.stay = (f.present_first + f.present_second) / arrival_rate;
  return f;
}

ClosedFigures closed_loop(const std::vector<double>& means, int64_t pieces) {
  ClosedFigures f;
  f.present.resize(means.size());
  for (int64_t n = 1; n <= pieces; ++n) {
    f.cycle = 0;
    for (size_t i = 0; i < means.size(); ++i) f.cycle += means[i] * (1 + f.present[i]);
    f.throughput = static_cast<double>(n) / f.cycle;
    for (size_t i = 0; i < means.size(); ++i)
      f.present[i] = f.throughput * means[i] * (1 + f.present[i]);
  }
  return f;
}

PollingFigures symmetric_polling(int64_t queues, double load, double mean, double second_moment,
                                 double switching) {
  const auto n = static_cast<double>(queues);
  const double queueing = load / mean * second_moment / (2 * (1 - load));
  return {queueing + switching * (n - load) / (2 * (1 - load)),
          queueing + switching * (n + load) / (2 * (1 - load)), n * switching / (1 - load)};
}

double lot_stay(double demand, double lot, double each, double setup) {
  const double time = setup + lot * each;
  const double rate = demand / lot;
  if (rate * time >= 1) return std::numeric_limits<double>::infinity();
  return mg1_wait(rate, time, time * time) + time;
}

double smallest_lot(double demand, double each, double setup) {
  return demand * setup / (1 - demand * each);
}

int64_t best_lot(double demand, double each, double setup) {
  // The stay falls and then rises with the lot.
  auto lot = static_cast<int64_t>(smallest_lot(demand, each, setup)) + 1;
  const auto stay = [&](int64_t q) {
    return lot_stay(demand, static_cast<double>(q), each, setup);
  };
  while (!(stay(lot) < std::numeric_limits<double>::infinity()) || stay(lot + 1) < stay(lot)) ++lot;
  return lot;
}

std::vector<double> mm1_waits_from_empty(double arrival_rate, double service_rate,
                                         int64_t customers) {
  // found[n]: chance that the customer finds n others. From one to the next, each present one
  // leaves before the next arrival with chance `leaves`, else nobody after him does.
  const double leaves = service_rate / (arrival_rate + service_rate);
  const auto count = static_cast<size_t>(customers);
  std::vector<double> found(count + 2);
  found[0] = 1;
  std::vector<double> waits;
  for (size_t k = 0; k < count; ++k) {
    double mean = 0;
    for (size_t n = 0; n <= k; ++n) mean += static_cast<double>(n) * found[n];
    waits.push_back(mean / service_rate);
    // With the customer there are one more; carried is the weight that has come down to n.
    double carried = 0;
    for (size_t n = k + 1; n > 0; --n) {
      carried += found[n - 1];
      found[n] = carried * (1 - leaves);
      carried *= leaves;
    }
    found[0] = carried;
  }
  return waits;
}

double mm1_present_variance_limit(double arrival_rate, double service_rate) {
  const double load = arrival_rate / service_rate;
  return 2 * load * (1 + load) / std::pow(1 - load, 4) / service_rate;
}

double mm1_present_variance(double arrival_rate, double service_rate, double length) {
  // length x Var = 2 int_0^length (1 - t / length) R(t) dt, R the autocovariance; both integrals
  // are taken to infinity, which costs a term that falls exponentially with the length. Shares
  // below 1e-8 are cut off: beyond, the sums of `excess` would be rounding errors.
  const double load = arrival_rate / service_rate;
  const auto states = static_cast<size_t>(std::log(1e-8) / std::log(load));
  std::vector<double> pi(states);
  std::vector<double> present(states);
  double sum = 0;
  for (size_t n = 0; n < states; ++n) {
    pi[n] = (1 - load) * std::pow(load, static_cast<double>(n));
    sum += pi[n];
    present[n] = static_cast<double>(n);
  }
  for (double& share : pi) share /= sum;
  const std::vector<double> once = excess(present, pi, arrival_rate);
  const std::vector<double> twice = excess(once, pi, arrival_rate);
  return mm1_present_variance_limit(arrival_rate, service_rate) -
         2 * covariance(present, twice, pi) / length;
}

}  // namespace windtunnel::factory
