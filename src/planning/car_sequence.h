// In which order to send cars of several classes down a line whose stations can fit an option to at
// most so many cars in any window of so many: car sequencing (CSPLib problem 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace windtunnel::planning {

inline constexpr size_t kCarOptionsMax = 64;

struct CarProblem {
  struct Capacity {
    int64_t cars = 1;    // at most so many with the option...
    int64_t window = 1;  // ...in any so many consecutive cars
  };
  struct Class {
    int64_t cars = 0;
    uint64_t options = 0;  // bit i: needs option i
  };
  std::string name = {};
  std::vector<Capacity> capacities = {};  // by option, at most kCarOptionsMax
  std::vector<Class> classes = {};

  int64_t cars() const;
};

}  // namespace windtunnel::planning
