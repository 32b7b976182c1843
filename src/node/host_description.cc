#include "node/host_description.h"

#include <algorithm>
#include <array>

namespace windtunnel::node {
namespace {

bool has_memory(const HostDescription& host, const std::string& socket) {
  return std::any_of(host.devices.begin(), host.devices.end(), [&](const HostDevice& d) {
    return d.kind == HostPart::kMemory && d.under == socket;
  });
}

// cpu3 has mem3; a socket of another name has NAME.memory.
std::string memory_name(const std::string& socket) {
  return socket.rfind("cpu", 0) == 0 ? "mem" + socket.substr(3) : socket + ".memory";
}

}  // namespace

void complete_host(HostDescription& host) {
  const bool given = std::any_of(host.devices.begin(), host.devices.end(),
                                 [](const HostDevice& d) { return d.kind == HostPart::kSocket; });
  std::vector<HostDevice> added;
  for (int64_t i = 0; !given && i < host.sockets; ++i) {
    HostDevice socket;
    socket.name = "cpu" + std::to_string(i);
    socket.kind = HostPart::kSocket;
    added.push_back(socket);
  }
  std::vector<HostDevice> memories;
  const auto add_memory = [&](const HostDevice& socket) {
    if (socket.kind != HostPart::kSocket || has_memory(host, socket.name)) return;
    HostDevice memory;
    memory.name = memory_name(socket.name);
    memory.kind = HostPart::kMemory;
    memory.under = socket.name;
    memory.mark = socket.mark;
    memories.push_back(memory);
  };
  std::for_each(added.begin(), added.end(), add_memory);
  std::for_each(host.devices.begin(), host.devices.end(), add_memory);
  host.devices.insert(host.devices.end(), added.begin(), added.end());
  host.devices.insert(host.devices.end(), memories.begin(), memories.end());
}

const char* host_part_name(HostPart part) {
  static constexpr std::array<const char*, 11> kNames = {"cpu",   "memory", "switch", "nic-switch",
                                                         "gpu",   "nic",    "ssd",    "gpu-switch",
                                                         "other", "media",  "network"};
  return kNames[static_cast<size_t>(part)];
}

}  // namespace windtunnel::node
