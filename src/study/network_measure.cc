#include "study/network_measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "report/human.h"

namespace windtunnel::study {
namespace {

using report::Measurements;
using report::Metric;
namespace unit = report::unit;

struct Completions {
  std::vector<double> seconds;  // ascending
  int64_t unfinished = 0;       // failed ones included
  int64_t failed = 0;
};

Completions completions_of(const NetworkWorld& world, std::optional<uint8_t> group) {
  Completions c;
  const auto& flows = world.plan().workload.flows;
  const auto progress = world.book().progress();
  for (size_t f = 0; f < flows.size(); ++f) {
    if (group && flows[f].group != *group) continue;
    const node::FlowProgress& p = progress[f];
    if (p.finished_ps < 0) {
      ++c.unfinished;
      c.failed += p.failed ? 1 : 0;
      continue;
    }
    const auto seconds = [](int64_t ps) { return base::Duration::ps(ps).seconds(); };
    c.seconds.push_back(seconds(p.finished_ps - p.started_ps));
  }
  std::sort(c.seconds.begin(), c.seconds.end());
  return c;
}

// Smallest value whose cumulative share reaches `share`.
double quantile(const std::vector<double>& ascending, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(ascending.size())));
  return ascending[std::clamp<size_t>(rank, 1, ascending.size()) - 1];
}

Metric metric(std::string name, double value, const char* of, std::string label,
              bool headline = false) {
  Metric m;
  m.name = std::move(name);
  m.value = value;
  m.unit = of;
  m.label = std::move(label);
  m.headline = headline;
  return m;
}

void add_completions(std::vector<Metric>& metrics, const std::string& prefix, const Completions& c,
                     const std::string& of, bool headline) {
  const auto add = [&](const char* name, double value, const char* label) {
    metrics.push_back(metric(prefix + name, value, unit::kSeconds, label + of, headline));
  };
  // Of flows that are done; not a number when none is.
  const bool any = !c.seconds.empty();
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const double s : c.seconds) sum += s;
  add(".mean", any ? sum / static_cast<double>(c.seconds.size()) : kNone, "mean completion time");
  add(".p50", any ? quantile(c.seconds, 0.50) : kNone, "median completion time");
  add(".p99", any ? quantile(c.seconds, 0.99) : kNone, "99th percentile of completion time");
  add(".max", any ? c.seconds.back() : kNone, "slowest completion time");
  add(".min", any ? c.seconds.front() : kNone, "fastest completion time");
}

void add_flows(Measurements& m, const NetworkWorld& world) {
  const Completions all = completions_of(world, {});
  add_completions(m.metrics, "flow.completion", all, "", true);
  const auto count = static_cast<double>(world.plan().workload.flows.size());
  m.metrics.push_back(metric("flow.count", count, unit::kCount, "flows"));
  m.metrics.push_back(metric("flow.unfinished", static_cast<double>(all.unfinished), unit::kCount,
                             "unfinished flows", all.unfinished > 0));
  m.metrics.push_back(metric("flow.failed", static_cast<double>(all.failed), unit::kCount,
                             "flows the transport gave up", all.failed > 0));
  const double period = busy_period(world).seconds();
  m.metrics.push_back(
      metric("makespan", period, unit::kSeconds, "from the first flow's start to the last's end"));
  int64_t delivered = 0;
  for (const node::FlowReception& r : world.book().reception()) delivered += r.bytes;
  m.metrics.push_back(
      metric("goodput.total", period > 0 ? static_cast<double>(delivered) * 8 / period : 0,
             unit::kBitsPerSecond, "payload delivered per second, all flows", true));
  const auto& groups = world.plan().workload.groups;
  if (groups.size() > 1) {
    for (size_t g = 0; g < groups.size(); ++g) {
      const Completions part = completions_of(world, static_cast<uint8_t>(g));
      add_completions(m.metrics, "flow." + groups[g] + ".completion", part,
                      fmt::format(" ({})", groups[g]), false);
    }
  }
  report::Series series;
  series.name = "flow.completion";
  series.title = "Flow completion time";
  series.about =
      "Share of flows done within a time, from a flow's start to its last acknowledgement.";
  series.data = report::make_distribution(all.seconds, unit::kSeconds);
  if (!all.seconds.empty()) m.series.push_back(std::move(series));
}

void add_packets(Measurements& m, const NetworkView& view) {
  const node::NicTotals nics = view.nics;
  const fabric::NetworkTotals net = view.network.totals();
  const auto add = [&m](const char* name, int64_t value, const char* label) {
    m.metrics.push_back(metric(name, static_cast<double>(value), unit::kPackets, label));
  };
  add("packets.sent", nics.packets_sent, "data packets sent");
  add("packets.delivered", nics.packets_delivered, "data packets delivered");
  add("packets.retransmitted", nics.retransmitted, "data packets sent again");
  add("packets.duplicate", nics.duplicates, "data packets that arrived twice");
  add("packets.refused", nics.refused, "data packets that arrived and could not be taken");
  add("packets.stale", nics.stale, "packets for queue pairs that were closed by then");
  add("packets.trimmed", net.trimmed, "packets trimmed by switches");
  add("packets.dropped", net.dropped + net.lost, "packets dropped by queues or lost on links");
  add("packets.marked", net.marked, "packets marked with ECN");
  add("packets.control", nics.control_sent, "acknowledgements and other control packets");
  m.metrics.push_back(metric("timeouts", static_cast<double>(nics.timeouts), unit::kCount,
                             "retransmission timeouts"));
  m.metrics.push_back(metric("packet_hops", static_cast<double>(net.packet_hops), unit::kCount,
                             "packet-hops: packets times links crossed"));
}

