#include "study/collective_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "report/human.h"
#include "scenario/schema_text.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;

int64_t per_server(const CollectiveDescription& d) {
  return d.collective.ranks_per_server.value_or(d.server.gpus);
}

// The keys that only make sense together; each error stands at the key that has to change.
class Check {
 public:
  Check(const CollectiveDescription& d, const scenario::MarkTable& marks, Errors& errors)
      : d_(d), marks_(marks), errors_(errors) {}

  void shape() {
    const ServerDescription& s = d_.server;
    if (s.gpus % s.nics != 0) {
      fail("server.nics",
           fmt::format("found {}, expected a divisor of server.gpus ({})", s.nics, s.gpus));
    }
    const int64_t per_server = d_.collective.ranks_per_server.value_or(s.gpus);
    if (per_server > s.gpus) {
      fail("collective.ranks_per_server",
           fmt::format("found {}, expected at most server.gpus ({})", per_server, s.gpus));
    }
  }
  void list() {
    const CollectiveSection& c = d_.collective;
    if (c.placement != RankPlacement::kList) {
      if (!c.gpus.empty()) fail("collective.gpus", "found a list, expected `placement: list`");
      return;
    }
    if (c.gpus.size() != static_cast<size_t>(c.ranks)) {
      fail("collective.gpus", fmt::format("found {} GPUs, expected one for each of the {} ranks",
                                          c.gpus.size(), c.ranks));
    }
    std::vector<int64_t> sorted = c.gpus;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) {
      fail("collective.gpus", fmt::format("found GPU {} twice, expected it once", *twice));
    }
  }
  void background() {
    const int64_t servers = (d_.collective.ranks + per_server(d_) - 1) / per_server(d_);
    if (d_.background.share.part > 0 && servers < 2) {
      fail("background.share", "found traffic between servers, but all ranks are in one");
    }
  }
  void transport() {
    if (d_.transport.qps != 1) {
      fail("transport.qps", fmt::format("found {}, expected 1", d_.transport.qps),
           "collective.channels opens more connections between two ranks");
    }
    if (!d_.output.trace_flows.empty()) {
      fail("output.trace_flows", "found flows, but a collective has messages");
    }
  }

 private:
  void fail(const char* key, const std::string& message, std::string hint = {}) {
    errors_.push_back({marks_.at(key), fmt::format("{}: {}", key, message), std::move(hint)});
  }
  const CollectiveDescription& d_;
  const scenario::MarkTable& marks_;
  Errors& errors_;
};

// NICs that the ranks need, when they fill servers from the first.
int64_t nics_needed(const CollectiveDescription& d) {
  const CollectiveSection& c = d.collective;
  int64_t servers = (c.ranks + per_server(d) - 1) / per_server(d);
  if (c.placement == RankPlacement::kList && !c.gpus.empty()) {
    servers = *std::max_element(c.gpus.begin(), c.gpus.end()) / d.server.gpus + 1;
  }
  return servers * d.server.nics;
}

void settle(CollectiveDescription& d, const scenario::MarkTable& marks) {
  if (!marks.given("fabric.nodes") && !d.fabric.topology.given()) {
    d.fabric.nodes = std::max<int64_t>(2, nics_needed(d));
  }
  if (!marks.given("fabric.rails") && d.fabric.shape == Shape::kRailOptimised) {
    d.fabric.rails = d.server.nics;
  }
}

NetworkDescription network_of(const CollectiveDescription& d) {
  NetworkDescription n;
  n.name = d.name;
  n.seed = d.seed;
  n.threads = d.threads;
  n.fabric = d.fabric;
  n.faults = d.faults;
  n.transport = d.transport;
  n.limits = d.limits;
  n.output = d.output;
  return n;
}

