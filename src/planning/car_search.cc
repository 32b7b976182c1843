// Local search for car sequencing; see planning/car_sequence.h.
#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/check.h"
#include "planning/car_sequence.h"

namespace windtunnel::planning {
namespace {

// Exchanges tried without a new best of the present start, per car, before another start.
constexpr int64_t kStalePerCar = 20'000;
constexpr size_t kSegmentMax = 30;

class CarSearch {
 public:
  CarSearch(const CarProblem& problem, base::RandomStream random)
      : problem_(problem),
        random_(random),
        length_(static_cast<size_t>(problem.cars())),
        options_(problem.capacities.size()) {
    for (const CarProblem::Capacity& capacity : problem.capacities)
      windows_.push_back(
          std::min(static_cast<size_t>(capacity.window), std::max<size_t>(1, length_)));
  }

  CarPlan run(const SearchLimits& limits) {
    start();
    CarPlan best{sequence_, {violations_, violations_bound(problem_)}, 0};
    SearchBudget budget(limits);
    int64_t stale = 0;
    int64_t lowest = violations_;
    while (budget.next(best.violations)) {
      try_move();
      if (violations_ < lowest) {
        lowest = violations_;
        stale = 0;
      } else if (++stale > kStalePerCar * static_cast<int64_t>(length_)) {
        start();
        lowest = violations_;
        stale = 0;
      }
      if (violations_ < best.violations.value) {
        best.violations.value = violations_;
        best.classes = sequence_;
      }
    }
    best.iterations = budget.used();
    return best;
  }

 private:
  bool needs(uint32_t made, size_t option) const {
    return (problem_.classes[made].options >> option & 1) != 0;
  }

  // One car after the other: fewest new violations, of equals the class whose options are in most
  // demand among the cars left, of equals one at random.
  void start() {
    std::vector<int64_t> left;
    for (const CarProblem::Class& c : problem_.classes) left.push_back(c.cars);
    sequence_.clear();
    while (sequence_.size() < length_) sequence_.push_back(next_class(left));
    count_windows();
  }

  uint32_t next_class(std::vector<int64_t>& left) {
    const std::vector<double> demand = option_demand(left);
    uint32_t chosen = 0;
    std::pair best(std::numeric_limits<int64_t>::max(), 0.0);
    uint64_t equals = 0;
    for (uint32_t made = 0; made < left.size(); ++made) {
      if (left[made] == 0) continue;
      double sum = 0;
      for (size_t option = 0; option < options_; ++option)
        sum += needs(made, option) ? demand[option] : 0;
      const std::pair worth(new_violations(made), -sum);
      if (worth < best) equals = 0;
      if (worth > best || random_.below(++equals) != 0) continue;
      best = worth;
      chosen = made;
    }
    --left[chosen];
    return chosen;
  }

  // Share of its capacity over the positions left that each option needs.
  std::vector<double> option_demand(const std::vector<int64_t>& left) const {
    std::vector<double> demand(options_, 0);
    const auto positions = static_cast<double>(length_ - sequence_.size());
    for (size_t option = 0; option < options_; ++option) {
      int64_t cars = 0;
      for (uint32_t made = 0; made < left.size(); ++made)
        cars += needs(made, option) ? left[made] : 0;
      const auto& capacity = problem_.capacities[option];
      demand[option] = static_cast<double>(cars * capacity.window) /
                       (positions * static_cast<double>(std::max<int64_t>(1, capacity.cars)));
    }
    return demand;
  }

  int64_t new_violations(uint32_t made) const {
    int64_t sum = 0;
    for (size_t option = 0; option < options_; ++option) {
      if (!needs(made, option)) continue;
      int64_t cars = 1;
      for (size_t back = 1; back < windows_[option] && back <= sequence_.size(); ++back)
        cars += needs(sequence_[sequence_.size() - back], option) ? 1 : 0;
      sum += cars > problem_.capacities[option].cars ? 1 : 0;
    }
    return sum;
  }

  // Window w of an option begins at position w.
  size_t windows_of(size_t option) const { return length_ - windows_[option] + 1; }

  void count_windows() {
    counts_.assign(options_, {});
    violations_ = 0;
    for (size_t option = 0; option < options_; ++option) {
      counts_[option].assign(windows_of(option), 0);
      for (size_t w = 0; w < windows_of(option); ++w) {
        for (size_t i = w; i < w + windows_[option]; ++i)
          counts_[option][w] += needs(sequence_[i], option) ? 1 : 0;
        violations_ += counts_[option][w] > problem_.capacities[option].cars ? 1 : 0;
      }
    }
  }

