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

  void complain_whole(const std::string& message) {
    if (!error_) error_ = base::fail({file_}, message).value();
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

  std::vector<std::string> texts(const Json& json, const char* key) {
    std::vector<std::string> texts;
    const Json* found = member(json, key);
    if (found == nullptr || !found->is_array()) {
      complain(key, "a list of texts");
      return texts;
    }
    for (const Json& item : *found) {
      if (!item.is_string()) complain(key, "a list of texts");
      texts.push_back(item.is_string() ? item.get<std::string>() : std::string());
    }
    return texts;
  }

  // The list of objects `key`; empty, with a complaint, when there is none.
  const Json& list(const Json& json, const char* key) {
    static const Json kEmpty = Json::array();
    const Json* found = member(json, key);
    if (found != nullptr && found->is_array()) return *found;
    complain(key, "a list");
    return kEmpty;
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
  if (const Json* marks = Reader::member(json, "marks")) {
    for (const Json& mark : *marks) {
      series.marks.push_back({reader.number(mark, "at_s", 0), reader.text(mark, "label")});
    }
  }
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
  if (Reader::member(*found, "labels") == nullptr) {
    axis.values = reader.numbers(*found, "values");
  } else {
    axis.labels = reader.texts(*found, "labels");
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

Diagram::Load read_load(Reader& reader, const Json& json) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  return {reader.number(json, "value", kUnknown), reader.number(json, "share", kUnknown)};
}

size_t read_node_name(Reader& reader, const Json& json, const char* key, const Diagram& diagram) {
  const std::string name = reader.text(json, key);
  const auto found = std::ranges::find(diagram.nodes, name, &Diagram::Node::name);
  if (found == diagram.nodes.end()) reader.complain(key, "the name of a node");
  return static_cast<size_t>(found - diagram.nodes.begin());
}

Diagram read_diagram(Reader& reader, const Json& json) {
  Diagram diagram{.unit = reader.text(json, "unit"),
                  .share_label = reader.text(json, "share_label")};
  if (Reader::member(json, "states") != nullptr) diagram.states = reader.texts(json, "states");
  for (const Json& item : reader.list(json, "nodes")) {
    Diagram::Node node{.name = reader.text(item, "name"),
                       .label = reader.text(item, "label"),
                       .kind = reader.text(item, "kind"),
                       .level = reader.number(item, "level", 0),
                       .position = reader.number(item, "position", 0)};
    if (Reader::member(item, "shares") != nullptr) node.shares = reader.numbers(item, "shares");
    diagram.nodes.push_back(std::move(node));
  }
  for (const Json& item : reader.list(json, "links")) {
    Diagram::Link link{.from = read_node_name(reader, item, "from", diagram),
                       .to = read_node_name(reader, item, "to", diagram),
                       .label = reader.text(item, "label")};
    if (const Json* load = Reader::member(item, "forward")) link.forward = read_load(reader, *load);
    if (const Json* load = Reader::member(item, "backward")) {
      link.backward = read_load(reader, *load);
    }
    diagram.links.push_back(std::move(link));
  }
  return diagram;
}

std::vector<Gantt::Interval> read_intervals(Reader& reader, const Json& json) {
  const std::vector<double> start = reader.numbers(json, "start_s");
  const std::vector<double> end = reader.numbers(json, "end_s");
  const std::vector<double> kind = reader.numbers(json, "kind");
  std::vector<std::string> labels(start.size());
  if (Reader::member(json, "labels") != nullptr) labels = reader.texts(json, "labels");
  std::vector<Gantt::Interval> intervals;
  if (end.size() != start.size() || kind.size() != start.size() || labels.size() != start.size()) {
    reader.complain("rows", "as many starts as ends, kinds and labels");
    return intervals;
  }
  for (size_t i = 0; i < start.size(); ++i) {
    // What is no index becomes one that no list of kinds has.
    const bool index = kind[i] >= 0 && kind[i] < 1e6 && kind[i] == std::floor(kind[i]);
    const size_t of = index ? static_cast<size_t>(kind[i]) : std::numeric_limits<size_t>::max();
    intervals.push_back({start[i], end[i], of, labels[i]});
  }
  return intervals;
}

Gantt read_gantt(Reader& reader, const Json& json) {
  Gantt gantt{.of = reader.text(json, "of"),
              .start_s = reader.number(json, "start_s", 0),
              .end_s = reader.number(json, "end_s", 0),
              .kinds = reader.texts(json, "kinds")};
  for (const Json& row : reader.list(json, "rows")) {
    gantt.rows.push_back({reader.text(row, "label"), read_intervals(reader, row)});
  }
  return gantt;
}

Stack read_stack(Reader& reader, const Json& json) {
  Stack stack{.of = reader.text(json, "of"), .parts = reader.texts(json, "parts")};
  for (const Json& row : reader.list(json, "rows")) {
    stack.rows.push_back({reader.text(row, "label"), reader.numbers(row, "shares")});
  }
  return stack;
}

// A drawing that keeps its promises; otherwise an empty one and a complaint.
template <class Drawing>
Drawing checked(Reader& reader, const std::string& name, Drawing drawing) {
  if (!reader.error()) {
    const std::string fault = fault_of(drawing);
    if (fault.empty()) return drawing;
    reader.complain_whole(name + ": " + fault);
  }
  return {};
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
  } else if (shape == "diagram") {
    series.data = checked(reader, name, read_diagram(reader, json));
  } else if (shape == "gantt") {
    series.data = checked(reader, name, read_gantt(reader, json));
  } else if (shape == "stack") {
    series.data = checked(reader, name, read_stack(reader, json));
  } else {
    reader.complain(
        name + ".shape",
        "\"time\", \"distribution\", \"heat_map\", \"diagram\", \"gantt\" or \"stack\"");
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
