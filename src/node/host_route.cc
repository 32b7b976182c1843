#include "node/host_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/check.h"

namespace windtunnel::node {
namespace {

using base::Int128;
constexpr uint32_t kNone = HostModel::kNone;

// Lanes without TLPs pass data on in pieces of a few cache lines.
constexpr Bytes kPiece = Bytes(256);

bool is_switch(HostPart kind) { return kind == HostPart::kSwitch || kind == HostPart::kNicSwitch; }
bool is_device(HostPart kind) { return kind != HostPart::kMemory && kind != HostPart::kSocket; }

std::vector<uint32_t> ancestry(const HostModel& model, uint32_t vertex) {
  std::vector<uint32_t> chain{vertex};
  while (model.vertex(chain.back()).parent != kNone)
    chain.push_back(model.vertex(chain.back()).parent);
  return chain;
}

// Vertices from one part to another, and the rule that chose them.
struct Way {
  std::vector<uint32_t> vertices;
  RouteKind kind = RouteKind::kMemory;
  std::string why;
};

// The way between GPUs over their own fabric, if they have one.
std::optional<Way> fabric_way(const HostModel& model, uint32_t from, uint32_t to) {
  const auto gpu = [&](uint32_t v) { return model.vertex(v).kind == HostPart::kGpu; };
  if (!gpu(from) || !gpu(to)) return std::nullopt;
  if (model.lane_between(from, to) != kNone)
    return Way{{from, to}, RouteKind::kFabric, "a direct link of the GPU fabric"};
  uint32_t best = kNone;
  Rate rate;
  for (uint32_t hub = 0; hub < model.vertices().size(); ++hub) {
    if (model.vertex(hub).kind != HostPart::kGpuSwitch) continue;
    const uint32_t in = model.lane_between(from, hub);
    const uint32_t out = model.lane_between(hub, to);
    if (in == kNone || out == kNone) continue;
    const Rate least = std::min(model.lane(in).rate, model.lane(out).rate);
    if (best != kNone && least <= rate) continue;
    best = hub;
    rate = least;
  }
  if (best == kNone) return std::nullopt;
  return Way{{from, best, to}, RouteKind::kFabric, "the switched GPU fabric"};
}

// Why a switch may not turn traffic around; empty when it may.
std::string redirect_reason(const HostPolicy& policy) {
  if (policy.acs_redirect) return "access control (ACS) redirects peers to the root complex";
  if (policy.iommu && !policy.ats) return "the IOMMU translates at the root complex";
  return {};
}

// The way in the tree, policy aside.
Way tree_way(const HostModel& model, uint32_t from, uint32_t to) {
  const std::vector<uint32_t> up = ancestry(model, from);
  std::vector<uint32_t> down = ancestry(model, to);
  const bool peers = is_device(model.vertex(from).kind) && is_device(model.vertex(to).kind);
  Way way;
  if (up.back() != down.back()) {
    way.vertices = up;
    way.vertices.insert(way.vertices.end(), down.rbegin(), down.rend());
    way.kind = peers ? RouteKind::kSockets : RouteKind::kMemory;
    return way;
  }
  // Drop the shared ancestors but the lowest.
  size_t shared = 1;
  while (shared < std::min(up.size(), down.size()) &&
         up[up.size() - 1 - shared] == down[down.size() - 1 - shared])
    ++shared;
  const uint32_t turn = up[up.size() - shared];
  const bool below_switch = is_switch(model.vertex(turn).kind) && peers;
  const std::string reason = redirect_reason(model.host(from).policy);
  const bool detour = below_switch && !reason.empty();
  const size_t keep = detour ? 1 : shared;
  way.vertices.assign(up.begin(), up.end() - static_cast<ptrdiff_t>(keep) + 1);
  way.vertices.insert(way.vertices.end(), down.rbegin() + static_cast<ptrdiff_t>(keep),
                      down.rend());
  way.why = reason;
  way.kind = !peers         ? RouteKind::kMemory
             : detour       ? RouteKind::kDetour
             : below_switch ? RouteKind::kSwitch
                            : RouteKind::kRoot;
  if (way.kind == RouteKind::kSwitch)
    way.why = fmt::format("turned around in {}", model.vertex(turn).name);
  return way;
}

std::string root_words(const HostPolicy& policy) {
  std::string words = fmt::format("TLPs of {} B", policy.root_payload.count());
  if (policy.root_overhead.part != policy.root_overhead.whole)
    words +=
        fmt::format(", occupancy x{}/{}", policy.root_overhead.part, policy.root_overhead.whole);
  return words;
}

// Applies the policy of the server to a way between devices.
base::Result<Way> allowed(const HostModel& model, Way way, RouteUse use) {
  const HostPolicy& policy = model.host(way.vertices.front()).policy;
  const std::string ends = fmt::format("{} and {}", model.vertex(way.vertices.front()).name,
                                       model.vertex(way.vertices.back()).name);
  if (way.kind == RouteKind::kSockets && !policy.cross_socket)
    return base::fail(
        fmt::format("the policy lets no peers reach each other across sockets: {}", ends));
  const bool root = way.kind == RouteKind::kRoot || way.kind == RouteKind::kDetour ||
                    way.kind == RouteKind::kSockets;
  if (root && policy.root == RootPeer::kForbidden)
    return base::fail(fmt::format("the root complex forwards nothing between peers: {}", ends));
  if (root && policy.root == RootPeer::kWritesOnly && use == RouteUse::kRead)
    return base::fail(fmt::format("the root complex forwards writes only, no reads: {}", ends));
  if (way.kind == RouteKind::kRoot)
    way.why = fmt::format("between ports of one root complex, {}", root_words(policy));
  if (way.kind == RouteKind::kDetour)
    way.why += fmt::format(": up and down again, {}", root_words(policy));
  if (way.kind == RouteKind::kSockets)
    way.why =
        fmt::format("across sockets at {:.3g} GB/s for peers, {}",
                    static_cast<double>(
                        model.host(way.vertices.front()).socket_link.peer_rate.bits_per_second()) /
                        8e9,
                    root_words(policy));
  if (way.kind == RouteKind::kMemory) way.why = "host memory, no peer traffic";
  return way;
}

base::Result<Way> find_way(const HostModel& model, uint32_t from, uint32_t to, RouteUse use) {
  if (auto way = fabric_way(model, from, to)) return *way;
  if (model.vertex(from).kind == HostPart::kGpuSwitch ||
      model.vertex(to).kind == HostPart::kGpuSwitch)
    return base::fail(fmt::format(
        "{} is a switch of the GPU fabric, where nothing ends",
        model.vertex(model.vertex(from).kind == HostPart::kGpuSwitch ? from : to).name));
  if (model.vertex(from).host != model.vertex(to).host)
    return base::fail(
        fmt::format("{} and {} are on two servers: only NICs reach from one to the other",
                    model.vertex(from).name, model.vertex(to).name));
  return allowed(model, tree_way(model, from, to), use);
}

// What a part takes to send or to receive.
Duration end_latency(const HostModel& model, uint32_t vertex) {
  const HostVertex& v = model.vertex(vertex);
  const HostLatencies& latencies = model.host(vertex).latencies;
  switch (v.kind) {
    case HostPart::kSocket:
      return latencies.root;
    case HostPart::kMemory:
    case HostPart::kMedia:
    case HostPart::kNetwork:
    case HostPart::kGpuSwitch:
      return Duration::zero();
    default:
      return model.device(vertex).latency.value_or(latencies.endpoint);
  }
}

Duration access_latency(const HostModel& model, uint32_t vertex) {
  const HostLatencies& latencies = model.host(vertex).latencies;
  const HostPart kind = model.vertex(vertex).kind;
  if (kind == HostPart::kMemory) return latencies.memory;
  return kind == HostPart::kGpu ? latencies.gpu_memory : Duration::zero();
}

// What a part in the middle of a way takes, between lane `in` and lane `out`.
Duration pass_latency(const HostModel& model, uint32_t vertex, uint32_t in, uint32_t out) {
  const HostVertex& v = model.vertex(vertex);
  const HostDescription& host = model.host(vertex);
  const bool in_pcie = model.lane(in).kind == LaneKind::kPcie;
  const bool out_pcie = model.lane(out).kind == LaneKind::kPcie;
  if (v.kind == HostPart::kSocket) {
    Duration pass =
        host.latencies.root * (static_cast<int64_t>(in_pcie) + static_cast<int64_t>(out_pcie));
    if (host.policy.iommu && in_pcie) pass += host.policy.iommu_latency;
    return pass;
  }
  if (v.kind == HostPart::kNic) return host.latencies.nic;
  if (!is_switch(v.kind)) return end_latency(model, vertex);
  const Duration usual =
      v.kind == HostPart::kSwitch ? host.latencies.switch_hop : host.latencies.inner_hop;
  return model.device(vertex).latency.value_or(usual);
}

// Lanes of a way with the cut of TLPs on each.
class Builder {
 public:
  Builder(const HostModel& model, const Way& way, RouteUse use)
      : model_(model), way_(way), use_(use), host_(model.host(way.vertices.front())) {}

