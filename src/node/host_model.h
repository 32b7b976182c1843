// One or two servers as a graph: vertices for parts, lanes for one direction of each link. Constant
// after it is built; what moves over it is host_machine.h, which way is host_route.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/host_description.h"

namespace windtunnel::node {

enum class LaneKind : uint8_t { kPcie, kSocket, kMemory, kGpu, kMedia, kWire };

struct HostVertex {
  std::string name;
  HostPart kind = HostPart::kOther;
  std::string bus_id;
  std::string about;
  uint32_t host = 0;               // which server
  uint32_t device = 0;             // index into its devices; kNone for media and network
  uint32_t parent = 0;             // kNone for roots, GPU switches and the network
  uint32_t lane_up = 0;            // to the parent; kNone likewise
  uint32_t depth = 0;              // below its socket
  std::vector<uint32_t> children;  // in the order of the description
};

// One direction. The other direction of the same link is lane ^ 1.
struct HostLane {
  uint32_t from = 0;
  uint32_t to = 0;
  LaneKind kind = LaneKind::kPcie;
  PcieLink pcie;     // kPcie
  Rate rate;         // payload, all other kinds; kWire: with its frames
  Rate peer_rate;    // kSocket: traffic between devices
  Duration latency;  // of the link itself, besides what its ends take
};

// What joins the NICs of two servers. The closed tier: a latency and nothing that queues but the
// NICs' own links.
struct HostNetwork {
  Duration latency = Duration::us(2);  // one way, switches and cables
};

// RoCEv2 at an MTU of 4096: 14 Ethernet, 20 IPv4, 8 UDP, 12 BTH, 4 ICRC, 4 FCS, 8 preamble, 12 gap.
inline constexpr Bytes kWirePayload = Bytes(4096);
inline constexpr Bytes kWireOverhead = Bytes(82);

class HostModel {
 public:
  static constexpr uint32_t kNone = 0xffffffff;

  // `host` is completed (host_description.h) and has no problems (host_problems.h); checked.
  static HostModel build(const HostDescription& host);
  // Names of the remote server's parts begin with `remote.`.
  static HostModel build_pair(const HostDescription& local, const HostDescription& remote,
                              const HostNetwork& network);

  const std::vector<HostVertex>& vertices() const { return vertices_; }
  const std::vector<HostLane>& lanes() const { return lanes_; }
  const HostVertex& vertex(uint32_t id) const { return vertices_[id]; }
  const HostLane& lane(uint32_t id) const { return lanes_[id]; }
  const HostDescription& host(uint32_t vertex) const { return hosts_[vertices_[vertex].host]; }
  const std::vector<HostDescription>& hosts() const { return hosts_; }
  const HostDevice& device(uint32_t vertex) const;

  std::optional<uint32_t> find(std::string_view name) const;
  // Names that traffic may use: all parts but media and network.
  std::vector<std::string> names() const;
  uint32_t socket_of(uint32_t vertex) const;  // the root above; itself for sockets
  uint32_t memory_of(uint32_t socket) const;  // the first memory of a socket
  uint32_t media_of(uint32_t ssd) const;
  uint32_t network() const { return network_; }
  // From one vertex to a neighbour; kNone when there is none. The widest when there are several.
  uint32_t lane_between(uint32_t from, uint32_t to) const;
  // "gpu0 → switch0".
  std::string lane_name(uint32_t lane) const;

 private:
  void add_host(const HostDescription& host, const std::string& prefix);
  void add_sockets_and_devices(uint32_t first, const std::string& prefix);
  void add_gpu_fabric(uint32_t first, const std::string& prefix);
  void join_network(Duration latency);
  uint32_t add_vertex(HostVertex vertex);
  uint32_t add_link(HostLane lane);
  void number_depths();

  std::vector<HostDescription> hosts_;
  std::vector<HostVertex> vertices_;
  std::vector<HostLane> lanes_;
  std::vector<std::vector<uint32_t>> out_;  // lanes leaving each vertex
  uint32_t network_ = kNone;
};

}  // namespace windtunnel::node
