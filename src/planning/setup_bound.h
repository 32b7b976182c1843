// What no cyclic order of families can go below: the assignment bound, and on its reduced costs the
// bound of a spanning arborescence (additive bounding, Fischetti and Toth, Mathematical Programming
// 53, 1992). O(n^3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "planning/setup_matrix.h"

namespace windtunnel::planning {

int64_t cycle_setup_bound(const SetupMatrix& setups);

// The same for a sequence that does not return: any first, any last family.
int64_t path_setup_bound(const SetupMatrix& setups);

// Least sum of arcs by which every node is reached from `root` (Chu and Liu 1965, Edmonds 1967).
// `costs` is row after row; the diagonal and arcs into the root are not used.
int64_t arborescence_cost(size_t nodes, size_t root, std::span<const int64_t> costs);

}  // namespace windtunnel::planning
