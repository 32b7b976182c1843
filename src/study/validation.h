// Known answers and published figures, with our error: what `windtunnel validate` runs.
//
// A case is one row of a published table, rebuilt as a scenario of ours; nothing is read from
// outside. Each comparison says what is compared, ours, theirs, and how far apart they may be.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "study/commands.h"
#include "study/network_description.h"

namespace windtunnel::study {

struct Comparison {
  std::string what;  // "tail completion time, reps"
  double ours = 0;
  double theirs = 0;   // NaN where only an order is published
  std::string unit;    // report::unit
  double allowed = 0;  // largest relative difference; 0 with `at_most`: only the upper bound counts
  bool at_most = false;  // theirs is a bound, not a value
  bool holds = false;
  std::string note;  // an assumption that differs on purpose; may be empty
};

struct ValidationCase {
  std::string name;    // "permutation-1024-reps"
  std::string source;  // whose figure, and where it stands
  std::string about;   // the setting in one sentence
  std::function<base::Result<std::vector<Comparison>>(Observer& observer)> run;
};

const std::vector<ValidationCase>& validation_cases();

// Metrics of a run of `description`, by name.
struct NamedValues {
  std::vector<std::pair<std::string, double>> values;
  double at(const std::string& name) const;  // checked: must exist
};
base::Result<NamedValues> measure_values(const NetworkDescription& description, Observer& observer);

// The same averaged over seeds 1 to `seeds`.
base::Result<NamedValues> average_values(NetworkDescription description, int seeds,
                                         Observer& observer);

Comparison compare_value(std::string what, double ours, double theirs, std::string unit,
                         double allowed);
Comparison compare_bound(std::string what, double ours, double bound, std::string unit);
// ours[i] must be strictly below ours[i + 1], in the published order of names.
Comparison compare_order(const std::vector<std::pair<std::string, double>>& ascending);

}  // namespace windtunnel::study
