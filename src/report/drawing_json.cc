// Diagrams, Gantt charts and stacks in results.json. See json_parts.h.
#include <cmath>

#include "base/check.h"
#include "report/json_parts.h"

namespace windtunnel::report {
namespace {

void write_load(JsonWriter& json, std::string_view name, const Diagram::Load& load) {
  json.key(name);
  json.begin_object(true);
  if (!std::isnan(load.value)) json.member("value", load.value);
  if (!std::isnan(load.share)) json.member("share", load.share);
  json.end();
}

void write_node(JsonWriter& json, const Diagram::Node& node) {
  json.begin_object();
  json.member("name", std::string_view(node.name));
  member_if(json, "label", node.label);
  member_if(json, "kind", node.kind);
  json.member("level", node.level);
  json.member("position", node.position);
  if (!node.shares.empty()) {
    write_numbers(json, "shares", node.shares);
  }
  json.end();
}

void write_row(JsonWriter& json, const Gantt::Row& row) {
  std::vector<double> start;
  std::vector<double> end;
  std::vector<double> kind;
  std::vector<std::string> labels;
  bool any = false;
  for (const Gantt::Interval& interval : row.intervals) {
    start.push_back(interval.start_s);
    end.push_back(interval.end_s);
    kind.push_back(static_cast<double>(interval.kind));
    labels.push_back(interval.label);
    any = any || !interval.label.empty();
  }
  json.begin_object();
  json.member("label", std::string_view(row.label));
  write_numbers(json, "start_s", start);
  write_numbers(json, "end_s", end);
  write_numbers(json, "kind", kind);
  if (any) write_texts(json, "labels", labels);
  json.end();
}

}  // namespace

void write_members(JsonWriter& json, const Diagram& diagram) {
  WT_CHECK(fault_of(diagram).empty(), fault_of(diagram));
  json.member("unit", std::string_view(diagram.unit));
  member_if(json, "share_label", diagram.share_label);
  if (!diagram.states.empty()) write_texts(json, "states", diagram.states);
  json.key("nodes");
  json.begin_array();
  for (const Diagram::Node& node : diagram.nodes) write_node(json, node);
  json.end();
  json.key("links");
  json.begin_array();
  for (const Diagram::Link& link : diagram.links) {
    json.begin_object();
    json.member("from", std::string_view(diagram.nodes[link.from].name));
    json.member("to", std::string_view(diagram.nodes[link.to].name));
    member_if(json, "label", link.label);
    write_load(json, "forward", link.forward);
    if (link.backward) write_load(json, "backward", *link.backward);
    json.end();
  }
  json.end();
}

void write_members(JsonWriter& json, const Gantt& gantt) {
  WT_CHECK(fault_of(gantt).empty(), fault_of(gantt));
  member_if(json, "of", gantt.of);
  json.member("start_s", gantt.start_s);
  json.member("end_s", gantt.end_s);
  write_texts(json, "kinds", gantt.kinds);
  json.key("rows");
  json.begin_array();
  for (const Gantt::Row& row : gantt.rows) write_row(json, row);
  json.end();
}

void write_members(JsonWriter& json, const Stack& stack) {
  WT_CHECK(fault_of(stack).empty(), fault_of(stack));
  member_if(json, "of", stack.of);
  write_texts(json, "parts", stack.parts);
  json.key("rows");
  json.begin_array();
  for (const Stack::Row& row : stack.rows) {
    json.begin_object();
    json.member("label", std::string_view(row.label));
    write_numbers(json, "shares", row.shares);
    json.end();
  }
  json.end();
}

}  // namespace windtunnel::report
