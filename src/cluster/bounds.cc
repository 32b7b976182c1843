#include "cluster/bounds.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "cluster/bus_bandwidth.h"
#include "cluster/grid.h"

namespace windtunnel::cluster {
namespace {

// Seconds, and seconds a byte.
struct AlphaBeta {
  double alpha = 0;
  double beta = 0;
  explicit AlphaBeta(const PortModel& port) : alpha(port.latency.seconds()) {
    if (port.rate.bits_per_second() > 0) {
      beta = 8.0 / static_cast<double>(port.rate.bits_per_second());
    }
  }
};

// Work on one group: `lanes` copies of it side by side share the port.
struct Work {
  Operation operation = Operation::kAllReduce;
  uint32_t ranks = 1;
  double bytes = 0;  // of all lanes
  double chunk = 0;
  double channels = 1;
  double lanes = 1;
};

double pieces(double bytes, double chunk) {
  return chunk > 0 ? std::max(1.0, std::ceil(bytes / chunk)) : 1.0;
}

// Where a group is listed server by server, the hops within servers take the server's ports.
struct Ports {
  AlphaBeta network;
  AlphaBeta server;
  double per_server = 1;  // ranks of the group that follow one another on a server

  double crossing() const { return 1 / per_server; }  // share of a ring's hops
};

// A ring is a closed line of hops: blocks pass one another nowhere, so a step takes as long as the
// busiest port needs for it, or the average hop, whichever is longer.
double ring_bound(const Work& work, const Ports& ports) {
  if (work.ranks < 2) return 0;
  const double n = work.ranks;
  const double steps = (work.operation == Operation::kAllReduce ? 2 : 1) * (n - 1);
  const double lanes = work.channels * work.lanes;
  const double slices = pieces(work.bytes / n / lanes, work.chunk);
  const double m = work.bytes / n / lanes / slices;
  const double t = m * ports.network.beta;
  const double t_server = m * ports.server.beta;
  // Channels enter servers at different ranks, so they share out the ports across.
  const double across = std::ceil(work.channels / ports.per_server) * work.lanes * slices;
  const double within = lanes * slices - (ports.per_server > 1 ? 0 : across);
  const double hop = ports.crossing() * (ports.network.alpha + t) +
                     (1 - ports.crossing()) * (ports.server.alpha + t_server);
  const double busy = std::max(across * t, within * t_server);
  return (steps - 1) * std::max(busy, hop) + ports.network.alpha + across * t;
}

// Every step with what it moves; lanes side by side fill each other's waits.
double halving_bound(const Work& work, const Ports& ports) {
  const uint32_t core = std::bit_floor(work.ranks);
  const double lanes = work.lanes * work.channels;
  const double lane_bytes = work.bytes / lanes;
  const bool folded = core != work.ranks;
  double sum = 0;
  double last = 0;
  double last_alpha = 0;
  // A fold moves everybody's number, so only without one are near numbers near.
  const auto step = [&](double bytes, uint32_t distance) {
    const AlphaBeta& port = !folded && distance < ports.per_server ? ports.server : ports.network;
    last = bytes * port.beta;
    last_alpha = port.alpha;
    sum += std::max(lanes * last, port.alpha + last);
  };
  if (folded) {
    step(work.operation == Operation::kAllGather ? lane_bytes / work.ranks : lane_bytes, 1);
  }
  if (work.operation != Operation::kAllGather) {
    for (uint32_t d = core / 2; d > 0; d /= 2) step(lane_bytes * d / core, d);
  }
  if (work.operation != Operation::kReduceScatter) {
    for (uint32_t d = 1; d < core; d *= 2) step(lane_bytes * d / core, d);
  }
  if (folded) {
    step(work.operation == Operation::kReduceScatter ? lane_bytes / work.ranks : lane_bytes, 1);
  }
  // The last step ends when its last lane is there.
  return lanes * last > last_alpha + last ? sum + last_alpha : sum + (lanes - 1) * last;
}

double tree_bound(const Work& work, const AlphaBeta& port) {
  if (work.ranks < 2) return 0;
  const double lanes = 2 * work.channels * work.lanes;
  const double q = pieces(work.bytes / lanes, work.chunk);
  const double t = work.bytes / lanes / q * port.beta;
  const double height = std::floor(std::log2(work.ranks - 1)) + 1;
  if (work.operation != Operation::kAllReduce) {
    return height * port.alpha + work.bytes * port.beta + (2 * height - 2) * t;
  }
  // The busiest port: an inner rank with two children in one tree is a leaf of the other.
  const double share = work.ranks == 2 ? 1 : work.ranks == 3 ? 1.5 : 2;
  const double fill = std::max(0.0, 4 * height - 6);
  return 2 * height * port.alpha + share * work.bytes * port.beta + fill * t;
}

double line_bound(const Work& work, const AlphaBeta& port, Algorithm algorithm) {
  if (work.ranks < 2) return 0;
  const double q = pieces(work.bytes / work.channels, work.chunk) * work.channels;
  const double t = work.bytes / q * port.beta;
  if (algorithm == Algorithm::kChain) {
    return (work.ranks - 1) * (port.alpha + t) + (q - 1) * t;
  }
  const double levels = std::ceil(std::log2(work.ranks));
  return levels * (port.alpha + t) + (q - 1) * levels * t;
}

double direct_bound(const Work& work, const Ports& ports) {
  if (work.ranks < 2) return 0;
  const double across = (work.ranks - ports.per_server) / work.ranks * work.bytes;
  const double within = (ports.per_server - 1) / work.ranks * work.bytes;
  return std::max(ports.network.alpha + across * ports.network.beta,
                  ports.server.alpha + within * ports.server.beta);
}

double flat_bound(const Work& work, const Ports& ports, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRing:
      return ring_bound(work, ports);
    case Algorithm::kHalvingDoubling:
      return halving_bound(work, ports);
    case Algorithm::kTree:
      return tree_bound(work, ports.network);
    case Algorithm::kDirect:
      if (work.operation == Operation::kSend) {
        return line_bound(work, ports.network, Algorithm::kChain);
      }
      return direct_bound(work, ports);
    default:
      return line_bound(work, ports.network, algorithm);
  }
}

// The ports of a group that knows no servers, or is all on one.
Ports alike(const AlphaBeta& port) { return {port, port, 1}; }

Ports ports_of(const CollectiveSpec& spec, const AlphaBeta& network, const AlphaBeta& server) {
  const auto grid = Grid::make(spec.group, spec.placement);
  if (!grid || grid->rails() == 1) return alike(network);
  if (grid->servers() == 1) return alike(server);
  if (!grid->in_order()) return alike(network);
  return {network, server, static_cast<double>(grid->rails())};
}

Work work_of(const CollectiveSpec& spec) {
  Work work;
  work.operation = spec.operation;
  work.ranks = static_cast<uint32_t>(spec.group.size());
  work.bytes = static_cast<double>(spec.bytes.count());
  work.chunk = static_cast<double>(spec.chunk.count());
  work.channels = spec.channels;
  return work;
}

double hierarchical_bound(const CollectiveSpec& spec, const Grid& grid, const AlphaBeta& network,
                          const AlphaBeta& server) {
  Work within = work_of(spec);
  within.operation = Operation::kReduceScatter;
  within.ranks = grid.rails();
  within.chunk = 0;
  within.bytes /= spec.slices;
  const double inside = flat_bound(within, alike(server), spec.within);
  Work across = work_of(spec);
  across.ranks = grid.servers();
  across.bytes /= grid.rails();
  across.lanes = spec.slices;
  const double all = flat_bound(across, alike(network), spec.inner);
  across.bytes /= spec.slices;
  across.lanes = 1;
  const double one = flat_bound(across, alike(network), spec.inner);
  const double both_ways = 2 * spec.slices * (inside - server.alpha) + 2 * server.alpha;
  return std::max({inside + all + inside, spec.slices * inside + one + inside,
                   grid.rails() > 1 ? both_ways : 0.0});
}

double rail_exchange_bound(const CollectiveSpec& spec, const Grid& grid, const AlphaBeta& network,
                           const AlphaBeta& server) {
  const double n = static_cast<double>(spec.group.size());
  const double rails = grid.rails();
  const double servers = grid.servers();
  const double block = static_cast<double>(spec.bytes.count()) / n;
  const double fits = spec.chunk.count() > 0 && block > 0
                          ? std::floor(static_cast<double>(spec.chunk.count()) / std::ceil(block))
                          : servers;
  const double batch = std::clamp(fits, 1.0, servers);
  const double others = (rails - 1) * (servers - 1) * block * server.beta;
  const double own = (rails - 1) * block * server.beta;  // comes last
  const double across = (servers - 1) * rails * block * network.beta;
  const double inside_alpha = rails > 1 ? server.alpha : 0;
  const double across_alpha = servers > 1 ? network.alpha : 0;
  const double first = (rails - 1) * batch * block * server.beta;
  const double last = std::min(across, batch * rails * block * network.beta);
  return inside_alpha +
         std::max(others + own, across_alpha + std::max(first + across, others + last));
}

}  // namespace

