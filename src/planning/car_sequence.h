// In which order to send cars of several classes down a line whose stations can fit an option to at
// most so many cars in any window of so many: car sequencing (CSPLib problem 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "planning/search.h"

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

// Whether `classes` holds each class as often as the problem has cars of it.
bool is_car_sequence(const CarProblem& problem, std::span<const uint32_t> classes);

// Windows with too many cars of an option, by option: zeros for a feasible sequence. A window
// longer than the sequence is the whole of it.
std::vector<int64_t> car_violations(const CarProblem& problem, std::span<const uint32_t> classes);
int64_t total_violations(const CarProblem& problem, std::span<const uint32_t> classes);

// Violations that no sequence can do without: for an option that more cars need than fit into all
// windows together. A violated window holds at most (window - capacity) cars too many, and without
// those of all violated windows the rest would fit.
int64_t violations_bound(const CarProblem& problem);

struct CarPlan {
  std::vector<uint32_t> classes;
  Bounded violations;
  int64_t iterations = 0;
};

// Greedy by the utilisation of options still to come, then exchanges of two cars of which one is in
// a violated window (Gottlieb, Puchta, Solnon, EvoWorkshops 2003). An iteration is one exchange
// tried.
CarPlan searched_car_sequence(const CarProblem& problem, const SearchLimits& limits,
                              base::RandomStream random);

// How many feasible sequences there are, by backtracking; nothing when `nodes` cars placed do not
// suffice to count them. For small problems.
std::optional<int64_t> count_car_sequences(const CarProblem& problem, int64_t nodes);

}  // namespace windtunnel::planning
