// Several stations: open with rework, closed, and with a constant number of pieces.
#include <fmt/format.h>

#include "factory/known_lines.h"
#include "factory/known_queues.h"
#include "report/measurements.h"
#include "study/known_experiment.h"
#include "study/known_plants.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using factory::Outcome;

double all_finished(const Outcome& o) {
  int64_t finished = 0;
  for (const factory::ItemOutcome& item : o.items) finished += item.finished;
  return per_second(finished, o);
}

KnownPlant open_network() {
  constexpr char kRow[] = "JacksonRework";
  const factory::JacksonFigures f = factory::jackson_rework(1, 1.5, 1.3, 0.1);
  KnownPlant p;
  p.plant = rework_plant(1, 1.5, 1.3, 10);
  p.warm_up = 3'000;
  p.measured = 55'000;
  const auto present = [](const Outcome& o, size_t i) { return station_of(o, i).present_mean; };
  p.figures = {
      {kRow, "visit_rate", "pieces through each station", unit::kPerSecond, f.rate, 0.01,
       [](const Outcome& o) { return per_second(station_of(o).arrived, o); }},
      {kRow, "L1", "pieces at the first", unit::kCount, f.present_first, 0.025,
       [=](const Outcome& o) { return present(o, 0); }},
      {kRow, "L2", "pieces at the second", unit::kCount, f.present_second, 0.05,
       [=](const Outcome& o) { return present(o, 1); }},
      {kRow, "L", "pieces in process", unit::kCount, f.present_first + f.present_second, 0.04,
       [](const Outcome& o) { return o.items.front().in_process_mean; }},
      {kRow, "W", "time until done", unit::kSeconds, f.stay, 0.04,
       [](const Outcome& o) { return o.items.front().lead_mean; }},
  };
  return p;
}

KnownPlant closed_network(int64_t pieces) {
  const std::vector<double> means{1, 0.8, 0.5};
  const factory::ClosedFigures f = factory::closed_loop(means, pieces);
  const std::string row = fmt::format("closedJackson_1_0.8_0.5_N{}", pieces);
  std::vector<base::TimeDistribution> times;
  for (const double mean : means) times.push_back(exponential_time(mean));
  KnownPlant p;
  p.name = fmt::format("{} pieces", pieces);
  p.plant = loop_plant(times, pieces);
  p.warm_up = 1'000;
  p.measured = pieces < 20 ? 8'000 : 16'000;
  p.figures = {{row, "TH", "pieces a second", unit::kPerSecond, f.throughput, 0.01, all_finished}};
  for (size_t i = 0; i < means.size(); ++i) {
    p.figures.push_back({row, fmt::format("Q{}", i + 1), fmt::format("pieces at station {}", i + 1),
                         unit::kCount, f.present[i], 0.055,
                         [i](const Outcome& o) { return station_of(o, i).present_mean; }});
  }
  p.figures.push_back({row, "CT", "time round", unit::kSeconds, f.cycle, 0.01,
                       [](const Outcome& o) { return o.items.front().lead_mean; }});
  return p;
}

// ---- four stations of two hours each

constexpr int64_t kStations = 4;
constexpr double kMeanHours = 2;
constexpr double kHour = 3600;
constexpr double kMean = kMeanHours * kHour;
constexpr char kPerHour[] = "/h";

KnownFigure per_hour(const std::string& row, const char* field, double expected, double width) {
  return {row, field, "pieces an hour", kPerHour, expected, width, [](const Outcome& o) {
            return kHour * all_finished(o);
          }};
}

std::vector<KnownPlant> constant_wip(int64_t cards) {
  const factory::ConstantWip f = factory::constant_wip(kStations, kMeanHours, cards);
  const std::string row = fmt::format("CONWIP_4x2h_w{}", cards);
  const auto stations = static_cast<size_t>(kStations);
  KnownPlant random;
  random.name = fmt::format("{} cards, exponential times", cards);
  random.plant = loop_plant({stations, exponential_time(kMean)}, cards);
  random.warm_up = 1'000 * kHour;
  random.measured = 10'000 * kHour;
  random.figures = {per_hour(row, "TH_practical_worst", f.practical_worst, 0.0125),
                    {row, "CT", "time through the line", "h", f.cycle, 0.0125,
                     [](const Outcome& o) { return o.items.front().lead_mean / kHour; }}};
  // Nothing varies here: a whole number of cycles is measured, and the interval is a point.
  KnownPlant best;
  best.name = fmt::format("{} cards, constant times", cards);
  best.plant = loop_plant({stations, constant_time(kMean)}, cards);
  best.warm_up = 4'000 * kHour;
  best.measured = 4'000 * kHour;
  best.replications = 2;
  best.exact = true;
  best.figures = {per_hour(row, "TH_best", f.best, 0)};
  KnownPlant worst = best;
  worst.name = fmt::format("{} cards, one piece takes the time of all", cards);
  worst.plant = convoy_plant(kStations, kMean, cards);
  worst.warm_up = worst.measured = 6'400 * kHour;
  worst.figures = {per_hour(row, "TH_worst", f.worst, 0)};
  return {random, best, worst};
}

}  // namespace

std::vector<KnownExperiment> known_network_experiments() {
  std::vector<KnownExperiment> all;
  all.push_back(of_plants("factory-jackson", "Jackson networks",
                          "two stations, one piece in ten goes back to the first",
                          {open_network()}));
  std::vector<KnownPlant> closed;
  for (const int64_t pieces : {1, 2, 3, 5, 10, 20}) closed.push_back(closed_network(pieces));
  all.push_back(of_plants("factory-closed", "mean value analysis",
                          "a closed loop of three stations", closed));
  std::vector<KnownPlant> conwip;
  for (const int64_t cards : {1, 2, 4, 8, 16}) {
    for (KnownPlant& plant : constant_wip(cards)) conwip.push_back(std::move(plant));
  }
  all.push_back(of_plants("factory-conwip", "laws of the factory (Hopp and Spearman)",
                          "four stations of two hours and a fixed number of cards", conwip));
  return all;
}

}  // namespace windtunnel::study
