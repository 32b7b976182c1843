// Several results side by side: of `compare`, and of the points of a sweep.
#pragma once

#include <string>
#include <vector>

#include "report/measurements.h"
#include "report/terminal.h"

namespace windtunnel::report {

// One column of a comparison. `name` tells it from the others ("nscc", "paths=256, seed=1").
struct Case {
  std::string name;
  Measurements measurements;
};

// Metrics down, cases across, with the change from the first case in percent, and what limited each
// case. Too wide for `style.columns`, cases go down and the headline metrics across. Metrics that
// only some cases have are shown with a dash where they are absent.
std::string comparison_text(const std::vector<Case>& cases, const TerminalStyle& style);

// One line per case and metric: case,metric,value,unit,ci95.
std::string comparison_csv(const std::vector<Case>& cases);

// {"windtunnel": version, "cases": [{"name", "seed", "metrics": {...}, "bottleneck": {...}}]}.
// Nothing of what the runs cost, so equal measurements give equal bytes.
std::string comparison_json(const std::string& version, const std::vector<Case>& cases);

}  // namespace windtunnel::report
