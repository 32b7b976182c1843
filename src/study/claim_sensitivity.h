// One assumption varied: how the deciding figure moves, and where the claim holds.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "report/claim_report.h"
#include "study/claim_plan.h"
#include "study/claim_values.h"

namespace windtunnel::study {

report::SensitivityResult vary(const ClaimValues& values, const PlannedClaim& claim,
                               const ClaimSensitivity& sensitivity);

// Where `f` changes sign between `low` and `high`, to a relative width of 1e-9; empty when it has
// the same sign at both ends or no value at one of them.
std::optional<double> find_root(const std::function<double(double)>& f, double low, double high);

// What is different at a point of a sweep.
ClaimChanges changes_at(const ClaimSweep& sweep, const ClaimPoint& point);

// An axis of a sweep, without lines.
report::Curve axis_of(const ClaimSweep& sweep);

}  // namespace windtunnel::study
