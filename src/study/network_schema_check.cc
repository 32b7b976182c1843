#include "study/network_schema_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "scenario/quantity.h"
#include "study/network_schema_shape.h"

namespace windtunnel::study {
namespace {

// One pass over a scenario. Errors name the key by its path. Parts that depend on keys which could
// not be read are left out: what they would say of the defaults in their place would mislead.
class Checker {
 public:
  Checker(const NetworkScenario& scenario, const scenario::MarkTable& marks)
      : scenario_(scenario), d_(scenario.description), marks_(marks) {}

  std::vector<base::Error> run() {
    const bool fabric = !marks_.bad_in("fabric", "fabric.queue");
    const bool transport = !marks_.bad_in("transport");
    if (fabric) check_fabric();
    if (transport && !marks_.bad_in("fabric.queue")) check_queue();
    if (transport) check_transport();
    if (fabric && !marks_.bad_in("workload")) check_workload();
    if (!marks_.bad_in("faults")) check_faults();
    if (!marks_.bad_in("output")) check_series();
    if (!marks_.bad_in("limits") && !marks_.bad_in("workload")) check_limits();
    return std::move(errors_);
  }

 private:
  void complain(const std::string& key, const std::string& message, std::string hint = {}) {
    errors_.push_back({marks_.at(key), fmt::format("{}: {}", key, message), std::move(hint)});
  }

  // --- fabric ---

  void check_fabric() {
    const FabricDescription& f = d_.fabric;
    if (!std::has_single_bit(static_cast<uint64_t>(f.planes)))
      complain("fabric.planes", fmt::format("found {}, expected 1, 2, 4 or 8", f.planes));
    if (scenario_.topology) {
      topology_ = scenario_.topology->to_fabric();
      topology_->planes = static_cast<uint32_t>(f.planes);
      return;
    }
    if (f.shape != Shape::kFatTree && f.tiers == 3 && marks_.given("fabric.tiers"))
      complain("fabric.tiers", fmt::format("found 3, but the shape {} has 2", to_string(f.shape)));
    if (f.shape == Shape::kFatTree && f.nodes_per_leaf)
      complain("fabric.nodes_per_leaf", "has no meaning in a fat tree",
               "choose shape leaf-spine, or give fabric.radix");
    if (f.shape != Shape::kRailOptimised && f.rails != FabricDescription{}.rails)
      complain("fabric.rails", fmt::format("has no meaning in the shape {}", to_string(f.shape)));
    auto shaped = resolve_shape(f);
    if (shaped) {
      topology_ = std::move(*shaped);
    } else {
      complain(shaped.error().key, shaped.error().message, shaped.error().hint);
    }
  }

  int64_t in_bytes(const DataAmount& amount) const {
    return amount.in_bytes(d_.transport.mtu.count());
  }

  // An amount that has to hold at least a packet.
  void check_holds_packet(const std::string& key, const std::optional<DataAmount>& amount) {
    if (amount && in_bytes(*amount) < d_.transport.mtu.count())
      complain(key, fmt::format("found {}, less than one packet of {} (transport.mtu)",
                                scenario::format(*amount), scenario::format(d_.transport.mtu)));
    if (amount && in_bytes(*amount) > kQueueBytesMax)
      complain(key, fmt::format("found {}, more than {}", scenario::format(*amount),
                                scenario::format(Bytes(kQueueBytesMax))));
  }

  // `low` must not exceed `high`, where both are given.
  void check_order(const std::string& low_key, const std::optional<DataAmount>& low,
                   const std::string& high_key, const std::optional<DataAmount>& high) {
    if (low && high && in_bytes(*low) > in_bytes(*high))
      complain(low_key, fmt::format("found {}, more than {}, which is {}", scenario::format(*low),
                                    high_key, scenario::format(*high)));
  }

