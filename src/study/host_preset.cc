#include "study/host_preset.h"

#include <algorithm>
#include <map>

namespace windtunnel::study {
namespace {

using node::HostDevice;
using node::HostPart;

constexpr int64_t kGpusPerSwitch = 2;

class PresetBuilder {
 public:
  PresetBuilder(node::HostDescription& host, HostPreset preset, const PresetSize& size)
      : host_(host), preset_(preset), size_(size) {}

  void build() {
    host_.sockets = 2;
    for (int64_t i = 0; i < size_.gpus; ++i) add_pair(i);
    for (int64_t i = 0; i < size_.ssds; ++i) add(HostPart::kSsd, "ssd", i, under_of_ssd(i), 4);
  }

 private:
  void add(HostPart kind, const char* name, int64_t number, const std::string& under,
           int64_t lanes = 16) {
    HostDevice device;
    device.kind = kind;
    device.name = name + std::to_string(number);
    device.under = under;
    device.lanes = lanes;
    host_.devices.push_back(device);
  }

  std::string cpu_of(int64_t gpu) const { return 2 * gpu < size_.gpus ? "cpu0" : "cpu1"; }
  std::string other_cpu(int64_t gpu) const { return 2 * gpu < size_.gpus ? "cpu1" : "cpu0"; }

  void add_pair(int64_t i) {
    std::string above = cpu_of(i);
    if (preset_ == HostPreset::kInsideNic) {
      add(HostPart::kNicSwitch, "bridge", i, above);
      above = "bridge" + std::to_string(i);
    }
    if (preset_ == HostPreset::kSwitchChip) {
      const int64_t chip = i / kGpusPerSwitch;
      if (i % kGpusPerSwitch == 0) add(HostPart::kSwitch, "switch", chip, above);
      above = "switch" + std::to_string(chip);
    }
    add(HostPart::kGpu, "gpu", i, above);
    add(HostPart::kNic, "nic", i, preset_ == HostPreset::kCrossSocket ? other_cpu(i) : above);
  }

  // Spread as the GPUs are.
  std::string under_of_ssd(int64_t i) const {
    const int64_t gpu = i * size_.gpus / std::max<int64_t>(size_.ssds, 1);
    if (preset_ != HostPreset::kSwitchChip) return cpu_of(gpu);
    return "switch" + std::to_string(gpu / kGpusPerSwitch);
  }

  node::HostDescription& host_;
  HostPreset preset_;
  PresetSize size_;
};

}  // namespace

void add_preset(node::HostDescription& host, HostPreset preset, const PresetSize& size) {
  if (preset != HostPreset::kNone) PresetBuilder(host, preset, size).build();
}

PartCount count_parts(const node::HostDescription& host) {
  std::map<std::string, HostPart, std::less<>> kinds;
  for (const HostDevice& device : host.devices) kinds.emplace(device.name, device.kind);
  const auto kind_above = [&](const HostDevice& device) {
    const auto found = kinds.find(device.under);
    return found == kinds.end() ? HostPart::kOther : found->second;
  };
  PartCount count;
  for (const HostDevice& device : host.devices) {
    const HostPart above = kind_above(device);
    count.nics += device.kind == HostPart::kNic ? 1 : 0;
    count.nics_with_switch += device.kind == HostPart::kNicSwitch ? 1 : 0;
    count.switch_chips += device.kind == HostPart::kSwitch ? 1 : 0;
    if (device.kind == HostPart::kSocket || device.kind == HostPart::kMemory ||
        device.kind == HostPart::kGpuSwitch)
      continue;
    if (device.kind == HostPart::kSwitch) count.switch_lanes += device.lanes;
    if (above == HostPart::kSwitch) count.switch_lanes += device.lanes;
    if (above == HostPart::kSocket) count.root_lanes += device.lanes;
    // A NIC and the switch inside it are one package.
    count.links += device.kind == HostPart::kNic && above == HostPart::kNicSwitch ? 0 : 1;
  }
  return count;
}

}  // namespace windtunnel::study
