// What a closed form needs to know of the ports: how long a message keeps one busy, headers and
// acknowledgements included, and how long a hop between two ranks takes.
#pragma once

#include <functional>
#include <span>

#include "cluster/collectives.h"
#include "cluster/fixed_latency_machine.h"
#include "cluster/two_trees.h"

namespace windtunnel::cluster {

// Packets of at most `payload` bytes carry `header` more each. `answer` is what a port sends for a
// packet that it receives: where every rank receives as much as it sends, the two directions of a
// port are busy with data and with answers to data.
struct Framing {
  base::Bytes payload;  // 0: rates are net of all this
  base::Bytes header;
  base::Bytes answer;
};

struct BoundPorts {
  PortModel network;    // the longest way; `rate` is the line's where there is a framing
  PortModel server;     // within a server, where spec.placement has servers of several ranks
  Framing framing{};    // of the network
  base::Rate memory{};  // payload between a rank's memory and the network; 0: never the limit
  // Latency of a hop between two ranks across the network; empty: network.latency for all.
  std::function<base::Duration(Rank from, Rank to)> latency{};
};

namespace bounds {

// In seconds, of bytes as fractions.
struct Port {
  double alpha = 0;
  double beta = 0;         // seconds per byte on the line
  double beta_memory = 0;  // seconds per byte of payload
  double payload = 0;      // 0: nothing is added
  double added = 0;        // bytes per packet

  double time(double bytes) const;
};

Port network_port(const BoundPorts& ports, bool answers);
Port server_port(const BoundPorts& ports);

// Hops of a group, in seconds; `ranks` outlives it.
class Hops {
 public:
  Hops(const BoundPorts& ports, std::span<const Rank> ranks) : ports_(ports), ranks_(ranks) {}

  bool alike() const { return !ports_.latency; }
  double hop(uint32_t from, uint32_t to) const;
  // The longest way from the root of a tree down.
  double depth(const TreeShape& tree) const;
  // Of the hops that a ring makes between servers of `per_server` ranks.
  double ring_mean(uint32_t per_server) const;
  double ring_longest(uint32_t per_server) const;
  // From the first rank to any other.
  double farthest() const;

 private:
  template <class Use>
  void each_ring_hop(uint32_t per_server, const Use& use) const;
  const BoundPorts& ports_;
  std::span<const Rank> ranks_;
};

}  // namespace bounds
}  // namespace windtunnel::cluster