cluster::CollectiveSpec spec_of(const CollectiveDescription& d,
                                const std::vector<uint32_t>& gpu_of_rank) {
  const CollectiveSection& c = d.collective;
  cluster::CollectiveSpec spec;
  spec.operation = c.operation;
  spec.algorithm = c.algorithm.value_or(cluster::algorithms_of(c.operation).front());
  spec.inner = c.inner;
  spec.within = c.within;
  spec.group.resize(static_cast<size_t>(c.ranks));
  std::iota(spec.group.begin(), spec.group.end(), 0u);
  spec.bytes = c.bytes;
  spec.chunk = c.chunk;
  spec.channels = static_cast<uint32_t>(c.channels);
  spec.window = static_cast<uint32_t>(c.window);
  spec.slices = static_cast<uint32_t>(c.slices);
  spec.root = static_cast<uint32_t>(c.root);
  spec.placement.per_server = static_cast<uint32_t>(per_server(d));
  if (c.placement == RankPlacement::kList) {
    for (const uint32_t gpu : gpu_of_rank) {
      spec.placement.server_of.push_back(gpu / static_cast<uint32_t>(d.server.gpus));
      spec.placement.rail_of.push_back(gpu % static_cast<uint32_t>(d.server.gpus));
    }
  }
  return spec;
}

// Tiers of links on the way between two positions: 1 below one switch of the lowest tier.
uint32_t tiers_between(const fabric::TopologyDescription& t, uint32_t a, uint32_t b) {
  if (a / t.tiers[0].down == b / t.tiers[0].down) return 1;
  if (t.tiers.size() == 2 || a / t.pod_hosts == b / t.pod_hosts) return 2;
  return 3;
}

// One way for a small part of a message: to the NIC, up through `tiers` and down, to the GPU; the
// last packet is stored and forwarded on every link but the first.
base::Duration hop_latency(const CollectiveDescription& d, const fabric::TopologyDescription& t,
                           uint32_t tiers) {
  base::Duration alpha = d.server.dma.send_latency + d.server.dma.receive_latency;
  for (uint32_t i = 0; i < tiers; ++i) {
    const fabric::TierDescription& tier = t.tiers[i];
    const base::Duration store = base::transfer_time(d.transport.mtu, tier.link_rate);
    alpha += tier.link_latency * 2 + (i == 0 ? store : store * 2);
    alpha += tier.switch_latency * (i + 1 < tiers ? 2 : 1);
  }
  return alpha;
}

base::Rate slower(base::Rate rate, const std::optional<base::Rate>& limit) {
  return limit && (rate.bits_per_second() == 0 || *limit < rate) ? *limit : rate;
}

// What a port sends for a packet it receives, rounded up. RoCE answers the end of a message only.
base::Bytes answer_of(const CollectiveDescription& d, const NetworkPlan& plan) {
  if (d.transport.kind == TransportKind::kRoce) return base::Bytes(0);
  const int64_t packets =
      std::max<int64_t>(1, plan.braid.ack_threshold.count() / d.transport.mtu.count());
  const int64_t size = plan.braid.wire.control_size;
  return base::Bytes((size + packets - 1) / packets);
}

// The ranks that share a NIC share its link and its way to memory.
base::Rate shared(const CollectiveDescription& d, base::Rate rate) {
  return base::Rate::bits_per_second(rate.bits_per_second() * d.server.nics / d.server.gpus);
}

cluster::BoundPorts ports_of(const CollectiveScenario& scenario, const NetworkPlan& plan) {
  const CollectiveDescription& d = scenario.description;
  const fabric::Topology& topology = plan.topology;
  const auto tiers = static_cast<uint32_t>(topology.description().tiers.size());
  const base::Rate link = topology.description().tiers.front().link_rate;
  cluster::BoundPorts ports;
  ports.network = {
      hop_latency(d, topology.description(), tiers),
      shared(d, base::Rate::bits_per_second(link.bits_per_second() * topology.planes()))};
  ports.server = {d.server.gpu_latency, d.server.gpu_rate};
  ports.framing = {d.transport.mtu - d.transport.header, d.transport.header, answer_of(d, plan)};
  ports.memory = shared(d, slower(slower({}, d.server.dma.read_rate), d.server.dma.write_rate));
  std::vector<base::Duration> latency;
  for (uint32_t i = 1; i <= tiers; ++i)
    latency.push_back(hop_latency(d, topology.description(), i));
  const node::ServerShape shape{static_cast<uint32_t>(d.server.gpus),
                                static_cast<uint32_t>(d.server.nics)};
  ports.latency = [&scenario, &topology, shape, latency](cluster::Rank from, cluster::Rank to) {
    const auto position = [&](cluster::Rank rank) {
      return topology.position(shape.nic(scenario.gpu_of_rank[rank]));
    };
    return latency[tiers_between(topology.description(), position(from), position(to)) - 1];
  };
  return ports;
}