  // Adds a car of the option at a position (or takes one away) and returns the change of
  // violations.
  int64_t change(size_t option, size_t position, int64_t by) {
    const size_t window = windows_[option];
    const size_t first = position + 1 > window ? position + 1 - window : 0;
    const size_t last = std::min(position, windows_of(option) - 1);
    const int64_t most = problem_.capacities[option].cars;
    int64_t delta = 0;
    for (size_t w = first; w <= last; ++w) {
      int64_t& cars = counts_[option][w];
      delta -= cars > most ? 1 : 0;
      cars += by;
      delta += cars > most ? 1 : 0;
    }
    return delta;
  }

  void exchange(size_t a, size_t b) {
    const uint64_t options_a = problem_.classes[sequence_[a]].options;
    const uint64_t options_b = problem_.classes[sequence_[b]].options;
    for (size_t option = 0; option < options_; ++option) {
      const int64_t at_a = static_cast<int64_t>(options_a >> option & 1);
      const int64_t at_b = static_cast<int64_t>(options_b >> option & 1);
      if (at_a == at_b) continue;
      violations_ += change(option, a, at_b - at_a) + change(option, b, at_a - at_b);
    }
    std::swap(sequence_[a], sequence_[b]);
  }

  // A car in a violated window; which is found by trying some at random.
  size_t troubled_position() {
    for (int tries = 0; tries < 64; ++tries) {
      const size_t position = random_.below(length_);
      for (size_t option = 0; option < options_; ++option) {
        if (!needs(sequence_[position], option)) continue;
        const size_t window = windows_[option];
        const size_t first = position + 1 > window ? position + 1 - window : 0;
        const size_t last = std::min(position, windows_of(option) - 1);
        for (size_t w = first; w <= last; ++w)
          if (counts_[option][w] > problem_.capacities[option].cars) return position;
      }
    }
    return random_.below(length_);
  }

  // Mostly exchanges; sometimes a segment that ends with a car in trouble is turned by one car or
  // run backwards, which breaks up what no single exchange can.
  void try_move() {
    const size_t a = troubled_position();
    const uint64_t kind = random_.below(8);
    if (kind >= 3) {
      try_exchange(a, random_.below(length_));
      return;
    }
    const size_t reach = 1 + random_.below(std::min(length_, kSegmentMax));
    const bool before = random_.chance(1, 2);
    const size_t first = before ? (a > reach ? a - reach : 0) : a;
    const size_t end = std::min(length_, before ? a + 1 : a + reach + 1);
    try_segment(first, end, kind);
  }

  void try_exchange(size_t a, size_t b) {
    if (sequence_[a] == sequence_[b]) return;
    const int64_t before = violations_;
    exchange(a, b);
    if (violations_ > before) exchange(a, b);
  }

  void try_segment(size_t first, size_t end, uint64_t kind) {
    const auto begin_at = sequence_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end_at = sequence_.begin() + static_cast<std::ptrdiff_t>(end);
    undo_.assign(begin_at, end_at);
    std::vector<uint32_t>& segment = segment_;
    segment = undo_;
    if (kind == 0) {
      std::reverse(segment.begin(), segment.end());
    } else if (kind == 1) {
      std::rotate(segment.begin(), segment.begin() + 1, segment.end());
    } else {
      std::rotate(segment.begin(), segment.end() - 1, segment.end());
    }
    const int64_t before = violations_;
    rewrite(first, segment);
    if (violations_ > before) rewrite(first, undo_);
  }

  void rewrite(size_t first, const std::vector<uint32_t>& segment) {
    for (size_t i = 0; i < segment.size(); ++i) {
      const uint64_t was = problem_.classes[sequence_[first + i]].options;
      const uint64_t is = problem_.classes[segment[i]].options;
      sequence_[first + i] = segment[i];
      for (uint64_t differ = was ^ is; differ != 0; differ &= differ - 1) {
        const auto option = static_cast<size_t>(std::countr_zero(differ));
        violations_ += change(option, first + i, (is >> option & 1) != 0 ? 1 : -1);
      }
    }
  }

  const CarProblem& problem_;
  base::RandomStream random_;
  size_t length_;
  size_t options_;
  std::vector<size_t> windows_;  // by option, no longer than the sequence
  std::vector<uint32_t> sequence_;
  std::vector<uint32_t> segment_;
  std::vector<uint32_t> undo_;
  std::vector<std::vector<int64_t>> counts_;  // by option, then window
  int64_t violations_ = 0;
};

}  // namespace

CarPlan searched_car_sequence(const CarProblem& problem, const SearchLimits& limits,
                              base::RandomStream random) {
  WT_CHECK(problem.capacities.size() <= kCarOptionsMax, "no more options than kCarOptionsMax");
  for (const CarProblem::Capacity& capacity : problem.capacities)
    WT_CHECK(capacity.window >= 1 && capacity.cars >= 0, "a window holds cars");
  if (problem.cars() == 0) return {};
  return CarSearch(problem, random).run(limits);
}

}  // namespace windtunnel::planning
