// The parameter sets of the published tables that validation repeats.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "study/htsim_matrix.h"
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

// Set B of the REPS paper's artifact: two tiers at 400 Gb/s, 8 MiB permutation, DCTCP-like windows
// of 151 packets, queues of 100 packets with marks from 25 to 76, an acknowledgement per packet.
// Packets of 4,160 bytes carry 4 KiB.
NetworkDescription reps_set_b(int64_t nodes, int64_t nodes_per_leaf);

// Set C: as B with three tiers of 128 nodes and marks from 20 to 80 packets.
NetworkDescription reps_set_c();

// The first cable upwards of the first switch dies at 1.4 us, both ways.
NetworkDescription with_dead_cable(NetworkDescription d);

// Testbed of the MRC paper: four racks of four nodes, four spines, 400 Gb/s. Headers of 106 bytes.
NetworkDescription mrc_testbed();

// Two nodes of different leaves with eight planes of 100 Gb/s, one flow of 64 MB between them.
NetworkDescription mrc_point_to_point(int64_t paths);

// Today's baseline in place of Braid: RoCEv2 with pauses, everything else as in `d`.
NetworkDescription with_roce(NetworkDescription d, int64_t queue_pairs, Congestion congestion);

// Flows of one size between given pairs of nodes.
ConnectionMatrix one_to_one(uint32_t nodes, const std::vector<std::pair<uint32_t, uint32_t>>& pairs,
                            int64_t bytes);

}  // namespace windtunnel::study