// Payload that a rank's port can carry where nothing comes back.
base::Rate payload_rate(const cluster::BoundPorts& ports) {
  const base::Rate net =
      cluster::net_rate(ports.network.rate, ports.framing.payload, ports.framing.header);
  return ports.memory.bits_per_second() > 0 ? std::min(net, ports.memory) : net;
}

// What every algorithm needs at least: the servers, each with all its ports as one, must exchange
// what they do not share. Without latency, which depends on who speaks to whom.
base::Duration least_time_of(const CollectiveDescription& d, const cluster::BoundPorts& ports) {
  const CollectiveSection& c = d.collective;
  const int64_t each = c.placement == RankPlacement::kList ? d.server.gpus : per_server(d);
  const auto servers = static_cast<uint32_t>((c.ranks + each - 1) / each);
  if (servers == 1) {
    return cluster::least_time(c.operation, static_cast<uint32_t>(c.ranks), c.bytes,
                               {base::Duration::zero(), ports.server.rate});
  }
  // Each rank has data of its own for every other in an all-to-all, and a send has one sender:
  // neighbours cannot help.
  const bool alone =
      c.operation == cluster::Operation::kAllToAll || c.operation == cluster::Operation::kSend;
  const int64_t rate = payload_rate(ports).bits_per_second() * (alone ? 1 : each);
  return cluster::least_time(c.operation, servers, c.bytes,
                             {base::Duration::zero(), base::Rate::bits_per_second(rate)});
}

// Of a channel; twice what fills the longest path, so that a queue does not run it dry.
base::Bytes posted_max_of(const NetworkPlan& plan) {
  const base::Rate link = plan.topology.description().tiers.front().link_rate;
  const int64_t rate = link.bits_per_second() * plan.topology.planes();
  const base::Int128 bits = base::Int128{rate} * plan.base_rtt.ps() / base::Picoseconds::kPerSecond;
  return base::Bytes(static_cast<int64_t>(bits / 8) * 2);
}

void note_assumptions(const CollectiveScenario& scenario, NetworkPlan& plan) {
  const auto seconds = [](base::Duration t) {
    return report::human(t.seconds(), report::unit::kSeconds);
  };
  const auto rate = [](base::Rate r) {
    return report::human(static_cast<double>(r.bits_per_second()), report::unit::kBitsPerSecond);
  };
  const ServerDescription& s = scenario.description.server;
  std::erase_if(plan.assumptions, [](const auto& a) { return a.what == "hosts"; });
  const auto note = [&plan](const char* what, std::string value, const char* source) {
    plan.assumptions.push_back({what, std::move(value), source});
  };
  note("within a server", rate(s.gpu_rate) + " each way and GPU",
       "given; 375 GB/s are measured on an H100, of 450 in its data sheet");
  note("latency within a server", seconds(s.gpu_latency), "given; NCCL plans NVLink with 0.6 us");
  note("GPU to NIC",
       seconds(s.dma.send_latency) + " to send, " + seconds(s.dma.receive_latency) + " to receive",
       "given; together they are the PCIe share of a small message");
  note("adding what arrives", "free", "model; a GPU adds faster than a link brings");
}

}  // namespace

