// Line balances and model sequences against published optima: part of
// `windtunnel validate factory`.
#include <fmt/format.h>

#include <utility>

#include "planning/car_sequence.h"
#include "planning/line_balance.h"
#include "report/measurements.h"
#include "study/instance_cars.h"
#include "study/instance_line.h"
#include "study/instance_text.h"
#include "study/validation_exact.h"
#include "study/validation_planning.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;

constexpr char kScholl[] = "Scholl's collection, assembly-line-balancing.de";

base::Result<planning::LineTasks> load_line(const std::string& data, const char* name) {
  return load_instance(fmt::format("{}/factory/salbp/{}.IN2", data, name), read_line_tasks);
}

Comparisons fewest(const std::string& data, Observer& /*observer*/) {
  struct Row {
    const char* line;
    std::vector<std::pair<int64_t, int64_t>> stations;  // by cycle time
  };
  const std::vector<Row> rows{
      {"MERTENS", {{6, 6}, {7, 5}, {8, 5}, {10, 3}, {15, 2}, {18, 2}}},
      {"BOWMAN8", {{20, 5}}},
      {"JAESCHKE", {{6, 8}, {7, 7}, {8, 6}, {10, 4}, {18, 3}}},
      {"JACKSON", {{7, 8}, {9, 6}, {10, 5}, {13, 4}, {14, 4}, {21, 3}}},
      {"MANSOOR", {{48, 4}, {62, 3}, {94, 2}}},
      {"MITCHELL", {{14, 8}, {15, 8}, {21, 5}, {26, 5}, {35, 3}, {39, 3}}},
      {"ROSZIEG", {{14, 10}, {16, 8}, {18, 8}, {21, 6}, {25, 6}, {32, 4}}},
      {"BUXEY", {{27, 13}, {30, 12}, {33, 11}, {36, 10}, {41, 8}, {47, 7}, {54, 7}}}};
  std::vector<Comparison> all;
  for (const Row& row : rows) {
    const auto tasks = load_line(data, row.line);
    if (!tasks) return tl::unexpected(tasks.error());
    for (const auto& [cycle, stations] : row.stations) {
      const auto balance = planning::fewest_stations(*tasks, cycle);
      const planning::Bounded found = balance ? balance->stations : planning::Bounded{};
      all.push_back(compare_proof(fmt::format("{}, cycle time {}", row.line, cycle), found,
                                  stations, unit::kCount));
    }
  }
  return all;
}

Comparisons shortest(const std::string& data, Observer& /*observer*/) {
  struct Row {
    const char* line;
    size_t first;  // number of stations of the first value
    std::vector<int64_t> cycles;
  };
  const std::vector<Row> rows{{"BUXEY", 7, {47, 41, 37, 34, 32, 28, 27, 25}},
                              {"MITCHELL", 3, {35, 27, 21, 18, 16, 14}}};
  std::vector<Comparison> all;
  for (const Row& row : rows) {
    const auto tasks = load_line(data, row.line);
    if (!tasks) return tl::unexpected(tasks.error());
    for (size_t i = 0; i < row.cycles.size(); ++i)
      all.push_back(compare_proof(fmt::format("{}, {} stations", row.line, row.first + i),
                                  planning::shortest_cycle(*tasks, row.first + i).cycle_time,
                                  row.cycles[i], kSteps));
  }
  return all;
}

Comparisons car_example(const std::string& data, Observer& /*observer*/) {
  const std::string path = data + "/factory/carseq/example_10_5_6.txt";
  const auto problems = load_instance(path, read_car_problems);
  if (!problems) return tl::unexpected(problems.error());
  const auto count = planning::count_car_sequences(problems->front(), 1'000'000);
  return std::vector<Comparison>{
      compare_exact("feasible sequences", count.value_or(-1), 6, unit::kCount)};
}

// Sequences that are given with the problems, evaluated.
Comparisons car_sequences(const std::string& data, Observer& /*observer*/) {
  const std::string folder = data + "/factory/carseq";
  const auto problems = load_instance(folder + "/csplib_prob001_data.txt", read_car_problems);
  if (!problems) return tl::unexpected(problems.error());
  const auto sequences = load_instance(folder + "/solutions_found.txt", read_car_sequences);
  if (!sequences) return tl::unexpected(sequences.error());
  std::vector<Comparison> all;
  for (const char* name : {"4/72", "41/66", "26/82", "60-01"}) {
    int64_t violations = -1;  // there is no such sequence
    for (const CarSequence& sequence : *sequences)
      for (const planning::CarProblem& problem : *problems)
        if (sequence.problem == name && problem.name == name &&
            planning::is_car_sequence(problem, sequence.classes))
          violations = planning::total_violations(problem, sequence.classes);
    all.push_back(compare_exact(fmt::format("{}: windows with too many cars", name), violations, 0,
                                unit::kCount));
  }
  return all;
}

// The same problems, searched.
Comparisons car_search(const std::string& data, Observer& observer) {
  const auto problems =
      load_instance(data + "/factory/carseq/csplib_prob001_data.txt", read_car_problems);
  if (!problems) return tl::unexpected(problems.error());
  // Some 100,000 suffice; 60-01 needs none beyond the greedy start.
  constexpr int64_t kMoves = 2'000'000;
  std::vector<Comparison> all;
  for (const planning::CarProblem& problem : *problems) {
    for (const char* name : {"4/72", "41/66", "26/82", "60-01"}) {
      if (problem.name != name) continue;
      const planning::CarPlan plan = planning::searched_car_sequence(
          problem, watched_limits(kMoves, observer), base::RandomStream(1, "validate cars"));
      all.push_back(compare_search(fmt::format("{}: windows with too many cars", name),
                                   plan.violations, 0, unit::kCount));
    }
  }
  all.push_back(compare_exact("problems found in the file", static_cast<int64_t>(all.size()), 4,
                              unit::kCount));
  return all;
}

}  // namespace

std::vector<ValidationCase> factory_line_cases() {
  return {
      data_case("factory-line-stations", kScholl,
                "fewest stations for a cycle time (SALBP-1), proved", fewest),
      data_case("factory-line-cycle", kScholl,
                "shortest cycle time for so many stations (SALBP-2), proved", shortest),
      data_case("factory-cars-example", "CSPLib problem 1, example of 10 cars",
                "car sequencing: all sequences that keep every option's capacity", car_example),
      data_case("factory-cars-given", "CSPLib problem 1, sequences that prove it feasible",
                "car sequencing of 100 and 200 cars: given sequences, evaluated", car_sequences),
      data_case("factory-cars-search", "CSPLib problem 1",
                "car sequencing of 100 and 200 cars: sequences found by search", car_search)};
}

}  // namespace windtunnel::study
