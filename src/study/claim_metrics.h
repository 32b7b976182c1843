// What the runs of each kind of scenario measure, and in which unit: known before anything runs, so
// that a formula can be judged first. A test holds this table against real runs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/unit.h"

namespace windtunnel::study {

// The dimension of a metric of results.json; empty when runs of that kind have none of that name.
std::optional<catalog::Dimension> metric_dimension(std::string_view kind, std::string_view metric);

// The row of the table that a metric falls under, as metric_names() has it; empty when none.
std::string metric_row(std::string_view kind, std::string_view metric);

// Names for suggestions; a `*` stands for any word.
std::vector<std::string> metric_names(std::string_view kind);

// The dimension of a unit as results.json writes it, and the factor to base units; empty for a unit
// that no formula can handle.
std::optional<catalog::Unit> result_unit(std::string_view unit);

}  // namespace windtunnel::study
