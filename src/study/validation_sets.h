// The parameter sets of the published tables that validation repeats.
#pragma once

#include <cstdint>

#include "study/network_description.h"

namespace windtunnel::study {

// Set A: three-tier non-blocking fat tree, 100 Gb/s, 1 us links, 4,150-byte packets with a 64-byte
// header, queue of one bandwidth-delay product, NSCC, 128 paths (the defaults of the Ultra Ethernet
// simulator's validation suite).
NetworkDescription set_a(int64_t nodes);

// Permutation of 2 MB flows at 400 Gb/s with 4,096-byte packets: the setting of the speed table.
NetworkDescription permutation_400g(int64_t nodes);

// Leaf-spine of 1,024 nodes, four times over-subscribed, otherwise set A.
NetworkDescription oversubscribed_leaf_spine();

// Leaf-spine of 8,192 nodes at 400 Gb/s with given queue, marks and window.
NetworkDescription leaf_spine_8192(int64_t flow_bytes);

}  // namespace windtunnel::study
