// Servers in which GPUs and NICs meet in a given place: the attachments that announcements compare.
#pragma once

#include <string>

#include "node/host_description.h"
#include "study/host_description.h"

namespace windtunnel::study {

struct PresetSize {
  int64_t gpus = 8;
  int64_t ssds = 8;
};

// Appends the devices of a preset to `host`, which gets two sockets. Each GPU gpuN has a NIC nicN,
// all links are x16 of Gen5 and drives x4:
//   inside-nic    cpu - bridgeN - gpuN, nicN: 16 lanes up and 16 down at each NIC; drives at the
//   cpu switch-chip   cpu - switchK - two GPUs, two NICs and their share of the drives root-complex
//   gpuN, nicN and drives at ports of one cpu cross-socket  gpuN at one cpu, nicN at the other,
//   drives as the GPUs
void add_preset(node::HostDescription& host, HostPreset preset, const PresetSize& size);

// What a server needs besides GPUs, CPUs and drives, for whoever prices it.
struct PartCount {
  int64_t nics = 0;
  int64_t nics_with_switch = 0;
  int64_t switch_chips = 0;
  int64_t switch_lanes = 0;  // of all switch chips
  int64_t root_lanes = 0;    // lanes of CPUs in use
  int64_t links = 0;         // PCI Express links between packages
};
PartCount count_parts(const node::HostDescription& host);

}  // namespace windtunnel::study
