#include "study/collective_measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>

#include "base/random.h"
#include "cluster/bus_bandwidth.h"
#include "study/collective_recovery.h"
#include "study/network_measure.h"

namespace windtunnel::study {
namespace {

using report::Measurements;
using report::Metric;
namespace unit = report::unit;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double seconds(int64_t ps) { return base::Duration::ps(ps).seconds(); }

void add(Measurements& m, const char* name, double value, const char* of, const char* label,
         bool headline = false) {
  Metric metric;
  metric.name = name;
  metric.value = value;
  metric.unit = of;
  metric.label = label;
  metric.headline = headline;
  m.metrics.push_back(std::move(metric));
}

// Times of the iterations that came to an end.
struct Times {
  int64_t count = 0;
  int64_t sum_ps = 0;
  int64_t min_ps = 0;
  int64_t max_ps = 0;
};

Times times_of(const CollectiveWorld& world) {
  Times t;
  for (const node::RoundTimes& round : world.nics().rounds()) {
    if (round.end_ps < 0) continue;
    const int64_t ps = round.end_ps - round.start_ps;
    t.min_ps = t.count == 0 ? ps : std::min(t.min_ps, ps);
    t.max_ps = std::max(t.max_ps, ps);
    t.sum_ps += ps;
    ++t.count;
  }
  return t;
}

// In which the ranks had something to do.
base::Duration period_of(const CollectiveWorld& world) {
  int64_t ps = 0;
  for (const node::RoundTimes& round : world.nics().rounds()) {
    if (round.start_ps < 0) continue;
    ps += (round.end_ps < 0 ? world.end().ps() : round.end_ps) - round.start_ps;
  }
  return base::Duration::ps(ps);
}

void add_times(Measurements& m, const CollectiveWorld& world) {
  const Times t = times_of(world);
  const auto& rounds = world.nics().rounds();
  const base::Duration mean =
      base::Duration::ps(t.count > 0 ? (t.sum_ps + t.count / 2) / t.count : 0);
  const double of_mean = t.count > 0 ? mean.seconds() : kNone;
  add(m, "collective.time", of_mean, unit::kSeconds, "time of an iteration, mean", true);
  add(m, "collective.time.min", t.count > 0 ? seconds(t.min_ps) : kNone, unit::kSeconds,
      "fastest iteration");
  add(m, "collective.time.max", t.count > 0 ? seconds(t.max_ps) : kNone, unit::kSeconds,
      "slowest iteration", rounds.size() > 1);
  const cluster::Goal goal{world.scenario().spec.operation, world.scenario().spec.bytes, 0};
  const auto ranks = static_cast<uint32_t>(world.scenario().spec.group.size());
  const cluster::Bandwidth bandwidth = cluster::bandwidth_of(goal, ranks, mean);
  add(m, "collective.algbw", static_cast<double>(bandwidth.algorithm.bits_per_second()) / 8,
      unit::kBytesPerSecond, "size over time (algbw of nccl-tests)", true);
  add(m, "collective.busbw", static_cast<double>(bandwidth.bus.bits_per_second()) / 8,
      unit::kBytesPerSecond, "the same as a rate of each port (busbw)", true);
  const double bound = world.plan().bound.seconds();
  add(m, "collective.bound", bound, unit::kSeconds,
      "closed form of this algorithm, headers included");
  add(m, "collective.ratio", of_mean / bound, unit::kCount, "time over closed form", true);
  add(m, "collective.least", world.plan().no_faster.seconds(), unit::kSeconds,
      "no algorithm could be faster over these NICs");
  add(m, "collective.iterations", static_cast<double>(t.count), unit::kCount,
      "iterations that ended");
}

void add_messages(Measurements& m, const CollectiveWorld& world) {
  const node::MessageNics::Moved moved = world.nics().moved();
  add(m, "collective.messages", static_cast<double>(moved.messages), unit::kCount,
      "messages between servers");
  add(m, "collective.messages.server", static_cast<double>(moved.inside_messages), unit::kCount,
      "messages within servers");
  add(m, "collective.bytes", static_cast<double>(moved.bytes), unit::kBytes,
      "payload between servers");
  add(m, "collective.bytes.server", static_cast<double>(moved.inside_bytes), unit::kBytes,
      "payload within servers");
  if (world.plan().background.bytes > 0) {
    add(m, "background.messages", static_cast<double>(moved.background_messages), unit::kCount,
        "messages of others that arrived");
    add(m, "background.bytes", static_cast<double>(moved.background_bytes), unit::kBytes,
        "payload of others that arrived");
  }
  add(m, "collective.failed", static_cast<double>(moved.failed), unit::kCount,
      "messages the transport gave up", moved.failed > 0);
  add(m, "collective.channels", static_cast<double>(world.nics().channels_open_max()), unit::kCount,
      "queue pairs a NIC had open to send, at most");
}

// Payload that arrived per second, interval by interval.
std::vector<double> throughput_of(const CollectiveWorld& world) {
  std::vector<double> rates;
  const double interval = world.series_interval().seconds();
  for (const int64_t bytes : world.nics().arrived_series(node::Arrived::kAll)) {
    rates.push_back(static_cast<double>(bytes) * 8 / interval);
  }
  return rates;
}

void add_throughput(Measurements& m, const CollectiveWorld& world,
                    const std::vector<double>& throughput) {
  if (throughput.size() < 2) return;
  report::TimeSeries series;
  series.unit = unit::kBitsPerSecond;
  report::TimeSeries::Line line;
  line.label = "all ranks";
  for (size_t i = 0; i < throughput.size(); ++i) {
    series.time_s.push_back(seconds(static_cast<int64_t>(i + 1) * world.series_interval().ps()));
    line.values.push_back(throughput[i]);
  }
  series.lines.push_back(std::move(line));
  m.series.push_back({"collective.throughput", "Throughput",
                      "Payload of messages that arrived in each interval, within servers and "
                      "between them.",
                      std::move(series)});
}

// The busiest of a kind of resource besides links, as a share of the period.
struct Candidate {
  const char* what = "";
  const char* of = "";
  node::BusyTime busy;
  const char* explanation = "";
};

report::Bottleneck bottleneck_of(const CollectiveWorld& world, const NetworkView& view) {
  report::Bottleneck bottleneck = find_bottleneck(view);
  if (view.period == base::Duration::zero()) return bottleneck;
  const node::MessageNics& nics = world.nics();
  const Candidate candidates[] = {
      {"fabric within servers, out", "rank", nics.server_out(),
       "GPUs send to GPUs of their own server most of the time: the fabric within servers is the "
       "limit."},
      {"fabric within servers, in", "rank", nics.server_in(),
       "GPUs receive from their own server most of the time: the fabric within servers is the "
       "limit."},
      {"PCIe, GPU to NIC", "NIC", nics.dma_read(),
       "NICs wait for payload from their GPUs: PCIe, not the network, is the limit."},
      {"PCIe, NIC to GPU", "NIC", nics.dma_write(),
       "Payload waits at NICs for its way to the GPU: PCIe, not the network, is the limit."},
      {"computing", "rank", nics.compute(), "GPUs compute most of the time."},
  };
  for (const Candidate& c : candidates) {
    const double share = std::min(1.0, seconds(c.busy.most_ps) / view.period.seconds());
    if (share <= 0) continue;
    if (share <= bottleneck.share) {
      bottleneck.runners.push_back({c.what, share});
      continue;
    }
    if (!bottleneck.what.empty()) {
      bottleneck.runners.push_back({bottleneck.what, bottleneck.share});
    }
    bottleneck.what = c.what;
    bottleneck.where = fmt::format("{} {}", c.of, c.busy.who);
    bottleneck.share = share;
    constexpr double kBusy = 0.6;
    bottleneck.explanation =
        share >= kBusy ? c.explanation
                       : "Nothing was busy for most of the time: latency, not capacity, decided.";
  }
  std::stable_sort(bottleneck.runners.begin(), bottleneck.runners.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  return bottleneck;
}

std::string fingerprint(const CollectiveWorld& world) {
  uint64_t h = base::hash_name("collective");
  const auto mix = [&h](int64_t x) { h = base::hash_combine(h, static_cast<uint64_t>(x)); };
  for (const node::RoundTimes& round : world.nics().rounds()) {
    mix(round.start_ps);
    mix(round.end_ps);
  }
  for (const int64_t bytes : world.nics().arrived_series(node::Arrived::kAll)) mix(bytes);
  const fabric::NetworkTotals totals = world.network().totals();
  mix(totals.packet_hops);
  mix(totals.trimmed);
  mix(totals.marked);
  mix(world.nics().totals().retransmitted);
  return fmt::format("{:016x}", h);
}

}  // namespace

Measurements measure(const CollectiveWorld& world) {
  Measurements m;
  m.kind = "collective";
  m.seed = static_cast<uint64_t>(world.scenario().description.seed);
  m.fingerprint = fingerprint(world);
  const NetworkView view{world.plan().network, world.network(), world.sampler(),
                         world.nics().totals(), period_of(world)};
  const std::vector<double> throughput = throughput_of(world);
  add_times(m, world);
  add_recovery(m, world);
  add_messages(m, world);
  add_network_metrics(m, view);
  add_throughput(m, world, throughput);
  add_network_series(m, view);
  m.bottleneck = bottleneck_of(world, view);
  m.assumptions = world.plan().network.assumptions;
  return m;
}

}  // namespace windtunnel::study
