// The report of a run as one self-contained HTML page: the answer first, then figures, each with a
// table in its place for readers who cannot see it, then what the result rests on.
//
// The page loads nothing: style, script and data are inside, and its content security policy
// forbids the rest. Everything from a scenario is escaped.
#pragma once

#include <string>

#include "report/measurements.h"

namespace windtunnel::report {

std::string to_html(const Measurements& measurements);

}  // namespace windtunnel::report
