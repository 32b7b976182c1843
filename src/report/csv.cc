#include "report/csv.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace windtunnel::report {
namespace {

std::string heading(std::string_view title, std::string_view unit) {
  return csv_field(unit.empty() ? std::string(title) : fmt::format("{} [{}]", title, unit));
}

std::string axis_entry(const Axis& axis, size_t index) {
  return axis.labels.empty() ? csv_number(axis.values[index]) : csv_field(axis.labels[index]);
}

std::string to_csv(const TimeSeries& series) {
  std::string text = heading("time", unit::kSeconds);
  for (const TimeSeries::Line& line : series.lines) text += "," + heading(line.label, series.unit);
  text += '\n';
  for (size_t i = 0; i < series.time_s.size(); ++i) {
    text += csv_number(series.time_s[i]);
    for (const TimeSeries::Line& line : series.lines) text += "," + csv_number(line.values[i]);
    text += '\n';
  }
  return text;
}

std::string to_csv(const Distribution& distribution) {
  std::string text = heading("value", distribution.unit) + ",share at or below\n";
  for (const Distribution::Point& point : distribution.points) {
    text += csv_number(point.value) + "," + csv_number(point.share) + "\n";
  }
  return text;
}

std::string to_csv(const HeatMap& map) {
  std::string text =
      fmt::format("{},{},{}\n", heading(map.rows.title, map.rows.unit),
                  heading(map.columns.title, map.columns.unit), heading("value", map.unit));
  for (size_t row = 0; row < map.rows.size(); ++row) {
    for (size_t column = 0; column < map.columns.size(); ++column) {
      fmt::format_to(std::back_inserter(text), "{},{},{}\n", axis_entry(map.rows, row),
                     axis_entry(map.columns, column),
                     csv_number(map.values[row * map.columns.size() + column]));
    }
  }
  return text;
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  quoted += '"';
  return quoted;
}

std::string csv_number(double value) { return std::isfinite(value) ? fmt::to_string(value) : ""; }

std::string metrics_csv(const Measurements& measurements) {
  std::string text = "metric,value,unit,ci95\n";
  for (const Metric& metric : measurements.metrics) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{}\n", csv_field(metric.name),
                   csv_number(metric.value), csv_field(metric.unit),
                   metric.ci95 ? csv_number(*metric.ci95) : "");
  }
  return text;
}

std::string series_csv(const Series& series) {
  return std::visit([](const auto& data) { return to_csv(data); }, series.data);
}

}  // namespace windtunnel::report
