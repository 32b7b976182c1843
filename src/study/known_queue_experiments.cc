// One station fed at random: single and several machines, losses, lots, polling.
#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>

#include "factory/known_queues.h"
#include "report/measurements.h"
#include "study/known_experiment.h"
#include "study/known_plants.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using factory::Outcome;

// Quantiles come from a sketch with this error (des/quantile_sketch.h).
constexpr double kSketch = des::QuantileSketch::kRelativeError;
constexpr char kQueueing[] = "queueing theory, closed form or Markov chain";

double wait(const Outcome& o) { return station_of(o).wait.mean(); }
double stay(const Outcome& o) { return station_of(o).stay_mean; }
double waiting(const Outcome& o) { return station_of(o).queue_mean; }
double present(const Outcome& o) { return station_of(o).present_mean; }
double stay_p95(const Outcome& o) { return station_of(o).stay.quantile(0.95); }
double delayed(const Outcome& o) {
  const factory::StationOutcome& s = station_of(o);
  return static_cast<double>(s.delayed) / static_cast<double>(s.wait.count());
}
double lost(const Outcome& o) {
  const factory::StationOutcome& s = station_of(o);
  return static_cast<double>(s.lost) / static_cast<double>(s.lost + s.arrived);
}
// Little's law holds for every run long enough, whatever the distributions.
double little(const Outcome& o) {
  return present(o) / (per_second(station_of(o).arrived, o) * stay(o));
}

// Spread grows with the load; so does what can be afforded.
KnownPlant single_queue(double load, double measured, double width) {
  const factory::QueueFigures f = factory::mm_queue(load, 1, 1);
  const std::string row = fmt::format("MM1_lam{}", load);
  KnownPlant p;
  p.name = fmt::format("load {}", load);
  p.plant = queue_plant({exponential_time(1 / load), exponential_time(1)});
  p.warm_up = 20 / std::pow(1 - std::sqrt(load), 2);
  p.measured = measured;
  p.figures = {
      {row, "L", "pieces present", unit::kCount, f.present, width, present},
      {row, "Lq", "pieces waiting", unit::kCount, f.waiting, 1.3 * width, waiting},
      {row, "W", "time in the system", unit::kSeconds, f.stay, width, stay},
      {row, "Wq", "wait", unit::kSeconds, f.wait, 1.3 * width, wait},
      {row, "W_p95", "95 % of stays are below", unit::kSeconds,
       factory::mm1_stay_quantile(load, 1, 0.95), 1.3 * width, stay_p95, kSketch},
      {"Little", "L/lambda W", "Little's law", unit::kCount, 1, 0.002, little},
  };
  return p;
}

KnownPlant parallel_queue(int64_t machines, double rate, double measured, double width) {
  const factory::QueueFigures f = factory::mm_queue(rate, 1, machines);
  const std::string row = fmt::format("MMc_c{}_lam{:.1f}", machines, rate);
  KnownPlant p;
  p.name = fmt::format("{} machines", machines);
  p.plant = queue_plant({exponential_time(1 / rate), exponential_time(1), machines});
  p.warm_up = 500;
  p.measured = measured;
  p.figures = {
      {row, "P_wait", "share that waits", unit::kShare, f.delayed, width, delayed},
      {row, "Wq", "wait", unit::kSeconds, f.wait, 2 * width, wait},
      {row, "Lq", "pieces waiting", unit::kCount, f.waiting, 2 * width, waiting},
      {row, "L", "pieces present", unit::kCount, f.present, 1.4 * width, present},
  };
  return p;
}

KnownPlant loss_queue(double offered, int64_t machines, const base::TimeDistribution& time,
                      const char* shape) {
  KnownPlant p;
  p.name = fmt::format("{} machines, {} times", machines, shape);
  p.plant = queue_plant({exponential_time(1 / offered), time, machines, true});
  p.warm_up = 100;
  p.measured = 40'000 / offered;
  p.figures = {{fmt::format("ErlangB_c{}_a{}", machines, offered), "B", "share lost", unit::kShare,
                factory::erlang_loss(offered, machines), 0.02, lost}};
  return p;
}

KnownPlant general_queue(const char* row, const char* name, const base::TimeDistribution& time,
                         double second_moment, double measured, double width) {
  KnownPlant p;
  p.name = name;
  p.plant = queue_plant({exponential_time(1 / 0.8), time});
  p.warm_up = 2'000;
  p.measured = measured;
  p.figures = {
      {row, "Wq", "wait", unit::kSeconds, factory::mg1_wait(0.8, 1, second_moment), width, wait}};
  return p;
}

