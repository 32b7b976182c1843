#include "study/host_description.h"

#include "scenario/visitor.h"

namespace windtunnel::scenario {

using node::GpuFabric;
using node::HostPart;
using node::RootPeer;
using node::TrafficKind;
using study::HostPreset;
using study::RemoteServer;

template <>
struct EnumNames<HostPart> {
  static constexpr std::array<EnumName<HostPart>, 9> kNames = {
      {{HostPart::kSocket, "cpu"},
       {HostPart::kMemory, "memory"},
       {HostPart::kSwitch, "switch"},
       {HostPart::kNicSwitch, "nic-switch"},
       {HostPart::kGpu, "gpu"},
       {HostPart::kNic, "nic"},
       {HostPart::kSsd, "ssd"},
       {HostPart::kGpuSwitch, "gpu-switch"},
       {HostPart::kOther, "other"}}};
};
template <>
struct EnumNames<RootPeer> {
  static constexpr std::array<EnumName<RootPeer>, 3> kNames = {
      {{RootPeer::kAllowed, "allowed"},
       {RootPeer::kWritesOnly, "writes-only"},
       {RootPeer::kForbidden, "forbidden"}}};
};
template <>
struct EnumNames<GpuFabric> {
  static constexpr std::array<EnumName<GpuFabric>, 3> kNames = {
      {{GpuFabric::kNone, "none"}, {GpuFabric::kMesh, "mesh"}, {GpuFabric::kSwitched, "switched"}}};
};
template <>
struct EnumNames<TrafficKind> {
  static constexpr std::array<EnumName<TrafficKind>, 7> kNames = {
      {{TrafficKind::kCopyPush, "copy"},
       {TrafficKind::kCopyPull, "copy-pull"},
       {TrafficKind::kSend, "send"},
       {TrafficKind::kReceive, "receive"},
       {TrafficKind::kSsdRead, "ssd-read"},
       {TrafficKind::kSsdWrite, "ssd-write"},
       {TrafficKind::kRemoteRead, "remote-read"}}};
};
template <>
struct EnumNames<HostPreset> {
  static constexpr std::array<EnumName<HostPreset>, 5> kNames = {
      {{HostPreset::kNone, "none"},
       {HostPreset::kInsideNic, "inside-nic"},
       {HostPreset::kSwitchChip, "switch-chip"},
       {HostPreset::kRootComplex, "root-complex"},
       {HostPreset::kCrossSocket, "cross-socket"}}};
};
template <>
struct EnumNames<RemoteServer> {
  static constexpr std::array<EnumName<RemoteServer>, 3> kNames = {
      {{RemoteServer::kNone, "none"}, {RemoteServer::kSame, "same"}, {RemoteServer::kOwn, "own"}}};
};

void describe(Visitor& v, node::HostSsd& ssd) {
  v.key({"read_rate", "Sequential reads of the flash", "1 MB/s"}, ssd.read_rate);
  v.key({"write_rate", "Sequential writes", "1 MB/s"}, ssd.write_rate);
  v.key({"read_iops", "Reads begun per second", "1"}, ssd.read_iops);
  v.key({"write_iops", "Writes begun per second", "1"}, ssd.write_iops);
  v.key({"read_latency", "Flash and controller, an idle drive", "0 ns", "1 s"}, ssd.read_latency);
  v.key({"write_latency", "Until the drive has taken the data", "0 ns", "1 s"}, ssd.write_latency);
}

void describe(Visitor& v, node::HostDevice& device) {
  v.key({"name", "What traffic and paths call it"}, device.name);
  v.key({"kind", "What it is"}, device.kind);
  v.key({"under", "The cpu, switch or nic-switch above it"}, device.under);
  v.key({"generation", "PCI Express generation of the link above it", "1", "6"}, device.generation);
  v.key({"lanes", "Width of that link: 1, 2, 4, 8, 12, 16, 24 or 32", "1", "32"}, device.lanes);
  v.key({"latency", "A pass through it", "0 ns", "1 ms", "by its kind, see latencies"},
        device.latency);
  v.key({"wire_rate", "Cable of a nic", "1 Gbps", "100 Tbps"}, device.wire_rate);
  v.key({"messages_per_second", "Messages a nic begins per second", "1", "1000000000000"},
        device.messages_per_second);
  v.key({"ssd", "The drive behind the link of an ssd"}, device.ssd);
  v.key({"about", "Its model, for people"}, device.about);
}

void describe(Visitor& v, node::HostSocketLink& link) {
  v.key({"rate", "Devices with the other socket's memory, each way", "1 MB/s"}, link.rate);
  v.key({"peer_rate", "Devices with devices of the other socket, each way", "1 MB/s"},
        link.peer_rate);
  v.key({"latency", "From socket to socket", "0 ns", "1 ms"}, link.latency);
}

void describe(Visitor& v, node::HostLatencies& latencies) {
  v.key({"endpoint", "A device's DMA engine and link layer", "0 ns", "1 ms"}, latencies.endpoint);
  v.key({"root", "Between a root port and the memory controller", "0 ns", "1 ms"}, latencies.root);
  v.key({"switch_hop", "A pass through a switch chip", "0 ns", "1 ms"}, latencies.switch_hop);
  v.key({"inner_hop", "A pass through the switch inside a NIC", "0 ns", "1 ms"},
        latencies.inner_hop);
  v.key({"memory", "Reading host memory", "0 ns", "1 ms"}, latencies.memory);
  v.key({"gpu_memory", "Reading a GPU's memory from outside", "0 ns", "1 ms"},
        latencies.gpu_memory);
  v.key({"nic", "A NIC's work on a message", "0 ns", "1 ms"}, latencies.nic);
}

void describe(Visitor& v, node::HostPolicy& policy) {
  v.key({"acs_redirect", "Access control sends peers of one switch up to the root complex"},
        policy.acs_redirect);
  v.key({"iommu", "Addresses are translated at the root complex"}, policy.iommu);
  v.key({"ats", "Devices translate themselves: an IOMMU redirects no peers"}, policy.ats);
  v.key({"iommu_latency", "A translation", "0 ns", "1 ms"}, policy.iommu_latency);
  v.key({"root", "Peers through a root complex"}, policy.root);
  v.key({"root_payload", "Largest TLP a root complex forwards", "64 B", "4 KiB"},
        policy.root_payload);
  v.key({"root_overhead", "Occupancy of links below a root complex that forwards", "1:1", "10:1"},
        policy.root_overhead);
  v.key({"cross_socket", "Peers on different sockets may reach each other"}, policy.cross_socket);
}

void describe(Visitor& v, node::HostGpuFabric& fabric) {
  v.key({"kind", "Links among GPUs"}, fabric.kind);
  v.key({"rate", "Of one GPU, each way; a mesh splits it among the others", "1 MB/s"}, fabric.rate);
  v.key({"latency", "From GPU to GPU", "0 ns", "1 ms"}, fabric.latency);
}

void describe(Visitor& v, node::HostGpuLink& link) {
  v.key({"from", "One gpu or gpu-switch"}, link.from);
  v.key({"to", "The other"}, link.to);
  v.key({"rate", "Each way", "1 MB/s"}, link.rate);
}

}  // namespace windtunnel::scenario

