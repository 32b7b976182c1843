#include "study/network_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "fabric/pfc.h"
#include "report/human.h"
#include "scenario/quantity.h"
#include "study/network_schema_shape.h"
#include "study/network_workload.h"

namespace windtunnel::study {
namespace {

constexpr int64_t kAckBytes = 64;

base::Bytes amount(const std::optional<DataAmount>& given, base::Bytes mtu, base::Bytes otherwise) {
  return given ? base::Bytes(given->in_bytes(mtu.count())) : otherwise;
}

base::Rate host_rate(const fabric::Topology& topology) {
  return topology.description().tiers.front().link_rate;
}

// Two flights over the longest path, one full packet and one acknowledgement stored and forwarded
// on each of its links.
base::Duration unloaded_rtt(const fabric::Topology& topology, base::Bytes mtu) {
  base::Duration rtt = topology.diameter_latency() * 2;
  // The longest path goes up one link of each tier and down another.
  for (const fabric::TierDescription& tier : topology.description().tiers) {
    const base::Duration up = base::transfer_time(mtu, tier.link_rate) +
                              base::transfer_time(base::Bytes(kAckBytes), tier.link_rate);
    rtt += up * 2;
  }
  return rtt;
}

int64_t share_of(int64_t packets, int64_t percent) { return (packets * percent + 99) / 100; }

bool receiver_credits(Congestion congestion) {
  return congestion == Congestion::kRccc || congestion == Congestion::kNsccRccc;
}

fabric::Discipline discipline_of(Discipline discipline) {
  switch (discipline) {
    case Discipline::kTrimming:
      return fabric::Discipline::kTrimming;
    case Discipline::kTailDrop:
      return fabric::Discipline::kTailDrop;
    case Discipline::kPfc:
      return fabric::Discipline::kPfc;
  }
  return fabric::Discipline::kTrimming;
}

fabric::QueueSettings plan_queue(const NetworkDescription& d, int64_t bdp_packets) {
  const QueueDescription& q = d.fabric.queue;
  const base::Bytes mtu = d.transport.mtu;
  const int64_t factor = q.discipline == Discipline::kTailDrop ? 2 : 1;
  fabric::QueueSettings queue;
  queue.discipline = discipline_of(q.discipline);
  queue.capacity = amount(q.capacity, mtu, mtu * (bdp_packets * factor));
  queue.control_capacity = amount(q.control_capacity, mtu, queue.capacity * 2);
  queue.ecn_low = amount(q.ecn_low, mtu, mtu * share_of(bdp_packets, 20));
  queue.ecn_high = amount(q.ecn_high, mtu, mtu * share_of(bdp_packets, 80));
  queue.ecn = q.ecn;
  queue.ecn_last_hop = q.ecn_last_hop.value_or(!receiver_credits(d.transport.congestion));
  queue.trim_size = q.trim_size;
  queue.pfc_xoff = amount(q.pfc_xoff, mtu, base::Bytes(queue.capacity.count() / 2));
  queue.pfc_xon = amount(q.pfc_xon, mtu, base::Bytes(queue.pfc_xoff.count() / 2));
  return queue;
}

braid::CongestionControl congestion_of(Congestion congestion) {
  switch (congestion) {
    case Congestion::kNscc:
      return braid::CongestionControl::kNscc;
    case Congestion::kRccc:
      return braid::CongestionControl::kRccc;
    case Congestion::kNsccRccc:
      return braid::CongestionControl::kNsccAndRccc;
    case Congestion::kDctcp:
      return braid::CongestionControl::kDctcp;
    case Congestion::kDcqcn:
    case Congestion::kConstant:
      return braid::CongestionControl::kConstant;
  }
  return braid::CongestionControl::kNscc;
}

braid::PathSelection selection_of(PathSelection selection) {
  switch (selection) {
    case PathSelection::kOnePath:
      return braid::PathSelection::kOnePath;
    case PathSelection::kOblivious:
      return braid::PathSelection::kOblivious;
    case PathSelection::kBitmap:
      return braid::PathSelection::kBitmap;
    case PathSelection::kReps:
      return braid::PathSelection::kReps;
    case PathSelection::kMixed:
      return braid::PathSelection::kMixed;
    case PathSelection::kBraid:
      return braid::PathSelection::kBraid;
  }
  return braid::PathSelection::kBraid;
}

// The published strategies were measured without fast loss recovery, so only Braid's own selection
// and networks that drop instead of trimming use it.
braid::LossRecovery recovery_of(const NetworkDescription& d) {
  const bool fast = d.transport.paths.selection == PathSelection::kBraid ||
                    d.fabric.queue.discipline != Discipline::kTrimming;
  return fast ? braid::LossRecovery::kFast : braid::LossRecovery::kTimeoutOnly;
}

// Strategies that learn from acknowledgements want one for every packet.
base::Bytes ack_threshold(const NetworkDescription& d) {
  const PathSelection s = d.transport.paths.selection;
  const bool learns =
      s == PathSelection::kReps || s == PathSelection::kMixed || s == PathSelection::kBraid;
  return amount(d.transport.ack_every, d.transport.mtu, base::Bytes(learns ? 1 : 16'384));
}

braid::EndpointConfig plan_braid(const NetworkPlan& plan) {
  const NetworkDescription& d = plan.description;
  braid::EndpointConfig config;
  config.planes = plan.topology.planes();
  config.line_rate =
      base::Rate::bits_per_second(host_rate(plan.topology).bits_per_second() * config.planes);
  config.mtu = d.transport.mtu;
  config.wire.data_header = static_cast<uint16_t>(d.transport.header.count());
  config.wire.control_size = static_cast<uint16_t>(kAckBytes);
  config.base_rtt = plan.base_rtt;
  config.network_rtt = plan.base_rtt;
  config.target_delay = d.transport.target_delay.value_or(base::Duration::zero());
  config.trimming = d.fabric.queue.discipline == Discipline::kTrimming;
  config.congestion = congestion_of(d.transport.congestion);
  config.initial_window = amount(d.transport.window, d.transport.mtu, base::Bytes(0));
  if (config.congestion == braid::CongestionControl::kConstant) {
    config.maximum_window = config.initial_window;
  }
  config.path_selection = selection_of(d.transport.paths.selection);
  config.paths = static_cast<uint32_t>(d.transport.paths.count);
  config.ack_threshold = ack_threshold(d);
  config.rto_min = plan.rto_min;
  config.retry_limit = static_cast<uint32_t>(d.transport.retries);
  config.loss_recovery = recovery_of(d);
  config.psn_range = static_cast<uint32_t>(d.transport.psn_range);
  const fabric::TierDescription& lowest = plan.topology.description().tiers[0];
  if (config.congestion == braid::CongestionControl::kRccc && lowest.down > lowest.up) {
    config.oversubscription = {lowest.down, lowest.up};
  }
  return config;
}

node::RoceNicOptions plan_roce(const NetworkPlan& plan) {
  const TransportDescription& t = plan.description.transport;
  node::RoceNicOptions roce;
  roce.mtu = t.mtu;
  roce.header = t.header;
  roce.line_rate = host_rate(plan.topology);
  roce.congestion_control = t.congestion == Congestion::kDcqcn;
  // The paper's periods are those of 40 Gb/s; a fair baseline shortens them with the link.
  roce.dcqcn = node::dcqcn_scaled(roce.line_rate);
  if (t.rto_min) roce.retransmission_timeout = *t.rto_min;
  roce.retry_limit = static_cast<uint32_t>(t.retries);
  roce.qps_per_flow = static_cast<uint32_t>(t.qps);
  if (t.ack_every) {
    roce.ack_every = static_cast<uint32_t>(
        std::max<int64_t>(1, t.ack_every->in_bytes(t.mtu.count()) / t.mtu.count()));
  }
  roce.seed = static_cast<uint64_t>(plan.description.seed);
  return roce;
}

// Braid's numbers of queue pairs per NIC, and of flows in its simulated address space.
base::Status check_queue_pairs(const NetworkPlan& plan) {
  if (plan.description.transport.kind != TransportKind::kBraid) return {};
  constexpr size_t kFlowsMax = size_t{1} << 22;
  constexpr int64_t kPairsMax = 65'536;
  if (plan.workload.flows.size() >= kFlowsMax) {
    return base::fail(fmt::format("workload: {} flows, expected less than {}",
                                  plan.workload.flows.size(), kFlowsMax));
  }
  std::vector<int64_t> pairs(plan.topology.hosts());
  for (const node::FlowSpec& flow : plan.workload.flows) {
    for (const uint32_t host : {flow.src, flow.dst}) {
      if (++pairs[host] <= kPairsMax) continue;
      return base::fail(
          fmt::format("workload: node {} takes part in more than {} flows", host, kPairsMax));
    }
  }
  return {};
}

// What only makes sense with one of the two transports.
base::Status check_transport(const NetworkPlan& plan) {
  if (const base::Status ok = check_queue_pairs(plan); !ok) return ok;
  const std::vector<int64_t>& traced = plan.description.output.trace_flows;
  for (size_t i = 0; i < traced.size(); ++i) {
    const int64_t flow = traced[i];
    if (flow >= 0 && flow < static_cast<int64_t>(plan.workload.flows.size())) continue;
    return base::fail(fmt::format("output.trace_flows[{}]: found flow {}, expected 0 to {}", i,
                                  flow, plan.workload.flows.size() - 1));
  }
  return {};
}

void note(NetworkPlan& plan, std::string what, std::string value, std::string source) {
  plan.assumptions.push_back({std::move(what), std::move(value), std::move(source)});
}

void note_assumptions(NetworkPlan& plan) {
  const auto seconds = [](base::Duration d) {
    return report::human(d.seconds(), report::unit::kSeconds);
  };
  const auto bytes = [](base::Bytes b) {
    return report::human(static_cast<double>(b.count()), report::unit::kBytes);
  };
  const NetworkDescription& d = plan.description;
  note(plan, "unloaded round trip", seconds(plan.base_rtt),
       d.transport.base_rtt ? "given" : "flight and serialisation of the longest path, both ways");
  note(plan, "bandwidth-delay product", fmt::format("{} packets", plan.bdp_packets),
       "round trip times the rate of a host's link");
  note(plan, "queue per port", bytes(plan.queue.capacity),
       d.fabric.queue.capacity ? "given" : "bandwidth-delay product");
  if (d.fabric.queue.ecn) {
    note(plan, "marking",
         fmt::format("{} to {}", bytes(plan.queue.ecn_low), bytes(plan.queue.ecn_high)),
         d.fabric.queue.ecn_low ? "given" : "20 % and 80 % of the bandwidth-delay product");
  }
  if (d.transport.kind == TransportKind::kRoce) {
    note(plan, "retransmission timeout", seconds(plan.roce.retransmission_timeout),
         d.transport.rto_min ? "given" : "4.096 us x 2^8, as the InfiniBand field has it");
  } else {
    note(plan, "retransmission timeout", seconds(plan.rto_min),
         d.transport.rto_min ? "given" : "15 us and six times the time to drain a full queue");
  }
  note(plan, "switches", "store and forward, one queue per output port, no shared buffer",
       "model; cut-through would take one serialisation less per hop");
  note(plan, "hosts", "memory and PCIe are never the limit", "model");
  note(plan, "a dead link", "loses what is sent into it; what already flies still arrives",
       "model; nobody reroutes around it but the transport");
}

// An error of planning begins with the key it is about; here it learns where that is written.
base::Error located(const NetworkScenario& scenario, base::Error error) {
  const bool has_place = error.mark.line > 0 || !error.mark.file.empty();
  const size_t colon = error.message.find(':');
  if (!has_place && colon != std::string::npos) {
    error.mark = scenario.marks.at(std::string_view(error.message).substr(0, colon));
  }
  return error;
}

base::Result<NetworkPlan> plan_unlocated(const NetworkScenario& scenario) {
  const NetworkDescription& description = scenario.description;
  NetworkPlan plan;
  plan.description = description;
  const auto shape = describe_topology(scenario);
  if (!shape) return tl::unexpected(shape.error());
  auto topology = fabric::Topology::build(*shape, static_cast<uint64_t>(description.seed));
  if (!topology) return tl::unexpected(topology.error());
  plan.topology = std::move(*topology);

  const base::Bytes mtu = description.transport.mtu;
  const base::Rate rate = host_rate(plan.topology);
  plan.base_rtt = description.transport.base_rtt.value_or(unloaded_rtt(plan.topology, mtu));
  const int64_t bdp = base::transferred(plan.base_rtt, rate).count();
  plan.bdp_packets = (bdp + mtu.count() - 1) / mtu.count();
  plan.queue = plan_queue(description, plan.bdp_packets);
  plan.rto_min = description.transport.rto_min.value_or(
      base::Duration::us(15) + base::transfer_time(plan.queue.capacity, rate) * 6);
  plan.braid = plan_braid(plan);
  plan.roce = plan_roce(plan);
  if (description.transport.kind == TransportKind::kBraid) {
    if (const base::Status ok = plan.braid.validate(); !ok) return tl::unexpected(ok.error());
  }

  auto workload = plan_workload(scenario, plan.topology);
  if (!workload) return tl::unexpected(workload.error());
  plan.workload = std::move(*workload);
  auto faults = plan_faults(plan.topology, description.faults);
  if (!faults) return tl::unexpected(faults.error());
  plan.faults = std::move(*faults);
  if (scenario.matrix) {
    auto failures = matrix_failures(plan.topology, *scenario.matrix);
    if (!failures) return tl::unexpected(failures.error());
    plan.faults.insert(plan.faults.end(), failures->begin(), failures->end());
  }
  for (const LinkSelector& selector : description.output.series_queues) {
    const auto ends = select_links(plan.topology, selector, {});
    if (!ends) return tl::unexpected(ends.error());
    plan.watched_queues.insert(plan.watched_queues.end(), ends->begin(), ends->end());
  }
  if (const base::Status ok = check_transport(plan); !ok) return tl::unexpected(ok.error());
  note_assumptions(plan);
  return plan;
}

}  // namespace

base::Result<fabric::TopologyDescription> describe_topology(const NetworkScenario& scenario) {
  if (scenario.topology) {
    fabric::TopologyDescription d = scenario.topology->to_fabric();
    d.planes = static_cast<uint32_t>(scenario.description.fabric.planes);
    return d;
  }
  const auto shape = resolve_shape(scenario.description.fabric);
  if (shape) return *shape;
  return base::fail(shape.error().key + ": " + shape.error().message, shape.error().hint);
}

base::Result<NetworkPlan> plan_network(const NetworkScenario& scenario) {
  auto plan = plan_unlocated(scenario);
  if (!plan) return tl::unexpected(located(scenario, plan.error()));
  return plan;
}

std::optional<base::Error> pfc_warning(const NetworkPlan& plan) {
  if (plan.queue.discipline != fabric::Discipline::kPfc) return {};
  const base::Bytes least = fabric::pfc_capacity_min(
      plan.topology.description(), plan.queue.pfc_xoff, plan.description.transport.mtu);
  if (plan.queue.capacity >= least) return {};
  base::Error warning;
  warning.message = fmt::format(
      "queues with PFC drop packets: found fabric.queue.capacity {} with pfc_xoff {}, expected at "
      "least {}",
      scenario::format(plan.queue.capacity), scenario::format(plan.queue.pfc_xoff),
      scenario::format(least));
  warning.hint = "raise the capacity or lower pfc_xoff by what flies over a link and back";
  return warning;
}

}  // namespace windtunnel::study
