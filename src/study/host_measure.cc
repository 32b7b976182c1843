#include "study/host_measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "study/host_diagram.h"
#include "study/host_preset.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;
using report::Measurements;
using report::Metric;

constexpr size_t kLanesShown = 10;
constexpr double kFull = 0.95;  // a lane as busy as this had nothing left to give

Metric metric(std::string name, double value, const char* in, std::string label,
              bool headline = false) {
  Metric m;
  m.name = std::move(name);
  m.value = value;
  m.unit = in;
  m.label = std::move(label);
  m.headline = headline;
  return m;
}

double bits(base::Rate rate) { return static_cast<double>(rate.bits_per_second()); }

// Lanes with traffic, the busiest first; equals in the order of the model.
std::vector<uint32_t> busiest(const HostOutcome& outcome) {
  std::vector<uint32_t> lanes(outcome.scenario.model.lanes().size());
  std::iota(lanes.begin(), lanes.end(), 0U);
  lanes.erase(std::remove_if(lanes.begin(), lanes.end(),
                             [&](uint32_t l) {
                               return outcome.machine.use(l).busy == base::Duration::zero();
                             }),
              lanes.end());
  std::stable_sort(lanes.begin(), lanes.end(), [&](uint32_t a, uint32_t b) {
    return outcome.machine.use(a).busy > outcome.machine.use(b).busy;
  });
  return lanes;
}

int64_t flows_of_item(const HostOutcome& outcome, size_t item) {
  const std::vector<HostFlow>& flows = outcome.scenario.flows;
  return std::count_if(flows.begin(), flows.end(),
                       [item](const HostFlow& flow) { return flow.item == item; });
}

void add_flows(Measurements& m, const HostOutcome& outcome) {
  double total = 0;
  for (size_t f = 0; f < outcome.flows.size(); ++f) {
    const node::HostFlowResult& flow = outcome.flows[f];
    const std::string prefix = "flow." + flow.name;
    const bool alone = flows_of_item(outcome, outcome.scenario.flows[f].item) == 1;
    m.metrics.push_back(metric(prefix + ".bandwidth", bits(flow.rate), unit::kBitsPerSecond,
                               flow.name + ": payload in place", alone));
    const auto add = [&](const char* name, double value, const char* label) {
      m.metrics.push_back(metric(prefix + ".latency." + name, value, unit::kSeconds,
                                 fmt::format("{}: {} time of an operation", flow.name, label)));
    };
    add("mean", flow.latency_mean, "mean");
    add("p50", flow.latency.quantile(0.5), "median");
    add("p99", flow.latency.quantile(0.99), "99th percentile of the");
    m.metrics.push_back(metric(prefix + ".operations", static_cast<double>(flow.operations),
                               unit::kCount, flow.name + ": operations completed"));
    total += bits(flow.rate);
  }
  m.metrics.push_back(
      metric("bandwidth.total", total, unit::kBitsPerSecond, "payload in place, all flows", true));
}

// Items that make several flows, as one.
void add_items(Measurements& m, const HostOutcome& outcome) {
  const auto& traffic = outcome.scenario.description.traffic;
  for (size_t item = 0; item < traffic.size(); ++item) {
    double sum = 0;
    int flows = 0;
    for (size_t f = 0; f < outcome.flows.size(); ++f) {
      if (outcome.scenario.flows[f].item != item) continue;
      sum += bits(outcome.flows[f].rate);
      ++flows;
    }
    if (flows < 2) continue;
    const std::string name = traffic[item].name.empty()
                                 ? fmt::format("{}-{}", traffic_kind_name(traffic[item].kind), item)
                                 : traffic[item].name;
    m.metrics.push_back(metric("item." + name + ".bandwidth", sum, unit::kBitsPerSecond,
                               fmt::format("{}: all {} flows", name, flows), true));
  }
}

void add_lanes(Measurements& m, const HostOutcome& outcome, const std::vector<uint32_t>& lanes) {
  for (size_t i = 0; i < std::min(lanes.size(), kLanesShown); ++i) {
    const node::HostModel& model = outcome.scenario.model;
    const node::HostLane& lane = model.lane(lanes[i]);
    m.metrics.push_back(metric(
        fmt::format("link.{}-{}.busy", model.vertex(lane.from).name, model.vertex(lane.to).name),
        busy_share(outcome, lanes[i]), unit::kShare, model.lane_name(lanes[i]) + " busy"));
  }
}

