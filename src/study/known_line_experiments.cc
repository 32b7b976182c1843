// Lines with little room between machines, and kits from stores that may be full.
#include <fmt/format.h>

#include <utility>

#include "factory/known_lines.h"
#include "report/measurements.h"
#include "study/known_experiment.h"
#include "study/known_plants.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using factory::Outcome;
using factory::SlottedMachine;

double finished(const Outcome& o) { return per_second(o.items.back().finished, o); }

std::string slotted_row(const SlottedMachine& first, const SlottedMachine& second,
                        int64_t capacity) {
  return fmt::format("Gershwin_r{}_p{}_r{}_p{}_N{}", first.repaired, first.fails, second.repaired,
                     second.fails, capacity);
}

// What is between the machines: in the buffer, at the second, and what blocks the first.
double between(const Outcome& o) {
  const double blocks =
      station_of(o, 0).shares[static_cast<size_t>(factory::MachineState::kBlocked)];
  return station_of(o, 1).present_mean + blocks;
}

KnownPlant slotted(const SlottedMachine& first, const SlottedMachine& second, int64_t capacity) {
  const factory::SlottedLine f = factory::slotted_line(first, second, capacity);
  const std::string row = slotted_row(first, second, capacity);
  KnownPlant p;
  p.name = fmt::format("{:g} and {:g} between, {} places", first.fails, second.fails, capacity);
  p.plant = slotted_plant(first, second, capacity - 2);
  p.warm_up = 100.0 * static_cast<double>(capacity);
  p.measured = 30'000;
  p.figures = {
      {row, "E", "pieces a slot", unit::kPerSecond, f.throughput, 0.01, finished},
      {row, "nbar", "pieces between", unit::kCount, f.level, capacity > 12 ? 0.1 : 0.05, between}};
  return p;
}

KnownPlant one_slotted(const char* name, const std::vector<SlottedMachine>& of, double expected,
                       const std::string& row, const char* field) {
  KnownPlant p;
  p.name = name;
  p.plant = slotted_machine_plant(of);
  p.warm_up = 100;
  p.measured = 30'000;
  p.figures = {{row, field, "pieces a slot", unit::kPerSecond, expected, 0.01, finished}};
  return p;
}

// Two machines with several buffers, and what they tend to with none and with any amount.
KnownExperiment slotted_lines(const char* name, const SlottedMachine& first,
                              const SlottedMachine& second,
                              const std::vector<int64_t>& capacities) {
  std::vector<KnownPlant> plants;
  for (const int64_t capacity : capacities) plants.push_back(slotted(first, second, capacity));
  const std::string row = slotted_row(first, second, capacities.front());
  plants.push_back(one_slotted("rigid", {first, second}, factory::slotted_line_rigid(first, second),
                               row, "E_zero"));
  plants.push_back(one_slotted("the slower alone",
                               {first.alone() < second.alone() ? first : second},
                               factory::slotted_line_unlimited(first, second), row, "E_inf"));
  return of_plants(name, "Gershwin and Schick's closed form (Buzacott's line)",
                   fmt::format("two machines that fail with chances {} and {} before a piece and "
                               "are repaired with {} and {} a slot",
                               first.fails, second.fails, first.repaired, second.repaired),
                   std::move(plants));
}

KnownPlant blocking(const std::vector<double>& rates, int64_t buffer, const std::string& row) {
  KnownPlant p;
  p.name = fmt::format("rates {}, {} places", fmt::join(rates, " "), buffer);
  p.plant = exponential_line_plant(rates, buffer);
  p.warm_up = 500;
  p.measured = 6'000;
  p.figures = {{row, "TH", "pieces a second", unit::kPerSecond,
                factory::exponential_line(rates, buffer), 0.01, finished}};
  return p;
}

KnownExperiment blocking_lines() {
  std::vector<KnownPlant> plants;
  for (int k = 2; k <= 4; ++k) {
    for (int64_t b = 0; b <= 4; ++b)
      plants.push_back(blocking(std::vector<double>(static_cast<size_t>(k), 1), b,
                                fmt::format("exp_tandem_k{}_b{}", k, b)));
  }
  plants.push_back(blocking({1, 0.8, 1}, 1, "exp_tandem_1_0.8_1_b1"));
  plants.push_back(blocking({0.9, 1.1, 1.1, 0.9}, 0, "exp_tandem_bowl_reverse_0.9_1.1_1.1_0.9_b0"));
  plants.push_back(blocking({1.1, 0.9, 0.9, 1.1}, 0, "exp_tandem_1.1_0.9_0.9_1.1_b0"));
  return of_plants("factory-blocking", "Markov chain of Hillier and Boling's line",
                   "two to four exponential machines with few places between them",
                   std::move(plants));
}

KnownPlant kits(int64_t capacity) {
  KnownPlant p;
  p.name = fmt::format("stores of {}", capacity);
  p.plant = kitting_plant(1, capacity);
  p.warm_up = 500;
  p.measured = 6'000;
  p.figures = {{fmt::format("kitting_2streams_K{}_lam1", capacity), "TH", "pairs a second",
                unit::kPerSecond, factory::kitting_rate(1, capacity), 0.01, finished}};
  return p;
}

}  // namespace

std::vector<KnownExperiment> known_line_experiments() {
  std::vector<KnownExperiment> all;
  const SlottedMachine good{0.1, 0.01};
  const SlottedMachine worse{0.1, 0.02};
  all.push_back(slotted_lines("factory-transfer-1", good, good, {4, 6, 12, 22, 52}));
  all.push_back(slotted_lines("factory-transfer-2", good, worse, {4, 6, 22, 52}));
  all.push_back(slotted_lines("factory-transfer-3", {0.2, 0.05}, worse, {4, 6, 12, 22, 52}));
  all.push_back(blocking_lines());
  all.push_back(of_plants("factory-kitting", "walk between two full stores",
                          "two streams of parts leave in pairs; what finds its store full is lost",
                          {kits(1), kits(5), kits(10)}));
  return all;
}

}  // namespace windtunnel::study
