#include "scenario/value_traits.h"

#include <fmt/format.h>

#include "scenario/amount.h"
#include "scenario/quantity.h"
#include "scenario/suggest.h"
#include "scenario/text_file.h"
#include "scenario/visitor.h"

namespace windtunnel::scenario {
namespace detail {

base::Error out_of_range(const Node& node, const std::string& type, const Key& key) {
  std::string range;
  if (!key.min.empty() && !key.max.empty()) {
    range = fmt::format("from {} to {}", key.min, key.max);
  } else if (!key.min.empty()) {
    range = fmt::format("of at least {}", key.min);
  } else {
    range = fmt::format("of at most {}", key.max);
  }
  return {node.mark, fmt::format("found {}, expected {} {}", quoted(node.text), type, range), {}};
}

base::Result<size_t> find_enum(const Node& node, const std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == node.text) return i;
  return base::fail(node.mark,
                    fmt::format("found {}, expected {}", quoted(node.text), joined(names, " | ")),
                    suggestion(node.text, names));
}

std::string joined(const std::vector<std::string>& names, std::string_view separator) {
  return fmt::format("{}", fmt::join(names, separator));
}

}  // namespace detail

namespace {

template <class T>
base::Result<T> at_node(base::Result<T> result, const Node& node) {
  if (!result) result.error().mark = node.mark;
  return result;
}

}  // namespace

base::Result<bool> ValueTraits<bool>::parse(const Node& node) {
  return at_node(parse_bool(node.text), node);
}
Node ValueTraits<bool>::written(bool value) { return Node::scalar(value ? "true" : "false"); }

base::Result<std::string> ValueTraits<std::string>::parse(const Node& node) { return node.text; }
Node ValueTraits<std::string>::written(const std::string& value) {
  return Node::scalar(value, true);
}

base::Result<FilePath> ValueTraits<FilePath>::parse(const Node& node) {
  if (node.text.empty() || (node.text == "none" && !node.quoted)) return FilePath{};
  const bool from_flag = node.mark.line == 0;
  const bool absolute = node.text.front() == '/';
  return FilePath{node.text,
                  (from_flag || absolute ? std::string() : folder_of(node.mark.file)) + node.text};
}
Node ValueTraits<FilePath>::written(const FilePath& value) {
  return value.given() ? Node::scalar(value.text, true) : Node::scalar("none");
}

base::Result<int64_t> ValueTraits<int64_t>::parse(const Node& node) {
  return at_node(parse_integer(node.text), node);
}
Node ValueTraits<int64_t>::written(int64_t value) { return Node::scalar(std::to_string(value)); }

base::Result<base::Duration> ValueTraits<base::Duration>::parse(const Node& node) {
  return at_node(parse_duration(node.text), node);
}
Node ValueTraits<base::Duration>::written(base::Duration value) {
  return Node::scalar(format(value));
}

base::Result<base::Bytes> ValueTraits<base::Bytes>::parse(const Node& node) {
  return at_node(parse_bytes(node.text), node);
}
Node ValueTraits<base::Bytes>::written(base::Bytes value) { return Node::scalar(format(value)); }

base::Result<base::Rate> ValueTraits<base::Rate>::parse(const Node& node) {
  return at_node(parse_rate(node.text), node);
}
Node ValueTraits<base::Rate>::written(base::Rate value) { return Node::scalar(format(value)); }

base::Result<base::Ratio> ValueTraits<base::Ratio>::parse(const Node& node) {
  return at_node(parse_ratio(node.text), node);
}
Node ValueTraits<base::Ratio>::written(base::Ratio value) { return Node::scalar(format(value)); }
bool ValueTraits<base::Ratio>::less(base::Ratio a, base::Ratio b) { return scenario::less(a, b); }

base::Result<DataAmount> ValueTraits<DataAmount>::parse(const Node& node) {
  return at_node(parse_amount(node.text), node);
}
Node ValueTraits<DataAmount>::written(DataAmount value) { return Node::scalar(format(value)); }

base::Result<Span> ValueTraits<Span>::parse(const Node& node) {
  return at_node(parse_span(node.text), node);
}
Node ValueTraits<Span>::written(Span value) { return Node::scalar(format(value)); }

base::Result<base::Money> ValueTraits<base::Money>::parse(const Node& node) {
  return at_node(parse_money(node.text), node);
}
Node ValueTraits<base::Money>::written(base::Money value) { return Node::scalar(format(value)); }

base::Result<base::Power> ValueTraits<base::Power>::parse(const Node& node) {
  return at_node(parse_power(node.text), node);
}
Node ValueTraits<base::Power>::written(base::Power value) { return Node::scalar(format(value)); }

base::Result<base::TimeDistribution> ValueTraits<base::TimeDistribution>::parse(const Node& node) {
  return at_node(parse_distribution(node.text), node);
}
Node ValueTraits<base::TimeDistribution>::written(const base::TimeDistribution& value) {
  return Node::scalar(format(value));
}

base::Result<TimeOfDay> ValueTraits<TimeOfDay>::parse(const Node& node) {
  return at_node(parse_time_of_day(node.text), node);
}
Node ValueTraits<TimeOfDay>::written(TimeOfDay value) { return Node::scalar(format(value)); }

base::Result<Weekdays> ValueTraits<Weekdays>::parse(const Node& node) {
  return at_node(parse_weekdays(node.text), node);
}
Node ValueTraits<Weekdays>::written(Weekdays value) { return Node::scalar(format(value)); }

}  // namespace windtunnel::scenario
