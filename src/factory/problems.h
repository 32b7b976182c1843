// What is wrong with the description of a plant. A list of problems rather than errors: whoever
// read the file knows the places and finds the nearest valid name.
#pragma once

#include <string>
#include <vector>

#include "factory/plant.h"

namespace windtunnel::factory {

struct PlantProblem {
  std::string key;                 // path below the plant: "stations[2].setup_crew"
  std::string message;             // what was found and what was expected
  std::string found;               // a name that is not known; empty: nothing to suggest
  std::vector<std::string> names;  // the valid ones
};

// In the order of the plant. Empty: Model can be built.
std::vector<PlantProblem> find_plant_problems(const Plant& plant);

}  // namespace windtunnel::factory
