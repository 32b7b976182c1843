// Known answers of queueing theory: what a long run of the model must come to. Times and rates are
// in whatever unit the caller counts in; 1/mean of an exponential time is its rate.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace windtunnel::factory {

struct QueueFigures {
  double delayed = 0;  // share of pieces that wait at all
  double wait = 0;     // mean time in the queue
  double stay = 0;     // and at the machine
  double waiting = 0;  // mean pieces in the queue
  double present = 0;  // and at machines
};

// M/M/c: Poisson arrivals, exponential times, `machines` alike (Erlang C).
QueueFigures mm_queue(double arrival_rate, double service_rate, int64_t machines);
// The time that the share q of pieces stays at most, one machine.
double mm1_stay_quantile(double arrival_rate, double service_rate, double q);

// Share of Poisson arrivals lost when there is no room to wait, whatever the distribution of times
// (Erlang B). offered = arrival rate x mean time.
double erlang_loss(double offered, int64_t machines);

// Mean wait of M/G/1 (Pollaczek and Khinchine), from the first two moments of the time.
double mg1_wait(double arrival_rate, double mean, double second_moment);

// GI/M/1: the share that waits is the root of s = A(mu (1 - s)), A the Laplace transform of the
// times between arrivals.
struct GiM1 {
  double delayed = 0;
  double wait = 0;
};
GiM1 gi_m1(const std::function<double(double)>& laplace, double service_rate);
// Times between arrivals that do not vary; the sum of two exponentials.
GiM1 d_m1(double arrival_rate, double service_rate);
GiM1 e2_m1(double arrival_rate, double service_rate);
// Kingman's approximation of the mean wait, from squared coefficients of variation.
double kingman_wait(double arrival_rate, double mean, double arrival_scv, double service_scv);

// M/D/c: from the chain seen every service time apart (Crommelin 1932).
QueueFigures md_queue(double arrival_rate, double service_time, int64_t machines);

// One machine with exponential times that breaks down by running time; both up and repair times are
// exponential, and the piece goes on after the repair.
struct BreakdownFigures {
  double completion = 0;         // mean time from begin to end of a piece, repairs included
  double completion_second = 0;  // its second moment
  double load = 0;               // share of time that the machine is not idle
  double wait = 0;
  double availability = 0;
};
BreakdownFigures mg1_with_breakdowns(double arrival_rate, double mean, double between,
                                     double repair);

// Machines that fail by the clock and share repairers: exponential up and repair times.
struct RepairFigures {
  double availability = 0;
  double down = 0;     // mean machines down
  double waiting = 0;  // of these, waiting for a repairer
};
RepairFigures machine_repair(int64_t machines, int64_t repairers, double between, double repair);

// Two exponential stations in a row; the share `again` of pieces goes back to the first.
struct JacksonFigures {
  double rate = 0;  // through each station
  double present_first = 0;
  double present_second = 0;
  double stay = 0;  // from arrival until it leaves for good
};
JacksonFigures jackson_rework(double arrival_rate, double first_rate, double second_rate,
                              double again);

// A closed loop of exponential single machines: mean value analysis (Reiser and Lavenberg 1980).
struct ClosedFigures {
  double throughput = 0;
  std::vector<double> present;  // by station
  double cycle = 0;             // mean time round the loop
};
ClosedFigures closed_loop(const std::vector<double>& means, int64_t pieces);

// One machine that serves `queues` alike in cyclic order, Poisson arrivals (`load` in all), times
// of mean and second moment, a constant `switching` before each queue, paid also when nobody waits.
struct PollingFigures {
  double wait_exhaustive = 0;
  double wait_gated = 0;
  double cycle = 0;
};
PollingFigures symmetric_polling(int64_t queues, double load, double mean, double second_moment,
                                 double switching);

// Lots of `lot` pieces that arrive at random, `demand` pieces a unit of time, and take a setup and
// then `each` per piece: the mean time until a lot is done. Infinite when the machine cannot keep
// up.
double lot_stay(double demand, double lot, double each, double setup);
double smallest_lot(double demand, double each, double setup);  // at which it just could
int64_t best_lot(double demand, double each, double setup);     // of the shortest stay

// M/M/1 that begins empty: mean wait of customers 1, 2, ..., `customers`.
std::vector<double> mm1_waits_from_empty(double arrival_rate, double service_rate,
                                         int64_t customers);

// M/M/1: `length` x the variance of the mean number present over a stationary run of that length,
// exact up to a term that falls exponentially with the length; its limit for ever longer runs.
double mm1_present_variance(double arrival_rate, double service_rate, double length);
double mm1_present_variance_limit(double arrival_rate, double service_rate);

}  // namespace windtunnel::factory
