// Series as data for the page's script, scaled and thinned. See html_parts.h.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "report/figure_parts.h"
#include "report/html_parts.h"
#include "report/human.h"
#include "report/json_parts.h"

namespace windtunnel::report {
namespace {

// The points of a distribution that are named on its curve.
constexpr std::pair<std::string_view, double> kMarks[] = {{"median", 0.5},
                                                          {"99th percentile", 0.99}};

// The largest of each group of `group` neighbours; NaN only where all of a group are NaN.
std::vector<double> group_maxima(const std::vector<double>& values, size_t group) {
  std::vector<double> maxima;
  for (size_t start = 0; start < values.size(); start += group) {
    double largest = std::numeric_limits<double>::quiet_NaN();
    for (size_t i = start; i < std::min(start + group, values.size()); ++i) {
      largest = std::fmax(largest, values[i]);
    }
    maxima.push_back(largest);
  }
  return maxima;
}

template <class T>
std::vector<T> group_firsts(const std::vector<T>& values, size_t group) {
  std::vector<T> firsts;
  for (size_t start = 0; start < values.size(); start += group) firsts.push_back(values[start]);
  return firsts;
}

size_t groups(size_t count, size_t group) { return (count + group - 1) / group; }

Axis thinned(const Axis& axis, size_t group) {
  return {.title = axis.title,
          .unit = axis.unit,
          .labels = group_firsts(axis.labels, group),
          .values = group_firsts(axis.values, group)};
}

// How many neighbouring rows and columns become one.
struct Groups {
  size_t rows = 1;
  size_t columns = 1;
};

Groups groups_of(const HeatMap& map) {
  Groups by{.rows = std::max<size_t>(1, groups(map.rows.size(), kFigureRowsMax)),
            .columns = std::max<size_t>(1, groups(map.columns.size(), kFigureColumnsMax))};
  const size_t columns = groups(map.columns.size(), by.columns);
  while (groups(map.rows.size(), by.rows) * columns > kFigureCellsMax) ++by.rows;
  return by;
}

HeatMap thinned(const HeatMap& map) {
  const Groups by = groups_of(map);
  const size_t columns = map.columns.size();
  const size_t new_columns = groups(columns, by.columns);
  HeatMap result{.unit = map.unit,
                 .rows = thinned(map.rows, by.rows),
                 .columns = thinned(map.columns, by.columns)};
  result.values.assign(groups(map.rows.size(), by.rows) * new_columns,
                       std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < map.values.size(); ++i) {
    const size_t row = i / columns / by.rows;
    double& cell = result.values[row * new_columns + i % columns / by.columns];
    cell = std::fmax(cell, map.values[i]);
  }
  return result;
}

void write_data(JsonWriter& json, const std::string& title, const Distribution& distribution) {
  const double largest = distribution.points.empty() ? 0 : distribution.points.back().value;
  const Scale scale = scale_for(largest, distribution.unit);
  std::vector<double> values;
  std::vector<double> shares;
  for (const Distribution::Point& point : distribution.points) {
    values.push_back(point.value);
    shares.push_back(point.share);
  }
  json.member("shape", "distribution");
  json.member("title", std::string_view(title));
  json.member("unit", std::string_view(scale.unit));
  json.member("count", std::string_view(human_count(distribution.count)));
  write_scaled(json, "values", values, scale.factor);
  write_scaled(json, "shares", shares, 1);
  json.key("marks");
  json.begin_array();
  for (const auto& [label, share] : kMarks) {
    if (distribution.points.empty()) break;
    json.begin_object(true);
    json.member("label", label);
    json.member("share", share);
    json.member("value", short_number(quantile(distribution, share) / scale.factor));
    json.end();
  }
  json.end();
}

void write_data(JsonWriter& json, const std::string& title, const TimeSeries& series) {
  const size_t group = std::max<size_t>(1, groups(series.time_s.size(), kFigureSamplesMax));
  double largest = series.limit.value_or(0);
  for (const TimeSeries::Line& line : series.lines) {
    largest = std::max(largest, largest_magnitude(line.values));
  }
  const Scale scale = scale_for(largest, series.unit);
  const Scale time = scale_for(largest_magnitude(series.time_s), unit::kSeconds);
  json.member("shape", "time");
  json.member("value_title", std::string_view(title));
  json.member("unit", std::string_view(scale.unit));
  json.member("x_unit", std::string_view(time.unit));
  write_scaled(json, "x", group_firsts(series.time_s, group), time.factor);
  if (series.limit) {
    json.member("limit", short_number(*series.limit / scale.factor));
    json.member("limit_label", std::string_view(series.limit_label));
  }
  if (!series.marks.empty()) {
    json.key("marks");
    json.begin_array();
    for (const TimeSeries::Mark& mark : series.marks) {
      json.begin_object(true);
      json.member("at", short_number(mark.at_s / time.factor));
      json.member("label", std::string_view(mark.label));
      json.end();
    }
    json.end();
  }
  json.key("lines");
  json.begin_array();
  for (const TimeSeries::Line& line : series.lines) {
    json.begin_object();
    json.member("label", std::string_view(line.label));
    write_scaled(json, "values", group_maxima(line.values, group), scale.factor);
    json.end();
  }
  json.end();
}

void write_axis(JsonWriter& json, std::string_view key, const Axis& axis) {
  const Scale scale = scale_for(largest_magnitude(axis.values), axis.unit);
  json.key(key);
  json.begin_object();
  json.member("title", std::string_view(axis.title));
  json.member("unit", std::string_view(scale.unit));
  if (axis.labels.empty()) {
    write_scaled(json, "labels", axis.values, scale.factor);
  } else {
    write_texts(json, "labels", axis.labels);
  }
  json.end();
}

void write_data(JsonWriter& json, const HeatMap& whole) {
  const HeatMap map = thinned(whole);
  double least = 0;
  double largest = map.unit == unit::kShare ? 1 : 0;
  for (const double value : map.values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    largest = std::max(largest, value);
  }
  if (least == largest) largest = least + 1;
  const Scale scale = scale_for(std::max(-least, largest), map.unit);
  json.member("shape", "heat_map");
  json.member("unit", std::string_view(scale.unit));
  json.member("min", short_number(least / scale.factor));
  json.member("max", short_number(largest / scale.factor));
  write_axis(json, "rows", map.rows);
  write_axis(json, "columns", map.columns);
  write_scaled(json, "cells", map.values, scale.factor);
}

// How a series becomes members of the figure's object.
struct DataWriter {
  JsonWriter& json;
  const std::string& title;
  void operator()(const TimeSeries& series) const { write_data(json, title, series); }
  void operator()(const Distribution& series) const { write_data(json, title, series); }
  void operator()(const HeatMap& map) const { write_data(json, map); }
  void operator()(const Diagram& diagram) const { write_data(json, diagram); }
  void operator()(const Gantt& gantt) const { write_data(json, gantt); }
  void operator()(const Stack&) const {}  // drawn by the style sheet
};

}  // namespace

bool thinned_in_figure(const HeatMap& map) {
  const Groups by = groups_of(map);
  return by.rows > 1 || by.columns > 1;
}

void write_figure(JsonWriter& json, const Series& series) {
  const std::string& title = series.title.empty() ? series.name : series.title;
  json.begin_object();
  std::visit(DataWriter{json, title}, series.data);
  json.end();
}

}  // namespace windtunnel::report
