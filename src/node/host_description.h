// What a server consists of, as plain data: a tree of PCI Express devices under sockets, the links
// between sockets, a fabric between GPUs, and the rules by which devices may reach each other.
// Readers (YAML, NCCL XML, hwloc XML) fill it, host_problems.h judges it, host_model.h builds it.
//
// Marks of the defaults: V vendor's figure, M measured by others, A assumed. docs/pcie.md names the
// sources.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "node/pcie_link.h"

namespace windtunnel::node {

enum class HostPart : uint8_t {
  kSocket,     // a CPU with its root complex
  kMemory,     // of a socket
  kSwitch,     // a switch chip
  kNicSwitch,  // a switch inside a NIC: the NIC itself and others stand below it
  kGpu,
  kNic,
  kSsd,
  kGpuSwitch,  // of the fabric between GPUs; no part of the tree
  kOther,      // an endpoint nothing is known of
  // Parts that a model has and a description does not.
  kMedia,    // the flash of an SSD
  kNetwork,  // what NICs are cabled to
};

// One drive: its flash, apart from its link.
struct HostSsd {
  Rate read_rate = Rate::gbps(14 * 8);   // sequential; V Micron 9550
  Rate write_rate = Rate::gbps(10 * 8);  // V
  int64_t read_iops = 3'300'000;         // V
  int64_t write_iops = 400'000;          // V
  Duration read_latency = Duration::us(60);
  Duration write_latency = Duration::us(15);
};

struct HostDevice {
  std::string name;
  HostPart kind = HostPart::kOther;
  std::string under;  // the device above; empty for sockets and GPU switches
  // Link to the device above. Memory, sockets and GPU switches have none.
  int64_t generation = 5;
  int64_t lanes = 16;
  std::optional<Duration> latency;            // empty: by kind, see HostLatencies
  Rate wire_rate = Rate::gbps(400);           // NICs
  int64_t messages_per_second = 400'000'000;  // NICs; V Panmai 920
  HostSsd ssd;                                // SSDs
  std::string bus_id;                         // as a file of the machine gives it; may be empty
  std::string about;                          // model, for people; may be empty
  base::SourceMark mark;
};

// Traffic from one socket to another. `rate` is for traffic of a device with the other socket's
// memory, `peer_rate` for what goes from device to device. A: 60 GB/s for memory; V (NCCL): 22 GB/s
// for peers on Sapphire Rapids, 10 Skylake, 40 newer, 16 AMD.
struct HostSocketLink {
  Rate rate = Rate::gbps(60 * 8);
  Rate peer_rate = Rate::gbps(22 * 8);
  Duration latency = Duration::ns(100);  // M pcie-bench
};

// What a pass through a part takes besides the time on the wires. Calibrated so that a 64 B read of
// host memory by a device on Gen3 x8 takes 547 ns (M pcie-bench).
struct HostLatencies {
  Duration endpoint = Duration::ns(70);     // A: a device's DMA engine, link layer included
  Duration root = Duration::ns(150);        // A: between a root port and the memory controller; a
                                            // pass from port to port takes twice this
  Duration switch_hop = Duration::ns(115);  // V PEX89144; PEX88000 105
  Duration inner_hop = Duration::ns(100);   // A: the switch inside a NIC; 50 to 200
  Duration memory = Duration::ns(90);       // A: reading DRAM
  Duration gpu_memory = Duration::ns(250);  // A: reading a GPU's memory from outside
  Duration nic = Duration::ns(150);         // A: the NIC's own work on a message, each side
};

enum class RootPeer : uint8_t { kAllowed, kWritesOnly, kForbidden };

// How devices reach each other without stopping in host memory.
struct HostPolicy {
  // Access control redirects what a switch could turn around up to the root complex. An IOMMU that
  // translates does the same, unless devices translate themselves (ATS).
  bool acs_redirect = false;
  bool iommu = false;
  bool ats = false;
  Duration iommu_latency = Duration::ns(330);  // M: a translation that misses
  RootPeer root = RootPeer::kAllowed;
  Bytes root_payload = Bytes(64);  // V (NCCL): Intel forwards in TLPs of 64 B; others do not cut
  Ratio root_overhead = {1, 1};    // further occupancy below the root; NCCL charges 6/5
  bool cross_socket = true;        // peers on different sockets may reach each other
};

enum class GpuFabric : uint8_t { kNone, kMesh, kSwitched };

struct HostGpuFabric {
  GpuFabric kind = GpuFabric::kNone;
  // Of one GPU, each way: split among its peers in a mesh. V (NCCL): 18 links of 20.6 GB/s (H100).
  Rate rate = Rate::gbps(371 * 8);
  Duration latency = Duration::ns(300);  // A: from GPU to GPU
};

// A link of the GPU fabric that a file of the machine names. Each way.
struct HostGpuLink {
  std::string from;
  std::string to;
  Rate rate;
};

struct HostDescription {
  std::string name = "server";
  Bytes payload_max = Bytes(256);           // MPS of the tree
  Bytes read_request_max = Bytes(512);      // MRRS
  std::optional<Bytes> completion_payload;  // empty: payload_max; the worst case is 64 B
  int64_t tags = 256;                       // read requests in flight of one device
  Ratio dllp_share = {2, 100};              // D from M: see pcie_link.h
  bool end_to_end_crc = false;
  Bytes write_window = Bytes::kib(64);     // posted and not yet arrived, of one device; A
  int64_t sockets = 1;                     // used when no device is a socket
  Rate memory_rate = Rate::gbps(200 * 8);  // A: of one socket, each way
  HostSocketLink socket_link;
  HostLatencies latencies;
  HostPolicy policy;
  HostGpuFabric gpu_fabric;
  std::vector<HostGpuLink> gpu_links;
  std::vector<HostDevice> devices;
};

// Adds the sockets that `sockets` counts (cpu0, cpu1, ...) when no device is one, and a memory
// (mem0, ...) to each socket that has none.
void complete_host(HostDescription& host);

// "switch", "nic-switch", ...: the words of the YAML.
const char* host_part_name(HostPart part);

}  // namespace windtunnel::node
