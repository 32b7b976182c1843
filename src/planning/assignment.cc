#include "planning/assignment.h"

#include <limits>

#include "base/check.h"

namespace windtunnel::planning {
namespace {

constexpr int64_t kFar = std::numeric_limits<int64_t>::max();
constexpr size_t kNone = static_cast<size_t>(-1);

// Rows and columns count from 0; column n is where each new row's path begins.
class Solver {
 public:
  Solver(size_t n, std::span<const int64_t> costs)
      : n_(n), costs_(costs), row_(n, 0), column_(n + 1, 0), row_of_(n + 1, kNone) {}

  Assignment run() {
    for (size_t row = 0; row < n_; ++row) augment(row);
    Assignment result;
    result.column_of.resize(n_);
    for (size_t column = 0; column < n_; ++column) {
      const size_t row = row_of_[column];
      result.column_of[row] = static_cast<uint32_t>(column);
      result.cost += costs_[row * n_ + column];
    }
    column_.pop_back();
    result.row_potential = std::move(row_);
    result.column_potential = std::move(column_);
    return result;
  }

 private:
  // Shortest alternating path from a free row to a free column, by reduced costs.
  void augment(size_t row) {
    distance_.assign(n_, kFar);
    before_.assign(n_ + 1, n_);
    done_.assign(n_ + 1, false);
    row_of_[n_] = row;
    size_t column = n_;
    while (row_of_[column] != kNone) {
      done_[column] = true;
      column = advance(column);
    }
    for (; column != n_; column = before_[column]) row_of_[column] = row_of_[before_[column]];
    row_of_[n_] = kNone;
  }

  // Scans the row of `from`, moves the potentials by the nearest open column's distance and
  // returns that column.
  size_t advance(size_t from) {
    const size_t row = row_of_[from];
    size_t nearest = n_;
    for (size_t column = 0; column < n_; ++column) {
      if (done_[column]) continue;
      const int64_t reduced = costs_[row * n_ + column] - row_[row] - column_[column];
      if (reduced < distance_[column]) {
        distance_[column] = reduced;
        before_[column] = from;
      }
      if (nearest == n_ || distance_[column] < distance_[nearest]) nearest = column;
    }
    const int64_t step = distance_[nearest];
    for (size_t column = 0; column <= n_; ++column) {
      if (done_[column]) {
        row_[row_of_[column]] += step;
        column_[column] -= step;
      } else if (column < n_) {
        distance_[column] -= step;
      }
    }
    return nearest;
  }

  size_t n_;
  std::span<const int64_t> costs_;
  std::vector<int64_t> row_;       // potentials
  std::vector<int64_t> column_;    // potentials; the last is the path's beginning
  std::vector<size_t> row_of_;     // by column
  std::vector<int64_t> distance_;  // of open columns, from the free row
  std::vector<size_t> before_;     // the column before, on the path
  std::vector<bool> done_;
};

}  // namespace

Assignment solve_assignment(size_t n, std::span<const int64_t> costs) {
  WT_CHECK(costs.size() == n * n, "an assignment's costs are square");
  for (const int64_t cost : costs)
    WT_CHECK(cost >= -kAssignmentCostMax && cost <= kAssignmentCostMax, "cost is within bounds");
  return Solver(n, costs).run();
}

}  // namespace windtunnel::planning
