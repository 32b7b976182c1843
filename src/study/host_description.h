// What a user says about a run of one server or two: the plain structs behind `kind: host`, and the
// description of the node room's structs. From `describe` come the reader, the error texts,
// `windtunnel schema host` and the dump of a resolved scenario.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"
#include "node/host_description.h"
#include "node/host_traffic.h"
#include "scenario/value_types.h"

namespace windtunnel::scenario {
class Visitor;
void describe(Visitor& visitor, node::HostSsd& ssd);
void describe(Visitor& visitor, node::HostDevice& device);
void describe(Visitor& visitor, node::HostSocketLink& link);
void describe(Visitor& visitor, node::HostLatencies& latencies);
void describe(Visitor& visitor, node::HostPolicy& policy);
void describe(Visitor& visitor, node::HostGpuFabric& fabric);
void describe(Visitor& visitor, node::HostGpuLink& link);
}  // namespace windtunnel::scenario

namespace windtunnel::study {

// Servers that need no list of devices: where a NIC and its GPU meet.
enum class HostPreset : uint8_t {
  kNone,
  kInsideNic,    // below a switch inside the NIC
  kSwitchChip,   // below a switch chip of its own
  kRootComplex,  // at two ports of one socket
  kCrossSocket,  // at two sockets
};

struct HostServerDescription {
  scenario::FilePath topology;  // NCCL or hwloc XML of a machine; its devices come first
  HostPreset preset = HostPreset::kNone;
  int64_t preset_gpus = 8;
  int64_t preset_ssds = 8;
  node::HostDescription host;
};

struct HostTrafficDescription {
  std::string name;  // empty: KIND and the number in the list
  node::TrafficKind kind = node::TrafficKind::kCopyPush;
  // Names of parts; several, separated by commas, make as many flows, paired in order.
  std::string from;
  std::string to;
  std::string nic;         // empty: the nearest
  std::string remote_nic;  // empty: the nearest to the part over there
  bool bounce = false;
  bool bounce_remote = false;
  base::Bytes block = base::Bytes::mib(1);
  int64_t queue_depth = 8;
  int64_t operations = 0;
  base::Duration start;
  base::Duration software;
  base::Duration software_remote;
};

enum class RemoteServer : uint8_t { kNone, kSame, kOwn };

struct HostRunDescription {
  base::Duration warm_up = base::Duration::us(200);
  base::Duration duration = base::Duration::ms(2);
  base::Bytes burst = base::Bytes(4096);
};

struct HostScenarioDescription {
  std::string name = "a server";
  int64_t seed = 1;
  HostServerDescription server;
  RemoteServer remote_server = RemoteServer::kNone;
  HostServerDescription remote;
  base::Duration network_latency = base::Duration::us(2);
  std::vector<HostTrafficDescription> traffic;
  HostRunDescription run;
};

void describe(scenario::Visitor& visitor, HostServerDescription& server);
void describe(scenario::Visitor& visitor, HostTrafficDescription& traffic);
void describe(scenario::Visitor& visitor, HostRunDescription& run);
void describe(scenario::Visitor& visitor, HostScenarioDescription& scenario);

const char* traffic_kind_name(node::TrafficKind kind);

}  // namespace windtunnel::study