  void check_queue() {
    const QueueDescription& q = d_.fabric.queue;
    const std::string queue = "fabric.queue.";
    check_holds_packet(queue + "capacity", q.capacity);
    check_order(queue + "ecn_low", q.ecn_low, queue + "ecn_high", q.ecn_high);
    check_order(queue + "pfc_xon", q.pfc_xon, queue + "pfc_xoff", q.pfc_xoff);
    check_order(queue + "pfc_xoff", q.pfc_xoff, queue + "capacity", q.capacity);
    if (q.trim_size >= d_.transport.mtu)
      complain(queue + "trim_size",
               fmt::format("found {}, expected less than transport.mtu, {}",
                           scenario::format(q.trim_size), scenario::format(d_.transport.mtu)));
    if (q.control_capacity && in_bytes(*q.control_capacity) < q.trim_size.count())
      complain(queue + "control_capacity", fmt::format("found {}, less than one trimmed packet",
                                                       scenario::format(*q.control_capacity)));
    const auto idle = [&](const char* key, bool given, const char* without) {
      if (given) complain(queue + key, fmt::format("has no effect without {}", without));
    };
    const bool pfc = q.discipline == Discipline::kPfc;
    idle("pfc_xoff", !pfc && q.pfc_xoff, "`discipline: pfc`");
    idle("pfc_xon", !pfc && q.pfc_xon, "`discipline: pfc`");
    idle("ecn_low", !q.ecn && q.ecn_low, "ecn");
    idle("ecn_high", !q.ecn && q.ecn_high, "ecn");
    idle("ecn_last_hop", !q.ecn && q.ecn_last_hop, "ecn");
  }

  // --- transport ---

  void check_transport() {
    const TransportDescription& t = d_.transport;
    if (t.header >= t.mtu)
      complain("transport.header",
               fmt::format("found {}, expected less than transport.mtu, {}",
                           scenario::format(t.header), scenario::format(t.mtu)));
    check_holds_packet("transport.window", t.window);
    constexpr int64_t kPayloadMin = 64;
    if (t.header < t.mtu && (t.mtu - t.header).count() < kPayloadMin)
      complain("transport.mtu",
               fmt::format("found {}, expected at least {} bytes more than the header",
                           scenario::format(t.mtu), kPayloadMin));
    const bool braid = t.kind == TransportKind::kBraid;
    if (braid && t.congestion == Congestion::kConstant && !t.window)
      complain("transport.congestion", "constant needs transport.window");
    if (braid && t.paths.count % d_.fabric.planes != 0)
      complain("transport.paths.count",
               fmt::format("found {}, expected a multiple of the {} planes", t.paths.count,
                           d_.fabric.planes));
    if (!std::has_single_bit(static_cast<uint64_t>(t.paths.count)))
      complain("transport.paths.count",
               fmt::format("found {}, expected a power of two up to 256", t.paths.count),
               nearest_powers(t.paths.count));
    if (!std::has_single_bit(static_cast<uint64_t>(t.psn_range)))
      complain("transport.psn_range",
               fmt::format("found {}, expected a power of two from 128 to 2048", t.psn_range),
               nearest_powers(t.psn_range));
    check_kind();
  }

  static std::string nearest_powers(int64_t n) {
    const uint64_t below = std::bit_floor(static_cast<uint64_t>(n));
    return fmt::format("nearest: {} and {}", below, below * 2);
  }

  void check_kind() {
    const TransportDescription& t = d_.transport;
    const bool roce = t.kind == TransportKind::kRoce;
    if (roce && t.paths.selection != PathSelection::kOnePath)
      complain("transport.paths.selection",
               fmt::format("found {}, but roce has one path per queue pair",
                           to_string(t.paths.selection)),
               "write one-path, and raise transport.qps for more paths");
    const bool credits = t.congestion == Congestion::kRccc || t.congestion == Congestion::kNsccRccc;
    if (roce &&
        (credits || t.congestion == Congestion::kNscc || t.congestion == Congestion::kDctcp))
      complain("transport.congestion",
               fmt::format("found {}, but roce has dcqcn or constant", to_string(t.congestion)));
    if (roce) check_idle_with_roce();
    if (!roce && t.qps != 1)
      complain("transport.qps",
               fmt::format("found {}, but a braid queue pair uses all paths", t.qps),
               "transport.paths.count says how many");
    if (!roce && t.congestion == Congestion::kDcqcn)
      complain("transport.congestion", "found dcqcn, which only kind roce has",
               "nscc, rccc, nscc+rccc, dctcp and constant go with braid");
  }

