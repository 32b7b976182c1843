#include "planning/car_sequence.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::planning {
namespace {

bool needs(const CarProblem& problem, uint32_t made, size_t option) {
  return (problem.classes[made].options >> option & 1) != 0;
}

class Backtracking {
 public:
  Backtracking(const CarProblem& problem, int64_t nodes)
      : problem_(problem), nodes_(nodes), length_(static_cast<size_t>(problem.cars())) {
    for (const CarProblem::Class& c : problem.classes) left_.push_back(c.cars);
  }

  std::optional<int64_t> run() {
    place();
    if (nodes_ < 0) return std::nullopt;
    return found_;
  }

 private:
  void place() {
    if (sequence_.size() == length_) {
      ++found_;
      return;
    }
    for (uint32_t made = 0; made < left_.size() && nodes_ >= 0; ++made) {
      if (left_[made] == 0) continue;
      sequence_.push_back(made);
      if (--nodes_ >= 0 && fits()) {
        --left_[made];
        place();
        ++left_[made];
      }
      sequence_.pop_back();
    }
  }

  // The windows that end with the last car.
  bool fits() const {
    for (size_t option = 0; option < problem_.capacities.size(); ++option) {
      if (!needs(problem_, sequence_.back(), option)) continue;
      const auto window = static_cast<size_t>(problem_.capacities[option].window);
      const size_t begin = sequence_.size() > window ? sequence_.size() - window : 0;
      int64_t cars = 0;
      for (size_t i = begin; i < sequence_.size(); ++i)
        cars += needs(problem_, sequence_[i], option) ? 1 : 0;
      if (cars > problem_.capacities[option].cars) return false;
    }
    return true;
  }

  const CarProblem& problem_;
  int64_t nodes_;
  size_t length_;
  std::vector<int64_t> left_;
  std::vector<uint32_t> sequence_;
  int64_t found_ = 0;
};

}  // namespace

int64_t CarProblem::cars() const {
  int64_t sum = 0;
  for (const Class& c : classes) sum += c.cars;
  return sum;
}

bool is_car_sequence(const CarProblem& problem, std::span<const uint32_t> classes) {
  std::vector<int64_t> left;
  for (const CarProblem::Class& c : problem.classes) left.push_back(c.cars);
  for (const uint32_t made : classes)
    if (made >= left.size() || --left[made] < 0) return false;
  return static_cast<int64_t>(classes.size()) == problem.cars();
}

std::vector<int64_t> car_violations(const CarProblem& problem, std::span<const uint32_t> classes) {
  std::vector<int64_t> violations(problem.capacities.size(), 0);
  for (size_t option = 0; option < violations.size(); ++option) {
    const auto window = static_cast<size_t>(problem.capacities[option].window);
    int64_t cars = 0;
    for (size_t i = 0; i < classes.size(); ++i) {
      cars += needs(problem, classes[i], option) ? 1 : 0;
      if (i >= window) cars -= needs(problem, classes[i - window], option) ? 1 : 0;
      const bool whole = i + 1 >= window || i + 1 == classes.size();
      violations[option] += whole && cars > problem.capacities[option].cars ? 1 : 0;
    }
  }
  return violations;
}

int64_t total_violations(const CarProblem& problem, std::span<const uint32_t> classes) {
  int64_t sum = 0;
  for (const int64_t violations : car_violations(problem, classes)) sum += violations;
  return sum;
}

int64_t violations_bound(const CarProblem& problem) {
  const int64_t length = problem.cars();
  int64_t bound = 0;
  for (size_t option = 0; option < problem.capacities.size(); ++option) {
    int64_t cars = 0;
    for (uint32_t made = 0; made < problem.classes.size(); ++made)
      if (needs(problem, made, option)) cars += problem.classes[made].cars;
    const int64_t window = std::min(problem.capacities[option].window, length);
    const int64_t fit = std::min(problem.capacities[option].cars, window);
    if (window == fit) continue;
    const int64_t most = length / window * fit + std::min(fit, length % window);
    bound += (std::max<int64_t>(0, cars - most) + window - fit - 1) / (window - fit);
  }
  return bound;
}

std::optional<int64_t> count_car_sequences(const CarProblem& problem, int64_t nodes) {
  WT_CHECK(problem.capacities.size() <= kCarOptionsMax, "no more options than kCarOptionsMax");
  return Backtracking(problem, nodes).run();
}

}  // namespace windtunnel::planning
