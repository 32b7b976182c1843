#include "node/host_problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/check.h"

namespace windtunnel::node {
namespace {

bool carries_others(HostPart kind) {
  return kind == HostPart::kSocket || kind == HostPart::kSwitch || kind == HostPart::kNicSwitch;
}
bool stands_alone(HostPart kind) {
  return kind == HostPart::kSocket || kind == HostPart::kGpuSwitch;
}

class Finder {
 public:
  explicit Finder(const HostDescription& host) : host_(host) {}

  std::vector<HostProblem> run() {
    if (host_.devices.size() > kHostDevicesMax) {
      add(HostProblem::kServer, "devices",
          fmt::format("found {} devices, expected at most {}", host_.devices.size(),
                      kHostDevicesMax));
      return std::move(problems_);
    }
    check_names();
    for (size_t i = 0; i < host_.devices.size(); ++i) check_device(i);
    if (problems_.empty()) check_depths();
    check_server();
    check_gpu_links();
    return std::move(problems_);
  }

 private:
  void add(size_t device, std::string key, std::string message, std::string found = {},
           std::vector<std::string> names = {}) {
    problems_.push_back(
        {device, std::move(key), std::move(message), std::move(found), std::move(names)});
  }

  void check_names() {
    for (size_t i = 0; i < host_.devices.size(); ++i) {
      const HostDevice& device = host_.devices[i];
      if (device.name.empty()) {
        add(i, "name", "found no name, expected one: traffic and paths are told by it");
        continue;
      }
      if (device.name.rfind("remote.", 0) == 0)
        add(i, "name",
            fmt::format("found `{}`, expected a name that does not begin with `remote.`: the parts "
                        "of the other server do",
                        device.name));
      const auto [other, fresh] = by_name_.emplace(device.name, i);
      if (fresh) continue;
      const base::SourceMark& mark = host_.devices[other->second].mark;
      add(i, "name",
          fmt::format("found a second device called `{}`{}, expected one of each name", device.name,
                      mark.line > 0 ? fmt::format(", the first is at line {}", mark.line) : ""));
    }
  }

  void check_device(size_t i) {
    const HostDevice& device = host_.devices[i];
    WT_CHECK(device.kind <= HostPart::kOther, "a description holds no part of the model alone");
    check_parent(i);
    const bool on_pcie = !stands_alone(device.kind) && device.kind != HostPart::kMemory;
    if (on_pcie && (device.generation < 1 || device.generation > 6))
      add(i, "generation",
          fmt::format("found PCI Express generation {}, expected 1 to 6", device.generation));
    if (on_pcie &&
        std::find(kPcieLanes.begin(), kPcieLanes.end(), device.lanes) == kPcieLanes.end())
      add(i, "lanes",
          fmt::format("found {} lanes, expected one of {}", device.lanes,
                      fmt::join(kPcieLanes, ", ")));
    if (device.kind == HostPart::kNic) check_rate(i, "wire_rate", device.wire_rate);
    if (device.kind == HostPart::kNic && device.messages_per_second < 1)
      add(i, "messages_per_second", "found no messages per second, expected at least 1");
    if (device.kind != HostPart::kSsd) return;
    check_rate(i, "ssd.read_rate", device.ssd.read_rate);
    check_rate(i, "ssd.write_rate", device.ssd.write_rate);
    if (device.ssd.read_iops < 1 || device.ssd.write_iops < 1)
      add(i, "ssd.read_iops", "found no operations per second, expected at least 1");
  }

  void check_rate(size_t device, const char* key, Rate rate) {
    if (rate < Rate::bits_per_second(1))
      add(device, key, fmt::format("{}: found zero, expected a rate above zero", key));
  }

  void check_parent(size_t i) {
    const HostDevice& device = host_.devices[i];
    if (stands_alone(device.kind)) {
      if (!device.under.empty())
        add(i, "under",
            fmt::format("found a {} under `{}`, expected it to stand alone",
                        host_part_name(device.kind), device.under));
      return;
    }
    const auto parent = by_name_.find(device.under);
    if (parent == by_name_.end()) {
      add(i, "under",
          fmt::format("found `{}` as the device above `{}`, expected a cpu, switch or nic-switch",
                      device.under, device.name),
          device.under, carriers());
      return;
    }
    const HostPart kind = host_.devices[parent->second].kind;
    const bool fits =
        device.kind == HostPart::kMemory ? kind == HostPart::kSocket : carries_others(kind);
    if (!fits)
      add(i, "under",
          fmt::format("found a {} under the {} `{}`, expected it under a {}",
                      host_part_name(device.kind), host_part_name(kind), device.under,
                      device.kind == HostPart::kMemory ? "cpu" : "cpu, switch or nic-switch"));
  }