namespace windtunnel::study {

void describe(scenario::Visitor& v, HostServerDescription& server) {
  node::HostDescription& host = server.host;
  v.key({"name", "Of the server, for people"}, host.name);
  v.key({"topology", "NCCL or hwloc XML of a machine; `devices` come on top"}, server.topology);
  v.key({"preset", "A server of GPUs, each with a NIC, that meet in this place"}, server.preset);
  v.key({"preset_gpus", "GPUs, and NICs, of a preset", "1", "64"}, server.preset_gpus);
  v.key({"preset_ssds", "Drives of a preset, spread over its sockets", "0", "64"},
        server.preset_ssds);
  v.key({"payload_max", "Largest payload of a TLP (MPS)", "64 B", "4 KiB"}, host.payload_max);
  v.key({"read_request_max", "Bytes one read request asks for (MRRS)", "64 B", "4 KiB"},
        host.read_request_max);
  v.key({"completion_payload", "Bytes of a completion; at worst 64 B", "64 B", "4 KiB",
         "payload_max"},
        host.completion_payload);
  v.key({"tags", "Read requests in flight of one device", "1", "65536"}, host.tags);
  v.key({"dllp_share", "Of each link: acknowledgements and credits", "0 %", "50 %"},
        host.dllp_share);
  v.key({"end_to_end_crc", "4 B more with each TLP"}, host.end_to_end_crc);
  v.key({"write_window", "Posted by one device and not yet arrived", "4 KiB", "1 GiB"},
        host.write_window);
  v.key({"sockets", "When `devices` names no cpu: cpu0, cpu1, ...", "1", "64"}, host.sockets);
  v.key({"memory_rate", "Of one socket's memory, each way", "1 MB/s"}, host.memory_rate);
  v.key({"socket_link", "Between sockets"}, host.socket_link);
  v.key({"latencies", "What a pass through a part takes"}, host.latencies);
  v.key({"policy", "How devices reach each other"}, host.policy);
  v.key({"gpu_fabric", "Among all GPUs"}, host.gpu_fabric);
  v.key({"gpu_links", "Single links among GPUs"}, host.gpu_links);
  v.key({"devices", "The tree, in any order"}, host.devices);
}

void describe(scenario::Visitor& v, HostTrafficDescription& traffic) {
  v.key({"name", "In results; empty: its kind and number"}, traffic.name);
  v.key({"kind", "What moves, and who moves it"}, traffic.kind);
  v.key({"from", "Part with the data; several with commas make several flows"}, traffic.from);
  v.key({"to", "Part that gets it; likewise"}, traffic.to);
  v.key({"nic", "That sends or receives; empty: the nearest"}, traffic.nic);
  v.key({"remote_nic", "At the other server; empty: the nearest"}, traffic.remote_nic);
  v.key({"bounce", "Data stops in host memory on the way"}, traffic.bounce);
  v.key({"bounce_remote", "Remote-read: it stops in the other server's memory"},
        traffic.bounce_remote);
  v.key({"block", "Of one operation", "1 B", "1 GiB"}, traffic.block);
  v.key({"queue_depth", "Operations under way", "1", "4096"}, traffic.queue_depth);
  v.key({"operations", "Of each flow; 0: until the run ends", "0", "1000000000"},
        traffic.operations);
  v.key({"start", "Of the flow", "0 s", "1 s"}, traffic.start);
  v.key({"software", "Before each operation: driver, file system", "0 s", "1 s"}, traffic.software);
  v.key({"software_remote", "Remote-read: at the other server", "0 s", "1 s"},
        traffic.software_remote);
}

void describe(scenario::Visitor& v, HostRunDescription& run) {
  v.key({"warm_up", "Not measured", "0 s", "1 s"}, run.warm_up);
  v.key({"duration", "Measured", "1 us", "1 s"}, run.duration);
  v.key({"burst", "Granularity of the simulation", "256 B", "1 MiB"}, run.burst);
}

void describe(scenario::Visitor& v, HostScenarioDescription& scenario) {
  std::string kind = "host";
  v.key({"kind", "This kind of scenario"}, kind);
  v.key({"name", "Title of the report"}, scenario.name);
  v.key({"seed", "No draw of this kind depends on it", "0"}, scenario.seed);
  v.key({"server", "The machine"}, scenario.server);
  v.key({"remote_server",
         "A second machine at the other end of the network: none, the same, or "
         "one of its own under `remote`"},
        scenario.remote_server);
  v.key({"remote", "With remote_server: own"}, scenario.remote);
  v.key(
      {"network_latency", "between the NICs of both, one way; nothing queues there", "0 s", "1 s"},
      scenario.network_latency);
  v.key({"traffic", "What moves"}, scenario.traffic);
  v.key({"run", "How it is measured"}, scenario.run);
}

const char* traffic_kind_name(node::TrafficKind kind) { return scenario::enum_text(kind).data(); }

}  // namespace windtunnel::study