base::Result<base::Duration> bound_of(const CollectiveSpec& spec, const BoundPorts& ports) {
  if (auto made = make_collective(spec); !made) return tl::unexpected(made.error());
  const AlphaBeta network(ports.network);
  const AlphaBeta server(ports.server);
  const bool on_grid =
      spec.algorithm == Algorithm::kHierarchical || spec.algorithm == Algorithm::kRailAligned;
  if (!on_grid) {
    return base::Duration::from_seconds(
        flat_bound(work_of(spec), ports_of(spec, network, server), spec.algorithm));
  }
  const auto grid = Grid::make(spec.group, spec.placement);
  if (!grid) return tl::unexpected(grid.error());
  double seconds = 0;
  if (spec.algorithm == Algorithm::kHierarchical) {
    seconds = hierarchical_bound(spec, *grid, network, server);
  } else if (spec.operation == Operation::kAllReduce) {
    Work work = work_of(spec);
    work.ranks = grid->servers();
    seconds = flat_bound(work, alike(network), spec.inner);
  } else {
    seconds = rail_exchange_bound(spec, *grid, network, server);
  }
  return base::Duration::from_seconds(seconds);
}

base::Duration least_time(Operation operation, uint32_t ranks, base::Bytes bytes,
                          const PortModel& port) {
  if (ranks < 2) return base::Duration::zero();
  const AlphaBeta p(port);
  const base::Ratio factor = bus_factor(operation, ranks);
  const double moved = static_cast<double>(bytes.count()) * static_cast<double>(factor.part) /
                       static_cast<double>(factor.whole);
  return base::Duration::from_seconds(p.alpha + moved * p.beta);
}

}  // namespace windtunnel::cluster
