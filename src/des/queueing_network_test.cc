// Known answers: networks, breakdowns and blocking, written as processes.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "des/queueing_fixture.h"
#include "des/signal.h"
#include "des/store.h"

namespace windtunnel::des::queueing {
namespace {

// What all models here share: a world with its seed, and the warm-up.
class Plant {
 public:
  explicit Plant(uint64_t seed) : seed_(seed) {}
  virtual ~Plant() = default;
  Sim& kernel() { return sim_; }
  void run(const RunLength& length) {
    sim_.run_until(Time::at(Duration::from_seconds(length.warm_up)));
    restart();
    sim_.run_until(sim_.now() + Duration::from_seconds(length.length));
  }

 protected:
  virtual void restart() = 0;
  RandomStream stream(const std::string& name) const { return {seed_, name}; }
  auto spend(double seconds) { return sim_.delay(Duration::from_seconds(seconds)); }
  Sim sim_;
  uint64_t seed_;
};

template <class Model>
auto replicate_model(RunLength length, const std::function<void(Model&)>& set_up = {}) {
  length.length *= kEffort;
  return replicate({.count = length.replications, .seed = 1, .threads = 2}, [&](Replication r) {
    Model model(r.seed);
    if (set_up) set_up(model);
    model.run(length);
    return model.sample();
  });
}

// ---- breakdowns: the machine is interrupted while it works and takes up the rest after repair

struct BreakdownSample {
  double Wq = 0;
  double busy = 0;
};

// Poisson parts at 0.7 to one machine with exponential service of mean 1. Failures come after
// exponential running time of mean 20; repairs are exponential of mean 2. Running time is
// memoryless, so a clock that runs all the time and strikes only when the machine works is the same
// process.
class FailingMachine final : public Plant {
 public:
  explicit FailingMachine(uint64_t seed) : Plant(seed), parts_(sim_) {
    machine_ = sim_.spawn(machine());
    sim_.spawn(source(stream("arrival")));
    sim_.spawn(failures(stream("failure")));
  }
  BreakdownSample sample() { return {wait_.mean(), busy_.mean(sim_.now_ticks())}; }

 private:
  Process source(RandomStream random) {
    for (;;) {
      co_await spend(random.exponential(1 / 0.7));
      co_await parts_.put(sim_.now());
    }
  }
  Process failures(RandomStream random) {
    for (;;) {
      co_await spend(random.exponential(20));
      if (working_) sim_.interrupt(machine_, {kFailure, 0});
    }
  }
  Process machine() {
    RandomStream service = stream("service");
    RandomStream repair = stream("repair");
    for (;;) {
      const Time arrived = co_await parts_.get();
      wait_.add((sim_.now() - arrived).seconds());
      busy_.set(sim_.now_ticks(), 1);
      Duration left = Duration::from_seconds(service.exponential(1));
      while (left > Duration::zero()) {
        working_ = true;
        const auto outcome = co_await sim_.delay(left).interruptible();
        working_ = false;
        left = outcome.remaining;
        if (outcome.interrupted) co_await spend(repair.exponential(2));
      }
      busy_.set(sim_.now_ticks(), 0);
    }
  }
  void restart() override {
    wait_ = {};
    busy_.restart(sim_.now_ticks());
  }
  static constexpr uint32_t kFailure = 1;
  Store<Time> parts_;
  ProcessId machine_;
  bool working_ = false;
  Tally wait_;
  Level busy_;
};

// Completion time C of a part = service S + repairs of a Poisson number of failures of mean S / 20:
// E[C] = 1 + 2/20, E[C^2] = E[S^2] (1 + 2/20)^2 + E[S] E[R^2] / 20; then M/G/1 with service C.
void judge_breakdown(const std::vector<BreakdownSample>& samples) {
  const double first = 1 + 2.0 / 20;
  const double second = 2 * first * first + 2 * 2.0 * 2.0 / 20;
  const double rho = 0.7 * first;
  const std::string row = "MG1_breakdown_t1_mtbf20_mttr2_lam0.7";
  judge({row, "Wq", 0.7 * second / (2 * (1 - rho)), 0.03}, column(samples, &BreakdownSample::Wq));
  judge({row, "rho", rho, 0.01}, column(samples, &BreakdownSample::busy));
}

TEST(QueueingNetwork, MachineThatFailsWhileRunning) {
  judge_breakdown(replicate_model<FailingMachine>({20, 2'000, 150'000}));
}

// The same by pre-emption: failures are users of the machine with better priority.
class PreemptedMachine final : public Plant {
 public:
  explicit PreemptedMachine(uint64_t seed)
      : Plant(seed), machine_(sim_, 1), service_(stream("service")) {
    sim_.spawn(source(stream("arrival")));
    sim_.spawn(failures(stream("failure"), stream("repair")));
  }
  BreakdownSample sample() { return {wait_.mean(), machine_.busy().mean(sim_.now_ticks())}; }

