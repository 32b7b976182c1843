#include "study/host_flows.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "scenario/suggest.h"

namespace windtunnel::study {
namespace {

using node::HostModel;
using node::HostPart;
using node::TrafficKind;
constexpr uint32_t kNone = HostModel::kNone;
constexpr size_t kFlowsMax = 4096;

// "gpu0, gpu1" as names; empty text is no name.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    std::string_view name = text.substr(0, comma);
    while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
    if (!name.empty()) names.emplace_back(name);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return names;
}

// What the ends of each kind of traffic must be.
struct Needs {
  std::vector<HostPart> from;  // empty: none is wanted
  std::vector<HostPart> to;
  bool to_may_lack = false;
  bool nic = false;
};

Needs needs_of(TrafficKind kind) {
  const std::vector<HostPart> holders = {HostPart::kGpu, HostPart::kMemory, HostPart::kOther};
  const std::vector<HostPart> copies = {HostPart::kGpu, HostPart::kMemory, HostPart::kOther,
                                        HostPart::kNic};
  const std::vector<HostPart> drives = {HostPart::kSsd};
  switch (kind) {
    case TrafficKind::kCopyPush:
    case TrafficKind::kCopyPull:
      return {copies, copies, false, false};
    case TrafficKind::kSend:
      return {holders, holders, true, true};
    case TrafficKind::kReceive:
      return {{}, holders, false, true};
    case TrafficKind::kSsdRead:
      return {drives, holders, false, false};
    case TrafficKind::kSsdWrite:
      return {holders, drives, false, false};
    case TrafficKind::kRemoteRead:
      return {drives, holders, false, true};
  }
  return {};
}

class Expander {
 public:
  Expander(const HostScenarioDescription& description, const HostModel& model,
           const scenario::MarkTable& marks, std::vector<base::Error>& errors)
      : description_(description), model_(model), marks_(marks), errors_(errors) {}

  std::vector<HostFlow> run() {
    for (size_t i = 0; i < description_.traffic.size(); ++i) {
      path_ = fmt::format("traffic[{}]", i);
      expand(i, description_.traffic[i]);
      if (flows_.size() <= kFlowsMax) continue;
      fail("", fmt::format("found more than {} flows", kFlowsMax));
      break;
    }
    return std::move(flows_);
  }

 private:
  std::string key(std::string_view name) const {
    return name.empty() ? path_ : fmt::format("{}.{}", path_, name);
  }
  void fail(std::string_view name, std::string message, std::string hint = {}) {
    errors_.push_back(
        {marks_.at(key(name)), fmt::format("{}: {}", key(name), message), std::move(hint)});
  }

  static std::string words(const std::vector<HostPart>& parts) {
    std::vector<std::string> names;
    names.reserve(parts.size());
    for (const HostPart part : parts) names.emplace_back(node::host_part_name(part));
    return fmt::format("{}", fmt::join(names, ", "));
  }

  // Vertices of the names under a key, each one of `parts`.
  std::optional<std::vector<uint32_t>> find(std::string_view name, const std::string& text,
                                            const std::vector<HostPart>& parts) {
    std::vector<uint32_t> found;
    for (const std::string& wanted : split(text)) {
      const auto vertex = model_.find(wanted);
      if (!vertex || model_.vertex(*vertex).device == kNone) {
        const std::vector<std::string> names = model_.names();
        fail(name, fmt::format("found `{}`, expected a part of the server", wanted),
             scenario::suggestion(wanted, names));
        return std::nullopt;
      }
      const HostPart kind = model_.vertex(*vertex).kind;
      if (parts.empty()) {
        fail(name,
             fmt::format("found `{}`, expected nothing: this kind comes from the network", wanted));
        return std::nullopt;
      }
      if (std::find(parts.begin(), parts.end(), kind) == parts.end()) {
        fail(name, fmt::format("found `{}`, which is a {}, expected one of: {}", wanted,
                               node::host_part_name(kind), words(parts)));
        return std::nullopt;
      }
      found.push_back(*vertex);
    }
    return found;
  }

  void expand(size_t item, const HostTrafficDescription& traffic) {
    const Needs needs = needs_of(traffic.kind);
    const auto from = find("from", traffic.from, needs.from);
    const auto to = find("to", traffic.to, needs.to);
    const auto nic = find("nic", traffic.nic, {HostPart::kNic});
    const auto remote_nic = find("remote_nic", traffic.remote_nic, {HostPart::kNic});
    if (!from || !to || !nic || !remote_nic) return;
    const char* kind = traffic_kind_name(traffic.kind);
    if (!needs.from.empty() && from->empty())
      return fail("from", fmt::format("found nothing, expected a part to {} from", kind));
    if (to->empty() && !needs.to_may_lack)
      return fail("to", fmt::format("found nothing, expected a part as the end of {}", kind));
    const size_t count = std::max({from->size(), to->size(), size_t{1}});
    for (const auto* list : {&*from, &*to, &*nic, &*remote_nic}) {
      if (list->size() > 1 && list->size() != count)
        return fail("", fmt::format("found lists of {} and {} parts, expected one part or as many",
                                    list->size(), count));
    }
    const auto pick = [](const std::vector<uint32_t>& list, size_t i) {
      if (list.empty()) return kNone;
      return list.size() == 1 ? list[0] : list[i];
    };
    for (size_t i = 0; i < count; ++i) {
      Ends ends{pick(*from, i), pick(*to, i), pick(*nic, i), pick(*remote_nic, i)};
      if (!settle(traffic, ends)) return;
      add(item, traffic, ends, count > 1 ? fmt::format("[{}]", i) : std::string());
    }
  }

