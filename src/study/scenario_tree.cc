#include "study/scenario_tree.h"

#include <charconv>

namespace windtunnel::study {
namespace {

report::ScenarioTree scalar(const scenario::Node& node) {
  if (node.quoted) return {node.text};
  if (node.text == "true" || node.text == "false") return {node.text == "true"};
  int64_t whole = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, whole);
  if (error == std::errc() && stop == end) return {whole};
  return {node.text};
}

}  // namespace

report::ScenarioTree to_scenario_tree(const scenario::Node& node) {
  switch (node.kind) {
    case scenario::Node::Kind::kNull:
      return {};
    case scenario::Node::Kind::kScalar:
      return scalar(node);
    case scenario::Node::Kind::kSequence: {
      report::ScenarioTree::List list;
      for (const scenario::Node& item : node.items) list.push_back(to_scenario_tree(item));
      return {std::move(list)};
    }
    case scenario::Node::Kind::kMapping: {
      report::ScenarioTree::Map map;
      for (size_t i = 0; i < node.items.size(); ++i) {
        map.push_back({node.keys[i].text, to_scenario_tree(node.items[i])});
      }
      return {std::move(map)};
    }
  }
  return {};
}

}  // namespace windtunnel::study
