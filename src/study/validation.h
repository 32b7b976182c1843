// Known answers and published figures, with our error: what `windtunnel validate` runs.
//
// A case is one row of a published table, rebuilt as a scenario of ours; nothing is read from
// outside, except published instances from a folder that the user names. Each comparison says what
// is compared, ours, theirs, and how far apart they may be.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "des/confidence.h"
#include "study/commands.h"
#include "study/network_schema.h"

namespace windtunnel::study {

struct Comparison {
  std::string what;  // "tail completion time, reps"
  double ours = 0;
  double theirs = 0;   // of an order: how many there are; ours: how many are in their place
  std::string unit;    // report::unit
  double allowed = 0;  // largest relative difference, of values; of an interval its half width
  // `theirs` may also be a bound and not a value, and `ours` the middle of an interval that must
  // contain it and be narrow.
  enum class Rule : uint8_t { kNear, kAtMost, kAtLeast, kOrder, kInterval };
  Rule rule = Rule::kNear;
  bool holds = false;
  double half_width = 0;  // of an interval
  double level = 0;       // and how often such intervals contain the truth
  std::string note;       // an assumption that differs on purpose; may be empty
};

struct ValidationCase {
  std::string name;    // "permutation-1024-reps"
  std::string source;  // whose figure, and where it stands
  std::string about;   // the setting in one sentence
  std::function<base::Result<std::vector<Comparison>>(Observer& observer)> run = {};
  // Instead of `run`, for a case that reads published instances which we may not pass on: `data`
  // is the user's folder of them. Without one the case is listed as not run.
  std::function<base::Result<std::vector<Comparison>>(const std::string& data, Observer& observer)>
      run_on_data = {};
};

// Rows 1 to 9 of the table, and the unloaded network.
std::vector<ValidationCase> simulator_cases();
// Published comparisons of one path with many: rows 11 to 15, rows 18 to 22, and the orders on the
// patterns of training.
std::vector<ValidationCase> reps_cases();
std::vector<ValidationCase> testbed_cases();
std::vector<ValidationCase> path_cases();

const std::vector<ValidationCase>& validation_cases();

// Metrics of a run of `description`, by name.
struct NamedValues {
  std::vector<std::pair<std::string, double>> values;
  double at(const std::string& name) const;  // checked: must exist
};
base::Result<NamedValues> measure_values(const NetworkDescription& description, Observer& observer);
base::Result<NamedValues> measure_values(const NetworkScenario& scenario, Observer& observer);

// The same averaged over seeds 1 to `seeds`.
base::Result<NamedValues> average_values(NetworkDescription description, int seeds,
                                         Observer& observer);

Comparison compare_value(std::string what, double ours, double theirs, std::string unit,
                         double allowed);
Comparison compare_bound(std::string what, double ours, double bound, std::string unit);
Comparison compare_least(std::string what, double ours, double bound, std::string unit);
// A simulated mean with its interval. `width` is the largest half width and `bias` how far the mean
// may be off besides chance, as shares of `theirs`.
struct IntervalAllowance {
  double width = 0.01;
  double bias = 0;
};
Comparison compare_interval(std::string what, const des::Interval& ours, double theirs,
                            std::string unit, IntervalAllowance allowed);
// ours[i] must be strictly below ours[i + 1], in the published order of names.
Comparison compare_order(const std::vector<std::pair<std::string, double>>& ascending);

}  // namespace windtunnel::study