  struct Ends {
    uint32_t from, to, nic, remote_nic;
  };

  uint32_t host_of(uint32_t vertex) const { return model_.vertex(vertex).host; }

  // The NIC of the same server with the fastest way to `part`.
  uint32_t nearest_nic(uint32_t part) const {
    uint32_t best = kNone;
    base::Duration least = base::Duration::max();
    for (uint32_t v = 0; v < model_.vertices().size(); ++v) {
      if (model_.vertex(v).kind != HostPart::kNic || host_of(v) != host_of(part)) continue;
      const auto route = node::find_route(model_, v, part, node::RouteUse::kWrite);
      const base::Duration latency =
          route ? node::idle_latency(model_, *route, base::Bytes(64)) : base::Duration::s(1);
      if (best != kNone && latency >= least) continue;
      best = v;
      least = latency;
    }
    return best;
  }

  // Fills in the NICs and checks which server each end is in.
  bool settle(const HostTrafficDescription& traffic, Ends& ends) {
    const bool remote_read = traffic.kind == TrafficKind::kRemoteRead;
    const bool over_network = traffic.kind == TrafficKind::kSend && ends.to != kNone;
    const uint32_t here = traffic.kind == TrafficKind::kSend ? ends.from : ends.to;
    const uint32_t there = traffic.kind == TrafficKind::kSend ? ends.to : ends.from;
    const bool two = remote_read || over_network;
    if (!needs_of(traffic.kind).nic) {
      if (host_of(ends.from) == host_of(ends.to)) return true;
      fail("to", "found parts of two servers, which only send and remote-read connect");
      return false;
    }
    if (two && host_of(here) == host_of(there)) {
      fail(remote_read ? "from" : "to",
           fmt::format("found parts of one server, expected {} of the other server",
                       remote_read ? "a drive" : "a part"),
           "its names begin with `remote.`; set remote_server");
      return false;
    }
    if (ends.nic == kNone) ends.nic = nearest_nic(here);
    if (two && ends.remote_nic == kNone) ends.remote_nic = nearest_nic(there);
    if (ends.nic == kNone || (two && ends.remote_nic == kNone)) {
      fail("nic", "found a server without a NIC, expected one");
      return false;
    }
    const bool fits =
        host_of(ends.nic) == host_of(here) && (!two || host_of(ends.remote_nic) == host_of(there));
    if (!fits) fail("nic", "found a NIC of the other server");
    return fits;
  }

  void add(size_t item, const HostTrafficDescription& traffic, const Ends& ends,
           const std::string& suffix) {
    HostFlow flow;
    flow.item = item;
    flow.mark = marks_.at(path_);
    node::HostFlowSpec& spec = flow.spec;
    const std::string name = traffic.name.empty()
                                 ? fmt::format("{}-{}", traffic_kind_name(traffic.kind), item)
                                 : traffic.name;
    spec.name = name + suffix;
    if (!names_.insert(spec.name).second)
      return fail("name", fmt::format("found a second item called `{}`", name));
    spec.kind = traffic.kind;
    spec.from = ends.from == kNone ? model_.network() : ends.from;
    spec.to = ends.to == kNone ? model_.network() : ends.to;
    spec.nic = ends.nic;
    spec.nic_remote = ends.remote_nic;
    spec.bounce = traffic.bounce;
    spec.bounce_remote = traffic.bounce_remote;
    spec.block = traffic.block;
    spec.queue_depth = traffic.queue_depth;
    spec.operations = traffic.operations;
    spec.start = traffic.start;
    spec.software = traffic.software;
    spec.software_remote = traffic.software_remote;
    flows_.push_back(std::move(flow));
  }

  const HostScenarioDescription& description_;
  const HostModel& model_;
  const scenario::MarkTable& marks_;
  std::vector<base::Error>& errors_;
  std::string path_;
  std::set<std::string> names_;
  std::vector<HostFlow> flows_;
};

}  // namespace

std::vector<HostFlow> expand_flows(const HostScenarioDescription& description,
                                   const HostModel& model, const scenario::MarkTable& marks,
                                   std::vector<base::Error>& errors) {
  return Expander(description, model, marks, errors).run();
}

}  // namespace windtunnel::study
