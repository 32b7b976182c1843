// The linear assignment problem: each row gets a column of its own so that the sum of costs is
// least. Shortest augmenting paths with potentials (Jonker and Volgenant, Computing 38, 1987),
// O(n^3) time and O(n) memory beside the costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace windtunnel::planning {

// Costs must stay below this in size, so that sums over a path are exact.
inline constexpr int64_t kAssignmentCostMax = int64_t{1} << 52;

struct Assignment {
  int64_t cost = 0;
  std::vector<uint32_t> column_of;  // by row
  // Dual solution: row + column potential never exceeds the entry's cost, and the sum of all
  // potentials is `cost`.
  std::vector<int64_t> row_potential;
  std::vector<int64_t> column_potential;
};

// `costs` is row after row, n squared entries.
Assignment solve_assignment(size_t n, std::span<const int64_t> costs);

}  // namespace windtunnel::planning