  // RoCE has no window, no delay target and no paths to choose from.
  void check_idle_with_roce() {
    const TransportDescription& t = d_.transport;
    const TransportDescription none;
    const auto idle = [&](const char* key, bool set) {
      if (set) complain(std::string("transport.") + key, "has no effect on kind roce");
    };
    idle("window", t.window.has_value());
    idle("base_rtt", t.base_rtt.has_value());
    idle("target_delay", t.target_delay.has_value());
    idle("psn_range", t.psn_range != none.psn_range);
    idle("paths.count", t.paths.count != 1 && t.paths.count != none.paths.count);
  }

  // --- workload ---

  void check_node(const std::string& key, int64_t node) {
    if (node >= d_.fabric.nodes)
      complain(key, fmt::format("found node {}, expected 0 to {}", node, d_.fabric.nodes - 1));
  }

  void check_workload() {
    const WorkloadDescription& w = d_.workload;
    switch (w.kind) {
      case WorkloadKind::kMatrix:
        check_matrix();
        return;
      case WorkloadKind::kPermutation:
        check_total(d_.fabric.nodes);
        break;
      case WorkloadKind::kIncast:
        check_incast(2);
        break;
      case WorkloadKind::kVictim:
        check_incast(4);
        check_victim();
        break;
      case WorkloadKind::kAllToAll:
        check_total(d_.fabric.nodes * (d_.fabric.nodes - 1));
        if (w.parallel >= d_.fabric.nodes)
          complain("workload.parallel",
                   fmt::format("found {}, but a node has only {} others to send to", w.parallel,
                               d_.fabric.nodes - 1));
        break;
    }
    check_foreign_keys();
  }

  // Keys of other kinds than the chosen one do nothing, which nobody who set them wants. Their
  // defaults may stand there: a resolved scenario has every key.
  void check_foreign_keys() {
    const WorkloadDescription& w = d_.workload;
    const WorkloadDescription none;
    const auto foreign = [&](const char* name, bool set) {
      if (set)
        complain(fmt::format("workload.{}", name),
                 fmt::format("has no effect on kind {}", to_string(w.kind)));
    };
    const bool incast = w.kind == WorkloadKind::kIncast || w.kind == WorkloadKind::kVictim;
    const bool victim = w.kind == WorkloadKind::kVictim;
    foreign("fan_in", !incast && w.fan_in != none.fan_in);
    foreign("sources", !incast && !w.sources.empty());
    foreign("destination", !incast && w.destination != none.destination);
    foreign("victim_source", !victim && w.victim_source);
    foreign("victim_destination", !victim && w.victim_destination);
    foreign("victim_bytes", !victim && w.victim_bytes);
    foreign("parallel", w.kind != WorkloadKind::kAllToAll && w.parallel != none.parallel);
  }

  void check_total(int64_t flows) {
    int64_t total = 0;
    if (flows > kFlowsMax)
      complain("workload.kind", fmt::format("{} flows are more than {}", flows, kFlowsMax));
    if (__builtin_mul_overflow(flows, d_.workload.bytes.count(), &total))
      complain("workload.bytes", fmt::format("{} flows of {} exceed 2^63 bytes", flows,
                                             scenario::format(d_.workload.bytes)));
  }

