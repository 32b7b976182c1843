#include "study/network_memory.h"

#include <algorithm>

#include "fabric/topology.h"
#include "study/network_plan.h"
#include "study/network_schema_shape.h"

namespace windtunnel::study {
namespace {

// Measured with runs of 16 to 8,192 nodes, and rounded up; tests/command_test.cc holds them to what
// runs take.
constexpr int64_t kProgram = 13 << 20;
constexpr int64_t kPerPort = 320;
constexpr int64_t kPerHost = 1'024;
constexpr int64_t kPerFlow = 256;
constexpr int64_t kPerOpenFlow = 2 * (512 + 1'088);  // a Braid queue pair at either end
constexpr int64_t kPerOpenRoceFlow = 1'024;
constexpr int64_t kPerPacket = 80;
constexpr int64_t kPerFlowRow = 160;
constexpr int64_t kPerLinkRow = 160;
constexpr int64_t kPerTraceRecord = 3 * 40;  // kept, room to grow, and in order of time
constexpr int64_t kTraceRecordsMax = 2'000'000;
constexpr int64_t kWindowsPerHost = 4;

// What a description amounts to, in numbers.
struct Extent {
  int64_t hosts = 0;
  int64_t ports = 0;   // sending ends of links, hosts' included
  int64_t hops = 0;    // links of the longest path
  int64_t rtt_ps = 0;  // of the longest path, without queues
  int64_t flows = 0;   // in all
  int64_t open = 0;    // at a time
};

Extent fabric_extent(const NetworkScenario& scenario, const fabric::TopologyDescription& shape) {
  Extent e;
  e.hosts = shape.hosts;
  e.ports = e.hosts * shape.planes;
  int64_t switches = e.hosts / shape.tiers.front().down;
  int64_t latency_ps = 0;
  for (size_t t = 0; t < shape.tiers.size(); ++t) {
    const fabric::TierDescription& tier = shape.tiers[t];
    if (t > 0) switches = switches * shape.tiers[t - 1].up / tier.down;
    e.ports += switches * shape.planes * (int64_t{tier.down} + tier.up);
    latency_ps += 2 * (tier.link_latency.ps() + tier.switch_latency.ps());
  }
  e.hops = 2 * static_cast<int64_t>(shape.tiers.size());
  const base::Bytes mtu = scenario.description.transport.mtu;
  const base::Rate rate = shape.tiers.front().link_rate;
  e.rtt_ps = 2 * latency_ps + e.hops * base::transfer_time(mtu * 2, rate).ps();
  return e;
}

void count_flows(const NetworkScenario& scenario, Extent& e) {
  const WorkloadDescription& w = scenario.description.workload;
  switch (w.kind) {
    case WorkloadKind::kPermutation:
      e.flows = e.open = e.hosts;
      break;
    case WorkloadKind::kIncast:
      e.flows = e.open = w.fan_in;
      break;
    case WorkloadKind::kVictim:
      e.flows = e.open = w.fan_in + 1;
      break;
    case WorkloadKind::kAllToAll:
      e.flows = e.hosts * (e.hosts - 1);
      // Senders keep to `parallel`, but flows that share a receiver end later than they should.
      e.open = std::min(e.flows, e.hosts * (w.parallel + w.parallel / 2));
      break;
    case WorkloadKind::kMatrix:
      e.flows = scenario.matrix ? static_cast<int64_t>(scenario.matrix->connections.size()) : 0;
      e.open = e.flows;
      break;
  }
}

// Packets between the two ends of all flows at a time: a window per open flow, but no host sends
// faster than its links for the time that a packet is on its way.
int64_t packets_in_flight(const NetworkScenario& scenario, const Extent& e, base::Rate rate) {
  const TransportDescription& t = scenario.description.transport;
  const int64_t mtu = t.mtu.count();
  const int64_t bdp = base::transferred(base::Duration::ps(e.rtt_ps), rate).count() / mtu + 1;
  const int64_t payload = std::max<int64_t>(1, mtu - t.header.count());
  const int64_t of_flow = scenario.description.workload.bytes.count() / payload + 1;
  const int64_t window = t.window ? t.window->in_bytes(mtu) / mtu + 1 : bdp * 3 / 2 + 1;
  const bool sized = scenario.description.workload.kind != WorkloadKind::kMatrix;
  const int64_t each = sized ? std::min(window, of_flow) : window;
  // What RoCE has under way its link has sent within a round trip, or it waits at the sender.
  if (t.kind == TransportKind::kRoce) return std::min(e.open * each, e.hosts * bdp);
  return std::min(e.open * each, e.hosts * window * kWindowsPerHost);
}

int64_t open_flow_bytes(const NetworkScenario& scenario) {
  const TransportDescription& t = scenario.description.transport;
  return t.kind == TransportKind::kRoce ? t.qps * kPerOpenRoceFlow : kPerOpenFlow;
}

// Every packet of a traced flow and its acknowledgement on every link, up to what a trace keeps.
int64_t trace_bytes(const NetworkScenario& scenario, const Extent& e) {
  const TransportDescription& t = scenario.description.transport;
  const auto traced = static_cast<int64_t>(scenario.description.output.trace_flows.size());
  if (traced == 0) return 0;
  int64_t largest = scenario.description.workload.bytes.count();
  if (scenario.matrix) {
    for (const Connection& c : scenario.matrix->connections) largest = std::max(largest, c.bytes);
  }
  const int64_t payload = std::max<int64_t>(1, (t.mtu - t.header).count());
  const int64_t packets = std::min(kTraceRecordsMax, largest / payload + 1);
  return std::min(kTraceRecordsMax, traced * packets * e.hops * 2) * kPerTraceRecord;
}

}  // namespace

base::Bytes estimate_memory(const NetworkScenario& scenario, const RunRequest& request) {
  const auto shape = describe_topology(scenario);
  if (!shape) return base::Bytes(0);  // the plan refuses it
  Extent e = fabric_extent(scenario, *shape);
  count_flows(scenario, e);
  const int64_t packets = packets_in_flight(scenario, e, shape->tiers.front().link_rate);
  int64_t bytes = kProgram + e.ports * kPerPort + e.hosts * kPerHost + e.flows * kPerFlow +
                  e.open * open_flow_bytes(scenario) + packets * kPerPacket;
  if (!request.folder.empty()) bytes += e.flows * kPerFlowRow + e.ports * kPerLinkRow;
  if (!request.folder.empty()) bytes += trace_bytes(scenario, e);
  return base::Bytes(bytes);
}

}  // namespace windtunnel::study