  HostRoute build() {
    HostRoute route;
    route.from = way_.vertices.front();
    route.to = way_.vertices.back();
    route.kind = way_.kind;
    route.why = way_.why;
    TlpCut cut{host_.payload_max, host_.completion_payload.value_or(host_.payload_max),
               host_.read_request_max};
    const bool peers_at_root = way_.kind == RouteKind::kRoot || way_.kind == RouteKind::kDetour ||
                               way_.kind == RouteKind::kSockets;
    // The root complex asks for small pieces in the place of a reader, so its answers are small
    // everywhere; writes are cut where they pass it.
    if (peers_at_root) cut.completion = std::min(cut.completion, host_.policy.root_payload);
    bool past_root = false;
    for (size_t i = 0; i + 1 < way_.vertices.size(); ++i) {
      if (peers_at_root && model_.vertex(way_.vertices[i]).kind == HostPart::kSocket)
        past_root = true;
      route.steps.push_back(step(i, cut, peers_at_root, past_root));
    }
    route.begin = end_latency(model_, route.from);
    if (use_ == RouteUse::kRead) add_requests(route, cut, peers_at_root);
    return route;
  }

 private:
  uint32_t lane(size_t i) const {
    return model_.lane_between(way_.vertices[i], way_.vertices[i + 1]);
  }

