#include "node/host_model.h"

#include <algorithm>

#include "base/check.h"
#include "node/host_problems.h"

namespace windtunnel::node {
namespace {

Rate share(Rate rate, int64_t parts) {
  return Rate::bits_per_second(std::max<int64_t>(1, rate.bits_per_second() / parts));
}

PcieLink pcie_of(const HostDescription& host, const HostDevice& device) {
  return {static_cast<PcieGeneration>(device.generation), device.lanes, host.dllp_share,
          host.end_to_end_crc};
}

HostLane plain_lane(LaneKind kind, uint32_t from, uint32_t to, Rate rate) {
  HostLane lane;
  lane.kind = kind;
  lane.from = from;
  lane.to = to;
  lane.rate = lane.peer_rate = rate;
  return lane;
}

}  // namespace

HostModel HostModel::build(const HostDescription& host) {
  HostModel model;
  model.add_host(host, "");
  model.join_network(Duration::zero());
  return model;
}

HostModel HostModel::build_pair(const HostDescription& local, const HostDescription& remote,
                                const HostNetwork& network) {
  HostModel model;
  model.add_host(local, "");
  model.add_host(remote, "remote.");
  model.join_network(network.latency);
  return model;
}

void HostModel::add_host(const HostDescription& host, const std::string& prefix) {
  WT_CHECK(find_host_problems(host).empty(), "only a sound description is built");
  hosts_.push_back(host);
  const auto first = static_cast<uint32_t>(vertices_.size());
  add_sockets_and_devices(first, prefix);
  add_gpu_fabric(first, prefix);
  number_depths();
}

uint32_t HostModel::add_vertex(HostVertex vertex) {
  vertices_.push_back(std::move(vertex));
  out_.emplace_back();
  return static_cast<uint32_t>(vertices_.size() - 1);
}

// Both directions; answers the lane given.
uint32_t HostModel::add_link(HostLane lane) {
  const auto id = static_cast<uint32_t>(lanes_.size());
  out_[lane.from].push_back(id);
  out_[lane.to].push_back(id + 1);
  HostLane back = lane;
  std::swap(back.from, back.to);
  lanes_.push_back(lane);
  lanes_.push_back(back);
  return id;
}

void HostModel::add_sockets_and_devices(uint32_t first, const std::string& prefix) {
  const auto host_index = static_cast<uint32_t>(hosts_.size() - 1);
  const HostDescription& host = hosts_.back();
  for (uint32_t i = 0; i < host.devices.size(); ++i) {
    const HostDevice& device = host.devices[i];
    add_vertex({prefix + device.name,
                device.kind,
                device.bus_id,
                device.about,
                host_index,
                i,
                kNone,
                kNone,
                0,
                {}});
  }
  std::vector<uint32_t> sockets;
  for (uint32_t i = 0; i < host.devices.size(); ++i) {
    const HostDevice& device = host.devices[i];
    const uint32_t id = first + i;
    if (device.kind == HostPart::kSocket) sockets.push_back(id);
    if (device.under.empty()) continue;
    const uint32_t parent = *find(prefix + device.under);
    HostLane lane =
        plain_lane(device.kind == HostPart::kMemory ? LaneKind::kMemory : LaneKind::kPcie, id,
                   parent, host.memory_rate);
    lane.pcie = pcie_of(host, device);
    vertices_[id].parent = parent;
    vertices_[id].lane_up = add_link(lane);
    vertices_[parent].children.push_back(id);
    if (device.kind != HostPart::kSsd) continue;
    const uint32_t media = add_vertex({prefix + device.name + ".media",
                                       HostPart::kMedia,
                                       "",
                                       "",
                                       host_index,
                                       kNone,
                                       id,
                                       kNone,
                                       0,
                                       {}});
    HostLane flash = plain_lane(LaneKind::kMedia, media, id, device.ssd.read_rate);
    vertices_[media].lane_up = add_link(flash);
    lanes_[vertices_[media].lane_up ^ 1].rate = device.ssd.write_rate;
  }
  for (size_t a = 0; a < sockets.size(); ++a) {
    for (size_t b = a + 1; b < sockets.size(); ++b) {
      HostLane lane = plain_lane(LaneKind::kSocket, sockets[a], sockets[b], host.socket_link.rate);
      lane.peer_rate = host.socket_link.peer_rate;
      lane.latency = host.socket_link.latency;
      add_link(lane);
    }
  }
}

void HostModel::add_gpu_fabric(uint32_t first, const std::string& prefix) {
  const HostDescription& host = hosts_.back();
  const HostGpuFabric& fabric = host.gpu_fabric;
  std::vector<uint32_t> gpus;
  for (uint32_t id = first; id < vertices_.size(); ++id) {
    if (vertices_[id].kind == HostPart::kGpu) gpus.push_back(id);
  }
  const auto link = [&](uint32_t from, uint32_t to, Rate rate) {
    const bool through =
        vertices_[from].kind == HostPart::kGpuSwitch || vertices_[to].kind == HostPart::kGpuSwitch;
    HostLane lane = plain_lane(LaneKind::kGpu, from, to, rate);
    lane.latency = through ? fabric.latency / 2 : fabric.latency;
    add_link(lane);
  };
  for (const HostGpuLink& given : host.gpu_links)
    link(*find(prefix + given.from), *find(prefix + given.to), given.rate);
  if (fabric.kind == GpuFabric::kSwitched && gpus.size() > 1) {
    const uint32_t hub = add_vertex({prefix + "gpu-fabric",
                                     HostPart::kGpuSwitch,
                                     "",
                                     "",
                                     static_cast<uint32_t>(hosts_.size() - 1),
                                     kNone,
                                     kNone,
                                     kNone,
                                     0,
                                     {}});
    for (const uint32_t gpu : gpus) link(gpu, hub, fabric.rate);
  }
  if (fabric.kind != GpuFabric::kMesh) return;
  for (size_t a = 0; a < gpus.size(); ++a) {
    for (size_t b = a + 1; b < gpus.size(); ++b)
      link(gpus[a], gpus[b], share(fabric.rate, static_cast<int64_t>(gpus.size()) - 1));
  }
}

// Every NIC has a cable to one vertex. The latency is on the way out of it, so that what is sent to
// the network and not received by any server does not pay it.
void HostModel::join_network(Duration latency) {
  network_ = add_vertex({"network", HostPart::kNetwork, "", "", 0, kNone, kNone, kNone, 0, {}});
  for (uint32_t id = 0; id < network_; ++id) {
    if (vertices_[id].kind != HostPart::kNic) continue;
    const uint32_t lane = add_link(plain_lane(LaneKind::kWire, id, network_, device(id).wire_rate));
    lanes_[lane ^ 1].latency = latency;
  }
}

void HostModel::number_depths() {
  for (HostVertex& vertex : vertices_) {
    vertex.depth = 0;
    for (uint32_t at = vertex.parent; at != kNone; at = vertices_[at].parent) ++vertex.depth;
  }
}

const HostDevice& HostModel::device(uint32_t vertex) const {
  const HostVertex& v = vertices_[vertex];
  WT_CHECK(v.device != kNone, "a part of the description");
  return hosts_[v.host].devices[v.device];
}

std::optional<uint32_t> HostModel::find(std::string_view name) const {
  const auto found = std::find_if(vertices_.begin(), vertices_.end(),
                                  [&](const HostVertex& v) { return v.name == name; });
  if (found == vertices_.end()) return std::nullopt;
  return static_cast<uint32_t>(found - vertices_.begin());
}

std::vector<std::string> HostModel::names() const {
  std::vector<std::string> names;
  for (const HostVertex& v : vertices_) {
    if (v.device != kNone) names.push_back(v.name);
  }
  return names;
}

uint32_t HostModel::socket_of(uint32_t vertex) const {
  while (vertices_[vertex].parent != kNone) vertex = vertices_[vertex].parent;
  return vertex;
}

uint32_t HostModel::memory_of(uint32_t socket) const {
  for (const uint32_t child : vertices_[socket].children) {
    if (vertices_[child].kind == HostPart::kMemory) return child;
  }
  base::check_failed("a socket has memory", __FILE__, __LINE__, vertices_[socket].name);
}

uint32_t HostModel::media_of(uint32_t ssd) const {
  for (const uint32_t lane : out_[ssd]) {
    if (lanes_[lane].kind == LaneKind::kMedia) return lanes_[lane].to;
  }
  base::check_failed("an SSD has media", __FILE__, __LINE__, vertices_[ssd].name);
}

uint32_t HostModel::lane_between(uint32_t from, uint32_t to) const {
  uint32_t best = kNone;
  for (const uint32_t lane : out_[from]) {
    if (lanes_[lane].to != to) continue;
    if (best == kNone || lanes_[lane].rate > lanes_[best].rate) best = lane;
  }
  return best;
}

std::string HostModel::lane_name(uint32_t lane) const {
  return vertices_[lanes_[lane].from].name + " → " + vertices_[lanes_[lane].to].name;
}

}  // namespace windtunnel::node
