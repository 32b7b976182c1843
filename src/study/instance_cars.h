// Readers of car sequencing problems in CSPLib's format (problem 1). A problem is
//
//     # Problem 4/72        the name, optional
//     10 5 6                cars, options, classes
//     1 2 1 2 1             at most so many cars with the option...
//     2 3 3 5 5             ...in any so many consecutive cars
//     0 1 1 0 1 1 0         class, how many cars, which options
//     ...
//
// and a file holds any number of them; prose before the first is left out. Nine published problems
// have no capacity lines; those of five options then get the 1/2 2/3 1/3 2/5 1/5 that the
// collection means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "planning/car_sequence.h"

namespace windtunnel::study {

base::Result<std::vector<planning::CarProblem>> read_car_problems(std::string_view text,
                                                                  const std::string& file);

// Sequences found: a line with the problem's name (and remarks), then a line of classes.
struct CarSequence {
  std::string problem;
  std::vector<uint32_t> classes;
};
base::Result<std::vector<CarSequence>> read_car_sequences(std::string_view text,
                                                          const std::string& file);

}  // namespace windtunnel::study
