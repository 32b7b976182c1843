// In which cyclic order to run families so that changeovers take the least time: the asymmetric
// travelling salesman. Exact up to kExactFamiliesMax families, local search beyond, always with a
// lower bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/random.h"
#include "planning/search.h"
#include "planning/setup_matrix.h"

namespace windtunnel::planning {

// Dynamic programming needs 8 * (n - 1) * 2^(n - 1) bytes: 80 MB at 20 families.
inline constexpr size_t kExactFamiliesMax = 20;

struct SetupOrder {
  std::vector<uint32_t> order;  // begins with family 0
  Bounded setup;                // per cycle
};

// Held and Karp (1962): the best order, proved. At most kExactFamiliesMax families.
SetupOrder exact_setup_order(const SetupMatrix& setups);

// Local search with moved segments, exchanged neighbouring segments (the 3-opt move that reverses
// nothing) and reversed segments, restarted from perturbations of the best. An iteration is one
// perturbation with its descent.
SetupOrder searched_setup_order(const SetupMatrix& setups, const SearchLimits& limits,
                                base::RandomStream random);

// The first where it can, else the second.
SetupOrder best_setup_order(const SetupMatrix& setups, const SearchLimits& limits,
                            base::RandomStream random);

// An order is worth what the others cost.
struct SetupOrders {
  SetupOrder best;
  std::vector<uint32_t> worst;  // exact where best is; else the worst found
  int64_t worst_setup = 0;
  int64_t given_setup = 0;  // families in the order given
  double mean_setup = 0;    // of all orders
};
SetupOrders compare_setup_orders(const SetupMatrix& setups, const SearchLimits& limits,
                                 base::RandomStream random);

}  // namespace windtunnel::planning
