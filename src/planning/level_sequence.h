// In which order to make models of a mix so that each is made evenly: after k robots, model i
// should have been made k * count[i] / total times (the level schedule of mixed-model lines).
//
// The deviation of a sequence is the sum over all k and models of (made - ideal)^2. Goal chasing
// (Monden 1983) takes at each step what then deviates least; it is quick and near. The best is an
// assignment of copies to positions (Kubiak and Sethi, Management Science 37, 1991): O(total^3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace windtunnel::planning {

inline constexpr int64_t kLevelExactMax = 400;  // robots in a sequence that is solved exactly
inline constexpr int64_t kLevelTotalMax = 100'000;

// Sum of squared deviations from the ideal, in robots squared.
double level_deviation(std::span<const int64_t> counts, std::span<const uint32_t> sequence);

struct LevelPlan {
  std::vector<uint32_t> sequence;  // of models
  double deviation = 0;
  bool optimal = false;
  double batch_deviation = 0;  // one model after the other as listed: no levelling at all
};

std::vector<uint32_t> goal_chasing(std::span<const int64_t> counts);

// The best up to kLevelExactMax robots, goal chasing beyond. Counts are at least 0 and their sum at
// most kLevelTotalMax.
LevelPlan level_sequence(std::span<const int64_t> counts);

// Goal chasing for parts: model i needs parts[i][p] of part p, and at each step the model is taken
// after which the parts used deviate least from their even use.
std::vector<uint32_t> part_goal_chasing(std::span<const int64_t> counts,
                                        const std::vector<std::vector<int64_t>>& parts);

}  // namespace windtunnel::planning
