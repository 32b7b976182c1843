// What the parts of find_plant_problems (problems.h) share: the list they add to, and the names
// they look up.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "factory/problems.h"

namespace windtunnel::factory {

inline constexpr size_t kNowhere = static_cast<size_t>(-1);

// Names of one kind of thing, and the index of each.
class NameTable {
 public:
  template <class Things>
  static NameTable of(const Things& things) {
    NameTable table;
    for (const auto& thing : things) table.add(thing.name);
    return table;
  }
  void add(const std::string& name) {
    index_.emplace(name, names_.size());
    names_.push_back(name);
  }
  // The first of that name, or kNowhere.
  size_t find(const std::string& name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? kNowhere : found->second;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, size_t> index_;
  std::vector<std::string> names_;
};

class ProblemList {
 public:
  void add(std::string key, std::string message) {
    problems_.push_back({std::move(key), std::move(message), {}, {}});
  }
  void unknown(std::string key, const std::string& what, const std::string& found,
               const std::vector<std::string>& names);
  bool empty() const { return problems_.empty(); }
  std::vector<PlantProblem> take() { return std::move(problems_); }

 private:
  std::vector<PlantProblem> problems_;
};

// Every name is given once and means something; sizes and times are such as can be.
void find_name_problems(const Plant& plant, ProblemList& list);
void find_value_problems(const Plant& plant, ProblemList& list);
// Only for a plant whose names and values are sound: whether work can flow through it.
void find_feeding_problems(const Plant& plant, ProblemList& list);
void find_deadlocks(const Plant& plant, ProblemList& list);
void find_layout_problems(const Plant& plant, ProblemList& list);
// Only for one whose layout is sound as well.
void find_range_problems(const Plant& plant, ProblemList& list);

}  // namespace windtunnel::factory