  RouteStep step(size_t i, TlpCut cut, bool peers_at_root, bool past_root) const {
    RouteStep step;
    step.lane = lane(i);
    WT_CHECK(step.lane != kNone, "neighbours on a way have a link");
    step.use = use_;
    if (past_root) {
      cut.payload = std::min(cut.payload, host_.policy.root_payload);
      step.overhead = host_.policy.root_overhead;
    }
    step.cut = cut;
    step.peer = peers_at_root;
    const uint32_t vertex = way_.vertices[i + 1];
    step.after = model_.lane(step.lane).latency;
    step.after += i + 2 < way_.vertices.size()
                      ? pass_latency(model_, vertex, step.lane, lane(i + 1))
                      : end_latency(model_, vertex);
    return step;
  }

  // Beyond the root complex, seen from the reader, requests ask for what the root forwards.
  void add_requests(HostRoute& route, const TlpCut& cut, bool peers_at_root) const {
    route.read_steps = route.steps.size();
    route.access = access_latency(model_, route.from);
    route.request_begin = end_latency(model_, route.to);
    bool past_root = false;
    for (size_t i = route.steps.size(); i-- > 0;) {
      const uint32_t back = route.steps[i].lane ^ 1U;
      RouteStep request;
      request.lane = back;
      request.use = RouteUse::kRead;
      request.peer = peers_at_root;
      request.cut = cut;
      if (peers_at_root && model_.vertex(way_.vertices[i + 1]).kind == HostPart::kSocket)
        past_root = true;
      if (past_root) request.cut.request = std::min(cut.request, host_.policy.root_payload);
      request.after = model_.lane(back).latency;
      request.after +=
          i > 0 ? pass_latency(model_, way_.vertices[i], back, route.steps[i - 1].lane ^ 1U)
                : end_latency(model_, route.from);
      route.request_steps.push_back(request);
    }
  }