CollectiveResult read_collective(const scenario::Node& root) {
  CollectiveScenario scenario;
  scenario::ReadOutcome outcome = scenario::read(root, scenario.description);
  Errors errors = std::move(outcome.errors);
  CollectiveDescription& d = scenario.description;
  Check check(d, outcome.marks, errors);
  check.shape();
  check.list();
  check.background();
  check.transport();
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  settle(d, outcome.marks);
  scenario.network.description = network_of(d);
  scenario.network.marks = std::move(outcome.marks);
  complete_network(scenario.network, errors);
  d.fabric = scenario.network.description.fabric;
  d.transport = scenario.network.description.transport;
  const auto place = [&](const char* key, std::string message) {
    errors.push_back({scenario.network.marks.at(key), fmt::format("{}: {}", key, message), {}});
  };
  if (d.fabric.nodes < nics_needed(d)) {
    place("fabric.nodes", fmt::format("found {}, expected at least the {} NICs of the ranks",
                                      d.fabric.nodes, nics_needed(d)));
  }
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  scenario.gpu_of_rank = place_ranks(d);
  scenario.spec = spec_of(d, scenario.gpu_of_rank);
  if (const auto collective = cluster::make_collective(scenario.spec); !collective) {
    place("collective", collective.error().message);
    errors.back().hint = collective.error().hint;
    return tl::unexpected(std::move(errors));
  }
  return scenario;
}

std::vector<uint32_t> place_ranks(const CollectiveDescription& d) {
  const CollectiveSection& c = d.collective;
  std::vector<uint32_t> gpus(static_cast<size_t>(c.ranks));
  if (c.placement == RankPlacement::kList) {
    for (size_t r = 0; r < gpus.size(); ++r) gpus[r] = static_cast<uint32_t>(c.gpus[r]);
    return gpus;
  }
  std::vector<uint32_t> server(static_cast<size_t>(d.fabric.nodes / d.server.nics));
  std::iota(server.begin(), server.end(), 0u);
  if (c.placement == RankPlacement::kScattered) {
    base::RandomStream stream(static_cast<uint64_t>(d.seed), "placement");
    for (size_t i = server.size(); i > 1; --i) std::swap(server[i - 1], server[stream.below(i)]);
  }
  const auto each = static_cast<size_t>(per_server(d));
  for (size_t r = 0; r < gpus.size(); ++r) {
    gpus[r] =
        server[r / each] * static_cast<uint32_t>(d.server.gpus) + static_cast<uint32_t>(r % each);
  }
  return gpus;
}

std::string collective_schema() { return scenario::schema_text<CollectiveDescription>(); }

base::Result<CollectivePlan> plan_collective(const CollectiveScenario& scenario) {
  const CollectiveDescription& d = scenario.description;
  auto network = plan_network(scenario.network);
  if (!network) return tl::unexpected(network.error());
  CollectivePlan plan;
  plan.network = std::move(*network);
  plan.shape = {static_cast<uint32_t>(d.server.gpus), static_cast<uint32_t>(d.server.nics)};
  plan.server = {d.server.gpu_rate, d.server.gpu_latency};
  plan.dma.send_latency = d.server.dma.send_latency;
  plan.dma.receive_latency = d.server.dma.receive_latency;
  if (d.server.dma.read_rate) plan.dma.read_rate = *d.server.dma.read_rate;
  if (d.server.dma.write_rate) plan.dma.write_rate = *d.server.dma.write_rate;
  if (d.background.share.part > 0) {
    const fabric::TierDescription& tier = plan.network.topology.description().tiers.front();
    const base::Duration whole = base::transfer_time(d.background.bytes, tier.link_rate);
    plan.background.bytes = d.background.bytes.count();
    plan.background.interval = base::Duration::ps(
        static_cast<int64_t>(base::Int128{whole.ps()} * d.background.share.whole /
                             (d.background.share.part * plan.network.topology.planes())));
  }
  const cluster::BoundPorts ports = ports_of(scenario, plan.network);
  plan.posted_max = posted_max_of(plan.network);
  const auto bound = cluster::bound_of(scenario.spec, ports);
  if (!bound) return tl::unexpected(bound.error());
  plan.bound = *bound;
  plan.no_faster = least_time_of(d, ports);
  note_assumptions(scenario, plan.network);
  return plan;
}

}  // namespace windtunnel::study
