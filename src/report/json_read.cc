// The reading half of json.h. The only file that includes nlohmann/json.
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "report/json.h"

namespace windtunnel::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDepthMax = 64;  // of a scenario tree; ours are five deep

// Walks a document and keeps the first complaint, so that readers need no error paths of their own.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}
  const std::optional<base::Error>& error() const { return error_; }
  void complain(std::string_view path, std::string_view expected) {
    if (error_) return;
    error_ = base::fail({file_}, fmt::format("{}: expected {}", path, expected)).value();
  }

  // The member, or null when it is absent or `json` is no object.
  static const Json* member(const Json& json, const char* key) {
    if (!json.is_object()) return nullptr;
    const auto found = json.find(key);
    return found == json.end() ? nullptr : &*found;
  }

  std::string text(const Json& json, const char* key) {
    const Json* found = member(json, key);
    if (found == nullptr) return {};
    if (found->is_string()) return found->get<std::string>();
    complain(key, "text");
    return {};
  }

  // null stands for NaN, as in the writer.
  double number(const Json& json, std::string_view path) {
    if (json.is_number()) return json.get<double>();
    if (!json.is_null()) complain(path, "a number");
    return std::numeric_limits<double>::quiet_NaN();
  }
  double number(const Json& json, const char* key, double otherwise) {
    const Json* found = member(json, key);
    return found == nullptr ? otherwise : number(*found, key);
  }
  template <class Integer>
  Integer integer(const Json& json, const char* key, Integer otherwise) {
    const Json* found = member(json, key);
    if (found == nullptr) return otherwise;
    if (found->is_number_unsigned()) {
      const auto value = found->get<uint64_t>();
      if (value <= static_cast<uint64_t>(std::numeric_limits<Integer>::max())) {
        return static_cast<Integer>(value);
      }
    }
    complain(key, "a whole number that is not negative");
    return otherwise;
  }

  std::vector<double> numbers(const Json& json, const char* key) {
    std::vector<double> values;
    const Json* found = member(json, key);
    if (found == nullptr || !found->is_array()) {
      complain(key, "a list of numbers");
      return values;
    }
    for (const Json& item : *found) values.push_back(number(item, key));
    return values;
  }

 private:
  std::string file_;
  std::optional<base::Error> error_;
};

ScenarioTree read_tree(Reader& reader, const Json& json, int depth) {
  if (depth > kDepthMax) {
    reader.complain("scenario", "a tree of at most 64 levels");
    return {};
  }
  if (json.is_boolean()) return {json.get<bool>()};
  if (json.is_number_integer()) return {json.get<int64_t>()};
  if (json.is_number()) return {json.get<double>()};
  if (json.is_string()) return {json.get<std::string>()};
  if (json.is_array()) {
    ScenarioTree::List list;
    for (const Json& item : json) list.push_back(read_tree(reader, item, depth + 1));
    return {std::move(list)};
  }
  if (!json.is_object()) return {};
  ScenarioTree::Map map;
  for (const auto& [key, item] : json.items()) {
    map.push_back({key, read_tree(reader, item, depth + 1)});
  }
  return {std::move(map)};
}

Metric read_metric(Reader& reader, const std::string& name, const Json& json) {
  Metric metric{.name = name};
  const Json* value = Reader::member(json, "value");
  if (value == nullptr) {
    reader.complain(name, "an object with \"value\" and \"unit\"");
    return metric;
  }
  metric.value = reader.number(*value, name);
  metric.unit = reader.text(json, "unit");
  metric.label = reader.text(json, "label");
  if (Reader::member(json, "ci95") != nullptr) metric.ci95 = reader.number(json, "ci95", 0);
  if (const Json* headline = Reader::member(json, "headline")) {
    metric.headline = headline->is_boolean() && headline->get<bool>();
  }
  return metric;
}

TimeSeries read_time_series(Reader& reader, const Json& json) {
  TimeSeries series{.unit = reader.text(json, "unit"),
                    .time_s = reader.numbers(json, "time_s"),
                    .lines = {},
                    .limit_label = reader.text(json, "limit_label")};
  if (Reader::member(json, "limit") != nullptr) series.limit = reader.number(json, "limit", 0);
  const Json* lines = Reader::member(json, "lines");
  if (lines == nullptr || !lines->is_object()) {
    reader.complain("lines", "an object of lines");
    return series;
  }
  for (const auto& [label, values] : lines->items()) {
    series.lines.push_back({label, reader.numbers(*lines, label.c_str())});
    if (series.lines.back().values.size() != series.time_s.size()) {
      reader.complain(label, "as many values as there are times");
    }
  }
  return series;
}

Distribution read_distribution(Reader& reader, const Json& json) {
  Distribution distribution{.unit = reader.text(json, "unit"),
                            .count = reader.integer(json, "count", uint64_t{0}),
                            .points = {}};
  const std::vector<double> values = reader.numbers(json, "values");
  const std::vector<double> shares = reader.numbers(json, "shares");
  if (values.size() != shares.size()) reader.complain("shares", "as many entries as \"values\"");
  for (size_t i = 0; i < std::min(values.size(), shares.size()); ++i) {
    distribution.points.push_back({values[i], shares[i]});
  }
  return distribution;
}

Axis read_axis(Reader& reader, const Json& json, const char* key) {
  const Json* found = Reader::member(json, key);
  if (found == nullptr) {
    reader.complain(key, "an axis");
    return {};
  }
  Axis axis{.title = reader.text(*found, "title"), .unit = reader.text(*found, "unit")};
  const Json* labels = Reader::member(*found, "labels");
  if (labels == nullptr) {
    axis.values = reader.numbers(*found, "values");
    return axis;
  }
  for (const Json& label : *labels) {
    if (!label.is_string()) reader.complain("labels", "a list of texts");
    axis.labels.push_back(label.is_string() ? label.get<std::string>() : std::string());
  }
  return axis;
}

