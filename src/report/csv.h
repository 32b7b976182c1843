// Measurements as comma-separated values (RFC 4180 with plain line feeds, quotes where needed), for
// spreadsheets and data frames. SI base units, shortest round-trip numbers; empty field = not
// measured.
#pragma once

#include <string>
#include <string_view>

#include "report/measurements.h"

namespace windtunnel::report {

// A field, quoted when it holds a comma, a quote or a line break.
std::string csv_field(std::string_view text);
// A number as a field; empty for NaN and infinities.
std::string csv_number(double value);

// Columns: metric,value,unit,ci95.
std::string metrics_csv(const Measurements& measurements);

// Time series: "time_s" and one column per line. Distribution: "value","share". Heat map: row,
// column,value, one line per cell. Diagram: from,to,link,load,share, one line per direction. Gantt:
// row,kind,start,end,label, one line per interval. Stack: row and one column per part. Headings
// carry the unit in brackets.
std::string series_csv(const Series& series);

}  // namespace windtunnel::report
