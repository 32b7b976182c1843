#include "report/json.h"

#include "base/check.h"
#include "report/json_parts.h"
#include "report/json_writer.h"

namespace windtunnel::report {
namespace {

void write(JsonWriter& json, const ScenarioTree& tree);

void write_list(JsonWriter& json, const ScenarioTree::List& list) {
  json.begin_array();
  for (const ScenarioTree& item : list) write(json, item);
  json.end();
}

void write_map(JsonWriter& json, const ScenarioTree::Map& map) {
  json.begin_object();
  for (const ScenarioTree::Member& member : map) {
    json.key(member.key);
    write(json, member.tree);
  }
  json.end();
}

void write(JsonWriter& json, const ScenarioTree& tree) {
  struct Visitor {
    JsonWriter& json;
    void operator()(std::monostate) const { json.null(); }
    void operator()(const ScenarioTree::List& list) const { write_list(json, list); }
    void operator()(const ScenarioTree::Map& map) const { write_map(json, map); }
    void operator()(const std::string& text) const { json.value(std::string_view(text)); }
    void operator()(bool truth) const { json.value(truth); }
    void operator()(int64_t number) const { json.value(number); }
    void operator()(double number) const { json.value(number); }
  };
  std::visit(Visitor{json}, tree.value);
}

void write(JsonWriter& json, const Metric& metric) {
  json.key(metric.name);
  json.begin_object(true);
  json.member("value", metric.value);
  json.member("unit", std::string_view(metric.unit));
  if (metric.ci95) json.member("ci95", *metric.ci95);
  member_if(json, "label", metric.label);
  if (metric.headline) json.member("headline", true);
  json.end();
}

void write(JsonWriter& json, const std::vector<TimeSeries::Mark>& marks) {
  if (marks.empty()) return;
  json.key("marks");
  json.begin_array();
  for (const TimeSeries::Mark& mark : marks) {
    json.begin_object(true);
    json.member("at_s", mark.at_s);
    json.member("label", std::string_view(mark.label));
    json.end();
  }
  json.end();
}

void write_members(JsonWriter& json, const TimeSeries& series) {
  json.member("unit", std::string_view(series.unit));
  if (series.limit) json.member("limit", *series.limit);
  member_if(json, "limit_label", series.limit_label);
  write(json, series.marks);
  write_numbers(json, "time_s", series.time_s);
  json.key("lines");
  json.begin_object();
  for (const TimeSeries::Line& line : series.lines) {
    WT_CHECK(line.values.size() == series.time_s.size(), "line and times differ: " + line.label);
    json.key(line.label);
    json.numbers(line.values);
  }
  json.end();
}

void write_members(JsonWriter& json, const Distribution& distribution) {
  json.member("unit", std::string_view(distribution.unit));
  json.member("count", distribution.count);
  std::vector<double> values;
  std::vector<double> shares;
  for (const Distribution::Point& point : distribution.points) {
    values.push_back(point.value);
    shares.push_back(point.share);
  }
  write_numbers(json, "values", values);
  write_numbers(json, "shares", shares);
}

void write(JsonWriter& json, std::string_view name, const Axis& axis) {
  WT_CHECK(axis.labels.empty() || axis.values.empty(), "axis with words and numbers");
  json.key(name);
  json.begin_object();
  json.member("title", std::string_view(axis.title));
  member_if(json, "unit", axis.unit);
  if (axis.labels.empty()) {
    write_numbers(json, "values", axis.values);
  } else {
    write_texts(json, "labels", axis.labels);
  }
  json.end();
}

void write_members(JsonWriter& json, const HeatMap& map) {
  const size_t width = map.columns.size();
  WT_CHECK(map.values.size() == map.rows.size() * width, "heat map size and axes differ");
  json.member("unit", std::string_view(map.unit));
  write(json, "rows", map.rows);
  write(json, "columns", map.columns);
  json.key("values");
  json.begin_array();
  for (size_t row = 0; row < map.rows.size(); ++row) {
    json.begin_array(true);
    for (size_t column = 0; column < width; ++column) json.value(map.values[row * width + column]);
    json.end();
  }
  json.end();
}

void write(JsonWriter& json, const Series& series) {
  json.key(series.name);
  json.begin_object();
  write_series_members(json, series);
  json.end();
}

void write(JsonWriter& json, const std::vector<Assumption>& assumptions) {
  if (assumptions.empty()) return;
  json.key("assumptions");
  json.begin_array();
  for (const Assumption& assumption : assumptions) {
    json.begin_object(true);
    json.member("what", std::string_view(assumption.what));
    json.member("value", std::string_view(assumption.value));
    member_if(json, "source", assumption.source);
    json.end();
  }
  json.end();
}

}  // namespace

void member_if(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.member(name, std::string_view(text));
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key);
  json.begin_array(true);
  for (const std::string& text : texts) json.value(std::string_view(text));
  json.end();
}

