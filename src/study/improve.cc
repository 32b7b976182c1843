#include "study/improve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "des/selection.h"

namespace windtunnel::study {
namespace {

// More than this many settings within a budget are not compared.
constexpr size_t kPointsMax = 400;

Variant variant_of(const Improvement& change) { return {change.what, change.settings}; }

const Variant& base_variant() {
  static const Variant base{"as it is", {}};
  return base;
}

std::vector<SearchRange> ranges_of(const std::vector<SearchKey>& keys) {
  std::vector<SearchRange> ranges;
  ranges.reserve(keys.size());
  for (const SearchKey& key : keys) ranges.push_back({key.low, key.high, key.price});
  return ranges;
}

int64_t points_of(const std::vector<SearchKey>& keys) {
  int64_t points = 1;
  for (const SearchKey& key : keys) points *= key.high - key.low + 1;
  return points;
}

// Decides a point against the target: replications are added until the interval lies on one side
// of it, or there are as many as allowed; then the mean decides.
class TargetJudge {
 public:
  TargetJudge(MetricStore& store, const ImproveOptions& options)
      : store_(store), options_(options) {}

  std::optional<bool> operator()(const SearchPoint& point) {
    const Variant variant = study::variant_of(options_.search, point);
    for (int count = std::max(2, options_.replications);; count *= 2) {
      count = std::min(count, options_.replications_max);
      if (!store_.extend({variant}, count)) return std::nullopt;
      if (sure(point) || count == options_.replications_max) break;
    }
    return meets(value(point).mean);
  }
  des::Interval value(const SearchPoint& point) const {
    return des::confidence_interval(store_.of(study::variant_of(options_.search, point)),
                                    kImproveLevel);
  }
  bool sure(const SearchPoint& point) const {
    const des::Interval v = value(point);
    return meets(v.low()) == meets(v.high());
  }

 private:
  bool meets(double x) const {
    return options_.target->at_least ? x >= options_.target->value : x <= options_.target->value;
  }
  MetricStore& store_;
  const ImproveOptions& options_;
};

}  // namespace

std::optional<ChangeTable> weigh_changes(MetricStore& store,
                                         const std::vector<Improvement>& changes,
                                         int replications) {
  std::vector<Variant> variants{base_variant()};
  for (const Improvement& change : changes) variants.push_back(variant_of(change));
  if (!store.extend(variants, replications)) return std::nullopt;
  const std::vector<double>& base = store.of(base_variant());
  ChangeTable table;
  table.base = des::confidence_interval(base, kImproveLevel);
  for (const Improvement& change : changes) {
    const std::vector<double>& changed = store.of(variant_of(change));
    table.changes.push_back({change, des::confidence_interval(changed, kImproveLevel),
                             des::paired_difference(changed, base, kImproveLevel)});
  }
  std::stable_sort(table.changes.begin(), table.changes.end(),
                   [](const ChangeWorth& a, const ChangeWorth& b) {
                     return a.difference.mean > b.difference.mean;
                   });
  return table;
}

Variant variant_of(const std::vector<SearchKey>& keys, const SearchPoint& point) {
  Variant variant;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string value = fmt::format("{}", point[i]);
    variant.name += fmt::format("{}{}={}", i == 0 ? "" : ", ", keys[i].path, value);
    variant.settings.push_back({keys[i].path, value});
  }
  return variant;
}

std::optional<TargetSearch> search_target(MetricStore& store, const ImproveOptions& options) {
  TargetJudge judge(store, options);
  const std::vector<SearchRange> ranges = ranges_of(options.search);
  const LeastSet least = find_least_set(ranges, std::ref(judge));
  if (least.stopped) return std::nullopt;
  TargetSearch result;
  result.point = least.point;
  result.asked = least.asked;
  result.points = points_of(options.search);
  SearchPoint shown;
  for (const SearchKey& key : options.search) shown.push_back(key.high);
  if (least.point) shown = *least.point;
  // A point that others vouch for was perhaps never run itself.
  if (!judge(shown)) return std::nullopt;
  result.value = judge.value(shown);
  result.sure = judge.sure(shown);
  result.price = price_of(ranges, shown);
  for (size_t i = 0; least.point && i < shown.size(); ++i) {
    SearchPoint less = shown;
    if (--less[i] < ranges[i].low) continue;
    const std::optional<bool> meets = judge(less);
    if (!meets) return std::nullopt;
    result.neighbours.push_back(
        {fmt::format("{}={}", options.search[i].path, less[i]), judge.value(less), *meets});
  }
  return result;
}

base::Result<std::optional<BudgetSearch>> search_budget(MetricStore& store,
                                                        const ImproveOptions& options) {
  const std::vector<SearchRange> ranges = ranges_of(options.search);
  const std::vector<SearchPoint> points = points_within(ranges, *options.budget, kPointsMax);
  if (points.empty())
    return base::fail(fmt::format("--budget: found {}, expected at least 0", *options.budget));
  if (points.size() > kPointsMax)
    return base::fail(fmt::format("--search: more than {} settings use up the budget", kPointsMax),
                      "narrow the ranges, or search for a target instead");
  std::vector<Variant> variants;
  variants.reserve(points.size());
  for (const SearchPoint& point : points)
    variants.push_back(study::variant_of(options.search, point));
  const int first = std::max(2, options.replications);
  if (!store.extend(variants, first)) return std::optional<BudgetSearch>();
  BudgetSearch result;
  result.points = static_cast<int64_t>(points.size());
  const double size = std::abs(des::confidence_interval(store.of(variants.front())).mean);
  result.indifference = options.indifference.value_or(size > 0 ? 0.01 * size : 1);
  des::KimNelson race(
      points.size(),
      {.indifference = result.indifference, .alpha = 1 - kImproveLevel, .first = first});
  while (!race.done() && race.rounds() < options.replications_max) {
    const auto round = static_cast<size_t>(race.rounds());
    std::vector<Variant> left;
    left.reserve(variants.size());
    for (const size_t s : race.survivors()) left.push_back(variants[s]);
    // A few rounds at a time, so that they can run side by side; the race looks at each.
    const int ahead =
        std::min(options.replications_max, static_cast<int>(round) + std::max(options.jobs, 4));
    if (!store.extend(left, std::max(ahead, first))) return std::optional<BudgetSearch>();
    std::vector<double> observations;
    for (const Variant& variant : left) observations.push_back(store.of(variant)[round]);
    race.add(observations);
  }
  const size_t best = race.leader();
  result.point = points[best];
  result.value = des::confidence_interval(race.tally(best), kImproveLevel);
  result.price = price_of(ranges, result.point);
  result.rounds = race.rounds();
  result.chosen = race.done();
  return std::optional<BudgetSearch>(result);
}

}  // namespace windtunnel::study