HeatMap read_heat_map(Reader& reader, const Json& json) {
  HeatMap map{.unit = reader.text(json, "unit"),
              .rows = read_axis(reader, json, "rows"),
              .columns = read_axis(reader, json, "columns"),
              .values = {}};
  const Json* rows = Reader::member(json, "values");
  if (rows != nullptr && rows->is_array()) {
    for (const Json& row : *rows) {
      for (const Json& cell : row) map.values.push_back(reader.number(cell, "values"));
    }
  }
  if (map.values.size() != map.rows.size() * map.columns.size()) {
    reader.complain("values", "one row of cells for each entry of the row axis");
    map.values.assign(map.rows.size() * map.columns.size(), 0);
  }
  return map;
}

Series read_series(Reader& reader, const std::string& name, const Json& json) {
  Series series{.name = name,
                .title = reader.text(json, "title"),
                .about = reader.text(json, "about"),
                .data = {}};
  const std::string shape = reader.text(json, "shape");
  if (shape == "time") {
    series.data = read_time_series(reader, json);
  } else if (shape == "distribution") {
    series.data = read_distribution(reader, json);
  } else if (shape == "heat_map") {
    series.data = read_heat_map(reader, json);
  } else {
    reader.complain(name + ".shape", "\"time\", \"distribution\" or \"heat_map\"");
  }
  return series;
}

Bottleneck read_bottleneck(Reader& reader, const Json& json) {
  Bottleneck bottleneck{.what = reader.text(json, "what"),
                        .where = reader.text(json, "where"),
                        .share = reader.number(json, "share", 0),
                        .explanation = reader.text(json, "explanation"),
                        .runners = {}};
  if (const Json* runners = Reader::member(json, "runners")) {
    for (const Json& runner : *runners) {
      bottleneck.runners.push_back(
          {reader.text(runner, "what"), reader.number(runner, "share", 0)});
    }
  }
  return bottleneck;
}

RunFacts read_run(Reader& reader, const Json& json) {
  RunFacts run{.cpu_seconds = reader.number(json, "cpu_seconds", 0),
               .setup_cpu_seconds = reader.number(json, "setup_cpu_seconds", 0),
               .wall_seconds = reader.number(json, "wall_seconds", 0),
               .peak_rss_bytes = reader.integer(json, "peak_rss_bytes", int64_t{0}),
               .events = reader.integer(json, "events", uint64_t{0}),
               .threads = reader.integer(json, "threads", 1)};
  for (const auto& [name, value] : json.items()) {
    if (value.is_object()) run.more.push_back(read_metric(reader, name, value));
  }
  return run;
}

Measurements read_measurements(Reader& reader, const Json& json) {
  Measurements m;
  m.version = reader.text(json, "windtunnel");
  m.title = reader.text(json, "title");
  m.kind = reader.text(json, "kind");
  m.fingerprint = reader.text(json, "fingerprint");
  m.seed = reader.integer(json, "seed", uint64_t{0});
  if (const Json* scenario = Reader::member(json, "scenario")) {
    m.scenario = read_tree(reader, *scenario, 0);
  }
  const Json* metrics = Reader::member(json, "metrics");
  if (metrics == nullptr || !metrics->is_object()) {
    reader.complain("metrics", "an object of metrics, as in a results.json");
    return m;
  }
  for (const auto& [name, value] : metrics->items()) {
    m.metrics.push_back(read_metric(reader, name, value));
  }
  if (const Json* series = Reader::member(json, "series")) {
    for (const auto& [name, value] : series->items()) {
      m.series.push_back(read_series(reader, name, value));
    }
  }
  if (const Json* found = Reader::member(json, "bottleneck")) {
    m.bottleneck = read_bottleneck(reader, *found);
  }
  if (const Json* found = Reader::member(json, "assumptions")) {
    for (const Json& item : *found) {
      m.assumptions.push_back(
          {reader.text(item, "what"), reader.text(item, "value"), reader.text(item, "source")});
    }
  }
  if (const Json* found = Reader::member(json, "run")) m.run = read_run(reader, *found);
  return m;
}

// Line and column (from 1) of the byte where the parser gave up.
base::SourceMark mark_at(std::string_view text, size_t byte, const std::string& file) {
  const std::string_view before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const size_t line_start = before.rfind('\n');
  const size_t column =
      line_start == std::string_view::npos ? before.size() : before.size() - line_start - 1;
  return {file, static_cast<int>(lines) + 1, static_cast<int>(column) + 1};
}

}  // namespace

base::Result<Measurements> from_json(std::string_view text, const std::string& name) {
  Json json;
  try {
    json = Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    return base::fail(mark_at(text, error.byte, name), "this is not valid JSON",
                      "expected the results.json of a run");
  } catch (const Json::exception&) {  // a number too large for a double
    return base::fail({name}, "this JSON holds a number that is out of range");
  }
  Reader reader(name);
  if (Reader::member(json, "windtunnel") == nullptr) {
    reader.complain("windtunnel", "the version, as in a results.json");
  }
  Measurements measurements = read_measurements(reader, json);
  if (reader.error()) return tl::unexpected(*reader.error());
  return measurements;
}

base::Result<Measurements> read_results(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) return base::fail({path}, "cannot read this file");
  return from_json(text.view(), path);
}

}  // namespace windtunnel::report
