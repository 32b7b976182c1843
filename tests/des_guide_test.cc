// The example of docs/des.md, compiled and run: a small workshop. The page quotes this file, and
// the last test here compares the two, so that neither can change alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "des/combine.h"
#include "des/confidence.h"
#include "des/quantile_sketch.h"
#include "des/replication.h"
#include "des/resource.h"
#include "des/signal.h"
#include "des/simulation.h"
#include "des/statistics.h"
#include "des/store.h"
#include "tests/support/source_dir.h"

namespace windtunnel {
namespace {

using namespace des;  // NOLINT(google-build-using-namespace): as a program of its own would

using Sim = Simulation<base::Microseconds>;
using Duration = Sim::Duration;
using Time = Sim::Time;

struct Order {
  Time placed;
  int64_t pieces = 1;
};

struct Result {
  double orders = 0;
  double hours_mean = 0;
  double hours_p95 = 0;
  double machine_busy = 0;
  double breakdowns = 0;
};

class Workshop {
 public:
  explicit Workshop(uint64_t seed)
      : fitters_(sim_, 2),
        orders_(sim_, 20),
        power_(sim_, true),
        arrivals_(seed, "arrivals"),
        work_(seed, "work"),
        faults_(seed, "machine 1", 0) {
    sim_.spawn(customers());
    machine_ = sim_.spawn(machine());
    sim_.spawn(wear());
    sim_.spawn(nights());
  }
  Sim& kernel() { return sim_; }

  Result run(Duration warm_up, Duration length) {
    sim_.run_until(Time::at(warm_up));
    hours_ = {};
    hours_sketch_ = {};
    busy_.restart(sim_.now_ticks());
    breakdowns_ = 0;
    sim_.run_until(sim_.now() + length);
    return {static_cast<double>(hours_.count()), hours_.mean(), hours_sketch_.quantile(0.95),
            busy_.mean(sim_.now_ticks()), static_cast<double>(breakdowns_)};
  }

 private:
  Process customers() {
    for (;;) {
      co_await sim_.delay(Duration::from_seconds(arrivals_.exponential(3600)));
      Order order{sim_.now(), static_cast<int64_t>(1 + work_.below(4))};
      if (!orders_.try_put(order)) ++turned_away_;
    }
  }

  // One order after the other; a fitter sets the machine up and is free again while it runs.
  Process machine() {
    for (;;) {
      const Order order = co_await orders_.get();
      co_await power_.wait();
      {
        const Grant fitter = co_await fitters_.acquire();
        co_await sim_.delay(Duration::s(5 * 60));
      }
      for (int64_t piece = 0; piece < order.pieces; ++piece) co_await make_piece();
      const double hours = (sim_.now() - order.placed).seconds() / 3600;
      hours_.add(hours);
      hours_sketch_.add(hours);
    }
  }

  // A breakdown cuts the work short; what was left is done after the repair.
  Process make_piece() {
    Duration left = Duration::from_seconds(work_.lognormal(6, 0.5));
    while (left > Duration::zero()) {
      busy_.set(sim_.now_ticks(), 1);
      const auto outcome = co_await sim_.delay(left).interruptible();
      busy_.set(sim_.now_ticks(), 0);
      left = outcome.remaining;
      if (outcome.interrupted) co_await repair();
    }
  }

  // A repair outranks a set-up, and is given up on after an hour: then it starts from the
  // beginning.
  Process repair() {
    ++breakdowns_;
    for (bool done = false; !done;) {
      const Grant fitter = co_await fitters_.acquire({.amount = 1, .priority = -1});
      const Duration needed = Duration::from_seconds(faults_.exponential(30 * 60));
      const auto first = co_await any_of(sim_.delay(needed), sim_.delay(Duration::s(3600)));
      done = first.index() == 0;
    }
  }

  Process wear() {
    for (;;) {
      co_await sim_.delay(Duration::from_seconds(faults_.exponential(8 * 3600)));
      if (busy_.value() > 0) sim_.interrupt(machine_, {kFault, 0});
    }
  }

  // Power goes off from 22:00 to 06:00. What is being made goes on; nothing new begins.
  Process nights() {
    for (;;) {
      co_await sim_.delay(Duration::s(16 * 3600));
      power_.close();
      co_await sim_.delay(Duration::s(8 * 3600));
      power_.open();
    }
  }

  static constexpr uint32_t kFault = 1;  // causes count from 1; 0 is the kernel's

  Sim sim_;  // first: what follows refers to it
  Resource fitters_;
  Store<Order> orders_;
  Gate power_;
  base::RandomStream arrivals_;
  base::RandomStream work_;
  base::RandomStream faults_;
  ProcessId machine_;
  Tally hours_;
  QuantileSketch hours_sketch_;
  Level busy_;
  int64_t turned_away_ = 0;
  int64_t breakdowns_ = 0;
};

std::vector<Result> ten_workshops(int threads) {
  return replicate({.count = 10, .seed = 7, .threads = threads}, [](Replication r) {
    Workshop workshop(r.seed);
    return workshop.run(Duration::s(7 * 86'400), Duration::s(60 * 86'400));
  });
}

TEST(DesGuide, TheWorkshopRunsTheSameOnAnyNumberOfThreads) {
  const std::vector<Result> one = ten_workshops(1);
  const std::vector<Result> two = ten_workshops(2);
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].hours_mean, two[i].hours_mean);
    EXPECT_EQ(one[i].orders, two[i].orders);
    EXPECT_GT(one[i].breakdowns, 10);
    EXPECT_GT(one[i].hours_p95, one[i].hours_mean);
  }
}

// A piece takes exp(6 + 0.5^2 / 2) s = 457 s on average and an order has 2.5 of them, one an hour:
// the machine works 0.317 of the time, as long as nobody is turned away.
TEST(DesGuide, TheMachineIsAsBusyAsItsWorkSays) {
  std::vector<double> busy;
  for (const Result& r : ten_workshops(2)) busy.push_back(r.machine_busy);
  const Interval interval = confidence_interval(busy, 0.999);
  EXPECT_TRUE(interval.contains(0.3174)) << interval.mean << " +- " << interval.half_width;
  EXPECT_LT(interval.relative(), 0.1);
}

std::string read(const char* path) {
  std::ifstream file(source_dir() / path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}
// Lines without their indentation, so that the page may quote the inside of a class.
std::string flat(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos) out += line.substr(first) + "\n";
  }
  return out;
}

TEST(DesGuide, ThePageQuotesThisFile) {
  const std::string page = read("docs/des.md");
  const std::string code = flat(read("tests/des_guide_test.cc"));
  const std::string fence = "```cpp\n";
  int blocks = 0;
  for (size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at + 1)) {
    const size_t begin = at + fence.size();
    const std::string block = flat(page.substr(begin, page.find("```", begin) - begin));
    EXPECT_NE(code.find(block), std::string::npos) << "not in tests/des_guide_test.cc:\n" << block;
    ++blocks;
  }
  EXPECT_GE(blocks, 6);
}

}  // namespace
}  // namespace windtunnel
