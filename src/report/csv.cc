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

std::string to_csv(const Diagram& diagram) {
  std::string text = "from,to,link," + heading("load", diagram.unit) + ",share\n";
  const auto row = [&](size_t from, size_t to, const std::string& label,
                       const Diagram::Load& load) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{}\n",
                   csv_field(diagram.nodes[from].name), csv_field(diagram.nodes[to].name),
                   csv_field(label), csv_number(load.value), csv_number(load.share));
  };
  for (const Diagram::Link& link : diagram.links) {
    row(link.from, link.to, link.label, link.forward);
    if (link.backward) row(link.to, link.from, link.label, *link.backward);
  }
  return text;
}

std::string to_csv(const Gantt& gantt) {
  std::string text = csv_field(gantt.of.empty() ? "row" : gantt.of) + ",kind," +
                     heading("start", unit::kSeconds) + "," + heading("end", unit::kSeconds) +
                     ",label\n";
  for (const Gantt::Row& row : gantt.rows) {
    for (const Gantt::Interval& interval : row.intervals) {
      fmt::format_to(std::back_inserter(text), "{},{},{},{},{}\n", csv_field(row.label),
                     csv_field(gantt.kinds[interval.kind]), csv_number(interval.start_s),
                     csv_number(interval.end_s), csv_field(interval.label));
    }
  }
  return text;
}

std::string to_csv(const Stack& stack) {
  std::string text = csv_field(stack.of.empty() ? "row" : stack.of);
  for (const std::string& part : stack.parts) text += "," + csv_field(part);
  text += '\n';
  for (const Stack::Row& row : stack.rows) {
    text += csv_field(row.label);
    for (const double share : row.shares) text += "," + csv_number(share);
    text += '\n';
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
