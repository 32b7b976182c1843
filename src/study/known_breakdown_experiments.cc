// Breakdowns by running time and by the clock, with few repairers; kits of which all must be good.
#include <fmt/format.h>

#include <cmath>

#include "factory/known_queues.h"
#include "report/measurements.h"
#include "study/known_experiment.h"
#include "study/known_plants.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using factory::MachineState;
using factory::Outcome;

double share(const Outcome& o, MachineState state) {
  return station_of(o).shares[static_cast<size_t>(state)];
}

KnownPlant breaks_while_running() {
  constexpr char kRow[] = "MG1_breakdown_t1_mtbf20_mttr2_lam0.7";
  const factory::BreakdownFigures f = factory::mg1_with_breakdowns(0.7, 1, 20, 2);
  KnownPlant p;
  p.plant = breakdown_plant(0.7, 1, 20, 2);
  p.warm_up = 2'000;
  p.measured = 120'000;
  p.figures = {
      {kRow, "EC", "time at the machine, repairs included", unit::kSeconds, f.completion, 0.01,
       [](const Outcome& o) { return station_of(o).stay_mean - station_of(o).wait.mean(); }},
      {kRow, "rho", "load", unit::kShare, f.load, 0.01,
       [](const Outcome& o) {
         return share(o, MachineState::kWorking) + share(o, MachineState::kDown);
       }},
      {kRow, "Wq", "wait", unit::kSeconds, f.wait, 0.045,
       [](const Outcome& o) { return station_of(o).wait.mean(); }},
      {kRow, "A", "share of its running time that it works", unit::kShare, f.availability, 0.01,
       [](const Outcome& o) {
         const double works = share(o, MachineState::kWorking);
         return works / (works + share(o, MachineState::kDown));
       }},
  };
  return p;
}

KnownPlant shared_repairers(int64_t machines, int64_t repairers, double between, double repair) {
  const factory::RepairFigures f = factory::machine_repair(machines, repairers, between, repair);
  const std::string row =
      fmt::format("repair_N{}_R{}_mtbf{:.1f}_mttr{:.1f}", machines, repairers, between, repair);
  KnownPlant p;
  p.name = fmt::format("{} machines, {} repairers", machines, repairers);
  p.plant = repair_plant(machines, repairers, between, repair);
  p.warm_up = 1'000;
  p.measured = 120'000;
  const auto count = static_cast<double>(machines);
  p.figures = {
      {row, "availability", "share of time up", unit::kShare, f.availability, 0.01,
       [](const Outcome& o) { return 1 - share(o, MachineState::kDown); }},
      {row, "down", "machines down", unit::kCount, f.down, 0.025,
       [count](const Outcome& o) { return count * share(o, MachineState::kDown); }},
      {row, "waiting", "machines waiting for a repairer", unit::kCount, f.waiting, 0.055,
       [](const Outcome& o) { return o.crews.front().waiting_mean; }},
  };
  return p;
}

KnownPlant kit(int64_t bad_of, const char* field, double measured, double width) {
  constexpr int64_t kJoints = 43;
  const double good = 1 - 1 / static_cast<double>(bad_of);
  KnownPlant p;
  p.name = fmt::format("one joint in {} is bad", bad_of);
  p.plant = kit_plant(kJoints, {bad_of - 1, bad_of});
  p.warm_up = 10;
  p.measured = measured;
  p.figures = {{"kit43", field, "robots with 43 good joints", unit::kShare, std::pow(good, kJoints),
                width, [](const Outcome& o) {
                  const auto done = static_cast<double>(o.items.front().finished);
                  return done / (done + static_cast<double>(o.items.front().scrapped));
                }}};
  return p;
}

}  // namespace

std::vector<KnownExperiment> known_breakdown_experiments() {
  std::vector<KnownExperiment> all;
  all.push_back(of_plants("factory-breakdowns", "Pollaczek and Khinchine with completion times",
                          "one machine that breaks down while it runs and resumes after the repair",
                          {breaks_while_running()}));
  all.push_back(of_plants("factory-repair-crew", "birth and death chain",
                          "machines that fail by the clock and share repairers",
                          {shared_repairers(10, 1, 100, 8), shared_repairers(10, 2, 100, 8),
                           shared_repairers(20, 2, 50, 4)}));
  all.push_back(of_plants(
      "factory-kit43", "p to the power of 43", "a robot is good when all of its 43 joints are",
      {kit(100, "p_all_good_0_99", 3'500, 0.01), kit(1'000, "p_all_good_0_999", 1'500, 0.005),
       kit(10'000, "p_all_good_0_9999", 1'000, 0.002)}));
  return all;
}

}  // namespace windtunnel::study
