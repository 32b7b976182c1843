#include "cluster/bounds.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "cluster/bus_bandwidth.h"
#include "cluster/grid.h"

namespace windtunnel::cluster {
namespace {

using bounds::Hops;
using bounds::Port;

// Work on one group: `lanes` copies of it side by side share the port.
struct Work {
  Operation operation = Operation::kAllReduce;
  uint32_t ranks = 1;
  double bytes = 0;  // of all lanes
  double chunk = 0;
  double channels = 1;
  double lanes = 1;
  uint32_t root = 0;
};

double pieces(double bytes, double chunk) {
  return chunk > 0 ? std::max(1.0, std::ceil(bytes / chunk)) : 1.0;
}

// Where a group is listed server by server, the hops within servers take the server's ports.
struct Ports {
  Port network;
  Port server;
  const Hops* hops = nullptr;  // nullptr: all as network.alpha
  double per_server = 1;       // ranks of the group that follow one another on a server

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
  const double t = ports.network.time(m);
  const double t_server = ports.server.time(m);
  // Channels enter servers at different ranks, so they share out the ports across.
  const double across = std::ceil(work.channels / ports.per_server) * work.lanes * slices;
  const double within = lanes * slices - (ports.per_server > 1 ? 0 : across);
  const auto per_server = static_cast<uint32_t>(ports.per_server);
  const double mean = ports.hops ? ports.hops->ring_mean(per_server) : ports.network.alpha;
  const double longest = ports.hops ? ports.hops->ring_longest(per_server) : ports.network.alpha;
  const double hop =
      ports.crossing() * (mean + t) + (1 - ports.crossing()) * (ports.server.alpha + t_server);
  const double busy = std::max(across * t, within * t_server);
  return (steps - 1) * std::max(busy, hop) + longest + across * t;
}

// The longest hop between partners at a distance; a fold moves everybody's number.
double partner_alpha(const Ports& ports, uint32_t ranks, uint32_t core, uint32_t distance) {
  if (ports.hops == nullptr) return ports.network.alpha;
  const uint32_t excess = ranks - core;
  const auto position = [&](uint32_t c) { return c < excess ? 2 * c : c + excess; };
  double longest = 0;
  for (uint32_t c = 0; c < core; ++c) {
    longest = std::max(longest, ports.hops->hop(position(c), position(c ^ distance)));
  }
  return longest;
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
  const auto step = [&](double bytes, const Port& port, double alpha) {
    last = port.time(bytes);
    last_alpha = alpha;
    sum += std::max(lanes * last, alpha + last);
  };
  // Only without a fold are near numbers near.
  const auto exchange = [&](uint32_t distance) {
    const double bytes = lane_bytes * distance / core;
    if (!folded && distance < ports.per_server)
      return step(bytes, ports.server, ports.server.alpha);
    step(bytes, ports.network, partner_alpha(ports, work.ranks, core, distance));
  };
  const auto guest = [&](Operation block) {
    if (!folded) return;
    const double alpha = ports.hops ? ports.hops->hop(0, 1) : ports.network.alpha;
    step(work.operation == block ? lane_bytes / work.ranks : lane_bytes, ports.network, alpha);
  };
  guest(Operation::kAllGather);
  if (work.operation != Operation::kAllGather) {
    for (uint32_t d = core / 2; d > 0; d /= 2) exchange(d);
  }
  if (work.operation != Operation::kReduceScatter) {
    for (uint32_t d = 1; d < core; d *= 2) exchange(d);
  }
  guest(Operation::kReduceScatter);
  // The last step ends when its last lane is there.
  return lanes * last > last_alpha + last ? sum + last_alpha : sum + (lanes - 1) * last;
}

// The latency of the way from the root of the deeper of an operation's trees to its deepest rank.
double tree_alpha(const Work& work, const Ports& ports, TreeKind kind, double height) {
  if (ports.hops == nullptr) return height * ports.network.alpha;
  double deepest = 0;
  for (uint32_t tree = 0; tree < TreeShape::trees(kind); ++tree) {
    deepest = std::max(deepest, ports.hops->depth({kind, work.ranks, tree, work.root}));
  }
  return deepest;
}

double tree_bound(const Work& work, const Ports& ports) {
  if (work.ranks < 2) return 0;
  const double lanes = 2 * work.channels * work.lanes;
  const double q = pieces(work.bytes / lanes, work.chunk);
  const double t = ports.network.time(work.bytes / lanes / q);
  const double all = lanes * q * t;
  const double height = std::floor(std::log2(work.ranks - 1)) + 1;
  if (work.operation != Operation::kAllReduce) {
    return tree_alpha(work, ports, TreeKind::kTwoFromRoot, height) + all + (2 * height - 2) * t;
  }
  // The busiest port: an inner rank with two children in one tree is a leaf of the other.
  const double share = work.ranks == 2 ? 1 : work.ranks == 3 ? 1.5 : 2;
  const double fill = std::max(0.0, 4 * height - 6);
  return 2 * tree_alpha(work, ports, TreeKind::kTwoTrees, height) + share * all + fill * t;
}

double line_bound(const Work& work, const Ports& ports, Algorithm algorithm) {
  if (work.ranks < 2) return 0;
  const double q = pieces(work.bytes / work.channels, work.chunk) * work.channels;
  const double t = ports.network.time(work.bytes / q);
  if (algorithm == Algorithm::kChain) {
    return tree_alpha(work, ports, TreeKind::kChain, work.ranks - 1) + (work.ranks - 1 + q - 1) * t;
  }
  const double levels = std::ceil(std::log2(work.ranks));
  return tree_alpha(work, ports, TreeKind::kBinomial, levels) + levels * t + (q - 1) * levels * t;
}

double direct_bound(const Work& work, const Ports& ports) {
  if (work.ranks < 2) return 0;
  const double share = work.bytes / work.ranks / work.channels;
  const double parts = pieces(share, work.chunk);
  const double m = share / parts;
  const double messages = parts * work.channels;
  const double alpha = ports.hops ? ports.hops->farthest() : ports.network.alpha;
  const double across = (work.ranks - ports.per_server) * messages * ports.network.time(m);
  const double within = (ports.per_server - 1) * messages * ports.server.time(m);
  return std::max(alpha + across, ports.server.alpha + within);
}

double flat_bound(const Work& work, const Ports& ports, Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRing:
      return ring_bound(work, ports);
    case Algorithm::kHalvingDoubling:
      return halving_bound(work, ports);
    case Algorithm::kTree:
      return tree_bound(work, ports);
    case Algorithm::kDirect:
      if (work.operation == Operation::kSend) return line_bound(work, ports, Algorithm::kChain);
      return direct_bound(work, ports);
    default:
      return line_bound(work, ports, algorithm);
  }
}

// The ports of a group that knows no servers, or is all on one.
Ports alike(const Port& port, const Hops* hops) { return {port, port, hops, 1}; }

Ports ports_of(const CollectiveSpec& spec, const Port& network, const Port& server,
               const Hops* hops) {
  const auto grid = Grid::make(spec.group, spec.placement);
  if (!grid || grid->rails() == 1) return alike(network, hops);
  if (grid->servers() == 1) return alike(server, nullptr);
  if (!grid->in_order()) return alike(network, nullptr);
  return {network, server, hops, static_cast<double>(grid->rails())};
}

Work work_of(const CollectiveSpec& spec) {
  Work work;
  work.operation = spec.operation;
  work.ranks = static_cast<uint32_t>(spec.group.size());
  work.bytes = static_cast<double>(spec.bytes.count());
  work.chunk = static_cast<double>(spec.chunk.count());
  work.channels = spec.channels;
  work.root = spec.root;
  return work;
}

double hierarchical_bound(const CollectiveSpec& spec, const Grid& grid, const Port& network,
                          const Port& server, const Hops* rail) {
  Work within = work_of(spec);
  within.operation = Operation::kReduceScatter;
  within.ranks = grid.rails();
  within.chunk = 0;
  within.bytes /= spec.slices;
  const double inside = flat_bound(within, alike(server, nullptr), spec.within);
  Work across = work_of(spec);
  across.ranks = grid.servers();
  across.bytes /= grid.rails();
  across.lanes = spec.slices;
  const double all = flat_bound(across, alike(network, rail), spec.inner);
  across.bytes /= spec.slices;
  across.lanes = 1;
  const double one = flat_bound(across, alike(network, rail), spec.inner);
  const double both_ways = 2 * spec.slices * (inside - server.alpha) + 2 * server.alpha;
  return std::max({inside + all + inside, spec.slices * inside + one + inside,
                   grid.rails() > 1 ? both_ways : 0.0});
}

double rail_exchange_bound(const CollectiveSpec& spec, const Grid& grid, const Port& network,
                           const Port& server, const Hops* rail) {
  const double n = static_cast<double>(spec.group.size());
  const double rails = grid.rails();
  const double servers = grid.servers();
  const double block = static_cast<double>(spec.bytes.count()) / n;
  const double fits = spec.chunk.count() > 0 && block > 0
                          ? std::floor(static_cast<double>(spec.chunk.count()) / std::ceil(block))
                          : servers;
  const double batch = std::clamp(fits, 1.0, servers);
  const double others = (rails - 1) * (servers - 1) * server.time(block);
  const double own = (rails - 1) * server.time(block);  // comes last
  const double one = network.time(rails * block);       // what a rank sends to another server
  const double across = (servers - 1) * one;
  const double inside_alpha = rails > 1 ? server.alpha : 0;
  const double across_alpha = servers <= 1 ? 0 : rail ? rail->farthest() : network.alpha;
  const double first = (rails - 1) * batch * server.time(block);
  const double last = std::min(across, batch * one);
  return inside_alpha +
         std::max(others + own, across_alpha + std::max(first + across, others + last));
}

double grid_bound(const CollectiveSpec& spec, const Grid& grid, const BoundPorts& ports) {
  const Port network = bounds::network_port(ports, true);
  const Port server = bounds::server_port(ports);
  // All rails are alike.
  const std::vector<Rank> first = grid.by_rail(spec.group).front();
  const Hops rail(ports, first);
  const Hops* hops = rail.alike() ? nullptr : &rail;
  if (spec.algorithm == Algorithm::kHierarchical) {
    return hierarchical_bound(spec, grid, network, server, hops);
  }
  if (spec.operation != Operation::kAllReduce) {
    return rail_exchange_bound(spec, grid, network, server, hops);
  }
  Work work = work_of(spec);
  work.ranks = grid.servers();
  return flat_bound(work, alike(network, hops), spec.inner);
}

}  // namespace

