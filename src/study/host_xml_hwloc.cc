// hwloc's XML export (lstopo --of xml), versions 2 and 3: nested <object> of types Package, Bridge,
// PCIDev, OSDev, and the NVLink matrix.
//
// hwloc shows the ports of a switch as bridges: below a host bridge, root ports; below a root port,
// the upstream port of a switch; below that, its downstream ports; below each, a device or the next
// upstream port. An upstream port becomes a switch of ours, the other ports its links.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "node/host_problems.h"
#include "scenario/suggest.h"
#include "study/host_xml_document.h"

namespace windtunnel::study {
namespace {

using node::HostDevice;
using node::HostPart;

// What a bridge below would be.
enum class Level : uint8_t { kRootPort, kUpstreamPort, kDownstreamPort };

struct Place {
  std::string socket;  // the package around, or the first
  std::string under;   // the device above; empty: the socket
  Level level = Level::kRootPort;
  int depth = 0;
};

class HwlocReader {
 public:
  HwlocReader(const HostXmlDocument& document, const std::string& file)
      : builder_(document, file), root_(document.root()) {}

  base::Result<node::HostDescription> read() {
    if (!root_.child("object"))
      return builder_.fail(root_, "found a <topology> without <object>, expected a machine");
    if (const base::Status sockets = read_packages(root_); !sockets)
      return tl::unexpected(sockets.error());
    if (packages_.empty()) {
      HostDevice socket;
      socket.kind = HostPart::kSocket;
      const auto name = builder_.add(socket, root_);
      if (!name) return tl::unexpected(name.error());
      first_socket_ = *name;
    }
    if (const base::Status tree = walk(root_, {first_socket_, {}, Level::kRootPort, 0}); !tree)
      return tl::unexpected(tree.error());
    if (const base::Status links = read_nvlinks(); !links) return tl::unexpected(links.error());
    return builder_.finish();
  }

 private:
  static std::string_view type_of(pugi::xml_node object) {
    return object.attribute("type").value();
  }

  static std::string info(pugi::xml_node object, std::string_view name) {
    for (const pugi::xml_node entry : object.children("info")) {
      if (entry.attribute("name").value() == name) return entry.attribute("value").value();
    }
    return {};
  }

  // Packages first, so that sockets have their numbers before anything hangs on them.
  base::Status read_packages(pugi::xml_node parent) {
    for (const pugi::xml_node object : parent.children("object")) {
      if (type_of(object) != "Package") {
        if (const base::Status below = read_packages(object); !below) return below;
        continue;
      }
      const auto number = builder_.integer(object, "os_index");
      if (!number) return tl::unexpected(number.error());
      HostDevice socket;
      socket.kind = HostPart::kSocket;
      socket.about = info(object, "CPUModel");
      const std::string model_text = info(object, "CPUModelNumber");
      int64_t model = 0;
      std::from_chars(model_text.data(), model_text.data() + model_text.size(), model);
      builder_.set_processor(info(object, "CPUVendor"), model);
      const auto name =
          builder_.add(socket, object, number->has_value() ? "cpu" + std::to_string(**number) : "");
      if (!name) return tl::unexpected(name.error());
      packages_.emplace(object.offset_debug(), *name);
      if (first_socket_.empty()) first_socket_ = *name;
    }
    return {};
  }

  base::Status walk(pugi::xml_node parent, const Place& place) {
    for (const pugi::xml_node object : parent.children()) {
      if (const base::Status known = check_element(builder_, object, {"object"}); !known)
        return known;
      if (std::string_view(object.name()) != "object") continue;
      const std::string_view type = type_of(object);
      base::Status status;
      if (type == "Bridge") {
        status = read_bridge(object, place);
      } else if (type == "PCIDev") {
        status = read_device(object, place);
      } else if (type.empty()) {
        status = builder_.fail(object,
                               "found <object> without type, expected Package, Bridge, PCIDev "
                               "or another of hwloc's");
      } else {
        Place inside = place;
        const auto package = packages_.find(object.offset_debug());
        if (package != packages_.end()) inside.socket = package->second;
        status = walk(object, inside);
      }
      if (!status) return status;
    }
    return {};
  }

