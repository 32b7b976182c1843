// What simulation does with its own output: how a run warms up, how far means of runs spread, and
// how often intervals contain the truth.
#include <fmt/format.h>

#include <cmath>

#include "des/replication.h"
#include "des/student_t.h"
#include "factory/known_queues.h"
#include "factory/model.h"
#include "report/measurements.h"
#include "study/known_experiment.h"
#include "study/known_plants.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using factory::Outcome;

// ---- M/M/1 at load 0.9 from empty, as an order book of 1,000 orders drawn anew each time

constexpr double kEmptyLoad = 0.9;
constexpr int64_t kCustomers = 1'000;
constexpr char kEmptyRow[] = "MM1_rho0.9_empty_start";

struct EarlyWaits {
  std::vector<double> of;  // of customers, in order
};

EarlyWaits early_waits(uint64_t seed) {
  const factory::Model model = factory::Model::build(order_plant(kEmptyLoad, kCustomers, seed));
  factory::RunOptions options;
  options.seed = seed;
  options.measured = factory::Duration::s(100 * kCustomers);
  options.stretches_max = 2;
  const Outcome outcome = factory::run_plant(model, options);
  EarlyWaits waits;
  // The mean time at the machine is known, so a stay is as good as a wait.
  for (const factory::OrderOutcome& order : outcome.orders)
    waits.of.push_back((order.done - order.release).seconds() - 1);
  return waits;
}

KnownResult early_result(const KnownEffort& effort, const std::string& field,
                         const std::string& what, double expected, double width,
                         const std::vector<EarlyWaits>& runs, size_t first, size_t last) {
  des::Tally tally;
  for (const EarlyWaits& run : runs) {
    double sum = 0;
    for (size_t n = first; n <= last; ++n) sum += run.of[n - 1];
    tally.add(sum / static_cast<double>(last - first + 1));
  }
  KnownResult r;
  r.row = kEmptyRow;
  r.field = field;
  r.what = what;
  r.unit = unit::kSeconds;
  r.ours = des::confidence_interval(tally, effort.level);
  r.expected = expected;
  r.width = width;
  return r;
}

std::vector<KnownResult> empty_start(const KnownEffort& effort) {
  des::ReplicationOptions options;
  options.count = std::max<int64_t>(100, std::llround(4'000 * effort.length));
  options.seed = effort.seed;
  options.threads = effort.threads;
  const auto runs = des::replicate(options, [](des::Replication r) { return early_waits(r.seed); });
  const std::vector<double> exact = factory::mm1_waits_from_empty(kEmptyLoad, 1, kCustomers);
  std::vector<KnownResult> results;
  for (const size_t n : {size_t{10}, size_t{100}, size_t{500}, size_t{1'000}})
    results.push_back(early_result(effort, fmt::format("Wq_cust{}", n),
                                   fmt::format("wait of customer {}", n), exact[n - 1], 0.07, runs,
                                   n, n));
  for (const size_t n : {size_t{100}, size_t{1'000}}) {
    double sum = 0;
    for (size_t k = 0; k < n; ++k) sum += exact[k];
    results.push_back(early_result(effort, fmt::format("avg_first{}", n),
                                   fmt::format("mean wait of the first {}", n),
                                   sum / static_cast<double>(n), 0.045, runs, 1, n));
  }
  return results;
}

// ---- spread and coverage of M/M/1

// Runs of this many relaxation times; what the limit lacks then is known (known_queues.h).
constexpr double kRelaxations = 20;
constexpr int64_t kRunsPerInterval = 10;

KnownPlant spread_plant(double load, int64_t runs) {
  const double relaxation = 1 / std::pow(1 - std::sqrt(load), 2);
  KnownPlant p;
  p.name = fmt::format("load {}", load);
  p.plant = queue_plant({exponential_time(1 / load), exponential_time(1)});
  p.warm_up = 8 * relaxation;
  p.measured = kRelaxations * relaxation;
  p.replications = std::max<int64_t>(200, runs);
  return p;
}

// length x variance, with an interval from independent groups of runs.
KnownResult spread_result(double load, const KnownPlant& plant, const std::vector<double>& means,
                          const KnownEffort& effort) {
  des::Tally groups;
  for (size_t i = 0; i + kRunsPerInterval <= means.size(); i += kRunsPerInterval) {
    des::Tally group;
    for (size_t j = i; j < i + kRunsPerInterval; ++j) group.add(means[j]);
    groups.add(plant.measured * group.variance());
  }
  KnownResult r;
  r.row = fmt::format("MM1_asymptotic_variance_L_rho{}", load);
  r.field = "sigma2";
  r.what = plant.name + ": time x variance of the mean number present";
  r.unit = unit::kCount;
  r.ours = des::confidence_interval(groups, effort.level);
  // Scaled to runs of any length, as the list has it.
  const double limit = factory::mm1_present_variance_limit(load, 1);
  const double scale = limit / factory::mm1_present_variance(load, 1, plant.measured);
  r.ours.mean *= scale;
  r.ours.half_width *= scale;
  r.expected = limit;
  r.width = 0.2;
  return r;
}

// The share of 95 % intervals, each from 10 runs, that contain the truth.
KnownResult coverage_result(double load, const KnownPlant& plant, const std::vector<double>& means,
                            const KnownEffort& effort) {
  const double truth = load / (1 - load);
  des::Tally covered;
  for (size_t i = 0; i + kRunsPerInterval <= means.size(); i += kRunsPerInterval) {
    const std::span<const double> group(means.data() + i, kRunsPerInterval);
    covered.add(des::confidence_interval(group).contains(truth) ? 1 : 0);
  }
  KnownResult r;
  r.row = "coverage";
  r.field = fmt::format("rho{}", load);
  r.what = plant.name + ": share of 95 % intervals with the truth inside";
  r.unit = unit::kShare;
  r.ours = des::confidence_interval(covered, effort.level);
  r.expected = 0.95;
  // Of a share the spread is known; all or none covered would else have an interval of no width.
  r.ours.half_width =
      des::normal_quantile((1 + effort.level) / 2) *
      std::sqrt(r.expected * (1 - r.expected) / static_cast<double>(covered.count()));
  r.width = 0.08;
  r.bias = 0.03;  // means of runs are a little skewed
  return r;
}

std::vector<KnownResult> spread(const KnownEffort& effort) {
  std::vector<KnownResult> results;
  // Less effort is fewer runs, whose length is part of the question.
  KnownEffort full_length = effort;
  full_length.length = 1;
  const struct {
    double load;
    int64_t runs;
  } rows[] = {{0.8, 3'000}, {0.9, 1'600}};
  for (const auto& [load, runs] : rows) {
    const KnownPlant plant =
        spread_plant(load, std::llround(static_cast<double>(runs) * effort.length));
    std::vector<double> means;
    for (const Outcome& o : replicate_plant(plant, full_length))
      means.push_back(station_of(o).present_mean);
    results.push_back(spread_result(load, plant, means, effort));
    results.push_back(coverage_result(load, plant, means, effort));
  }
  return results;
}

}  // namespace

std::vector<KnownExperiment> known_output_experiments() {
  return {{"factory-empty-start",
           "chain of the customers after the first",
           "M/M/1 at load 0.9 that begins empty, fed from an order book",
           {},
           empty_start},
          {"factory-spread",
           "deviation matrix of the birth and death chain",
           "how far means of runs of M/M/1 spread, and how often their intervals hold",
           {},
           spread}};
}

}  // namespace windtunnel::study
