// Diagrams, Gantt charts and stacks on a page: words, tables and what the script draws. See
// figure_parts.h and html_parts.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/check.h"
#include "report/figure_parts.h"
#include "report/html_parts.h"
#include "report/json_parts.h"
#include "report/measurements.h"

namespace windtunnel::report {
namespace {

// --- diagrams ----------------------------------------------------------------------------------

double largest_load(const Diagram& diagram) {
  double largest = 0;
  for (const Diagram::Link& link : diagram.links) {
    largest = std::fmax(largest, link.forward.value);
    if (link.backward) largest = std::fmax(largest, link.backward->value);
  }
  return largest;
}

std::string share_text(double share) {
  return std::isnan(share) ? "–" : human(share, unit::kShare);
}

bool has_backward(const Diagram& diagram) {
  return std::ranges::any_of(diagram.links, [](const auto& l) { return l.backward.has_value(); });
}

TableRows links_table(const Diagram& diagram, const Scale& scale) {
  const bool both = has_backward(diagram);
  const std::string share = diagram.share_label.empty() ? "share" : diagram.share_label;
  TableRows rows{{"From", "To", "Link", titled("there", scale), share}};
  if (both) {
    rows[0].push_back(titled("back", scale));
    rows[0].push_back(share);
  }
  for (const Diagram::Link& link : diagram.links) {
    rows.push_back({diagram.nodes[link.from].name, diagram.nodes[link.to].name, link.label,
                    cell(link.forward.value, scale), share_text(link.forward.share)});
    if (!both) continue;
    rows.back().push_back(link.backward ? cell(link.backward->value, scale) : "");
    rows.back().push_back(link.backward ? share_text(link.backward->share) : "");
  }
  return rows;
}

TableRows states_table(const Diagram& diagram) {
  TableRows rows{{"Part"}};
  for (const std::string& state : diagram.states) rows[0].push_back(state);
  for (const Diagram::Node& node : diagram.nodes) {
    if (node.shares.empty()) continue;
    rows.push_back({node.name});
    for (const double share : node.shares) rows.back().push_back(share_text(share));
  }
  return rows;
}

struct Fullest {
  double share = -1;
  std::string text = {};
};

// "Fullest: cpu0 → bridge0, 98 %, 56.9 GB/s."
std::string fullest_text(const Diagram& diagram) {
  Fullest fullest;
  const auto look = [&](const Diagram::Load& load, size_t from, size_t to) {
    if (!(load.share > fullest.share)) return;
    fullest = {load.share, fmt::format("Fullest: {} → {}, {}", diagram.nodes[from].name,
                                       diagram.nodes[to].name, share_text(load.share))};
    if (!std::isnan(load.value)) fullest.text += ", " + human(load.value, diagram.unit);
  };
  for (const Diagram::Link& link : diagram.links) {
    look(link.forward, link.from, link.to);
    if (link.backward) look(*link.backward, link.to, link.from);
  }
  return fullest.text.empty() ? "" : fullest.text + ".";
}

std::vector<std::string> kinds_of(const Diagram& diagram) {
  std::vector<std::string> kinds;
  for (const Diagram::Node& node : diagram.nodes) {
    if (node.kind.empty() || std::ranges::find(kinds, node.kind) != kinds.end()) continue;
    kinds.push_back(node.kind);
  }
  return kinds;
}

// What the widths and colours of links mean.
constexpr char kLoadLegend[] =
    "<li class=\"load-idle\">idle</li><li class=\"load-some\">some</li>"
    "<li class=\"load-much\">much</li><li class=\"load-full\">95 % and more</li>";

std::string diagram_legend(const Diagram& diagram) {
  std::string text;
  const bool loads = std::ranges::any_of(
      diagram.links, [](const Diagram::Link& link) { return !std::isnan(link.forward.share); });
  if (loads) {
    const std::string label = diagram.share_label.empty() ? "load" : diagram.share_label;
    text += fmt::format("<ul class=\"legend\"><li class=\"of\">{}:</li>{}</ul>\n",
                        html_escape(label), kLoadLegend);
  }
  const std::vector<std::string> kinds = kinds_of(diagram);
  if (!diagram.states.empty()) {
    text += legend_of(diagram.states);
  } else if (kinds.size() > 1) {
    text += legend_of(kinds);
  }
  return text;
}

void write_load(JsonWriter& json, std::string_view key, const Diagram::Load& load, double factor) {
  json.key(key);
  json.begin_array(true);
  json.value(short_number(load.value / factor));
  json.value(short_number(load.share));
  json.end();
}

void write_node(JsonWriter& json, const Diagram::Node& node,
                const std::vector<std::string>& kinds) {
  json.begin_object();
  json.member("name", std::string_view(node.name));
  if (!node.label.empty()) json.member("label", std::string_view(node.label));
  if (!node.kind.empty()) {
    json.member("kind", static_cast<int64_t>(std::ranges::find(kinds, node.kind) - kinds.begin()));
  }
  json.member("level", node.level);
  json.member("position", node.position);
  if (!node.shares.empty()) write_scaled(json, "shares", node.shares, 1);
  json.end();
}

// --- Gantt charts ------------------------------------------------------------------------------

// Seconds of the window that an interval covers.
double covered(const Gantt& gantt, const Gantt::Interval& interval) {
  const double from = std::max(interval.start_s, gantt.start_s);
  const double to = std::min(interval.end_s, gantt.end_s);
  return std::max(0.0, to - from);
}

TableRows gantt_table(const Gantt& gantt) {
  TableRows rows{{gantt.of.empty() ? "row" : gantt.of}};
  for (const std::string& kind : gantt.kinds) rows[0].push_back(kind);
  rows[0].push_back("intervals");
  const double window = gantt.end_s - gantt.start_s;
  for (const Gantt::Row& row : gantt.rows) {
    std::vector<double> seconds(gantt.kinds.size(), 0);
    uint64_t shown = 0;
    for (const Gantt::Interval& interval : row.intervals) {
      const double part = covered(gantt, interval);
      seconds[interval.kind] += part;
      shown += part > 0 ? 1 : 0;
    }
    rows.push_back({row.label});
    for (const double part : seconds) {
      rows.back().push_back(human(window > 0 ? part / window : 0, unit::kShare));
    }
    rows.back().push_back(human_count(shown));
  }
  return rows;
}

// What the page draws of a row: inside the window, and neighbours of a kind with less than `gap`
// between or of less than `gap` together become one.
std::vector<Gantt::Interval> drawn_intervals(const Gantt& gantt, const Gantt::Row& row,
                                             double gap) {
  std::vector<Gantt::Interval> drawn;
  for (const Gantt::Interval& interval : row.intervals) {
    if (covered(gantt, interval) <= 0) continue;
    Gantt::Interval part = interval;
    part.start_s = std::max(part.start_s, gantt.start_s);
    part.end_s = std::min(part.end_s, gantt.end_s);
    Gantt::Interval* last = drawn.empty() ? nullptr : &drawn.back();
    const bool together = last != nullptr && part.end_s - last->start_s < gap;
    const bool joined =
        last != nullptr && last->kind == part.kind && part.start_s - last->end_s < gap;
    if (gap > 0 && (joined || together)) {
      // Of two kinds too short to be told apart the longer one is seen.
      if (part.end_s - part.start_s > last->end_s - last->start_s) last->kind = part.kind;
      last->end_s = std::max(last->end_s, part.end_s);
      last->label.clear();
    } else {
      drawn.push_back(std::move(part));
    }
  }
  return drawn;
}

// The finest gap, from none over halves of a pixel upwards, with which a page holds all.
std::vector<std::vector<Gantt::Interval>> drawn_rows(const Gantt& gantt) {
  double gap = 0;
  for (;;) {
    std::vector<std::vector<Gantt::Interval>> rows;
    size_t count = 0;
    for (const Gantt::Row& row : gantt.rows) {
      rows.push_back(drawn_intervals(gantt, row, gap));
      count += rows.back().size();
    }
    const double window = gantt.end_s - gantt.start_s;
    if (count <= std::max(kFigureIntervalsMax, gantt.rows.size()) || gap > window) return rows;
    gap = gap == 0 ? window / 2000 : 2 * gap;
  }
}

size_t intervals_in_window(const Gantt& gantt) {
  size_t count = 0;
  for (const Gantt::Row& row : gantt.rows) {
    for (const Gantt::Interval& interval : row.intervals) {
      if (covered(gantt, interval) > 0) ++count;
    }
  }
  return count;
}

void write_row(JsonWriter& json, const std::string& label,
               const std::vector<Gantt::Interval>& intervals, double factor) {
  std::vector<double> start;
  std::vector<double> end;
  std::vector<double> kind;
  std::vector<std::string> labels;
  bool any = false;
  for (const Gantt::Interval& interval : intervals) {
    start.push_back(interval.start_s);
    end.push_back(interval.end_s);
    kind.push_back(static_cast<double>(interval.kind));
    labels.push_back(interval.label);
    any = any || !interval.label.empty();
  }
  json.begin_object();
  json.member("label", std::string_view(label));
  write_scaled(json, "start", start, factor);
  write_scaled(json, "end", end, factor);
  json.key("kind");
  json.numbers(kind);
  if (any) write_texts(json, "labels", labels);
  json.end();
}

}  // namespace

FigureWords words_of(const Diagram& diagram) {
  WT_CHECK(fault_of(diagram).empty(), fault_of(diagram));
  if (diagram.nodes.empty()) return {.summary = "Nothing was measured."};
  FigureWords words;
  words.summary = fullest_text(diagram);
  words.legend = diagram_legend(diagram);
  if (diagram.links.empty()) {
    words.table = states_table(diagram);
  } else {
    words.table = links_table(diagram, scale_for(largest_load(diagram), diagram.unit));
    words.first_number = 3;
  }
  if (!diagram.links.empty() && !diagram.states.empty()) {
    words.more = html_table(states_table(diagram), 1, "");
  }
  return words;
}

FigureWords words_of(const Gantt& gantt) {
  WT_CHECK(fault_of(gantt).empty(), fault_of(gantt));
  const size_t intervals = intervals_in_window(gantt);
  if (intervals == 0) return {.summary = "Nothing was measured."};
  FigureWords words;
  words.summary = fmt::format("{} intervals from {} to {}.", human_count(intervals),
                              human(gantt.start_s, unit::kSeconds, 3, 3),
                              human(gantt.end_s, unit::kSeconds, 3, 3));
  if (intervals > kFigureIntervalsMax) {
    words.summary += " What is too short to be seen is drawn together with its neighbours.";
  }
  words.legend = legend_of(gantt.kinds);
  words.table = gantt_table(gantt);
  words.caption = "Shares of the window";
  return words;
}

FigureWords words_of(const Stack& stack) {
  WT_CHECK(fault_of(stack).empty(), fault_of(stack));
  if (stack.rows.empty()) return {.summary = "Nothing was measured."};
  FigureWords words;
  std::vector<StackedRow> rows;
  words.table = {{stack.of.empty() ? "row" : stack.of}};
  words.table[0].insert(words.table[0].end(), stack.parts.begin(), stack.parts.end());
  for (const Stack::Row& row : stack.rows) {
    rows.push_back({row.label, row.shares});
    words.table.push_back({row.label});
    for (const double share : row.shares) words.table.back().push_back(share_text(share));
  }
  words.picture = stacked_bars(stack.parts, unit::kShare, rows);
  return words;
}

void write_data(JsonWriter& json, const Diagram& diagram) {
  const Scale scale = scale_for(largest_load(diagram), diagram.unit);
  const std::vector<std::string> kinds = kinds_of(diagram);
  json.member("shape", "diagram");
  json.member("unit", std::string_view(scale.unit));
  write_texts(json, "states", diagram.states);
  write_texts(json, "kinds", kinds);
  json.key("nodes");
  json.begin_array();
  for (const Diagram::Node& node : diagram.nodes) write_node(json, node, kinds);
  json.end();
  json.key("links");
  json.begin_array();
  for (const Diagram::Link& link : diagram.links) {
    json.begin_object();
    json.member("from", static_cast<uint64_t>(link.from));
    json.member("to", static_cast<uint64_t>(link.to));
    if (!link.label.empty()) json.member("label", std::string_view(link.label));
    write_load(json, "forward", link.forward, scale.factor);
    if (link.backward) write_load(json, "backward", *link.backward, scale.factor);
    json.end();
  }
  json.end();
}

void write_data(JsonWriter& json, const Gantt& gantt) {
  const Scale time =
      scale_for(std::max(std::fabs(gantt.start_s), std::fabs(gantt.end_s)), unit::kSeconds);
  json.member("shape", "gantt");
  json.member("x_unit", std::string_view(time.unit));
  json.member("start", short_number(gantt.start_s / time.factor));
  json.member("end", short_number(gantt.end_s / time.factor));
  write_texts(json, "kinds", gantt.kinds);
  json.key("rows");
  json.begin_array();
  const auto drawn = drawn_rows(gantt);
  for (size_t row = 0; row < drawn.size(); ++row) {
    write_row(json, gantt.rows[row].label, drawn[row], time.factor);
  }
  json.end();
}

}  // namespace windtunnel::report
