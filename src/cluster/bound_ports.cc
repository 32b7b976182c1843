#include "cluster/bound_ports.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "cluster/ring_order.h"

namespace windtunnel::cluster::bounds {
namespace {

double seconds_per_byte(base::Rate rate) {
  return rate.bits_per_second() > 0 ? 8.0 / static_cast<double>(rate.bits_per_second()) : 0;
}

}  // namespace

double Port::time(double bytes) const {
  if (payload <= 0) return bytes * beta;
  const double packets = std::max(1.0, std::ceil(bytes / payload));
  return std::max((bytes + packets * added) * beta, bytes * beta_memory);
}

Port network_port(const BoundPorts& ports, bool answers) {
  Port port;
  port.alpha = ports.network.latency.seconds();
  port.beta = seconds_per_byte(ports.network.rate);
  port.beta_memory = seconds_per_byte(ports.memory);
  port.payload = static_cast<double>(ports.framing.payload.count());
  port.added = static_cast<double>(ports.framing.header.count());
  if (answers) port.added += static_cast<double>(ports.framing.answer.count());
  return port;
}

Port server_port(const BoundPorts& ports) {
  Port port;
  port.alpha = ports.server.latency.seconds();
  port.beta = seconds_per_byte(ports.server.rate);
  return port;
}

double Hops::hop(uint32_t from, uint32_t to) const {
  return alike() ? ports_.network.latency.seconds()
                 : ports_.latency(ranks_[from], ranks_[to]).seconds();
}

double Hops::depth(const TreeShape& tree) const {
  // Children are visited after their parents.
  std::vector<double> below(ranks_.size());
  std::vector<uint32_t> line = {tree.position_of(0)};
  double deepest = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const uint32_t parent = line[i];
    const TreeChildren children = tree.children(parent);
    for (uint32_t c = 0; c < children.count; ++c) {
      const uint32_t child = children.positions[c];
      below[child] = below[parent] + hop(parent, child);
      deepest = std::max(deepest, below[child]);
      line.push_back(child);
    }
  }
  return deepest;
}

template <class Use>
void Hops::each_ring_hop(uint32_t per_server, const Use& use) const {
  const RingOrder order{static_cast<uint32_t>(ranks_.size()), per_server};
  for (uint32_t i = 0; i < order.size; ++i) {
    const uint32_t from = order.position(0, i);
    const uint32_t to = order.next(0, from);
    if (per_server == 1 || from / per_server != to / per_server) use(hop(from, to));
  }
}

double Hops::ring_mean(uint32_t per_server) const {
  double sum = 0;
  double hops = 0;
  each_ring_hop(per_server, [&](double seconds) { sum += seconds, hops += 1; });
  return sum / hops;
}

double Hops::ring_longest(uint32_t per_server) const {
  double longest = 0;
  each_ring_hop(per_server, [&](double seconds) { longest = std::max(longest, seconds); });
  return longest;
}

double Hops::farthest() const {
  double most = 0;
  for (uint32_t to = 1; to < ranks_.size(); ++to) most = std::max(most, hop(0, to));
  return most;
}

}  // namespace windtunnel::cluster::bounds
