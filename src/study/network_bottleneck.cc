// What limited a network run: the busiest link, its level, and what stood in front of it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/human.h"
#include "study/network_measure.h"

namespace windtunnel::study {
namespace {

// Links of one level, summed up.
struct Level {
  int64_t links = 0;
  int64_t used = 0;
  double busy_sum = 0;
  double busy_max = 0;
  fabric::PortEnd busiest;
  int64_t trimmed = 0;
  int64_t dropped = 0;
  int64_t lost = 0;
  int64_t marked = 0;
  double paused = 0;  // longest pause of one link, share of the run
};

using Levels = std::array<Level, kLinkLevels>;

double busy_share(const fabric::Network& network, fabric::PortEnd end, double seconds) {
  const double busy = base::Duration::ps(network.counters(end).busy_ps).seconds();
  return std::min(1.0, busy / seconds);
}

Levels look(const NetworkView& view, double seconds) {
  Levels levels;
  const fabric::Topology& topology = view.plan.topology;
  for_each_link(topology, [&](fabric::PortEnd end) {
    Level& level = levels[static_cast<size_t>(level_of(topology, end))];
    const fabric::LinkCounters& counters = view.network.counters(end);
    const double busy = busy_share(view.network, end, seconds);
    ++level.links;
    level.used += counters.bytes > 0 ? 1 : 0;
    level.busy_sum += busy;
    if (busy > level.busy_max) {
      level.busy_max = busy;
      level.busiest = end;
    }
    level.trimmed += counters.trimmed;
    level.dropped += counters.dropped;
    level.lost += counters.lost;
    level.marked += counters.marked;
    level.paused =
        std::max(level.paused, static_cast<double>(counters.paused_ps) * 1e-12 / seconds);
  });
  return levels;
}

// Below this share of its time a link is not what holds the flows up.
constexpr double kBusy = 0.6;

std::string meaning(const NetworkView& view, LinkLevel level, const Level& l, double mean) {
  if (l.busy_max < kBusy) {
    return "No link was busy for most of the time: round trips, not capacity, decided.";
  }
  const bool even = l.busy_max < 1.5 * mean;
  switch (level) {
    case LinkLevel::kHostUp:
      return "The senders' own links are the limit: the network behind them carries what they "
             "send.";
    case LinkLevel::kTorDown:
      return even ? "The receivers' own links are the limit: more paths would not help."
                  : "Too much goes to few receivers: their links are the limit, and more paths "
                    "would "
                    "not help.";
    default:
      break;
  }
  const bool oversubscribed =
      view.plan.topology.description().tiers[0].down > view.plan.topology.description().tiers[0].up;
  if (!even) {
    return "The load is uneven: some links of this level are full while others have room, so how "
           "flows are spread over paths is the limit.";
  }
  return oversubscribed
             ? "All links of this level are about equally full: the network is "
               "over-subscribed and its capacity is the limit."
             : "All links of this level are about equally full: its capacity is the limit.";
}

}  // namespace

report::Bottleneck find_bottleneck(const NetworkView& view) {
  report::Bottleneck bottleneck;
  const base::Duration period = view.period;
  if (period == base::Duration::zero()) return bottleneck;
  const Levels levels = look(view, period.seconds());

  // Of levels that are equally busy the first a packet meets is the cause, the others follow it.
  constexpr double kSame = 0.005;
  size_t worst = 0;
  for (size_t i = 1; i < kLinkLevels; ++i) {
    if (levels[i].busy_max > levels[worst].busy_max + kSame) worst = i;
  }
  const Level& l = levels[worst];
  const size_t tiers = view.plan.topology.description().tiers.size();
  const auto level = static_cast<LinkLevel>(worst);
  const double mean = l.used > 0 ? l.busy_sum / static_cast<double>(l.used) : 0;
  bottleneck.what = fmt::format("{} links", level_name(level, tiers));
  bottleneck.where = view.plan.topology.port_name(l.busiest);
  bottleneck.share = l.busy_max;
  bottleneck.explanation = meaning(view, level, l, mean);
  if (l.trimmed + l.dropped > 0) {
    bottleneck.explanation +=
        fmt::format(" {} packets were {} in front of these links.",
                    report::human_count(static_cast<uint64_t>(l.trimmed + l.dropped)),
                    l.dropped == 0 ? "trimmed" : "trimmed or dropped");
  }
  double paused = 0;
  for (const Level& each : levels) paused = std::max(paused, each.paused);
  if (paused > 0) {
    bottleneck.explanation += fmt::format(" PFC silenced some link for {:.0f} % of the time.",
                                          100 * std::min(1.0, paused));
  }
  for (size_t i = 0; i < kLinkLevels; ++i) {
    if (i == worst || levels[i].links == 0) continue;
    bottleneck.runners.push_back(
        {level_name(static_cast<LinkLevel>(i), tiers) + " links", levels[i].busy_max});
  }
  std::stable_sort(bottleneck.runners.begin(), bottleneck.runners.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  return bottleneck;
}

}  // namespace windtunnel::study