// How far the switches' data queues filled: the fullest, and the mean of the high-water marks of
// all ports that carried something.
void add_queues(Measurements& m, const NetworkView& view) {
  const fabric::Topology& topology = view.plan.topology;
  int64_t longest = 0;
  double sum = 0;
  double ports = 0;
  for_each_link(topology, [&](fabric::PortEnd end) {
    if (level_of(topology, end) == LinkLevel::kHostUp) return;
    const fabric::LinkCounters& c = view.network.counters(end);
    if (c.parcels == 0) return;
    longest = std::max(longest, c.queue_bytes_max);
    sum += static_cast<double>(c.queue_bytes_max);
    ports += 1;
  });
  m.metrics.push_back(metric("queue.max", static_cast<double>(longest), unit::kBytes,
                             "largest data queue of a switch port"));
  m.metrics.push_back(metric("queue.high_water.mean", ports > 0 ? sum / ports : 0, unit::kBytes,
                             "high-water mark of a switch port's data queue, mean"));
}

report::Series utilisation(const NetworkSampler& sampler) {
  report::HeatMap map;
  map.unit = unit::kShare;
  map.rows.title = "links";
  map.columns.title = "simulated time";
  map.columns.unit = unit::kSeconds;
  for (const auto& group : sampler.groups()) map.rows.labels.push_back(group.name);
  for (const base::Time t : sampler.times()) map.columns.values.push_back(t.seconds());
  for (size_t g = 0; g < sampler.groups().size(); ++g) {
    for (size_t s = 0; s < sampler.samples(); ++s) {
      map.values.push_back(sampler.cell(s, g).busiest);
    }
  }
  return {"link.utilisation", "Link utilisation",
          "Share of its capacity that the busiest link of each group used in each interval; links "
          "are grouped by direction and position.",
          std::move(map)};
}

report::Series queues(const NetworkSampler& sampler, double capacity) {
  report::TimeSeries series;
  series.unit = unit::kBytes;
  series.limit = capacity;
  series.limit_label = "queue capacity";
  for (const base::Time t : sampler.times()) series.time_s.push_back(t.seconds());
  for (size_t level = 1; level < kLinkLevels; ++level) {
    report::TimeSeries::Line line;
    for (size_t s = 0; s < sampler.samples(); ++s) {
      double longest = 0;
      bool any = false;
      for (size_t g = 0; g < sampler.groups().size(); ++g) {
        if (sampler.groups()[g].level != static_cast<LinkLevel>(level)) continue;
        const std::string& name = sampler.groups()[g].name;
        line.label = name.substr(0, name.find_first_of("0123456789") == std::string::npos
                                        ? name.size()
                                        : name.find_first_of("0123456789") - 1);
        longest = std::max(longest, sampler.cell(s, g).queue_max);
        any = true;
      }
      if (any) line.values.push_back(longest);
    }
    if (!line.values.empty()) series.lines.push_back(std::move(line));
  }
  return {"queue.longest", "Longest queue",
          "Bytes in the longest data queue of each level at the end of each interval.",
          std::move(series)};
}

report::Series watched_queues(const NetworkView& view) {
  const NetworkSampler& sampler = view.sampler;
  report::TimeSeries series;
  series.unit = unit::kBytes;
  for (const base::Time t : sampler.times()) series.time_s.push_back(t.seconds());
  for (size_t q = 0; q < sampler.watched().size(); ++q) {
    report::TimeSeries::Line line;
    line.label = view.plan.topology.port_name(sampler.watched()[q]);
    for (size_t s = 0; s < sampler.samples(); ++s) {
      line.values.push_back(sampler.watched_bytes(s, q));
    }
    series.lines.push_back(std::move(line));
  }
  return {"queue.chosen", "Chosen queues",
          "Bytes in the data queues that the scenario asked for, at the end of each interval.",
          std::move(series)};
}

std::string fingerprint(const NetworkWorld& world) {
  uint64_t h = base::hash_name("network");
  const auto mix = [&h](int64_t x) { h = base::hash_combine(h, static_cast<uint64_t>(x)); };
  for (const node::FlowProgress& p : world.book().progress()) {
    mix(p.started_ps);
    mix(p.finished_ps);
  }
  const fabric::NetworkTotals totals = world.network().totals();
  mix(totals.packet_hops);
  mix(totals.trimmed);
  mix(totals.marked);
  mix(world.nic_totals().retransmitted);
  return fmt::format("{:016x}", h);
}

}  // namespace

NetworkView view_of(const NetworkWorld& world) {
  return {world.plan(), world.network(), world.sampler(), world.nic_totals(), busy_period(world)};
}

void add_network_metrics(Measurements& m, const NetworkView& view) {
  add_packets(m, view);
  add_queues(m, view);
}

void add_network_series(Measurements& m, const NetworkView& view) {
  if (view.sampler.samples() <= 1) return;
  m.series.push_back(utilisation(view.sampler));
  m.series.push_back(queues(view.sampler, static_cast<double>(view.plan.queue.capacity.count())));
  if (!view.sampler.watched().empty()) m.series.push_back(watched_queues(view));
}

report::Measurements measure(const NetworkWorld& world) {
  Measurements m;
  m.kind = "network";
  m.seed = static_cast<uint64_t>(world.plan().description.seed);
  m.fingerprint = fingerprint(world);
  add_flows(m, world);
  const NetworkView view = view_of(world);
  add_network_metrics(m, view);
  add_network_series(m, view);
  m.bottleneck = find_bottleneck(view);
  m.assumptions = world.plan().assumptions;
  return m;
}

}  // namespace windtunnel::study
