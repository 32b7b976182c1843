// Topologies in the `.topo` format of htsim: fat trees and leaf-spines of two or three tiers.
//
//     Nodes 1024
//     Tiers 3
//     Podsize 64
//     Tier 0
//     Downlink_speed_Gbps 100
//     Radix_Down 8
//     Radix_Up 8
//     Downlink_Latency_ns 1000
//     ...
//
// Tier 0 is the top-of-rack layer; speeds and latencies are those of the links below a tier. Keys
// are read without regard to case and in any order within their tier. Switch_Latency_ns is 0 and
// Bundle 1 unless given. Oversubscribed repeats the ratio of the radices and is checked when given.
// Queue_Up and Queue_Down are read, with a warning that fabric.queue rules instead.
//
// The tree must close: every port of every switch has a cable. Where it does not, the error says
// which product of which keys does not match.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "fabric/topology.h"

namespace windtunnel::study {

// One `Tier` of the file.
struct HtsimTier {
  int64_t downlink_gbps = 0;
  int64_t radix_down = 0;
  int64_t radix_up = 0;  // 0 in the top tier
  int64_t downlink_latency_ns = 0;
  int64_t switch_latency_ns = 0;
  int64_t oversubscribed = 0;  // 0: not given
  int64_t bundle = 1;
};

struct HtsimTopology {
  std::string file;
  int64_t nodes = 0;
  int64_t tiers = 0;
  int64_t podsize = 0;
  std::array<HtsimTier, 3> tier;      // of which `tiers` count
  std::vector<base::Error> warnings;  // not fatal, but to be shown

  // The same as the fabric wants it; one plane, no rails.
  fabric::TopologyDescription to_fabric() const;
};

using TopologyResult = tl::expected<HtsimTopology, std::vector<base::Error>>;

// Total over arbitrary bytes. All errors, sorted by place.
TopologyResult read_htsim_topology(std::string_view text, const std::string& file);
// Files up to 1 MiB.
TopologyResult load_htsim_topology(const std::string& path);

}  // namespace windtunnel::study