 private:
  Process source(RandomStream random) {
    for (;;) {
      co_await spend(random.exponential(1 / 0.7));
      sim_.spawn(part());
    }
  }
  Process part() {
    const Time arrived = sim_.now();
    Duration left = Duration::from_seconds(service_.exponential(1));
    // What was begun is finished first: priority 1 for the rest, 2 for those who have not begun.
    for (int32_t priority = 2; left > Duration::zero(); priority = 1) {
      const Grant grant = co_await machine_.acquire({1, priority});
      if (priority == 2) wait_.add((sim_.now() - arrived).seconds());
      part_inside_ = true;
      left = (co_await sim_.delay(left).interruptible()).remaining;
      part_inside_ = false;
    }
  }
  Process failures(RandomStream failure, RandomStream repair) {
    for (;;) {
      co_await spend(failure.exponential(20));
      if (!part_inside_) continue;
      const Grant grant = co_await machine_.acquire({1, 0, true});
      co_await spend(repair.exponential(2));
    }
  }
  void restart() override {
    wait_ = {};
    machine_.busy().restart(sim_.now_ticks());
  }
  Resource machine_;
  RandomStream service_;
  bool part_inside_ = false;
  Tally wait_;
};

TEST(QueueingNetwork, MachineThatIsPreemptedByFailures) {
  judge_breakdown(replicate_model<PreemptedMachine>({20, 2'000, 150'000}));
}

// ---- machines and a repair crew

struct RepairSample {
  double availability = 0;
  double down = 0;
  double waiting = 0;
};

class RepairShop final : public Plant {
 public:
  explicit RepairShop(uint64_t seed) : Plant(seed) {}
  void set(int machines, int crew, double up, double repair) {
    machines_ = machines;
    crew_ = std::make_unique<Resource>(sim_, crew);
    for (int i = 0; i < machines; ++i) {
      sim_.spawn(machine(stream("machine " + std::to_string(i)), up, repair));
    }
  }
  RepairSample sample() {
    const int64_t now = sim_.now_ticks();
    const double waiting = crew_->queue().mean(now);
    const double down = waiting + crew_->busy().mean(now);
    return {1 - down / machines_, down, waiting};
  }

 private:
  Process machine(RandomStream random, double up, double repair) {
    for (;;) {
      co_await spend(random.exponential(up));
      const Grant crew = co_await crew_->acquire();
      co_await spend(random.exponential(repair));
    }
  }
  void restart() override {
    crew_->busy().restart(sim_.now_ticks());
    crew_->queue().restart(sim_.now_ticks());
  }
  int machines_ = 0;
  std::unique_ptr<Resource> crew_;
};

// Birth and death of the number of machines down.
RepairSample repair_shop(int machines, int crew, double up, double repair) {
  double weight = 1;
  double sum = 0;
  RepairSample mean;
  for (int down = 0; down <= machines; ++down) {
    sum += weight;
    mean.down += weight * down;
    mean.waiting += weight * std::max(0, down - crew);
    weight *= (machines - down) / up / (std::min(down + 1, crew) / repair);
  }
  mean.down /= sum;
  mean.waiting /= sum;
  mean.availability = 1 - mean.down / machines;
  return mean;
}

void check_repair(int machines, int crew, double up, double repair, const std::string& row) {
  const auto samples = replicate_model<RepairShop>(
      {20, 2'000, 200'000}, [&](RepairShop& shop) { shop.set(machines, crew, up, repair); });
  const RepairSample exact = repair_shop(machines, crew, up, repair);
  judge({row, "availability", exact.availability, 0.01},
        column(samples, &RepairSample::availability));
  judge({row, "down", exact.down, 0.02}, column(samples, &RepairSample::down));
  judge({row, "waiting", exact.waiting, 0.05}, column(samples, &RepairSample::waiting));
}

TEST(QueueingNetwork, MachinesAndOneRepairer) {
  check_repair(10, 1, 100, 8, "repair_N10_R1_mtbf100.0_mttr8.0");
}
TEST(QueueingNetwork, MachinesAndTwoRepairers) {
  check_repair(10, 2, 100, 8, "repair_N10_R2_mtbf100.0_mttr8.0");
  check_repair(20, 2, 50, 4, "repair_N20_R2_mtbf50.0_mttr4.0");
}

// ---- Jackson networks

struct JacksonSample {
  double L1 = 0;
  double L2 = 0;
  double L = 0;
  double W = 0;
  double visits = 0;
};

// Arrivals at 1 to station 1 (rate 1.5), then station 2 (rate 1.3); one of ten goes back to 1.
class Rework final : public Plant {
 public:
  explicit Rework(uint64_t seed)
      : Plant(seed),
        first_(sim_, 1),
        second_(sim_, 1),
        service1_(stream("service 1")),
        service2_(stream("service 2")),
        fate_(stream("fate")) {
    sim_.spawn(source(stream("arrival")));
  }
  JacksonSample sample() {
    const int64_t now = sim_.now_ticks();
    const double in1 = first_.busy().mean(now) + first_.queue().mean(now);
    const double in2 = second_.busy().mean(now) + second_.queue().mean(now);
    return {in1, in2, in1 + in2, stay_.mean(), visits_.mean()};
  }