void write_numbers(JsonWriter& json, std::string_view key, const std::vector<double>& numbers) {
  json.key(key);
  json.numbers(numbers);
}

void write_series_members(JsonWriter& json, const Series& series) {
  static constexpr std::string_view kShapes[] = {"time",    "distribution", "heat_map",
                                                 "diagram", "gantt",        "stack"};
  json.member("shape", kShapes[series.data.index()]);
  member_if(json, "title", series.title);
  member_if(json, "about", series.about);
  std::visit([&](const auto& data) { write_members(json, data); }, series.data);
}

void write_cost(JsonWriter& json, const RunFacts& run, std::optional<int> simulations) {
  json.key("run");
  json.begin_object();
  if (simulations) json.member("simulations", *simulations);
  json.member("cpu_seconds", run.cpu_seconds);
  json.member("setup_cpu_seconds", run.setup_cpu_seconds);
  json.member("wall_seconds", run.wall_seconds);
  json.member("peak_rss_bytes", run.peak_rss_bytes);
  json.member("events", run.events);
  json.member("threads", run.threads);
  for (const Metric& metric : run.more) write(json, metric);
  json.end();
}

void write_metrics(JsonWriter& json, const std::vector<Metric>& metrics) {
  json.key("metrics");
  json.begin_object();
  for (const Metric& metric : metrics) write(json, metric);
  json.end();
}

void write_bottleneck(JsonWriter& json, const Bottleneck& bottleneck) {
  json.key("bottleneck");
  json.begin_object();
  if (!bottleneck.what.empty()) {
    json.member("what", std::string_view(bottleneck.what));
    member_if(json, "where", bottleneck.where);
    json.member("share", bottleneck.share);
  }
  member_if(json, "explanation", bottleneck.explanation);
  if (!bottleneck.runners.empty()) {
    json.key("runners");
    json.begin_array();
    for (const Bottleneck::Share& runner : bottleneck.runners) {
      json.begin_object(true);
      json.member("what", std::string_view(runner.what));
      json.member("share", runner.share);
      json.end();
    }
    json.end();
  }
  json.end();
}

std::string to_json(const Measurements& measurements) {
  JsonWriter json;
  json.begin_object();
  json.member("windtunnel", std::string_view(measurements.version));
  member_if(json, "title", measurements.title);
  member_if(json, "kind", measurements.kind);
  json.key("scenario");
  write(json, measurements.scenario);
  json.member("seed", measurements.seed);
  member_if(json, "fingerprint", measurements.fingerprint);
  write_metrics(json, measurements.metrics);
  json.key("series");
  json.begin_object();
  for (const Series& series : measurements.series) write(json, series);
  json.end();
  write_bottleneck(json, measurements.bottleneck);
  write(json, measurements.assumptions);
  write_cost(json, measurements.run);
  json.end();
  return json.take();
}

}  // namespace windtunnel::report
