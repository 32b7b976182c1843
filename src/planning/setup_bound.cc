#include "planning/setup_bound.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/check.h"
#include "planning/assignment.h"

namespace windtunnel::planning {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);
constexpr int64_t kForbidden = int64_t{1} << 51;

// One round of Chu-Liu: the cheapest arc into each node, and the cycles these arcs close.
class Contraction {
 public:
  Contraction(size_t nodes, size_t root, std::vector<int64_t> costs)
      : nodes_(nodes), root_(root), costs_(std::move(costs)) {}

  int64_t run() {
    int64_t sum = 0;
    while (true) {
      sum += choose_arcs();
      if (!find_cycles()) return sum;
      contract();
    }
  }

 private:
  int64_t choose_arcs() {
    before_.assign(nodes_, kNone);
    int64_t sum = 0;
    for (size_t node = 0; node < nodes_; ++node) {
      if (node == root_) continue;
      for (size_t from = 0; from < nodes_; ++from)
        if (from != node &&
            (before_[node] == kNone || cost(from, node) < cost(before_[node], node)))
          before_[node] = from;
      sum += cost(before_[node], node);
    }
    return sum;
  }

  // Numbers the groups of the next round: a cycle is one group, every other node its own.
  bool find_cycles() {
    group_.assign(nodes_, kNone);
    std::vector<size_t> seen_from(nodes_, kNone);
    groups_ = 0;
    bool any = false;
    for (size_t start = 0; start < nodes_; ++start) {
      size_t node = start;
      while (node != root_ && seen_from[node] == kNone && group_[node] == kNone) {
        seen_from[node] = start;
        node = before_[node];
      }
      if (node == root_ || seen_from[node] != start || group_[node] != kNone) continue;
      for (size_t member = before_[node]; member != node; member = before_[member])
        group_[member] = groups_;
      group_[node] = groups_++;
      any = true;
    }
    for (size_t& group : group_)
      if (group == kNone) group = groups_++;
    return any;
  }

  void contract() {
    std::vector<int64_t> costs(groups_ * groups_, std::numeric_limits<int64_t>::max());
    for (size_t from = 0; from < nodes_; ++from) {
      for (size_t to = 0; to < nodes_; ++to) {
        if (group_[from] == group_[to] || to == root_) continue;
        // The arc into `to` that was chosen is paid for already.
        int64_t& least = costs[group_[from] * groups_ + group_[to]];
        least = std::min(least, cost(from, to) - cost(before_[to], to));
      }
    }
    root_ = group_[root_];
    nodes_ = groups_;
    costs_ = std::move(costs);
  }

  int64_t cost(size_t from, size_t to) const { return costs_[from * nodes_ + to]; }

  size_t nodes_;
  size_t root_;
  std::vector<int64_t> costs_;
  std::vector<size_t> before_;
  std::vector<size_t> group_;
  size_t groups_ = 0;
};

std::vector<int64_t> without_diagonal(const SetupMatrix& setups) {
  const size_t n = setups.families();
  std::vector<int64_t> costs(n * n, kForbidden);
  for (size_t from = 0; from < n; ++from)
    for (size_t to = 0; to < n; ++to)
      if (from != to) costs[from * n + to] = setups.at(from, to);
  return costs;
}

// An arborescence from `root` and the cheapest arc back into it: every cycle contains both.
int64_t rooted_bound(size_t n, size_t root, const std::vector<int64_t>& costs) {
  int64_t back = kForbidden;
  for (size_t from = 0; from < n; ++from)
    if (from != root) back = std::min(back, costs[from * n + root]);
  return arborescence_cost(n, root, costs) + back;
}

std::vector<int64_t> transposed(size_t n, const std::vector<int64_t>& costs) {
  std::vector<int64_t> result(costs.size());
  for (size_t from = 0; from < n; ++from)
    for (size_t to = 0; to < n; ++to) result[to * n + from] = costs[from * n + to];
  return result;
}

}  // namespace

int64_t arborescence_cost(size_t nodes, size_t root, std::span<const int64_t> costs) {
  WT_CHECK(costs.size() == nodes * nodes, "arc costs are square");
  WT_CHECK(root < nodes, "the root is a node");
  return Contraction(nodes, root, {costs.begin(), costs.end()}).run();
}

int64_t cycle_setup_bound(const SetupMatrix& setups) {
  const size_t n = setups.families();
  if (n < 2) return 0;
  std::vector<int64_t> costs = without_diagonal(setups);
  const Assignment assignment = solve_assignment(n, costs);
  for (size_t from = 0; from < n; ++from)
    for (size_t to = 0; to < n; ++to)
      costs[from * n + to] -= assignment.row_potential[from] + assignment.column_potential[to];
  const int64_t forward = rooted_bound(n, 0, costs);
  const int64_t backward = rooted_bound(n, 0, transposed(n, costs));
  return assignment.cost + std::max(forward, backward);
}

int64_t path_setup_bound(const SetupMatrix& setups) {
  // A family that is reached and left for nothing closes every path into a cycle.
  const size_t n = setups.families();
  SetupMatrix closed(n + 1, std::vector<int64_t>((n + 1) * (n + 1), 0));
  for (size_t from = 0; from < n; ++from)
    for (size_t to = 0; to < n; ++to) closed.set(from, to, from == to ? 0 : setups.at(from, to));
  return cycle_setup_bound(closed);
}

}  // namespace windtunnel::planning