  base::Status read_bridge(pugi::xml_node object, const Place& place) {
    const std::string_view type = object.attribute("bridge_type").value();
    Place below = place;
    below.depth = place.depth + 1;
    if (below.depth > 4 * node::kHostDepthMax)
      return builder_.fail(object, fmt::format("found bridges {} deep, expected at most {}",
                                               below.depth, 4 * node::kHostDepthMax));
    if (type.substr(0, 2) == "0-") {
      below.under.clear();
      below.level = Level::kRootPort;
      return walk(object, below);
    }
    if (!type.empty() && type != "1-1")
      return builder_.fail(object, fmt::format("bridge_type: found {}, expected 0-1 or 1-1",
                                               scenario::quoted(type)));
    if (place.level != Level::kUpstreamPort) {
      below.level = Level::kUpstreamPort;
      return walk(object, below);
    }
    HostDevice device;
    device.under = place.under.empty() ? place.socket : place.under;
    const auto pci = read_pci(object, device);
    if (!pci) return tl::unexpected(pci.error());
    const bool in_nic = pci->vendor == kVendorMellanox || pci->vendor == kVendorAlibaba;
    device.kind = in_nic ? HostPart::kNicSwitch : HostPart::kSwitch;
    const auto name = builder_.add(device, object);
    if (!name) return tl::unexpected(name.error());
    below.under = *name;
    below.level = Level::kDownstreamPort;
    return walk(object, below);
  }

  base::Status read_device(pugi::xml_node object, const Place& place) {
    HostDevice device;
    device.under = place.under.empty() ? place.socket : place.under;
    const auto pci = read_pci(object, device);
    if (!pci) return tl::unexpected(pci.error());
    device.kind = part_of_class(pci->device_class);
    device.about = info(object, "PCIDevice");
    std::vector<std::string> keys = {"PCIDev:" + std::string(object.attribute("gp_index").value())};
    for (const pugi::xml_node child : object.children("object")) {
      if (type_of(child) != "OSDev") continue;
      keys.push_back("OSDev:" + std::string(child.attribute("gp_index").value()));
      const std::string model = info(child, "GPUModel");
      if (device.about.empty())
        device.about = model.empty() ? child.attribute("name").value() : model;
    }
    if (device.about.empty()) device.about = object.attribute("subtype").value();
    const auto name = builder_.add(device, object);
    if (!name) return tl::unexpected(name.error());
    for (const std::string& key : keys) by_index_.emplace(key, *name);
    return {};
  }

  base::Result<PciDevice> read_pci(pugi::xml_node object, HostDevice& device) const {
    const auto id = builder_.bus_id(object, "pci_busid");
    if (!id) return tl::unexpected(id.error());
    device.bus_id = *id;
    PciDevice pci;
    pci.bus_id = *id;
    // "0302 [10de:1db8] [10de:131d] a1 00"
    const std::string_view type = object.attribute("pci_type").value();
    const auto part = [&](size_t from, uint32_t& value) {
      if (type.size() < from + 4) return false;
      const auto [end, error] =
          std::from_chars(type.data() + from, type.data() + from + 4, value, 16);
      return error == std::errc() && end == type.data() + from + 4;
    };
    if (!type.empty() && (!part(0, pci.device_class) || (type.size() > 6 && !part(6, pci.vendor))))
      return builder_.fail(object,
                           fmt::format("pci_type: found {}, expected class and identity such "
                                       "as 0302 [10de:1db8]",
                                       scenario::quoted(type)));
    if (const base::Status link = read_link(object, device); !link)
      return tl::unexpected(link.error());
    return pci;
  }

  // hwloc gives GB/s of the whole link: the widest link up to 16 lanes that has it, so 15.75 is 16
  // lanes of Gen3. Absent or zero (unknown) leaves 16 lanes of Gen5.
  base::Status read_link(pugi::xml_node object, HostDevice& device) const {
    const std::string_view text = object.attribute("pci_link_speed").value();
    if (text.empty()) return {};
    double speed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
    if (error != std::errc() || end != text.data() + text.size() || !(speed >= 0) || speed > 1e4)
      return builder_.fail(object, fmt::format("pci_link_speed: found {}, expected GB/s such as "
                                               "15.753846",
                                               scenario::quoted(text)));
    if (speed == 0) return {};
    double best = 1e9;
    for (const int64_t lanes : node::kPcieLanes) {
      for (int64_t generation = 1; generation <= 6 && lanes <= 16; ++generation) {
        const node::PcieLink link{static_cast<node::PcieGeneration>(generation), lanes};
        const double rate =
            generation == 6 ? static_cast<double>(lanes) * 8
                            : static_cast<double>(pcie_rate_ideal(link).bits_per_second()) / 8e9;
        const double off = std::abs(rate / speed - 1);
        if (off > best + 1e-3) continue;
        if (off > best - 1e-3 && lanes < device.lanes) continue;
        best = off;
        device.lanes = lanes;
        device.generation = generation;
      }
    }
    if (best < 0.05) return {};
    return builder_.fail(object,
                         fmt::format("pci_link_speed: found {} GB/s, expected that of a PCI "
                                     "Express link of 1 to 16 lanes",
                                     scenario::quoted(text)));
  }