  // `needed`: nodes besides the senders plus one sender.
  void check_incast(int64_t needed) {
    const WorkloadDescription& w = d_.workload;
    check_total(w.fan_in);
    check_node("workload.destination", w.destination);
    const int64_t senders_max = d_.fabric.nodes - needed + 1;
    if (w.fan_in > senders_max)
      complain(w.sources.empty() ? "workload.fan_in" : "workload.sources",
               fmt::format("{} senders, expected 1 to {} among {} nodes", w.fan_in, senders_max,
                           d_.fabric.nodes));
    std::set<int64_t> seen;
    for (size_t i = 0; i < w.sources.size(); ++i) {
      const std::string key = fmt::format("workload.sources[{}]", i);
      check_node(key, w.sources[i]);
      if (w.sources[i] == w.destination)
        complain(key, fmt::format("node {} is the destination", w.sources[i]));
      if (!seen.insert(w.sources[i]).second)
        complain(key, fmt::format("node {} is given twice", w.sources[i]));
    }
    if (!w.sources.empty() && w.fan_in != static_cast<int64_t>(w.sources.size()))
      complain("workload.fan_in",
               fmt::format("found {}, but there are {} sources", w.fan_in, w.sources.size()));
  }

  void check_victim() {
    const WorkloadDescription& w = d_.workload;
    const auto check_end = [&](const std::string& key, std::optional<int64_t> node) {
      if (!node) return;
      check_node(key, *node);
      const bool source = std::find(w.sources.begin(), w.sources.end(), *node) != w.sources.end();
      if (*node == w.destination || source)
        complain(key, fmt::format("node {} takes part in the incast", *node));
    };
    check_end("workload.victim_source", w.victim_source);
    check_end("workload.victim_destination", w.victim_destination);
    if (w.victim_source && w.victim_source == w.victim_destination)
      complain("workload.victim_destination", "the victim's flow would end where it begins");
  }

  void check_matrix() {
    if (!d_.workload.matrix.given()) {
      complain("workload.kind", "matrix needs workload.matrix, the name of a .cm file");
      return;
    }
    if (!scenario_.matrix) return;  // its own errors are reported
    const ConnectionMatrix& matrix = *scenario_.matrix;
    if (matrix.nodes > d_.fabric.nodes)
      complain("workload.matrix",
               fmt::format("{} is for {} nodes, but the fabric has {}", d_.workload.matrix.text,
                           matrix.nodes, d_.fabric.nodes),
               fmt::format("set fabric.nodes to {}", matrix.nodes));
    if (!d_.limits.time) return;
    for (const Connection& connection : matrix.connections) {
      if (d_.workload.start + connection.start < *d_.limits.time) continue;
      base::SourceMark mark{matrix.file, connection.line, 1};
      errors_.push_back(
          {std::move(mark),
           fmt::format("{}->{} starts at {}, when the run is over (limits.time is {})",
                       connection.src, connection.dst, scenario::format(connection.start),
                       scenario::format(*d_.limits.time)),
           "if picoseconds are meant, set workload.matrix_start_unit to ps"});
      return;
    }
  }

  // --- faults and output ---

  void check_faults() {
    for (size_t i = 0; i < d_.faults.size(); ++i) {
      const FaultDescription& fault = d_.faults[i];
      const std::string path = fmt::format("faults[{}]", i);
      if (fault.until && *fault.until <= fault.at)
        complain(path + ".until",
                 fmt::format("found {}, expected later than at, {}", scenario::format(*fault.until),
                             scenario::format(fault.at)));
      check_fault_keys(path, fault);
      if (fault.kind == FaultKind::kSwitchDead) {
        check_dead_switch(path, fault);
      } else {
        check_links(path, fault.links, fault.count);
      }
    }
  }

  void check_fault_keys(const std::string& path, const FaultDescription& fault) {
    const FaultDescription none;
    const auto only_with = [&](const char* name, bool strange, const char* kind) {
      if (strange)
        complain(fmt::format("{}.{}", path, name), fmt::format("belongs to kind {}", kind));
    };
    const bool dead = fault.kind == FaultKind::kSwitchDead;
    const char* const links = "link-down, degraded or loss";
    only_with("rate", fault.kind != FaultKind::kDegraded && fault.rate != none.rate, "degraded");
    only_with("loss", fault.kind != FaultKind::kLoss && fault.loss != none.loss, "loss");
    only_with("tier", !dead && fault.tier != none.tier, "switch-dead");
    only_with("link", dead && fault.links.link != none.links.link, links);
    only_with("port", dead && fault.links.port, links);
    only_with("count", dead && fault.count, links);
    only_with("both_directions", dead && !fault.both_directions, links);
    if (fault.count && (fault.links.unit || fault.links.port))
      complain(path + ".count", "found together with switch or port, expected one or the other");
  }