 private:
  Process source(RandomStream random) {
    for (;;) {
      co_await spend(random.exponential(1));
      sim_.spawn(job());
    }
  }
  Process visit(Resource& station, RandomStream& service, double mean) {
    const Grant grant = co_await station.acquire();
    co_await spend(service.exponential(mean));
  }
  Process job() {
    const Time arrived = sim_.now();
    int visits = 0;
    do {
      ++visits;
      co_await visit(first_, service1_, 1 / 1.5);
      co_await visit(second_, service2_, 1 / 1.3);
    } while (fate_.chance(1, 10));
    visits_.add(visits);
    stay_.add((sim_.now() - arrived).seconds());
  }
  void restart() override {
    for (Resource* station : {&first_, &second_}) {
      station->busy().restart(sim_.now_ticks());
      station->queue().restart(sim_.now_ticks());
    }
    stay_ = visits_ = {};
  }
  Resource first_;
  Resource second_;
  RandomStream service1_;
  RandomStream service2_;
  RandomStream fate_;
  Tally stay_;
  Tally visits_;
};

TEST(QueueingNetwork, OpenJacksonWithRework) {
  const auto samples = replicate_model<Rework>({20, 3'000, 150'000});
  const double visits = 1 / 0.9;
  const double rho1 = visits / 1.5;
  const double rho2 = visits / 1.3;
  const double in1 = rho1 / (1 - rho1);
  const double in2 = rho2 / (1 - rho2);
  judge({"JacksonRework", "visit_rate", visits, 0.01}, column(samples, &JacksonSample::visits));
  judge({"JacksonRework", "L1", in1, 0.02}, column(samples, &JacksonSample::L1));
  judge({"JacksonRework", "L2", in2, 0.03}, column(samples, &JacksonSample::L2));
  judge({"JacksonRework", "L", in1 + in2, 0.03}, column(samples, &JacksonSample::L));
  judge({"JacksonRework", "W", in1 + in2, 0.03}, column(samples, &JacksonSample::W));
}

struct ClosedSample {
  double TH = 0;
  double Q1 = 0;
  double Q2 = 0;
  double Q3 = 0;
  double CT = 0;
};
constexpr std::array<double, 3> kMeans{1, 0.8, 0.5};

class ClosedLoop final : public Plant {
 public:
  explicit ClosedLoop(uint64_t seed) : Plant(seed) {
    for (int i = 0; i < 3; ++i) {
      stations_.push_back(std::make_unique<Resource>(sim_, 1));
      services_.push_back(stream("service " + std::to_string(i)));
    }
  }
  void set(int pallets) {
    for (int i = 0; i < pallets; ++i) sim_.spawn(pallet());
  }
  ClosedSample sample() {
    const int64_t now = sim_.now_ticks();
    std::array<double, 3> q{};
    for (size_t i = 0; i < 3; ++i) {
      q[i] = stations_[i]->busy().mean(now) + stations_[i]->queue().mean(now);
    }
    const double span = static_cast<double>(now - since_) / 1e6;
    return {static_cast<double>(cycle_.count()) / span, q[0], q[1], q[2], cycle_.mean()};
  }

