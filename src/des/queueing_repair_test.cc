// Known answers: machines that break down, written as interrupts, as pre-emption, and as work for a
// crew.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "des/queueing_plant.h"
#include "des/store.h"

namespace windtunnel::des::queueing {
namespace {

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

TEST(QueueingRepair, MachineThatFailsWhileRunning) {
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

TEST(QueueingRepair, MachineThatIsPreemptedByFailures) {
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

TEST(QueueingRepair, MachinesAndOneRepairer) {
  check_repair(10, 1, 100, 8, "repair_N10_R1_mtbf100.0_mttr8.0");
}
TEST(QueueingRepair, MachinesAndTwoRepairers) {
  check_repair(10, 2, 100, 8, "repair_N10_R2_mtbf100.0_mttr8.0");
  check_repair(20, 2, 50, 4, "repair_N20_R2_mtbf50.0_mttr4.0");
}

}  // namespace
}  // namespace windtunnel::des::queueing