  void check_dead_switch(const std::string& path, const FaultDescription& fault) {
    if (!fault.links.unit) {
      complain(path + ".switch", "switch-dead needs `switch`, the index within its tier");
      return;
    }
    if (!topology_) return;
    const auto tier = static_cast<size_t>(fault.tier);
    const int64_t count = tier < topology_->tiers.size() ? switches_of(tier) : 0;
    if (count == 0) {
      complain(path + ".tier", "found core, but a fabric of two tiers has none",
               "its spines are tier agg");
    } else if (*fault.links.unit >= count) {
      complain(path + ".switch", fmt::format("found {}, expected 0 to {} in tier {}",
                                             *fault.links.unit, count - 1, to_string(fault.tier)));
    }
  }

  // Of all planes.
  int64_t switches_of(size_t tier) const {
    const fabric::TopologyDescription& t = *topology_;
    int64_t count = t.hosts / t.tiers[0].down;
    for (size_t i = 1; i <= tier; ++i) count = count * t.tiers[i - 1].up / t.tiers[i].down;
    return count * t.planes;
  }

  void check_links(const std::string& path, const LinkSelector& links,
                   std::optional<int64_t> count) {
    if (!topology_) return;
    const auto group = static_cast<size_t>(links.link) / 2;  // host, ToR, aggregation cables
    if (group >= topology_->tiers.size()) {
      complain(path + ".link",
               fmt::format("found {}, but a fabric of two tiers ends at its spines",
                           to_string(links.link)),
               "tor-up leads to a spine, agg-down leaves it");
      return;
    }
    const int64_t units = group == 0 ? int64_t{topology_->hosts} : switches_of(group - 1);
    const int64_t ports = group == 0 ? topology_->planes : topology_->tiers[group - 1].up;
    if (links.unit && *links.unit >= units)
      complain(path + ".switch", fmt::format("found {}, expected 0 to {}", *links.unit, units - 1));
    if (links.port && *links.port >= ports)
      complain(path + ".port", fmt::format("found {}, expected 0 to {}", *links.port, ports - 1));
    if (count && *count > units * ports)
      complain(path + ".count", fmt::format("found {}, but there are {} links {}", *count,
                                            units * ports, to_string(links.link)));
  }

  void check_series() {
    const OutputDescription& output = d_.output;
    for (size_t i = 0; i < output.series_queues.size(); ++i)
      check_links(fmt::format("output.series_queues[{}]", i), output.series_queues[i], {});
    if (!output.series_interval && !output.series_queues.empty())
      complain("output.series_queues", "has no effect without output.series_interval");
  }

  void check_limits() {
    if (d_.limits.time && *d_.limits.time <= d_.workload.start)
      complain("limits.time", "the run would end before the first flow starts",
               fmt::format("workload.start is {}", scenario::format(d_.workload.start)));
  }

  static constexpr int64_t kFlowsMax = (int64_t{1} << 22) - 1;
  static constexpr int64_t kQueueBytesMax = (int64_t{1} << 32) - 1;  // 32-bit counters of a port

  const NetworkScenario& scenario_;
  const NetworkDescription& d_;
  const scenario::MarkTable& marks_;
  std::optional<fabric::TopologyDescription> topology_;  // empty: it has errors of its own
  std::vector<base::Error> errors_;
};

}  // namespace

std::vector<base::Error> check_network(const NetworkScenario& scenario,
                                       const scenario::MarkTable& marks) {
  return Checker(scenario, marks).run();
}

}  // namespace windtunnel::study