base::Result<base::Duration> bound_of(const CollectiveSpec& spec, const BoundPorts& ports) {
  if (auto made = make_collective(spec); !made) return tl::unexpected(made.error());
  if (spec.algorithm == Algorithm::kHierarchical || spec.algorithm == Algorithm::kRailAligned) {
    const auto grid = Grid::make(spec.group, spec.placement);
    if (!grid) return tl::unexpected(grid.error());
    return base::Duration::from_seconds(grid_bound(spec, *grid, ports));
  }
  // Where one rank sends and another receives, no port does both.
  const bool answers = spec.operation != Operation::kSend;
  const Hops all(ports, spec.group);
  const Ports own = ports_of(spec, bounds::network_port(ports, answers), bounds::server_port(ports),
                             all.alike() ? nullptr : &all);
  return base::Duration::from_seconds(flat_bound(work_of(spec), own, spec.algorithm));
}

base::Duration least_time(Operation operation, uint32_t ranks, base::Bytes bytes,
                          const PortModel& port) {
  if (ranks < 2) return base::Duration::zero();
  const base::Ratio factor = bus_factor(operation, ranks);
  const double moved = static_cast<double>(bytes.count()) * static_cast<double>(factor.part) /
                       static_cast<double>(factor.whole);
  const double bits = static_cast<double>(port.rate.bits_per_second());
  const double beta = bits > 0 ? 8.0 / bits : 0;
  return base::Duration::from_seconds(port.latency.seconds() + moved * beta);
}

}  // namespace windtunnel::cluster