 private:
  Process pallet() {
    for (;;) {
      const Time begun = sim_.now();
      for (size_t i = 0; i < 3; ++i) {
        const Grant grant = co_await stations_[i]->acquire();
        co_await spend(services_[i].exponential(kMeans[i]));
      }
      cycle_.add((sim_.now() - begun).seconds());
    }
  }
  void restart() override {
    since_ = sim_.now_ticks();
    cycle_ = {};
    for (auto& station : stations_) {
      station->busy().restart(since_);
      station->queue().restart(since_);
    }
  }
  std::vector<std::unique_ptr<Resource>> stations_;
  std::vector<RandomStream> services_;
  int64_t since_ = 0;
  Tally cycle_;
};

// Mean value analysis (Reiser and Lavenberg 1980).
ClosedSample closed_loop(int pallets) {
  std::array<double, 3> q{};
  ClosedSample out;
  for (int n = 1; n <= pallets; ++n) {
    std::array<double, 3> stay{};
    out.CT = 0;
    for (size_t i = 0; i < 3; ++i) {
      stay[i] = kMeans[i] * (1 + q[i]);
      out.CT += stay[i];
    }
    out.TH = n / out.CT;
    for (size_t i = 0; i < 3; ++i) q[i] = out.TH * stay[i];
  }
  out.Q1 = q[0];
  out.Q2 = q[1];
  out.Q3 = q[2];
  return out;
}

TEST(QueueingNetwork, ClosedJackson) {
  for (const int pallets : {1, 2, 3, 5, 10, 20}) {
    const auto samples = replicate_model<ClosedLoop>({20, 1'000, 30'000},
                                                     [&](ClosedLoop& loop) { loop.set(pallets); });
    const std::string row = "closedJackson_1_0.8_0.5_N" + std::to_string(pallets);
    const ClosedSample exact = closed_loop(pallets);
    judge({row, "TH", exact.TH, 0.01}, column(samples, &ClosedSample::TH));
    judge({row, "CT", exact.CT, 0.01}, column(samples, &ClosedSample::CT));
    judge({row, "Q1", exact.Q1, 0.05}, column(samples, &ClosedSample::Q1));
    judge({row, "Q2", exact.Q2, 0.05}, column(samples, &ClosedSample::Q2));
    judge({row, "Q3", exact.Q3, 0.05}, column(samples, &ClosedSample::Q3));
  }
}

// ---- blocking: a saturated line of exponential machines with b places between neighbours

struct LineSample {
  double TH = 0;
};

// Blocking after service: a part keeps its machine until there is a place ahead.
class BlockingLine final : public Plant {
 public:
  explicit BlockingLine(uint64_t seed) : Plant(seed) {}
  void set(size_t machines, int64_t places) {
    for (size_t i = 0; i < machines; ++i) {
      services_.push_back(stream("service " + std::to_string(i)));
      // A machine and the places before it; the first has parts without end.
      machines_.push_back(std::make_unique<Resource>(sim_, 1));
      rooms_.push_back(std::make_unique<Resource>(sim_, places + 1));
    }
    sim_.spawn(source());
  }
  LineSample sample() {
    return {static_cast<double>(done_) / (static_cast<double>(sim_.now_ticks() - since_) / 1e6)};
  }

 private:
  Process source() {
    for (;;) {
      Grant room = co_await rooms_[0]->acquire();
      sim_.spawn(part(std::move(room)));
    }
  }
  Process part(Grant room) {
    for (size_t i = 0; i < machines_.size(); ++i) {
      Grant machine = co_await machines_[i]->acquire();
      co_await spend(services_[i].exponential(1));
      if (i + 1 < machines_.size()) room = co_await next_room(i + 1, std::move(room));
    }
    ++done_;
  }
  // Takes the place ahead before it gives up its own.
  Task<Grant> next_room(size_t i, Grant behind) {
    Grant ahead = co_await rooms_[i]->acquire();
    behind.release();
    co_return std::move(ahead);
  }
  void restart() override {
    since_ = sim_.now_ticks();
    done_ = 0;
  }
  std::vector<RandomStream> services_;
  std::vector<std::unique_ptr<Resource>> machines_;
  std::vector<std::unique_ptr<Resource>> rooms_;
  int64_t done_ = 0;
  int64_t since_ = 0;
};

// Two machines: (b + 2) / (b + 3). Three and four: Hillier and Boling (1967), to six digits.
TEST(QueueingNetwork, BlockingLines) {
  const struct {
    size_t machines;
    int64_t places;
    double throughput;
  } rows[] = {{2, 0, 2.0 / 3},
              {2, 1, 3.0 / 4},
              {2, 4, 6.0 / 7},
              {3, 0, 22.0 / 39},
              {3, 2, 0.7340166721398137},
              {4, 1, 0.6311526853770533}};
  for (const auto& row : rows) {
    const auto samples = replicate_model<BlockingLine>(
        {20, 500, 20'000}, [&](BlockingLine& line) { line.set(row.machines, row.places); });
    const std::string name =
        "exp_tandem_k" + std::to_string(row.machines) + "_b" + std::to_string(row.places);
    judge({name, "TH", row.throughput, 0.01}, column(samples, &LineSample::TH));
  }
}

}  // namespace
}  // namespace windtunnel::des::queueing
