// For the known-answer tests: a queue written as processes, the reference values, and the judgement
// of an interval against them.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "des/confidence.h"
#include "des/quantile_sketch.h"
#include "des/replication.h"
#include "des/resource.h"
#include "des/simulation.h"
#include "des/statistics.h"

namespace windtunnel::des::queueing {

using Sim = Simulation<base::Microseconds>;
using Duration = Sim::Duration;
using Time = Sim::Time;
using base::RandomStream;

// A debug build makes a tenth of the effort, and its intervals may be wider: by the root of ten and
// a half, since a short run knows its own spread less well.
#ifdef NDEBUG
inline constexpr double kEffort = 1;
inline constexpr double kWidth = 1;
#else
inline constexpr double kEffort = 0.1;
inline constexpr double kWidth = 5;
#endif

// Draws a time in seconds, the unit of all cases. A tick is a millionth of that.
using Draw = std::function<double(RandomStream&)>;
inline Draw exponential(double mean) {
  return [mean](RandomStream& random) { return random.exponential(mean); };
}
inline Draw constant(double value) {
  return [value](RandomStream&) { return value; };
}
inline Draw erlang2(double mean) {
  return [mean](RandomStream& random) {
    return random.exponential(mean / 2) + random.exponential(mean / 2);
  };
}
// Two branches with balanced means: p = (1 + sqrt((c - 1) / (c + 1))) / 2 for squared variation c.
inline Draw hyperexponential2(double mean, double squared_variation) {
  const double p = (1 + std::sqrt((squared_variation - 1) / (squared_variation + 1))) / 2;
  return [mean, p](RandomStream& random) {
    const bool first = random.uniform() < p;
    return random.exponential(mean / (2 * (first ? p : 1 - p)));
  };
}

// ---- reference values, computed apart from this project (queueing_references_test.cc reads them)

// Whether the file is there at all.
bool references_present();
// The figure of a row, if the file is there and has it.
std::optional<double> find_reference(const std::string& row, const std::string& field);

// ---- judgement

struct Case {
  std::string row;    // of the reference values
  std::string field;  // of the row
  double exact = 0;   // our own closed form
  // The 95 % interval must not be wider than this share of the value, or the test says nothing.
  double precision = 0.02;
  double bias = 0;  // share of the value the estimator may be off besides chance
};

// The value must lie in the 99.9 % interval of the replications: over the hundred or so figures of
// these tests the chance of a false alarm is then a tenth, and a wrong model fails at once. The
// closed form must agree with the reference file where that is present.
inline void judge(const Case& expected, const std::vector<double>& replications) {
  SCOPED_TRACE(expected.row + "." + expected.field);
  if (const auto reference = find_reference(expected.row, expected.field)) {
    EXPECT_NEAR(expected.exact, *reference, 1e-6 * std::abs(*reference)) << "closed form";
  } else {
    EXPECT_FALSE(references_present()) << "the reference file lacks this figure";
  }
  const Interval usual = confidence_interval(replications);
  const Interval wide = confidence_interval(replications, 0.999);
  const double slack = expected.bias * std::abs(expected.exact);
  EXPECT_LE(std::abs(wide.mean - expected.exact), wide.half_width + slack)
      << "exact " << expected.exact << ", simulated " << usual.mean << " +- " << usual.half_width;
  EXPECT_LE(usual.half_width, expected.precision * kWidth * std::abs(expected.exact))
      << "the interval is too wide to say anything";
}

template <class Sample>
std::vector<double> column(const std::vector<Sample>& samples, double Sample::*field) {
  std::vector<double> out;
  for (const Sample& sample : samples) out.push_back(sample.*field);
  return out;
}

// ---- one queue

struct QueueSpec {
  Draw interarrival;
  Draw service;
  int64_t servers = 1;
  bool loses = false;  // customers who would have to wait leave
};

struct QueueSample {
  double L = 0;   // mean number in the system
  double Lq = 0;  // and waiting
  double W = 0;   // mean time in the system
  double Wq = 0;  // and waiting
  double W_p95 = 0;
  double P_wait = 0;
  double B = 0;  // share lost
};

struct RunLength {
  int64_t replications = 20;
  double warm_up = 1000;
  double length = 10000;
};

class QueueModel {
 public:
  QueueModel(const QueueSpec& spec, uint64_t seed)
      : spec_(spec),
        servers_(sim_, spec.servers),
        arrival_(seed, "arrival"),
        service_(seed, "service") {
    sim_.spawn(arrivals());
  }
  Sim& kernel() { return sim_; }

  QueueSample run(const RunLength& length) {
    sim_.run_until(Time::at(Duration::from_seconds(length.warm_up)));
    restart();
    sim_.run_until(sim_.now() + Duration::from_seconds(length.length));
    const int64_t now = sim_.now_ticks();
    const auto done = static_cast<double>(stay_.count());
    QueueSample sample;
    sample.Lq = servers_.queue().mean(now);
    sample.L = sample.Lq + servers_.busy().mean(now);
    sample.W = stay_.mean();
    sample.Wq = wait_.mean();
    sample.W_p95 = stay_sketch_.quantile(0.95);
    sample.P_wait = static_cast<double>(waited_) / static_cast<double>(wait_.count());
    sample.B = static_cast<double>(lost_) / (static_cast<double>(lost_) + done);
    return sample;
  }

 private:
  Process arrivals() {
    for (;;) {
      co_await sim_.delay(Duration::from_seconds(spec_.interarrival(arrival_)));
      sim_.spawn(customer());
    }
  }

  Process customer() {
    const Time arrived = sim_.now();
    Grant server;
    if (spec_.loses) {
      server = servers_.try_acquire();
      if (!server) {
        ++lost_;
        co_return;
      }
    } else {
      server = co_await servers_.acquire();
    }
    const Duration wait = sim_.now() - arrived;
    wait_.add(wait.seconds());
    waited_ += wait > Duration::zero() ? 1 : 0;
    co_await sim_.delay(Duration::from_seconds(spec_.service(service_)));
    stay_.add((sim_.now() - arrived).seconds());
    stay_sketch_.add((sim_.now() - arrived).seconds());
  }

  void restart() {
    servers_.busy().restart(sim_.now_ticks());
    servers_.queue().restart(sim_.now_ticks());
    wait_ = {};
    stay_ = {};
    stay_sketch_ = {};
    waited_ = lost_ = 0;
  }

  Sim sim_;
  QueueSpec spec_;
  Resource servers_;
  RandomStream arrival_;
  RandomStream service_;
  Tally wait_;
  Tally stay_;
  QuantileSketch stay_sketch_;
  int64_t waited_ = 0;
  int64_t lost_ = 0;
};

inline std::vector<QueueSample> run_queue(const QueueSpec& spec, RunLength length,
                                          uint64_t seed = 1) {
  length.length *= kEffort;
  return replicate({.count = length.replications, .seed = seed, .threads = 2},
                   [&](Replication r) { return QueueModel(spec, r.seed).run(length); });
}

}  // namespace windtunnel::des::queueing
