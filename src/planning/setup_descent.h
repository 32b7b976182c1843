// Descent of a cyclic order of families to a local optimum.
#pragma once

#include <cstdint>
#include <vector>

#include "planning/setup_matrix.h"

namespace windtunnel::planning {

// Improves `order` until no exchange of two neighbouring segments (of which the shorter has at most
// kSegmentMax families) and no reversal of a segment helps. Never makes it worse.
inline constexpr size_t kSegmentMax = 12;
void descend(const SetupMatrix& setups, std::vector<uint32_t>& order);

}  // namespace windtunnel::planning
