#include "factory/problems.h"

#include "factory/problem_list.h"

namespace windtunnel::factory {

void ProblemList::unknown(std::string key, const std::string& what, const std::string& found,
                          const std::vector<std::string>& names) {
  constexpr size_t kShownMax = 64;
  std::string shown = found.substr(0, kShownMax);
  if (shown.size() < found.size()) shown += "...";
  problems_.push_back({std::move(key),
                       "found `" + shown + "`, expected the name of " + what +
                           (names.empty() ? ", of which there are none" : ""),
                       found, names});
}

std::vector<PlantProblem> find_plant_problems(const Plant& plant) {
  ProblemList list;
  find_name_problems(plant, list);
  find_value_problems(plant, list);
  // What follows would only repeat that a name is not known.
  if (!list.empty()) return list.take();
  find_feeding_problems(plant, list);
  find_deadlocks(plant, list);
  find_layout_problems(plant, list);
  if (list.empty()) find_range_problems(plant, list);
  return list.take();
}

}  // namespace windtunnel::factory
