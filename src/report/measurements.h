// What a run hands to the report: measurements by name and unit, and nothing of any domain.
//
// Plain structs without behaviour. Everything is in SI base units (s, bit/s, B, J, W); the writers
// turn them into human units. The order of metrics, series and scenario keys is the order in which
// they are written, so whoever fills these structs fills them in a fixed order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "report/drawings.h"

namespace windtunnel::report {

// The units that the writers know how to scale. Any other text is printed after the number as it
// is.
namespace unit {
inline constexpr char kSeconds[] = "s";
inline constexpr char kBitsPerSecond[] = "bit/s";
inline constexpr char kBytes[] = "B";
inline constexpr char kBytesPerSecond[] = "B/s";
inline constexpr char kJoules[] = "J";
inline constexpr char kWatts[] = "W";
inline constexpr char kHertz[] = "Hz";
inline constexpr char kPerSecond[] = "1/s";
inline constexpr char kEventsPerSecond[] = "events/s";
inline constexpr char kCount[] = "1";      // a number of things
inline constexpr char kShare[] = "share";  // 0 to 1, shown in percent
inline constexpr char kPackets[] = "packets";
}  // namespace unit

struct Metric {
  std::string name = {};  // stable, dotted: "flow.completion.p99"
  double value = 0;
  std::string unit = unit::kCount;
  std::optional<double> ci95 = {};  // half width of the 95 % confidence interval, same unit
  std::string label = {};           // words for people; empty: the name is shown
  bool headline = false;            // belongs to the answer given first
};

// An axis of a heat map: either words (`labels`) or numbers in `unit` (`values`), never both.
struct Axis {
  std::string title = {};
  std::string unit = {};
  std::vector<std::string> labels = {};
  std::vector<double> values = {};
  size_t size() const { return labels.empty() ? values.size() : labels.size(); }
};

// Lines that share their sample times. Every line has as many values as there are times.
struct TimeSeries {
  struct Line {
    std::string label = {};
    std::vector<double> values = {};
  };
  // A moment worth seeing: when something broke, or was as before again.
  struct Mark {
    double at_s = 0;
    std::string label = {};
  };
  std::string unit = {};            // of the values
  std::vector<double> time_s = {};  // ascending, simulated seconds
  std::vector<Line> lines = {};
  std::optional<double> limit = {};  // a capacity to draw as a reference line, in `unit`
  std::string limit_label = {};
  std::vector<Mark> marks = {};  // ascending
};

// A cumulative distribution: share of samples at or below a value. Both columns ascend and the last
// share is 1; empty when nothing was measured.
struct Distribution {
  struct Point {
    double value;
    double share;
    bool operator==(const Point&) const = default;
  };
  std::string unit = {};
  uint64_t count = 0;
  std::vector<Point> points = {};
};

// A matrix, row by row: values[row * columns.size() + column]. NaN marks a cell never measured.
struct HeatMap {
  std::string unit = {};
  Axis rows = {};
  Axis columns = {};
  std::vector<double> values = {};
};

struct Series {
  std::string name = {};   // stable: "flow.completion"
  std::string title = {};  // words: "Flow completion time"
  std::string about = {};  // one sentence: what is shown and how it was measured; may be empty
  std::variant<TimeSeries, Distribution, HeatMap, Diagram, Gantt, Stack> data = {};
};

// What limited the run. `share` is the share of the run's time, 0 to 1.
struct Bottleneck {
  struct Share {
    std::string what = {};
    double share;
  };
  std::string what = {};   // "downlink", "lane", "station"; empty: not known
  std::string where = {};  // "switch 12, port 3"
  double share = 0;
  std::string explanation = {};     // one full sentence for people
  std::vector<Share> runners = {};  // what came next, largest first; may be empty
};

// Something the result rests on: an assumption, a figure with its source, a limit of the model.
struct Assumption {
  std::string what = {};    // "link delay"
  std::string value = {};   // "1 us"
  std::string source = {};  // where it comes from, or why it was chosen; may be empty
};

// The resolved scenario, opaque to the report: a tree of keys and values in a fixed order.
struct ScenarioTree {
  struct Member;
  using List = std::vector<ScenarioTree>;
  using Map = std::vector<Member>;
  using Value = std::variant<std::monostate, bool, int64_t, double, std::string, List, Map>;
  Value value;  // no `= {}`: clang 14 would ask for Member, which is not complete yet
};
struct ScenarioTree::Member {
  std::string key = {};
  ScenarioTree tree = {};
};

// What the run cost. The only part of a result that may differ between two equal runs.
struct RunFacts {
  double cpu_seconds = 0;        // of the simulation itself
  double setup_cpu_seconds = 0;  // reading, building, routing
  double wall_seconds = 0;
  int64_t peak_rss_bytes = 0;
  uint64_t events = 0;
  int threads = 1;
  std::vector<Metric> more = {};  // further costs by name: "cpu_seconds_per_packet_hop"
};

struct Measurements {
  std::string version = {};      // of windtunnel
  std::string title = {};        // of the scenario, for people
  std::string kind = {};         // of the scenario: "network"
  std::string fingerprint = {};  // of the run; empty: not taken
  uint64_t seed = 0;
  ScenarioTree scenario = {};
  std::vector<Metric> metrics = {};
  std::vector<Series> series = {};
  Bottleneck bottleneck = {};
  std::vector<Assumption> assumptions = {};
  RunFacts run = {};
};

// Null when there is no metric of that name.
const Metric* find_metric(const Measurements& measurements, std::string_view name);

// The distribution of raw samples in at most `max_points` points. Samples need no order. The
// smallest and the largest sample are always points, and every point is a sample with its exact
// share; the upper tail is kept denser, because that is where people look. NaN is a fault of ours.
Distribution make_distribution(std::vector<double> samples, std::string_view unit,
                               size_t max_points = 400);

// The sample at or above `share` of the distribution (0 to 1): the smallest value whose cumulative
// share reaches it. The distribution must not be empty.
double quantile(const Distribution& distribution, double share);

}  // namespace windtunnel::report
