#include "planning/level_sequence.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/units.h"
#include "planning/assignment.h"

namespace windtunnel::planning {
namespace {

int64_t total_of(std::span<const int64_t> counts) {
  int64_t total = 0;
  for (const int64_t count : counts) {
    WT_CHECK(count >= 0 && count <= kLevelTotalMax, "counts are within kLevelTotalMax");
    total += count;
  }
  WT_CHECK(total <= kLevelTotalMax, "the sum of counts is within kLevelTotalMax");
  return total;
}

std::vector<uint32_t> in_batches(std::span<const int64_t> counts) {
  std::vector<uint32_t> sequence;
  for (uint32_t model = 0; model < counts.size(); ++model)
    sequence.insert(sequence.end(), static_cast<size_t>(counts[model]), model);
  return sequence;
}

// What it costs, in units of robots^2 / total, to make copy j (from 1) of a model at position k
// (from 1) instead of at its best one: each step between adds |(j - ideal)^2 - (j - 1 - ideal)^2|,
// where ideal = l * count / total; times total that is |(2j - 1) * total - 2 * l * count|.
std::vector<int64_t> copy_costs(int64_t copy, int64_t count, int64_t total) {
  const auto step = [&](int64_t l) { return std::abs((2 * copy - 1) * total - 2 * l * count); };
  const int64_t best = ((2 * copy - 1) * total + 2 * count - 1) / (2 * count);
  std::vector<int64_t> costs(static_cast<size_t>(total), 0);
  int64_t sum = 0;
  for (int64_t k = best - 1; k >= 1; --k) costs[static_cast<size_t>(k - 1)] = sum += step(k);
  sum = 0;
  for (int64_t k = best + 1; k <= total; ++k)
    costs[static_cast<size_t>(k - 1)] = sum += step(k - 1);
  return costs;
}

std::vector<uint32_t> assigned_sequence(std::span<const int64_t> counts, int64_t total) {
  std::vector<int64_t> costs;
  const std::vector<uint32_t> models = in_batches(counts);
  for (uint32_t model = 0; model < counts.size(); ++model) {
    for (int64_t copy = 1; copy <= counts[model]; ++copy) {
      const std::vector<int64_t> row = copy_costs(copy, counts[model], total);
      costs.insert(costs.end(), row.begin(), row.end());
    }
  }
  const Assignment assignment = solve_assignment(models.size(), costs);
  std::vector<uint32_t> sequence(models.size());
  for (size_t row = 0; row < models.size(); ++row)
    sequence[assignment.column_of[row]] = models[row];
  return sequence;
}

}  // namespace

double level_deviation(std::span<const int64_t> counts, std::span<const uint32_t> sequence) {
  const int64_t total = total_of(counts);
  std::vector<int64_t> made(counts.size(), 0);
  base::Int128 sum = 0;  // times total^2
  for (size_t k = 0; k < sequence.size(); ++k) {
    ++made[sequence[k]];
    for (size_t model = 0; model < counts.size(); ++model) {
      const int64_t off = total * made[model] - static_cast<int64_t>(k + 1) * counts[model];
      sum += static_cast<base::Int128>(off) * off;
    }
  }
  const auto whole = static_cast<double>(std::max<int64_t>(1, total));
  return static_cast<double>(sum) / whole / whole;
}

std::vector<uint32_t> goal_chasing(std::span<const int64_t> counts) {
  const int64_t total = total_of(counts);
  std::vector<int64_t> made(counts.size(), 0);
  std::vector<uint32_t> sequence;
  for (int64_t k = 1; k <= total; ++k) {
    // Making the model that lags most leaves the least sum of squares.
    uint32_t chosen = 0;
    int64_t most = std::numeric_limits<int64_t>::min();
    for (uint32_t model = 0; model < counts.size(); ++model) {
      const int64_t lag = k * counts[model] - total * made[model];
      if (made[model] == counts[model] || lag <= most) continue;
      most = lag;
      chosen = model;
    }
    ++made[chosen];
    sequence.push_back(chosen);
  }
  return sequence;
}

LevelPlan level_sequence(std::span<const int64_t> counts) {
  const int64_t total = total_of(counts);
  LevelPlan plan;
  plan.optimal = total <= kLevelExactMax;
  plan.sequence = plan.optimal ? assigned_sequence(counts, total) : goal_chasing(counts);
  plan.deviation = level_deviation(counts, plan.sequence);
  plan.batch_deviation = level_deviation(counts, in_batches(counts));
  return plan;
}

std::vector<uint32_t> part_goal_chasing(std::span<const int64_t> counts,
                                        const std::vector<std::vector<int64_t>>& parts) {
  const int64_t total = total_of(counts);
  WT_CHECK(parts.size() == counts.size(), "every model says which parts it needs");
  const size_t kinds = parts.empty() ? 0 : parts.front().size();
  std::vector<double> rate(kinds, 0);  // parts per robot of the mix
  for (size_t model = 0; model < counts.size(); ++model)
    for (size_t p = 0; p < kinds; ++p)
      rate[p] += static_cast<double>(counts[model] * parts[model][p]) / static_cast<double>(total);
  std::vector<int64_t> made(counts.size(), 0);
  std::vector<double> used(kinds, 0);
  std::vector<uint32_t> sequence;
  for (int64_t k = 1; k <= total; ++k) {
    uint32_t chosen = 0;
    double least = std::numeric_limits<double>::infinity();
    for (uint32_t model = 0; model < counts.size(); ++model) {
      if (made[model] == counts[model]) continue;
      double off = 0;
      for (size_t p = 0; p < kinds; ++p) {
        const double d =
            used[p] + static_cast<double>(parts[model][p]) - static_cast<double>(k) * rate[p];
        off += d * d;
      }
      if (off >= least) continue;
      least = off;
      chosen = model;
    }
    ++made[chosen];
    for (size_t p = 0; p < kinds; ++p) used[p] += static_cast<double>(parts[chosen][p]);
    sequence.push_back(chosen);
  }
  return sequence;
}

}  // namespace windtunnel::planning