void add_parts(Measurements& m, const HostOutcome& outcome) {
  PartCount sum;
  for (const node::HostDescription& host : outcome.scenario.model.hosts()) {
    const PartCount count = count_parts(host);
    sum.nics += count.nics;
    sum.nics_with_switch += count.nics_with_switch;
    sum.switch_chips += count.switch_chips;
    sum.switch_lanes += count.switch_lanes;
    sum.root_lanes += count.root_lanes;
    sum.links += count.links;
  }
  const auto add = [&](const char* name, int64_t value, const char* label) {
    m.metrics.push_back(
        metric(std::string("parts.") + name, static_cast<double>(value), unit::kCount, label));
  };
  add("nics", sum.nics, "NICs");
  add("nics_with_switch", sum.nics_with_switch, "of them with a switch inside");
  add("switch_chips", sum.switch_chips, "switch chips");
  add("switch_lanes", sum.switch_lanes, "lanes of switch chips in use");
  add("root_lanes", sum.root_lanes, "lanes of CPUs in use");
  add("links", sum.links, "PCI Express links between packages");
}

// Of lanes that are full alike, the one that carries most comes first.
std::vector<uint32_t> most_limiting(const HostOutcome& outcome, std::vector<uint32_t> lanes) {
  const auto first_idle = std::find_if(
      lanes.begin(), lanes.end(), [&](uint32_t lane) { return busy_share(outcome, lane) < kFull; });
  std::stable_sort(lanes.begin(), first_idle, [&](uint32_t a, uint32_t b) {
    return outcome.machine.use(a).data > outcome.machine.use(b).data;
  });
  return lanes;
}

void add_bottleneck(Measurements& m, const HostOutcome& outcome,
                    const std::vector<uint32_t>& by_busy) {
  if (by_busy.empty()) return;
  const std::vector<uint32_t> lanes = most_limiting(outcome, by_busy);
  const node::HostModel& model = outcome.scenario.model;
  report::Bottleneck& bottleneck = m.bottleneck;
  bottleneck.share = busy_share(outcome, lanes[0]);
  bottleneck.where = model.lane_name(lanes[0]);
  const bool full = bottleneck.share >= kFull;
  static constexpr const char* kWhat[] = {"PCI Express link", "link between sockets",
                                          "host memory",      "link of the GPU fabric",
                                          "flash of a drive", "cable"};
  bottleneck.what = kWhat[static_cast<size_t>(model.lane(lanes[0]).kind)];
  bottleneck.explanation =
      full ? fmt::format("{} was busy for the whole time and held back what crosses it.",
                         bottleneck.where)
           : fmt::format(
                 "No link was full: operations wait for latency, tags or their queue depth. "
                 "The busiest was {}.",
                 bottleneck.where);
  for (size_t i = 1; i < std::min<size_t>(lanes.size(), 4); ++i)
    bottleneck.runners.push_back({model.lane_name(lanes[i]), busy_share(outcome, lanes[i])});
}

void add_assumptions(Measurements& m, const HostOutcome& outcome) {
  const node::HostDescription& host = outcome.scenario.model.hosts().front();
  m.assumptions.push_back(
      {"TLPs",
       fmt::format("{} B of payload, {:.1f} % of each link for DLLPs", host.payload_max.count(),
                   100.0 * static_cast<double>(host.dllp_share.part) /
                       static_cast<double>(host.dllp_share.whole)),
       "pcie-bench's constants; share fitted to a measured GPU"});
  m.assumptions.push_back({"latencies of ports, roots and memory", "see the scenario",
                           "assumed, fitted to 547 ns for a small read of host memory"});
  if (outcome.scenario.model.hosts().size() > 1)
    m.assumptions.push_back({"network between the servers", "latency and the NICs' cables alone",
                             "closed tier: nothing queues and nothing is lost in between"});
}

}  // namespace

double busy_share(const HostOutcome& outcome, uint32_t lane) {
  return std::min(1.0, outcome.machine.use(lane).busy.seconds() / outcome.measured.seconds());
}

Measurements measure_host(const HostOutcome& outcome) {
  Measurements m;
  m.kind = "host";
  const std::vector<uint32_t> lanes = busiest(outcome);
  add_flows(m, outcome);
  add_items(m, outcome);
  add_lanes(m, outcome, lanes);
  add_parts(m, outcome);
  m.series.push_back(host_diagram(outcome));
  add_bottleneck(m, outcome, lanes);
  add_assumptions(m, outcome);
  return m;
}

std::string host_links_csv(const HostOutcome& outcome) {
  const node::HostModel& model = outcome.scenario.model;
  std::string csv = "from,to,busy_share,data_bytes,bursts\n";
  for (uint32_t lane = 0; lane < model.lanes().size(); ++lane) {
    const node::LaneUse& use = outcome.machine.use(lane);
    csv += fmt::format("{},{},{:.6f},{},{}\n", model.vertex(model.lane(lane).from).name,
                       model.vertex(model.lane(lane).to).name, busy_share(outcome, lane),
                       use.data.count(), use.bursts);
  }
  return csv;
}

}  // namespace windtunnel::study
