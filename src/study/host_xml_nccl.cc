// NCCL's topology XML: <system> › <cpu> › nested <pci> › <gpu> or <nic> › <net>. Layout and rates
// after NCCL's src/graph/{xml,topo}.cc.
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

const std::vector<std::string>& known_elements() {
  static const std::vector<std::string> names = {"cpu", "pci", "gpu", "nic", "net", "nvlink"};
  return names;
}

// GB/s of one NVLink, each way, by compute capability.
double nvlink_rate(int64_t capability) {
  if (capability >= 100) return 40.1;
  if (capability >= 90) return 20.6;
  if (capability == 86) return 12.0;
  return capability < 70 && capability >= 60 ? 18.0 : 20.0;
}

struct NvLink {
  pugi::xml_node element;
  std::string gpu;
  int64_t capability = 0;
};

class NcclReader {
 public:
  NcclReader(const HostXmlDocument& document, const std::string& file)
      : builder_(document, file), root_(document.root()) {}

  base::Result<node::HostDescription> read() {
    const std::string_view version = root_.attribute("version").value();
    if (!version.empty() && version != "1")
      return builder_.fail(root_,
                           fmt::format("version: found {}, expected 1", scenario::quoted(version)));
    for (const pugi::xml_node child : root_.children()) {
      if (const base::Status known = check_element(builder_, child, known_elements()); !known)
        return tl::unexpected(known.error());
      if (std::string_view(child.name()) != "cpu") continue;
      if (const base::Status cpu = read_cpu(child); !cpu) return tl::unexpected(cpu.error());
    }
    if (builder_.host().devices.empty())
      return builder_.fail(root_, "found a <system> without <cpu>, expected at least one");
    if (const base::Status links = read_nvlinks(); !links) return tl::unexpected(links.error());
    return builder_.finish();
  }

 private:
  base::Status read_cpu(pugi::xml_node element) {
    const auto number = builder_.integer(element, "numaid");
    if (!number) return tl::unexpected(number.error());
    const auto model = builder_.integer(element, "modelid");
    if (!model) return tl::unexpected(model.error());
    HostDevice socket;
    socket.kind = HostPart::kSocket;
    const std::string vendor = element.attribute("vendor").value();
    socket.about = vendor;
    if (model->has_value()) builder_.set_processor(vendor, **model);
    const auto name =
        builder_.add(socket, element, number->has_value() ? "cpu" + std::to_string(**number) : "");
    if (!name) return tl::unexpected(name.error());
    return read_children(element, *name, 0);
  }

  base::Status read_children(pugi::xml_node parent, const std::string& under, int depth) {
    for (const pugi::xml_node child : parent.children()) {
      if (const base::Status known = check_element(builder_, child, known_elements()); !known)
        return known;
      const std::string_view kind = child.name();
      base::Status status;
      if (kind == "pci") status = read_pci(child, under, depth);
      // A virtual machine's NIC may stand below the cpu without a place on the bus.
      if (kind == "nic" && depth == 0) status = read_loose_nic(child, under);
      if (!status) return status;
    }
    return {};
  }

  base::Status read_pci(pugi::xml_node element, const std::string& under, int depth) {
    if (depth >= node::kHostDepthMax)
      return builder_.fail(element, fmt::format("found <pci> {} deep, expected at most {}",
                                                depth + 1, node::kHostDepthMax));
    HostDevice device;
    device.under = under;
    const auto id = builder_.bus_id(element, "busid");
    if (!id) return tl::unexpected(id.error());
    device.bus_id = *id;
    const auto kind = kind_of(element);
    if (!kind) return tl::unexpected(kind.error());
    device.kind = *kind;
    if (const base::Status link = read_link(element, device); !link) return link;
    std::string wished;
    if (device.kind == HostPart::kGpu) {
      const auto number = builder_.integer(element.child("gpu"), "dev");
      if (!number) return tl::unexpected(number.error());
      if (number->has_value()) wished = "gpu" + std::to_string(**number);
    }
    if (const base::Status net = read_nets(element.child("nic"), device); !net) return net;
    const auto name = builder_.add(device, element, wished);
    if (!name) return tl::unexpected(name.error());
    if (device.kind == HostPart::kGpu) return note_nvlinks(element.child("gpu"), *name);
    const bool carries = device.kind == HostPart::kSwitch || device.kind == HostPart::kNicSwitch;
    return carries ? read_children(element, *name, depth + 1) : base::Status();
  }

