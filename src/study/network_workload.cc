#include "study/network_workload.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/random.h"

namespace windtunnel::study {
namespace {

using node::Workload;

base::Status check_node(const char* key, int64_t value, uint32_t hosts) {
  if (value >= 0 && value < hosts) return {};
  return base::fail(fmt::format("workload.{}: node {}: expected 0 to {}", key, value, hosts - 1));
}

class Planner {
 public:
  Planner(const NetworkDescription& description, const fabric::Topology& topology)
      : w_(description.workload),
        topology_(topology),
        hosts_(topology.hosts()),
        stream_(static_cast<uint64_t>(description.seed), "workload"),
        start_(base::Time::at(description.workload.start)) {}

  base::Result<Workload> plan() const {
    switch (w_.kind) {
      case WorkloadKind::kPermutation:
        return node::permutation(hosts_, w_.bytes.count(), start_, stream_);
      case WorkloadKind::kAllToAll:
        return node::all_to_all(hosts_, w_.bytes.count(), static_cast<uint32_t>(w_.parallel),
                                start_);
      case WorkloadKind::kIncast: {
        auto options = incast_options({});
        if (!options) return tl::unexpected(options.error());
        return node::incast(*options);
      }
      case WorkloadKind::kVictim:
        return victim();
      case WorkloadKind::kMatrix:
        break;
    }
    return base::fail("workload.matrix: expected a file for a workload of kind matrix");
  }

 private:
  base::Result<node::IncastOptions> incast_options(std::vector<uint32_t> except) const {
    if (auto ok = check_node("destination", w_.destination, hosts_); !ok) {
      return tl::unexpected(ok.error());
    }
    node::IncastOptions options;
    options.hosts = hosts_;
    options.destination = static_cast<uint32_t>(w_.destination);
    options.bytes = w_.bytes.count();
    options.start = start_;
    for (const int64_t source : w_.sources) {
      if (auto ok = check_node("sources", source, hosts_); !ok) return tl::unexpected(ok.error());
      options.sources.push_back(static_cast<uint32_t>(source));
    }
    if (!options.sources.empty()) return options;
    except.push_back(options.destination);
    std::sort(except.begin(), except.end());
    except.erase(std::unique(except.begin(), except.end()), except.end());
    const int64_t available = int64_t{hosts_} - static_cast<int64_t>(except.size());
    if (w_.fan_in < 1 || w_.fan_in > available) {
      return base::fail(
          fmt::format("workload.fan_in: {} senders: expected 1 to {}", w_.fan_in, available));
    }
    options.sources = node::draw_hosts(hosts_, static_cast<uint32_t>(w_.fan_in), except, stream_);
    return options;
  }

  // The victim's ends default to a neighbour of the destination on its leaf and to the first node
  // outside the leaf that is not a sender.
  base::Result<Workload> victim() const {
    if (auto ok = check_node("destination", w_.destination, hosts_); !ok) {
      return tl::unexpected(ok.error());
    }
    const auto to = victim_destination();
    if (!to) return tl::unexpected(to.error());
    node::VictimOptions options;
    options.bytes = w_.victim_bytes.value_or(w_.bytes).count();
    options.destination = *to;
    std::vector<uint32_t> except = {options.destination};
    if (w_.victim_source) except.push_back(static_cast<uint32_t>(*w_.victim_source));
    if (!w_.victim_source && static_cast<int64_t>(hosts_) - 2 <= w_.fan_in) {
      return base::fail(fmt::format(
          "workload.fan_in: {} senders leave no node for the victim among {}", w_.fan_in, hosts_));
    }
    auto incast = incast_options(except);
    if (!incast) return tl::unexpected(incast.error());
    options.incast = std::move(*incast);
    const auto from = victim_source(options);
    if (!from) return tl::unexpected(from.error());
    options.source = *from;
    return node::victim(options);
  }

  bool on_leaf_of_destination(uint32_t host) const {
    const uint32_t leaf = topology_.description().tiers[0].down;
    return topology_.position(host) / leaf ==
           topology_.position(static_cast<uint32_t>(w_.destination)) / leaf;
  }

  bool is_given_source(uint32_t host) const {
    return std::find(w_.sources.begin(), w_.sources.end(), int64_t{host}) != w_.sources.end();
  }

