// Which way data goes between two parts of a server, by the rules of the server, and what that way
// gives when it is idle: the basis of the burst simulation (host_machine.h), of the best path that
// `windtunnel node` prints, and of the summary that other models take instead of a PCIe tree.
//
// A write is posted by the part that has the data. A read is asked for by the part that wants it:
// requests go the opposite way, answers come back as completions.
//
// Rules between two devices of one tree:
//   below one switch         the switch turns the traffic around, unless access control or an IOMMU
//                            redirects it up to the root complex and back
//   below one root complex   from port to port, cut into TLPs of policy.root_payload; may be
//                            writes only, or forbidden
//   on two sockets           over the link between sockets at its rate for peers; may be forbidden
// Host memory and the socket itself are no peers: no cut, the full rate between sockets.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "node/host_model.h"

namespace windtunnel::node {

enum class RouteUse : uint8_t { kWrite, kRead };

enum class RouteKind : uint8_t {
  kSwitch,   // turned around by a switch
  kDetour,   // redirected to the root complex although a switch could
  kRoot,     // between ports of one root complex
  kSockets,  // between devices of two sockets
  kMemory,   // to or from host memory or the socket itself
  kFabric,   // between GPUs
  kNetwork,  // over NICs
};

// One lane on the way, with what the transfer makes of it.
struct RouteStep {
  uint32_t lane = 0;
  RouteUse use = RouteUse::kWrite;
  TlpCut cut;
  Ratio overhead = {1, 1};  // further occupancy
  bool peer = false;        // kSocket lanes: at peer_rate
  Duration after;           // until the far end has taken it, or can pass it on
  Duration relay;           // and what a NIC adds before it sends on what it has read
};

struct HostRoute {
  uint32_t from = 0;
  uint32_t to = 0;
  RouteKind kind = RouteKind::kMemory;
  std::string why;               // for people
  std::vector<RouteStep> steps;  // in the direction of the data
  bool urgent = false;           // descriptors and the like go before data that waits
  bool in_order = false;         // one transfer after the other, where others take turns
  size_t read_steps = 0;         // the first ones answer read requests of the part they end at
  Duration begin;                // before the first byte is on the first lane
  std::vector<RouteStep> request_steps;  // of the read part, in the direction of the requests
  Duration request_begin;
  Duration access;  // the part that is read looks the data up
};

// Error: the policy forbids it, or there is no way; the message says why.
base::Result<HostRoute> find_route(const HostModel& model, uint32_t from, uint32_t to,
                                   RouteUse use);
// Flash of `ssd` to `to`: a write by the drive. Data from `from` to the flash: a read by the drive.
base::Result<HostRoute> route_from_flash(const HostModel& model, uint32_t ssd, uint32_t to);
base::Result<HostRoute> route_to_flash(const HostModel& model, uint32_t from, uint32_t ssd);
// `nic` reads from `from` and sends to the network.
base::Result<HostRoute> route_to_wire(const HostModel& model, uint32_t from, uint32_t nic);
// What comes from the network is written to `to`.
base::Result<HostRoute> route_from_wire(const HostModel& model, uint32_t nic, uint32_t to);
// Both: from a part of one server to a part of another.
struct NicPair {
  uint32_t from = 0;
  uint32_t to = 0;
};
base::Result<HostRoute> route_over_network(const HostModel& model, uint32_t from, uint32_t to,
                                           const NicPair& nics);
// From the flash of a drive through its server's NIC to a part of another server: writes all the
// way, no memory in between.
base::Result<HostRoute> route_flash_over_network(const HostModel& model, uint32_t ssd, uint32_t to,
                                                 const NicPair& nics);

// Time of `data` bytes of a step on its lane alone.
Duration step_time(const HostModel& model, const RouteStep& step, Bytes data);
// The same for the read requests that ask for `data` bytes.
Duration request_time(const HostModel& model, const RouteStep& step, Bytes data);
// The smallest piece that a lane passes on as a whole: a TLP, a frame.
Bytes step_piece(const HostModel& model, const RouteStep& step);
// The last of the pieces that `data` is passed on in; all of them are full but this one.
Bytes last_piece(Bytes data, Bytes piece);

// From asking (reads) or posting (writes) to the last byte in place, everything idle.
Duration idle_latency(const HostModel& model, const HostRoute& route, Bytes data);

struct RouteRate {
  Rate rate;          // of payload, an endless stream alone
  std::string limit;  // "gpu0 → switch0", "read tags"
};
RouteRate idle_rate(const HostModel& model, const HostRoute& route);

}  // namespace windtunnel::node
