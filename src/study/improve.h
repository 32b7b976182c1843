// `windtunnel improve` below its command line: what single changes are worth, the least that meets
// a target, the best within a budget.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "des/confidence.h"
#include "study/commands.h"
#include "study/improvements.h"
#include "study/least_set.h"
#include "study/metric_runs.h"

namespace windtunnel::study {

inline constexpr double kImproveLevel = 0.95;

// ---- single changes

struct ChangeWorth {
  Improvement change;
  des::Interval value;       // of the metric with the change
  des::Interval difference;  // to the scenario as it is, run by run with common random numbers
};
struct ChangeTable {
  des::Interval base;
  std::vector<ChangeWorth> changes;  // most worth first
};
// Empty: the store says why.
std::optional<ChangeTable> weigh_changes(MetricStore& store,
                                         const std::vector<Improvement>& changes, int replications);

// ---- search

// A point of the search as a variant of the scenario: "stations.benches.machines=9, ...".
Variant variant_of(const std::vector<SearchKey>& keys, const SearchPoint& point);

struct SearchNeighbour {
  std::string what;  // "one less of stations.benches.machines"
  des::Interval value;
  bool meets = false;
};
struct TargetSearch {
  std::optional<SearchPoint> point;  // empty: `highest` falls short
  des::Interval value;               // of the point, or of the highest values
  double price = 0;
  bool sure = false;  // the interval lies on one side of the target
  std::vector<SearchNeighbour> neighbours;
  int64_t asked = 0;
  int64_t points = 0;  // of all
};
std::optional<TargetSearch> search_target(MetricStore& store, const ImproveOptions& options);

struct BudgetSearch {
  SearchPoint point;
  des::Interval value;
  double price = 0;
  double indifference = 0;
  int64_t points = 0;  // among which the best was chosen
  int64_t rounds = 0;
  bool chosen = false;  // false: replications_max came first, and this has the largest mean
};
// Error: there is nothing within the budget, or too much.
base::Result<std::optional<BudgetSearch>> search_budget(MetricStore& store,
                                                        const ImproveOptions& options);

// ---- what is said about it

struct ImproveReport {
  std::string metric;
  std::string unit;
  std::string label;
  int64_t runs = 0;
  std::optional<ChangeTable> changes;
  std::optional<TargetSearch> target;
  std::optional<BudgetSearch> budget;
};
std::string improve_text(const ImproveReport& report, const ImproveOptions& options);
std::string improve_json(const ImproveReport& report, const ImproveOptions& options);

}  // namespace windtunnel::study