  static std::vector<std::string_view> words(pugi::xml_node element, const char* name) {
    std::vector<std::string_view> result;
    for (const pugi::xml_node list : element.children(name)) {
      std::string_view text = list.child_value();
      while (!text.empty()) {
        const size_t from = text.find_first_not_of(" \t\r\n");
        if (from == std::string_view::npos) break;
        text.remove_prefix(from);
        const size_t size = std::min(text.find_first_of(" \t\r\n"), text.size());
        result.push_back(text.substr(0, size));
        text.remove_prefix(size);
      }
    }
    return result;
  }

  // The matrix of MB/s among GPUs and NVSwitches. With switches, what a GPU has to them is its
  // share of a common fabric; without, each pair of GPUs has its own link.
  base::Status read_nvlinks() {
    for (const pugi::xml_node matrix : root_.children("distances2hetero")) {
      if (std::string_view(matrix.attribute("name").value()) != "NVLinkBandwidth") continue;
      const std::vector<std::string_view> keys = words(matrix, "indexes");
      const std::vector<std::string_view> values = words(matrix, "u64values");
      if (keys.size() > node::kHostDevicesMax || values.size() != keys.size() * keys.size())
        return builder_.fail(
            matrix, fmt::format("found {} values for {} objects, expected {}", values.size(),
                                keys.size(), keys.size() * keys.size()));
      if (const base::Status read = read_matrix(matrix, keys, values); !read) return read;
    }
    return {};
  }

  base::Status read_matrix(pugi::xml_node matrix, const std::vector<std::string_view>& keys,
                           const std::vector<std::string_view>& values) {
    constexpr int64_t kBitsPerMegabyte = 8'000'000;
    node::HostDescription& host = builder_.host();
    std::vector<std::string> names;
    names.reserve(keys.size());
    for (const std::string_view key : keys) {
      const auto found = by_index_.find(key);
      names.push_back(found == by_index_.end() ? std::string() : found->second);
    }
    const auto is_gpu = [&](size_t i) { return names[i].rfind("gpu", 0) == 0; };
    int64_t fabric = 0;
    for (size_t i = 0; i < keys.size(); ++i) {
      int64_t to_switches = 0;
      for (size_t j = 0; j < keys.size() && is_gpu(i); ++j) {
        const std::string_view text = values[i * keys.size() + j];
        int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || value < 0 ||
            value > 100'000'000)
          return builder_.fail(matrix, fmt::format("found {} among the values, expected MB/s",
                                                   scenario::quoted(text)));
        if (value == 0 || i == j) continue;
        if (!is_gpu(j)) to_switches += value;
        if (is_gpu(j) && i < j && names[i] != names[j])
          host.gpu_links.push_back(
              {names[i], names[j], base::Rate::bits_per_second(value * kBitsPerMegabyte)});
      }
      if (to_switches > 0 && (fabric == 0 || to_switches < fabric)) fabric = to_switches;
    }
    if (fabric == 0) return {};
    host.gpu_fabric.kind = node::GpuFabric::kSwitched;
    host.gpu_fabric.rate = base::Rate::bits_per_second(fabric * kBitsPerMegabyte);
    return {};
  }

  HostXmlBuilder builder_;
  pugi::xml_node root_;
  std::string first_socket_;
  std::map<ptrdiff_t, std::string> packages_;                 // by place in the file
  std::map<std::string, std::string, std::less<>> by_index_;  // "OSDev:802" → "gpu0"
};

}  // namespace

base::Result<node::HostDescription> read_hwloc(const HostXmlDocument& document,
                                               const std::string& file) {
  return HwlocReader(document, file).read();
}

}  // namespace windtunnel::study
