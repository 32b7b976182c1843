#include "scenario/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenario/quantity.h"
#include "scenario/suggest.h"
#include "scenario/yaml_reader.h"

namespace windtunnel::scenario {
namespace {

using Steps = std::vector<std::string>;

constexpr size_t kStepsMax = 32;

bool is_index(std::string_view step) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !step.empty() && step.size() <= 9 && std::all_of(step.begin(), step.end(), digit);
}

// `a.b[2].c` to {a, b, 2, c}; empty when a step is missing or a bracket does not close.
Steps steps_of(std::string_view path) {
  Steps steps;
  std::string step;
  bool after_bracket = false;
  for (size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    if (c == '[') {
      const size_t end = path.find(']', i);
      if (end == std::string_view::npos || !is_index(path.substr(i + 1, end - i - 1))) return {};
      if (step.empty() && !after_bracket) return {};
      if (!step.empty()) steps.push_back(std::exchange(step, {}));
      steps.emplace_back(path.substr(i + 1, end - i - 1));
      i = end;
      after_bracket = true;
    } else if (c == '.') {
      if (step.empty() && !after_bracket) return {};
      if (!step.empty()) steps.push_back(std::exchange(step, {}));
      after_bracket = false;
    } else {
      if (after_bracket) return {};
      step += c;
    }
  }
  if (step.empty() && !after_bracket) return {};
  if (!step.empty()) steps.push_back(std::move(step));
  return steps;
}

tl::unexpected<base::Error> refuse(std::string_view assignment, std::string message,
                                   std::string hint = {}) {
  return base::fail(override_mark(assignment), std::move(message), std::move(hint));
}

// Every node that comes from the flag is marked with the flag.
void mark_all(Node& node, const base::SourceMark& mark) {
  node.mark = mark;
  for (Node::Key& key : node.keys) key.mark = mark;
  for (Node& item : node.items) mark_all(item, mark);
}

const Node* name_of(const Node& item) {
  const Node* name = item.find("name");
  return name != nullptr && name->kind == Node::Kind::kScalar ? name : nullptr;
}

// The first item of that name.
Node* item_named(Node& list, const std::string& step) {
  for (Node& item : list.items)
    if (const Node* name = name_of(item); name != nullptr && name->text == step) return &item;
  return nullptr;
}

std::string name_hint(const Node& list, const std::string& step) {
  std::vector<std::string> names;
  for (const Node& item : list.items)
    if (const Node* name = name_of(item)) names.push_back(name->text);
  const std::string hint = suggestion(step, names);
  return hint.empty() ? "items count from 0" : hint;
}

base::Result<Node*> item_at(Node& list, const std::string& step, const std::string& so_far,
                            std::string_view assignment) {
  const size_t count = list.items.size();
  if (!is_index(step)) {
    if (Node* item = item_named(list, step)) return item;
    return refuse(
        assignment,
        fmt::format("`{}` is a list, {} is no item's number or name", so_far, quoted(step)),
        name_hint(list, step));
  }
  const size_t index = static_cast<size_t>(std::stoul(step));
  if (index > count)
    return refuse(assignment,
                  fmt::format("`{}` has {} items, there is no item {}", so_far, count, index),
                  fmt::format("item {} would append one", count));
  if (index == count) {
    list.items.emplace_back();
    list.items.back().mark = override_mark(assignment);
  }
  return &list.items[index];
}

base::Result<Node*> child_of(Node& node, const std::string& step, const std::string& so_far,
                             std::string_view assignment) {
  if (node.kind == Node::Kind::kSequence) return item_at(node, step, so_far, assignment);
  const bool absent = node.kind == Node::Kind::kNull;
  if (node.kind == Node::Kind::kScalar)
    return refuse(assignment, fmt::format("`{}` is {}, it has nothing inside called {}", so_far,
                                          quoted(node.text), quoted(step)));
  if (absent && step == "0") {
    node.kind = Node::Kind::kSequence;
    return item_at(node, step, so_far, assignment);
  }
  node.kind = Node::Kind::kMapping;
  if (Node* child = node.find(step)) return child;
  Node child;
  child.mark = override_mark(assignment);
  return &node.add(step, std::move(child));
}

}  // namespace

base::SourceMark override_mark(std::string_view assignment) {
  std::string shown = quoted(assignment);
  return {"--set " + shown.substr(1, shown.size() - 2), 0, 0};
}

base::Status apply_override(Node& root, std::string_view assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos)
    return refuse(assignment, "found no `=`, expected path=value", "such as fabric.nodes=128");
  const Steps steps = steps_of(assignment.substr(0, equals));
  if (steps.empty() || steps.size() > kStepsMax)
    return refuse(assignment, fmt::format("{} is no path", quoted(assignment.substr(0, equals))),
                  "such as fabric.nodes or faults[0].at");
  YamlText yaml = read_yaml(assignment.substr(equals + 1), "value");
  if (!yaml.errors.empty()) return refuse(assignment, yaml.errors.front().to_string());
  Node value = std::move(yaml.root);
  if (value.kind == Node::Kind::kMapping &&
      assignment.find_first_not_of(" \t", equals + 1) == std::string_view::npos)
    value = Node();  // `name=` says nothing, not an empty group
  mark_all(value, override_mark(assignment));

  Node* place = &root;
  std::string so_far;
  for (const std::string& step : steps) {
    const base::Result<Node*> next = child_of(*place, step, so_far, assignment);
    if (!next) return tl::unexpected(next.error());
    const bool item = place->kind == Node::Kind::kSequence;
    so_far = item && is_index(step) ? join_path(so_far, static_cast<size_t>(std::stoul(step)))
                                    : join_path(so_far, step);
    if (!item && &step == &steps.back()) {
      const auto index = static_cast<size_t>(*next - place->items.data());
      place->keys[index].mark = override_mark(assignment);
    }
    place = *next;
  }
  *place = std::move(value);
  return {};
}

std::vector<base::Error> apply_overrides(Node& root, const std::vector<std::string>& assignments) {
  std::vector<base::Error> errors;
  for (const std::string& assignment : assignments) {
    const base::Status status = apply_override(root, assignment);
    if (!status) errors.push_back(status.error());
  }
  return errors;
}

}  // namespace windtunnel::scenario
