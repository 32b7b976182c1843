// The reference plant F0 against published figures of it: a whole factory in small.
#include <fmt/format.h>

#include <span>
#include <utility>

#include "report/measurements.h"
#include "study/known_experiment.h"
#include "study/reference_plant.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using factory::Outcome;

constexpr char kRow[] = "F0";
constexpr double kHour = 3600;
// Published half widths are those of 95 %; ours are of 99.9 %, with 30 replications 1.8 times as
// wide. The difference of two means is to be within both.
constexpr double kWiden = 1.8;
constexpr int64_t kRuns = 30;
constexpr int64_t kFewRuns = 10;  // where effects are large

// Warming up costs most of a short run, so less effort is also fewer runs.
int64_t runs_at(int64_t full, const KnownEffort& effort) {
  return effort.length < 1 ? full / 3 : full;
}

double joints_in_stock(const Outcome& o) {
  double sum = 0;
  for (size_t f = 0; f < kReferenceFamilies; ++f) sum += o.items[f].stock_mean;
  return sum;
}

struct Cell {
  ReferencePlant settings;
  const char* name;
  double robots;
  double half_width;
  double stock;  // 0: not published
};

KnownResult result(const Cell& c, const char* what, std::span<const double> runs, double expected,
                   double level) {
  KnownResult r;
  r.row = kRow;
  r.field = fmt::format("{}: {}", c.name, what);
  r.what = r.field;
  r.unit = unit::kCount;
  r.ours = des::confidence_interval(runs, level);
  r.expected = expected;
  r.width = 0.005;
  return r;
}

// Robots a year, run by run. Counts follow the length of the run, so a short one is scaled up.
struct CellRuns {
  std::vector<double> robots;
  std::vector<double> stock;
  std::vector<double> piled_up;  // made and not through their test
};

CellRuns run_cell(const ReferencePlant& settings, int64_t replications, const KnownEffort& effort) {
  KnownPlant year;
  year.plant = reference_plant(settings);
  year.warm_up = 1'440 * kHour;
  year.measured = 8'760 * kHour;
  year.replications = runs_at(replications, effort);
  CellRuns runs;
  for (const Outcome& o : replicate_plant(year, effort)) {
    const factory::ItemOutcome& robot = o.items[kReferenceRobot];
    runs.robots.push_back(static_cast<double>(robot.finished) / effort.length);
    runs.piled_up.push_back(static_cast<double>(robot.released - robot.finished) / effort.length);
    runs.stock.push_back(joints_in_stock(o));
  }
  return runs;
}

CellRuns judge_cell(const Cell& c, int64_t replications, const KnownEffort& effort,
                    std::vector<KnownResult>& results) {
  CellRuns runs = run_cell(c.settings, replications, effort);
  KnownResult made = result(c, "robots a year", runs.robots, c.robots, effort.level);
  made.bias = kWiden * c.half_width / c.robots;
  results.push_back(std::move(made));
  if (c.stock > 0) {
    results.push_back(result(c, "joints in stock", runs.stock, c.stock, effort.level));
    results.back().width = 0.03;
    results.back().bias = 0.02;  // published to the piece, without an interval
  }
  return runs;
}

// What the best order of families makes over what the worst does, run by run with common random
// numbers.
KnownResult order_effect(const Cell& best, const CellRuns& runs, double published,
                         const KnownEffort& effort) {
  ReferencePlant settings = best.settings;
  settings.order = {0, 2, 5, 3, 1, 4};
  const CellRuns worst = run_cell(settings, kFewRuns, effort);
  std::vector<double> ratios;
  for (size_t i = 0; i < worst.robots.size(); ++i)
    ratios.push_back(runs.robots[i] / worst.robots[i]);
  KnownResult r =
      result(best, "best order of families over worst", ratios, published, effort.level);
  r.width = 0.01;
  r.bias = 0.005;  // published to three digits, from runs that were not paired
  return r;
}

// The benches take what assembly makes, or robots pile up: by what 10 benches ship over what these
// do.
void judge_benches(const KnownEffort& effort, std::vector<KnownResult>& results) {
  Cell cell{{}, "lot 8, 9 benches", 12'333, 28, 0};
  cell.settings.benches = 9;
  judge_cell(cell, kFewRuns, effort, results);
  results.back().width = 0.01;
  cell = {{}, "lot 8, 8 benches", 11'217, 28, 0};
  cell.settings.benches = 8;
  const CellRuns runs = judge_cell(cell, kFewRuns, effort, results);
  results.back().width = 0.01;
  results.push_back(
      result(cell, "robots a year that pile up", runs.piled_up, 12'333 - 11'217, effort.level));
  results.back().width = 0.15;
  results.back().bias = 0.03;
}

std::vector<KnownResult> reference_cells(const KnownEffort& effort) {
  const Cell four{{4, {1, 1}}, "lot 4", 10'844, 18, 131};
  const Cell eight{{8, {1, 1}}, "lot 8", 12'330, 28, 469};
  const Cell others[] = {{{4, {4, 1}}, "lot 4, setups x 4", 6'090, 7, 0},
                         {{4, {1, 3}}, "lot 4, setups / 3", 12'358, 23, 0},
                         {{8, {4, 1}}, "lot 8, setups x 4", 8'626, 9, 0},
                         {{8, {1, 3}}, "lot 8, setups / 3", 12'499, 22, 0}};
  std::vector<KnownResult> results;
  const CellRuns runs_of_four = judge_cell(four, kRuns, effort, results);
  const CellRuns runs_of_eight = judge_cell(eight, kRuns, effort, results);
  for (const Cell& cell : others) judge_cell(cell, kRuns, effort, results);
  results.push_back(order_effect(four, runs_of_four, 1.106, effort));
  results.push_back(order_effect(eight, runs_of_eight, 1.048, effort));
  judge_benches(effort, results);
  return results;
}

}  // namespace

std::vector<KnownExperiment> known_reference_experiments() {
  return {{"factory-f0",
           "published runs of the reference plant F0, 30 replications",
           "a year of the reference plant: lot sizes, scales of setup times, orders of families, "
           "benches",
           {},
           reference_cells}};
}

}  // namespace windtunnel::study