  // Every device must hang on a socket, at a sane depth; a ring of switches hangs on none.
  void check_depths() {
    for (size_t i = 0; i < host_.devices.size(); ++i) {
      size_t at = i;
      int depth = 0;
      while (!stands_alone(host_.devices[at].kind) && depth <= kHostDepthMax) {
        at = by_name_.find(host_.devices[at].under)->second;
        ++depth;
      }
      if (depth <= kHostDepthMax) continue;
      add(i, "under",
          fmt::format("`{}` is more than {} devices below a cpu, or in a ring of switches",
                      host_.devices[i].name, kHostDepthMax));
      return;
    }
  }

  std::vector<std::string> carriers() const {
    std::vector<std::string> names;
    for (const HostDevice& device : host_.devices) {
      if (carries_others(device.kind)) names.push_back(device.name);
    }
    return names;
  }

  void check_payload(const char* key, Bytes size, int64_t least) {
    const int64_t n = size.count();
    if (n < least || n > 4096 || (n & (n - 1)) != 0)
      add(HostProblem::kServer, key,
          fmt::format("{}: found {} B, expected a power of two from {} to 4096 B", key, n, least));
  }

  void check_server() {
    check_payload("payload_max", host_.payload_max, 64);
    check_payload("read_request_max", host_.read_request_max, 64);
    check_payload("completion_payload", host_.completion_payload.value_or(host_.payload_max), 64);
    check_payload("policy.root_payload", host_.policy.root_payload, 64);
    if (host_.write_window < host_.payload_max)
      add(HostProblem::kServer, "write_window", "write_window: expected at least payload_max");
    if (host_.tags < 1 || host_.tags > 65'536)
      add(HostProblem::kServer, "tags",
          fmt::format("tags: found {}, expected 1 to 65536", host_.tags));
    const Ratio d = host_.dllp_share;
    if (d.part < 0 || d.part >= d.whole)
      add(HostProblem::kServer, "dllp_share", "dllp_share: expected 0 % to below 100 %");
    const auto sockets =
        std::count_if(host_.devices.begin(), host_.devices.end(),
                      [](const HostDevice& x) { return x.kind == HostPart::kSocket; });
    if (sockets < 1 || sockets > kHostSocketsMax)
      add(HostProblem::kServer, "sockets",
          fmt::format("found {} sockets, expected 1 to {}", sockets, kHostSocketsMax));
    check_rate(HostProblem::kServer, "memory_rate", host_.memory_rate);
    check_rate(HostProblem::kServer, "socket_link.rate", host_.socket_link.rate);
    check_rate(HostProblem::kServer, "socket_link.peer_rate", host_.socket_link.peer_rate);
    check_rate(HostProblem::kServer, "gpu_fabric.rate", host_.gpu_fabric.rate);
  }

  void check_gpu_links() {
    if (host_.gpu_fabric.kind == GpuFabric::kMesh && gpus().size() > kHostMeshGpusMax)
      add(HostProblem::kServer, "gpu_fabric.kind",
          fmt::format("found a mesh of {} GPUs, expected at most {}", gpus().size(),
                      kHostMeshGpusMax));
    for (const HostGpuLink& link : host_.gpu_links) {
      check_rate(HostProblem::kServer, "gpu_links", link.rate);
      for (const std::string* end : {&link.from, &link.to}) {
        const auto device = by_name_.find(*end);
        const bool known = device != by_name_.end();
        const HostPart kind = known ? host_.devices[device->second].kind : HostPart::kOther;
        if (kind == HostPart::kGpu || kind == HostPart::kGpuSwitch) continue;
        add(HostProblem::kServer, "gpu_links",
            fmt::format("found `{}` as an end of a GPU link, expected a gpu or gpu-switch", *end),
            *end, gpus());
      }
    }
  }

  std::vector<std::string> gpus() const {
    std::vector<std::string> names;
    for (const HostDevice& device : host_.devices) {
      if (device.kind == HostPart::kGpu) names.push_back(device.name);
    }
    return names;
  }

  const HostDescription& host_;
  std::map<std::string, size_t, std::less<>> by_name_;
  std::vector<HostProblem> problems_;
};

}  // namespace

std::vector<HostProblem> find_host_problems(const HostDescription& host) {
  return Finder(host).run();
}

}  // namespace windtunnel::node