  // By what stands below it, then by its class. A bridge of a maker of NICs is inside one: a
  // ConnectX-7 shows as 15b3:1979 with a GPU and its own network function below.
  base::Result<HostPart> kind_of(pugi::xml_node element) const {
    const std::string_view text = element.attribute("class").value();
    const auto device_class = hex(element, "class", text);
    if (!device_class) return tl::unexpected(device_class.error());
    const auto vendor = hex(element, "vendor", element.attribute("vendor").value());
    if (!vendor) return tl::unexpected(vendor.error());
    // Class, subclass and interface: 0x060400; some files leave the last out.
    const uint32_t shifted = text.size() > 6 ? *device_class >> 8U : *device_class;
    const bool bridge = shifted == kClassBridge || element.child("pci");
    if (bridge)
      return *vendor == kVendorMellanox || *vendor == kVendorAlibaba ? HostPart::kNicSwitch
                                                                     : HostPart::kSwitch;
    if (element.child("gpu")) return HostPart::kGpu;
    if (element.child("nic")) return HostPart::kNic;
    return part_of_class(shifted);
  }

  base::Result<uint32_t> hex(pugi::xml_node element, const char* name,
                             std::string_view text) const {
    uint32_t value = 0;
    if (text.empty()) return value;
    std::string_view digits = text;
    if (digits.substr(0, 2) == "0x") digits.remove_prefix(2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error == std::errc() && end == digits.data() + digits.size() && !digits.empty())
      return value;
    return builder_.fail(element, fmt::format("{}: found {}, expected a number such as 0x060400",
                                              name, scenario::quoted(text)));
  }

  // What is not said is taken from the first link below that says it, else 16 lanes of Gen5.
  base::Status read_link(pugi::xml_node element, HostDevice& device) const {
    const auto lanes = lanes_of(element);
    if (!lanes) return tl::unexpected(lanes.error());
    if (*lanes > 0) device.lanes = *lanes;
    for (pugi::xml_node at = element; at; at = at.child("pci")) {
      const auto generation = generation_of(at);
      if (!generation) return tl::unexpected(generation.error());
      if (*generation == 0) continue;
      device.generation = *generation;
      break;
    }
    return {};
  }

  // 0 when absent; Linux writes 0, 63 or 255 for a width it does not know.
  base::Result<int64_t> lanes_of(pugi::xml_node element) const {
    const auto lanes = builder_.integer(element, "link_width");
    if (!lanes) return tl::unexpected(lanes.error());
    const int64_t n = lanes->value_or(0);
    if (n == 0 || n == 63 || n == 255) return int64_t{0};
    if (std::find(node::kPcieLanes.begin(), node::kPcieLanes.end(), n) != node::kPcieLanes.end())
      return n;
    return builder_.fail(element, fmt::format("link_width: found {}, expected one of {}", n,
                                              fmt::join(node::kPcieLanes, ", ")));
  }

  // "32.0 GT/s PCIe", "32 GT/s PCIe/s", "8 GT/s"; 0 when absent or "Unknown".
  base::Result<int64_t> generation_of(pugi::xml_node element) const {
    const std::string_view text = element.attribute("link_speed").value();
    if (text.empty() || text.substr(0, 7) == "Unknown") return int64_t{0};
    static constexpr std::string_view kSpeeds[] = {"2.5", "5", "8", "16", "32", "64"};
    const size_t space = text.find(' ');
    std::string_view number = text.substr(0, space);
    const std::string_view rest = space == std::string_view::npos ? "" : text.substr(space);
    if (number.size() > 2 && number.substr(number.size() - 2) == ".0") number.remove_suffix(2);
    const auto found = std::find(std::begin(kSpeeds), std::end(kSpeeds), number);
    if (found != std::end(kSpeeds) && rest.substr(0, 5) == " GT/s")
      return static_cast<int64_t>(found - std::begin(kSpeeds)) + 1;
    return builder_.fail(element,
                         fmt::format("link_speed: found {}, expected 2.5, 5, 8, 16, 32 or 64 "
                                     "GT/s PCIe",
                                     scenario::quoted(text)));
  }