  base::Result<uint32_t> victim_destination() const {
    if (w_.victim_destination) {
      const int64_t given = *w_.victim_destination;
      if (auto ok = check_node("victim_destination", given, hosts_); !ok) {
        return tl::unexpected(ok.error());
      }
      return static_cast<uint32_t>(given);
    }
    const uint32_t leaf = topology_.description().tiers[0].down;
    const uint32_t position = topology_.position(static_cast<uint32_t>(w_.destination));
    const uint32_t first = position / leaf * leaf;
    for (uint32_t i = 1; i < leaf; ++i) {
      const uint32_t host = topology_.host_at(first + (position - first + i) % leaf);
      if (!is_given_source(host) && w_.victim_source != int64_t{host}) return host;
    }
    return base::fail(
        leaf == 1 ? fmt::format("workload.victim_destination: auto wants a neighbour of node {} on "
                                "its leaf, but a leaf has one node",
                                w_.destination)
                  : fmt::format("workload.victim_destination: auto wants a neighbour of node {} on "
                                "its leaf, but all {} have another part",
                                w_.destination, leaf - 1),
        "name a node");
  }

  base::Result<uint32_t> victim_source(const node::VictimOptions& options) const {
    if (w_.victim_source) {
      if (auto ok = check_node("victim_source", *w_.victim_source, hosts_); !ok) {
        return tl::unexpected(ok.error());
      }
      return static_cast<uint32_t>(*w_.victim_source);
    }
    const auto& senders = options.incast.sources;
    for (const bool same_leaf : {false, true}) {
      for (uint32_t h = 0; h < hosts_; ++h) {
        const bool used = h == options.destination || h == options.incast.destination ||
                          std::find(senders.begin(), senders.end(), h) != senders.end();
        if (!used && on_leaf_of_destination(h) == same_leaf) return h;
      }
    }
    return base::fail("workload.victim_source: no node is left for the victim");
  }

  const WorkloadDescription& w_;
  const fabric::Topology& topology_;
  uint32_t hosts_;
  base::RandomStream stream_;
  base::Time start_;
};

node::TriggerSpec trigger_of(const Trigger& trigger) {
  node::TriggerSpec spec;
  switch (trigger.kind) {
    case TriggerKind::kOneshot:
      spec.kind = node::TriggerKind::kOneshot;
      break;
    case TriggerKind::kMultishot:
      spec.kind = node::TriggerKind::kMultishot;
      break;
    case TriggerKind::kBarrier:
      spec.kind = node::TriggerKind::kBarrier;
      break;
  }
  spec.count = trigger.count;
  spec.flows = trigger.connections;
  return spec;
}

static_assert(kNoTrigger == node::kNoTrigger);

node::FlowSpec flow_of(const Connection& connection, base::Time start) {
  node::FlowSpec flow;
  flow.src = connection.src;
  flow.dst = connection.dst;
  flow.bytes = connection.bytes;
  flow.start = start + connection.start;
  flow.started_by = connection.started_by;
  flow.on_sent = connection.on_sent;
  flow.on_received = connection.on_received;
  flow.label = connection.id;
  return flow;
}

base::Result<Workload> from_matrix(const ConnectionMatrix& matrix, base::Time start,
                                   const fabric::Topology& topology) {
  if (matrix.nodes > topology.hosts()) {
    return base::fail(
        base::SourceMark{matrix.file, 1, 1},
        fmt::format("the matrix has {} nodes, the network {}", matrix.nodes, topology.hosts()),
        "set fabric.nodes or fabric.topology to match");
  }
  Workload workload;
  workload.hosts = topology.hosts();
  for (const Connection& c : matrix.connections) workload.flows.push_back(flow_of(c, start));
  for (const Trigger& t : matrix.triggers) workload.triggers.push_back(trigger_of(t));
  return workload;
}

// A flow is one message of at most 2^24 packets, and the transport's clocks measure 140 s.
base::Status check_sizes(const NetworkDescription& description, const Workload& workload) {
  const int64_t payload = (description.transport.mtu - description.transport.header).count();
  const int64_t limit = payload * ((int64_t{1} << 24) - 1);
  for (const node::FlowSpec& flow : workload.flows) {
    constexpr base::Duration kStartMax = base::Duration::s(100);
    if (flow.start.since_start() > kStartMax) {
      return base::fail(fmt::format("workload.start: a flow starts at {} s, expected at most 100 s",
                                    flow.start.seconds()));
    }
    if (flow.bytes <= limit) continue;
    return base::fail(
        fmt::format("workload.bytes: a flow of {} bytes, expected at most {} (2^24 packets)",
                    flow.bytes, limit),
        "split it into several flows");
  }
  return {};
}

}  // namespace

base::Result<Workload> plan_workload(const NetworkScenario& scenario,
                                     const fabric::Topology& topology) {
  const NetworkDescription& description = scenario.description;
  auto workload =
      scenario.matrix
          ? from_matrix(*scenario.matrix, base::Time::at(description.workload.start), topology)
          : Planner(description, topology).plan();
  if (!workload) return workload;
  if (const base::Status ok = check_sizes(description, *workload); !ok) {
    return tl::unexpected(ok.error());
  }
  return workload;
}

}  // namespace windtunnel::study
