// Any bytes as an assembly line, car sequencing problems, sequences of cars and lot items: the
// readers return, and what they accept is consistent.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "study/instance_cars.h"
#include "study/instance_line.h"
#include "study/instance_lots.h"

namespace planning = windtunnel::planning;
namespace study = windtunnel::study;

namespace {

void check_cars(const std::vector<planning::CarProblem>& problems) {
  for (const planning::CarProblem& problem : problems) {
    WT_CHECK(problem.cars() >= 1, "a problem has cars");
    for (const auto& made : problem.classes)
      WT_CHECK(problem.capacities.size() == 64 || made.options >> problem.capacities.size() == 0,
               "classes need known options");
    for (const auto& capacity : problem.capacities)
      WT_CHECK(capacity.window >= 1 && capacity.cars >= 0, "a window holds cars");
  }
}

template <class Result>
void check_refusal(const Result& result) {
  if (!result) WT_CHECK(!result.error().message.empty(), "a refusal says why");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(data[i]);
  const auto tasks = study::read_line_tasks(text, "fuzz.IN2");
  check_refusal(tasks);
  if (tasks) WT_CHECK(planning::precedence_ring(*tasks).empty(), "no task waits for itself");
  const auto problems = study::read_car_problems(text, "fuzz.txt");
  check_refusal(problems);
  if (problems) check_cars(*problems);
  check_refusal(study::read_car_sequences(text, "fuzz.txt"));
  const auto items = study::read_lot_items(text, "fuzz.csv");
  check_refusal(items);
  if (items)
    for (const planning::LotItem& item : *items)
      WT_CHECK(item.production > 0 && item.demand >= 0 && item.holding_cost >= 0, "items are real");
  return 0;
}
