#include "report/drawings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace windtunnel::report {
namespace {

constexpr double kRounding = 1e-6;  // of a sum of shares

// Shares of a whole: between 0 and 1, and together 1 or nothing at all.
bool are_shares(const std::vector<double>& shares) {
  double sum = 0;
  for (const double share : shares) {
    if (!(share >= 0 && share <= 1 + kRounding)) return false;
    sum += share;
  }
  return sum == 0 || std::fabs(sum - 1) <= kRounding;
}

bool is_load(const Diagram::Load& load) {
  return (std::isnan(load.value) || load.value >= 0) &&
         (std::isnan(load.share) || (load.share >= 0 && load.share <= 1 + kRounding));
}

std::string fault_of(const Diagram::Node& node, size_t states) {
  if (!(node.level >= 0 && std::isfinite(node.level))) return "a level from 0 on";
  if (!(node.position >= 0 && std::isfinite(node.position))) return "a position from 0 on";
  if (!node.shares.empty() && node.shares.size() != states) return "a share for each state";
  if (!are_shares(node.shares)) return "shares that add up to 1";
  return {};
}

std::string fault_of(const Diagram::Link& link, size_t nodes) {
  if (link.from >= nodes || link.to >= nodes || link.from == link.to) return "two nodes as ends";
  if (!is_load(link.forward) || (link.backward && !is_load(*link.backward))) {
    return "loads that are not negative, shares of at most 1";
  }
  return {};
}

std::string fault_of(const Gantt::Row& row, size_t kinds) {
  double last = -std::numeric_limits<double>::infinity();
  for (const Gantt::Interval& interval : row.intervals) {
    if (!std::isfinite(interval.start_s) || !std::isfinite(interval.end_s)) return "finite times";
    if (interval.end_s < interval.start_s) return "intervals that end after they start";
    if (interval.start_s < last) return "intervals by ascending start";
    if (interval.kind >= kinds) return "a kind for each interval";
    last = interval.start_s;
  }
  return {};
}

std::string expected(std::string_view what, const std::string& name, const std::string& fault) {
  return fault.empty() ? "" : fmt::format("{} {}: expected {}", what, name, fault);
}

}  // namespace

std::string fault_of(const Diagram& diagram) {
  std::set<std::string_view> names;
  for (const Diagram::Node& node : diagram.nodes) {
    std::string fault = expected("node", node.name, fault_of(node, diagram.states.size()));
    if (!fault.empty()) return fault;
    if (!names.insert(node.name).second) return expected("node", node.name, "names that differ");
  }
  for (size_t i = 0; i < diagram.links.size(); ++i) {
    std::string fault =
        expected("link", fmt::to_string(i), fault_of(diagram.links[i], diagram.nodes.size()));
    if (!fault.empty()) return fault;
  }
  return {};
}

std::string fault_of(const Gantt& gantt) {
  if (!(std::isfinite(gantt.start_s) && std::isfinite(gantt.end_s) &&
        gantt.start_s <= gantt.end_s)) {
    return "expected a window that ends after it starts";
  }
  for (const Gantt::Row& row : gantt.rows) {
    std::string fault = expected("row", row.label, fault_of(row, gantt.kinds.size()));
    if (!fault.empty()) return fault;
  }
  return {};
}

std::string fault_of(const Stack& stack) {
  for (const Stack::Row& row : stack.rows) {
    if (row.shares.size() != stack.parts.size()) {
      return expected("row", row.label, "a share for each part");
    }
    if (!are_shares(row.shares)) return expected("row", row.label, "shares that add up to 1");
  }
  return {};
}

}  // namespace windtunnel::report