  const HostModel& model_;
  const Way& way_;
  RouteUse use_;
  const HostDescription& host_;
};

RouteStep plain_step(const HostModel& model, uint32_t from, uint32_t to, Duration after) {
  RouteStep step;
  step.lane = model.lane_between(from, to);
  WT_CHECK(step.lane != kNone, "neighbours have a link");
  step.after = model.lane(step.lane).latency + after;
  return step;
}

Duration scaled(Duration time, Ratio by) {
  if (by.part == by.whole) return time;
  const Int128 ticks = static_cast<Int128>(time.ticks()) * by.part;
  return Duration::ticks(static_cast<int64_t>((ticks + by.whole - 1) / by.whole));
}

Bytes framed(Bytes data) {
  const int64_t frames = (data.count() + kWirePayload.count() - 1) / kWirePayload.count();
  return data + kWireOverhead * frames;
}

}  // namespace

base::Result<HostRoute> find_route(const HostModel& model, uint32_t from, uint32_t to,
                                   RouteUse use) {
  if (from == to)
    return base::fail(fmt::format("{} is both ends of the way", model.vertex(from).name));
  const auto way = find_way(model, from, to, use);
  if (!way) return tl::unexpected(way.error());
  return Builder(model, *way, use).build();
}

base::Result<HostRoute> route_from_flash(const HostModel& model, uint32_t ssd, uint32_t to) {
  auto route = find_route(model, model.media_of(ssd), to, RouteUse::kWrite);
  if (route) route->in_order = true;
  return route;
}

base::Result<HostRoute> route_to_flash(const HostModel& model, uint32_t from, uint32_t ssd) {
  auto route = find_route(model, from, ssd, RouteUse::kRead);
  if (!route) return route;
  route->to = model.media_of(ssd);
  route->in_order = true;
  route->steps.push_back(plain_step(model, ssd, route->to, Duration::zero()));
  return route;
}

base::Result<HostRoute> route_to_wire(const HostModel& model, uint32_t from, uint32_t nic) {
  auto route = find_route(model, from, nic, RouteUse::kRead);
  if (!route) return route;
  route->steps.back().relay = model.host(nic).latencies.nic;
  route->to = model.network();
  route->steps.push_back(plain_step(model, nic, model.network(), Duration::zero()));
  return route;
}

base::Result<HostRoute> route_from_wire(const HostModel& model, uint32_t nic, uint32_t to) {
  auto route = find_route(model, nic, to, RouteUse::kWrite);
  if (!route) return route;
  const Duration inside = model.host(nic).latencies.nic + route->begin;
  route->steps.insert(route->steps.begin(), plain_step(model, model.network(), nic, inside));
  route->from = model.network();
  route->begin = Duration::zero();
  return route;
}

base::Result<HostRoute> route_over_network(const HostModel& model, uint32_t from, uint32_t to,
                                           const NicPair& nics) {
  auto out = route_to_wire(model, from, nics.from);
  if (!out) return out;
  const auto in = route_from_wire(model, nics.to, to);
  if (!in) return in;
  out->steps.insert(out->steps.end(), in->steps.begin(), in->steps.end());
  out->to = to;
  out->kind = RouteKind::kNetwork;
  out->why += "; " + in->why;
  return out;
}

base::Result<HostRoute> route_flash_over_network(const HostModel& model, uint32_t ssd, uint32_t to,
                                                 const NicPair& nics) {
  auto out = route_from_flash(model, ssd, nics.from);
  if (!out) return out;
  const auto in = route_from_wire(model, nics.to, to);
  if (!in) return in;
  out->steps.back().relay = model.host(nics.from).latencies.nic;
  out->steps.push_back(plain_step(model, nics.from, model.network(), Duration::zero()));
  out->steps.insert(out->steps.end(), in->steps.begin(), in->steps.end());
  out->to = to;
  out->kind = RouteKind::kNetwork;
  out->why += "; " + in->why;
  return out;
}

Duration step_time(const HostModel& model, const RouteStep& step, Bytes data) {
  const HostLane& lane = model.lane(step.lane);
  if (lane.kind == LaneKind::kPcie) {
    const Bytes wire = step.use == RouteUse::kWrite
                           ? pcie_write_bytes(lane.pcie, data, step.cut)
                           : pcie_completion_bytes(lane.pcie, data, step.cut);
    return scaled(pcie_time(lane.pcie, wire), step.overhead);
  }
  if (lane.kind == LaneKind::kWire) return base::transfer_time(framed(data), lane.rate);
  return base::transfer_time(data, step.peer ? lane.peer_rate : lane.rate);
}

// Outside PCI Express a request is a message of a header's size.
Duration request_time(const HostModel& model, const RouteStep& step, Bytes data) {
  const HostLane& lane = model.lane(step.lane);
  const Bytes wire = pcie_request_bytes(lane.pcie, data, step.cut);
  if (lane.kind == LaneKind::kPcie) return pcie_time(lane.pcie, wire);
  return base::transfer_time(wire, lane.rate);
}

Bytes step_piece(const HostModel& model, const RouteStep& step) {
  const LaneKind kind = model.lane(step.lane).kind;
  if (kind == LaneKind::kWire) return kWirePayload;
  if (kind != LaneKind::kPcie) return kPiece;
  return step.use == RouteUse::kWrite ? step.cut.payload : step.cut.completion;
}

Bytes last_piece(Bytes data, Bytes piece) {
  return data.count() == 0 ? data : data - piece * ((data.count() - 1) / piece.count());
}

Duration idle_latency(const HostModel& model, const HostRoute& route, Bytes data) {
  Duration head = route.begin;  // when the first piece can enter a lane
  Duration tail = route.begin;  // when the last byte can
  if (route.read_steps > 0) {
    head = tail = route.request_begin;
    for (const RouteStep& step : route.request_steps) {
      const Duration one = request_time(model, step, std::min(data, step.cut.request));
      tail = std::max(head + request_time(model, step, data), tail + one) + step.after;
      head += one + step.after;
    }
    head += route.access + route.begin;
    tail += route.access + route.begin;
  }
  for (const RouteStep& step : route.steps) {
    const Bytes piece = step_piece(model, step);
    const Duration one = step_time(model, step, std::min(data, piece));
    const Duration last = step_time(model, step, last_piece(data, piece));
    const Duration onward = step.after + step.relay;
    tail = std::max(head + step_time(model, step, data), tail + last) + onward;
    head += one + onward;
  }
  return tail;
}

RouteRate idle_rate(const HostModel& model, const HostRoute& route) {
  constexpr Bytes kMuch = Bytes::mib(1);
  RouteRate best{Rate::bits_per_second(std::numeric_limits<int64_t>::max()), {}};
  const auto consider = [&](Rate rate, std::string limit) {
    if (rate < best.rate) best = {rate, std::move(limit)};
  };
  for (const RouteStep& step : route.steps)
    consider(base::average_rate(kMuch, step_time(model, step, kMuch)), model.lane_name(step.lane));
  for (const RouteStep& step : route.request_steps)
    consider(base::average_rate(kMuch, request_time(model, step, kMuch)),
             "read requests on " + model.lane_name(step.lane));
  if (route.read_steps == 0) return best;
  HostRoute reading = route;
  reading.steps.resize(route.read_steps);
  const HostDescription& host = model.host(route.from);
  const Bytes request = host.read_request_max;
  const Rate tags = base::average_rate(request * host.tags, idle_latency(model, reading, request));
  consider(tags, "read tags");
  return best;
}

}  // namespace windtunnel::node