KnownPlant paced_queue(const char* row, const char* name, const base::TimeDistribution& between,
                       const factory::GiM1& f) {
  KnownPlant p;
  p.name = name;
  p.plant = queue_plant({between, exponential_time(1)});
  p.warm_up = 1'000;
  p.measured = 50'000;
  p.figures = {{row, "sigma", "share that waits", unit::kShare, f.delayed, 0.01, delayed},
               {row, "Wq", "wait", unit::kSeconds, f.wait, 0.035, wait}};
  return p;
}

KnownPlant constant_time_queue(int64_t machines, double rate) {
  const factory::QueueFigures f = factory::md_queue(rate, 1, machines);
  const std::string row = fmt::format("MDc_c{}_lam{}", machines, rate);
  KnownPlant p;
  p.name = fmt::format("{} benches", machines);
  p.plant = queue_plant({exponential_time(1 / rate), constant_time(1), machines});
  p.warm_up = 500;
  p.measured = 40'000;
  p.figures = {{row, "Lq", "pieces waiting", unit::kCount, f.waiting, 0.04, waiting},
               {row, "Wq", "wait", unit::kSeconds, f.wait, 0.04, wait}};
  return p;
}

KnownPlant polling(int64_t queues, double load, double switching, bool gated) {
  constexpr double kMean = 1;
  const factory::PollingFigures f =
      factory::symmetric_polling(queues, load, kMean, 2 * kMean * kMean, switching);
  const std::string row = fmt::format("polling_N{}_rho{}_r{:.1f}", queues, load, switching);
  KnownPlant p;
  p.name = fmt::format("{} families, {}", queues, gated ? "gated" : "exhaustive");
  p.plant = polling_plant(queues, load, switching,
                          gated ? factory::Serve::kGated : factory::Serve::kExhaustive);
  p.warm_up = 3'000;
  p.measured = queues == 2 ? 25'000 : 36'000;
  const double width = queues == 2 ? 0.025 : 0.04;
  const auto cycle = [queues](const Outcome& o) {
    return o.measured.seconds() * static_cast<double>(queues) /
           static_cast<double>(station_of(o).setups);
  };
  p.figures = {
      {row, gated ? "Wq_gated" : "Wq_exhaustive", "wait", unit::kSeconds,
       gated ? f.wait_gated : f.wait_exhaustive, width,
       [](const Outcome& o) { return stay(o) - kMean; }},
      {row, "mean_cycle", "cycle", unit::kSeconds, f.cycle, width, cycle},
  };
  return p;
}

// ---- lots: 40 pieces an hour, a minute each

constexpr double kDemand = 40;
constexpr double kEachHours = 1.0 / 60;
constexpr double kHour = 3600;
constexpr char kHours[] = "h";

const char* how(LotPlant::As as) {
  switch (as) {
    case LotPlant::As::kPieces:
      return ", piece by piece";
    case LotPlant::As::kBatch:
      return ", worked on together";
    case LotPlant::As::kOne:
      break;
  }
  return "";
}

// Lots are few where each is one piece, so these can be many; otherwise pieces cost time.
KnownPlant lots(const std::string& row, const std::string& field, const LotPlant& of) {
  const auto lot = static_cast<double>(of.lot);
  const double setup = of.setup_minutes / 60;
  const bool by_lot = of.as == LotPlant::As::kOne;
  KnownPlant p;
  p.name = fmt::format("setup {} min, lot {}{}", of.setup_minutes, of.lot, how(of.as));
  p.plant = lot_plant(of);
  p.warm_up = 20 * lot * kHour;
  p.measured = (by_lot ? 800 * lot : 4'500) * kHour;
  // A lot is done when its last piece is; pieces follow each other a minute apart.
  const double after_mean = of.as == LotPlant::As::kPieces ? (lot - 1) / 2 * kEachHours : 0;
  p.figures = {{row, field, "time until a lot is done", kHours,
                factory::lot_stay(kDemand, lot, kEachHours, setup), by_lot ? 0.03 : 0.1,
                [after_mean](const Outcome& o) { return stay(o) / kHour + after_mean; }}};
  return p;
}

KnownPlant best_lot(double setup_minutes, LotPlant::As as) {
  const double setup = setup_minutes / 60;
  const std::string row = fmt::format("lotsize_D40_t1min_setup{}min", setup_minutes);
  const int64_t lot = factory::best_lot(kDemand, kEachHours, setup);
  KnownPlant p = lots(row, "W_best_h", {kDemand, lot, 1, setup_minutes, as});
  const auto load = [](const Outcome& o) {
    const auto& shares = station_of(o).shares;
    return shares[static_cast<size_t>(factory::MachineState::kWorking)] +
           shares[static_cast<size_t>(factory::MachineState::kSetup)];
  };
  p.figures.push_back(
      {row, "rho_best", "load", unit::kShare,
       kDemand / static_cast<double>(lot) * (setup + static_cast<double>(lot) * kEachHours), 0.02,
       load});
  return p;
}

// Below the smallest lot the machine makes what it can: lot / (setup + lot x time) an hour.
KnownPlant too_small_lot(double setup_minutes, int64_t lot) {
  const double setup = setup_minutes / 60;
  const auto pieces = static_cast<double>(lot);
  KnownPlant p;
  p.name = fmt::format("setup {} min, lot {}, which is too small", setup_minutes, lot);
  p.plant = lot_plant({kDemand, lot, 1, setup_minutes, LotPlant::As::kOne});
  p.warm_up = 2'000 * kHour;
  p.measured = 2'000 * kHour;
  p.figures = {
      {"lotsize_too_small", "TH", "pieces an hour", "/h", pieces / (setup + pieces * kEachHours),
       0.001,
       [pieces](const Outcome& o) { return kHour * pieces * per_second(station_of(o).worked, o); },
       1e-3}};
  return p;
}

}  // namespace