  // The ports of a NIC together are its cable; NCCL writes a port it knows nothing of as 0 or -1.
  base::Status read_nets(pugi::xml_node nic, HostDevice& device) const {
    int64_t megabits = 0;
    for (const pugi::xml_node net : nic.children("net")) {
      const auto speed = builder_.integer(net, "speed");
      if (!speed) return tl::unexpected(speed.error());
      const int64_t value = speed->value_or(0);
      if (value > 100'000'000 || megabits > 100'000'000)
        return builder_.fail(
            net, fmt::format("speed: found {} Mb/s, expected at most 100000000", value));
      megabits += std::max<int64_t>(value, 0);
      const std::string name = net.attribute("name").value();
      device.about += (device.about.empty() ? "" : ", ") + name;
      if (device.about.size() > 200) device.about.resize(200);
    }
    if (megabits > 0) device.wire_rate = base::Rate::bits_per_second(megabits * 1'000'000);
    return {};
  }

  base::Status read_loose_nic(pugi::xml_node element, const std::string& under) {
    HostDevice device;
    device.kind = HostPart::kNic;
    device.under = under;
    if (const base::Status nets = read_nets(element, device); !nets) return nets;
    const auto name = builder_.add(device, element);
    return name ? base::Status() : tl::unexpected(name.error());
  }

  base::Status note_nvlinks(pugi::xml_node gpu, const std::string& name) {
    const auto capability = builder_.integer(gpu, "sm");
    if (!capability) return tl::unexpected(capability.error());
    for (const pugi::xml_node link : gpu.children("nvlink"))
      nvlinks_.push_back({link, name, capability->value_or(0)});
    return {};
  }

  // To another GPU: a link, written at both ends and taken once. To a switch: its share of a fabric
  // that all GPUs with such links have in common.
  base::Status read_nvlinks() {
    node::HostDescription& host = builder_.host();
    std::map<std::string, double> to_switches;
    std::map<std::pair<std::string, std::string>, double> pairs;
    for (const NvLink& link : nvlinks_) {
      const auto count = builder_.integer(link.element, "count");
      if (!count) return tl::unexpected(count.error());
      const int64_t links = count->value_or(1);
      if (links < 1 || links > 1024)
        return builder_.fail(link.element,
                             fmt::format("count: found {}, expected 1 to 1024", links));
      const double rate = static_cast<double>(links) * nvlink_rate(link.capability);
      const std::string target = builder_.name_of(link.element.attribute("target").value());
      const bool to_gpu = target.rfind("gpu", 0) == 0;
      if (!to_gpu) to_switches[link.gpu] += rate;
      if (to_gpu && target != link.gpu) pairs[std::minmax(link.gpu, target)] = rate;
    }
    for (const auto& [ends, rate] : pairs)
      host.gpu_links.push_back({ends.first, ends.second, gigabytes(rate)});
    double least = 0;
    for (const auto& [gpu, rate] : to_switches) least = least == 0 ? rate : std::min(least, rate);
    if (least == 0) return {};
    host.gpu_fabric.kind = node::GpuFabric::kSwitched;
    host.gpu_fabric.rate = gigabytes(least);
    return {};
  }

  static base::Rate gigabytes(double rate) {
    return base::Rate::bits_per_second(
        static_cast<int64_t>(std::llround(std::min(rate, 1e6) * 8e9)));
  }

  HostXmlBuilder builder_;
  pugi::xml_node root_;
  std::vector<NvLink> nvlinks_;
};

}  // namespace

base::Result<node::HostDescription> read_nccl(const HostXmlDocument& document,
                                              const std::string& file) {
  return NcclReader(document, file).read();
}

}  // namespace windtunnel::study