std::vector<KnownExperiment> known_queue_experiments() {
  using As = LotPlant::As;
  std::vector<KnownExperiment> all;
  all.push_back(of_plants("factory-mm1", kQueueing,
                          "one machine, random arrivals and times (M/M/1)",
                          {single_queue(0.5, 60'000, 0.015), single_queue(0.8, 100'000, 0.03),
                           single_queue(0.9, 250'000, 0.045), single_queue(0.95, 330'000, 0.065)}));
  all.push_back(
      of_plants("factory-mmc", kQueueing, "several machines with one queue (M/M/c)",
                {parallel_queue(2, 1.6, 50'000, 0.02), parallel_queue(3, 2.4, 45'000, 0.02),
                 parallel_queue(10, 9, 26'000, 0.03)}));
  base::TimeDistribution lognormal = constant_time(1);
  lognormal.shape = base::TimeShape::kLognormal;
  all.push_back(of_plants("factory-loss", "Erlang's loss formula, any distribution of times",
                          "machines without room to wait (M/G/c/c)",
                          {loss_queue(8, 10, exponential_time(1), "exponential"),
                           loss_queue(8, 10, constant_time(1), "constant"),
                           loss_queue(3, 5, exponential_time(1), "exponential"),
                           loss_queue(3, 5, lognormal, "lognormal")}));
  all.push_back(of_plants(
      "factory-mg1", "Pollaczek and Khinchine",
      "one machine at load 0.8 whose times vary differently (M/G/1)",
      {general_queue("MD1_rho0.8", "constant", constant_time(1), 1, 40'000, 0.035),
       general_queue("ME21_rho0.8", "Erlang of two stages", erlang2_time(1), 1.5, 60'000, 0.04),
       general_queue("MM1_rho0.8", "exponential", exponential_time(1), 2, 70'000, 0.045),
       general_queue("MH2cv41_rho0.8", "hyperexponential, squared variation 4",
                     hyperexponential_time(1, {2, 1}), 5, 90'000, 0.055)}));
  all.push_back(of_plants(
      "factory-gim1", "root of the transform",
      "one machine at load 0.8 fed more evenly than at random (GI/M/1)",
      {paced_queue("DM1_rho0.8", "even arrivals", constant_time(1 / 0.8), factory::d_m1(0.8, 1)),
       paced_queue("E2M1_rho0.8", "arrivals in two stages", erlang2_time(1 / 0.8),
                   factory::e2_m1(0.8, 1))}));
  all.push_back(of_plants("factory-mdc", "chain seen every service time apart (Crommelin)",
                          "test benches: constant times (M/D/c)",
                          {constant_time_queue(1, 0.8), constant_time_queue(4, 3.6)}));
  all.push_back(
      of_plants("factory-polling", "pseudo-conservation of symmetric polling",
                "families in cyclic order, each switch paid also when nobody waits",
                {polling(2, 0.5, 1, false), polling(2, 0.5, 1, true), polling(4, 0.8, 2, false),
                 polling(4, 0.8, 2, true), polling(8, 0.8, 2, false), polling(8, 0.8, 2, true)}));
  all.push_back(of_plants(
      "factory-lots", "lots as customers of M/D/1",
      "40 pieces an hour in lots, a minute each and a setup a lot",
      {best_lot(15, As::kOne), best_lot(15, As::kPieces), best_lot(15, As::kBatch),
       lots("lotsize_D40_t1min_setup15min", "W_Q60", {40, 60, 1, 15}),
       lots("lotsize_D40_t1min_setup15min", "W_Q120", {40, 120, 1, 15}), best_lot(5, As::kOne),
       lots("lotsize_D40_t1min_setup5min", "W_Q60", {40, 60, 1, 5}),
       lots("lotsize_D40_t1min_setup5min", "W_Q120", {40, 120, 1, 5}), best_lot(60, As::kOne),
       too_small_lot(60, 60)}));
  return all;
}

}  // namespace windtunnel::study
