#include "study/network_sampler.h"

#include <fmt/format.h>

#include <algorithm>

namespace windtunnel::study {
namespace {

constexpr int64_t kGroupsPerLevel = 8;
constexpr size_t kSamplesMax = 256;
constexpr size_t kSamplesMaxGiven = 4'096;
// Links looked at per window, so that sampling stays a small share of running.
constexpr int64_t kLinksPerWindow = 16'384;

}  // namespace

LinkLevel level_of(const fabric::Topology& topology, fabric::PortEnd end) {
  if (topology.is_host(end.unit)) return LinkLevel::kHostUp;
  const fabric::SwitchModel& s = topology.switch_at(topology.switch_of_unit(end.unit));
  const bool down = end.port < s.down;
  if (s.tier == 0) return down ? LinkLevel::kTorDown : LinkLevel::kTorUp;
  if (s.tier == 1) return down ? LinkLevel::kAggDown : LinkLevel::kAggUp;
  return LinkLevel::kCoreDown;
}

std::string level_name(LinkLevel level, size_t tiers) {
  switch (level) {
    case LinkLevel::kHostUp:
      return "host up";
    case LinkLevel::kTorUp:
      return tiers == 2 ? "leaf up" : "tor up";
    case LinkLevel::kAggUp:
      return "agg up";
    case LinkLevel::kCoreDown:
      return "core down";
    case LinkLevel::kAggDown:
      return tiers == 2 ? "spine down" : "agg down";
    case LinkLevel::kTorDown:
      return tiers == 2 ? "leaf down" : "tor down";
  }
  return "";
}

NetworkSampler::NetworkSampler(const fabric::Topology& topology, base::Duration lookahead,
                               base::Duration interval, std::vector<fabric::PortEnd> watched)
    : watched_(std::move(watched)),
      samples_max_(interval > base::Duration::zero() ? kSamplesMaxGiven : kSamplesMax) {
  std::array<int64_t, kLinkLevels> count{};
  for_each_link(topology, [&](fabric::PortEnd end) {
    ++count[static_cast<size_t>(level_of(topology, end))];
  });
  std::array<uint16_t, kLinkLevels> first{};
  for (size_t level = 0; level < kLinkLevels; ++level) {
    first[level] = static_cast<uint16_t>(groups_.size());
    const int64_t parts = std::min(kGroupsPerLevel, count[level]);
    for (int64_t part = 0; part < parts; ++part) {
      Group group;
      group.level = static_cast<LinkLevel>(level);
      const std::string name = level_name(group.level, topology.description().tiers.size());
      group.name = parts == 1 ? name : fmt::format("{} {}/{}", name, part + 1, parts);
      groups_.push_back(group);
    }
  }
  std::array<int64_t, kLinkLevels> seen{};
  int64_t links = 0;
  for_each_link(topology, [&](fabric::PortEnd end) {
    const auto level = static_cast<size_t>(level_of(topology, end));
    const int64_t parts = std::min(kGroupsPerLevel, count[level]);
    const auto group = static_cast<uint16_t>(first[level] + seen[level]++ * parts / count[level]);
    group_of_link_.push_back(group);
    ++groups_[group].links;
    const auto& tier = topology.description().tiers[topology.link_tier(end)];
    groups_[group].capacity = static_cast<double>(tier.link_rate.bits_per_second());
    ++links;
  });
  sent_.resize(static_cast<size_t>(links));
  interval_ =
      interval > base::Duration::zero() ? interval : lookahead * (links / kLinksPerWindow + 1);
  due_ = base::Time::at(interval_);
}

void NetworkSampler::sample(const fabric::Network& network, base::Time now) {
  if (now < due_) return;
  if (times_.size() == samples_max_) merge();
  due_ += interval_ * ((now - due_) / interval_ + 1);
  take(network, now);
}

void NetworkSampler::close(const fabric::Network& network, base::Time end) {
  if (end <= (times_.empty() ? base::Time::zero() : times_.back())) return;
  if (times_.size() == samples_max_) merge();
  take(network, end);
}

void NetworkSampler::take(const fabric::Network& network, base::Time now) {
  const base::Time before = times_.empty() ? base::Time::zero() : times_.back();
  const double seconds = (now - before).seconds();
  times_.push_back(now);
  const size_t base = cells_.size();
  cells_.resize(base + groups_.size());
  size_t link = 0;
  for_each_link(network.topology(), [&](fabric::PortEnd end) {
    Cell& cell = cells_[base + group_of_link_[link]];
    const int64_t sent = network.counters(end).bytes;
    const double possible = groups_[group_of_link_[link]].capacity * seconds / 8;
    // What left at the very beginning may have been sent before it.
    const double used = std::min(1.0, static_cast<double>(sent - sent_[link]) / possible);
    cell.busiest = std::max(cell.busiest, used);
    sent_[link++] = sent;
    if (network.topology().is_host(end.unit)) return;
    const auto queued = static_cast<double>(network.queued(end).count());
    cell.queue_max = std::max(cell.queue_max, queued);
  });
  sample_watched(network);
}

// Host links have no data queue of their own: what waits there waits in the transport.
void NetworkSampler::sample_watched(const fabric::Network& network) {
  for (const fabric::PortEnd end : watched_) {
    const bool host = network.topology().is_host(end.unit);
    watched_bytes_.push_back(host ? 0 : static_cast<double>(network.queued(end).count()));
  }
}

// The busiest link of two intervals together is taken as the mean of the busiest of each: exact
// when it is the same link, too high otherwise.
void NetworkSampler::merge() {
  const size_t half = times_.size() / 2;
  for (size_t i = 0; i < half; ++i) {
    times_[i] = times_[2 * i + 1];
    for (size_t g = 0; g < groups_.size(); ++g) {
      const Cell a = cells_[2 * i * groups_.size() + g];
      const Cell b = cells_[(2 * i + 1) * groups_.size() + g];
      cells_[i * groups_.size() + g] = {(a.busiest + b.busiest) / 2,
                                        std::max(a.queue_max, b.queue_max)};
    }
  }
  const size_t width = watched_.size();
  for (size_t i = 0; i < half * width; ++i) {
    const size_t first = (i / width * 2) * width + i % width;
    watched_bytes_[i] = std::max(watched_bytes_[first], watched_bytes_[first + width]);
  }
  watched_bytes_.resize(half * width);
  times_.resize(half);
  cells_.resize(half * groups_.size());
  interval_ = interval_ * 2;
}

}  // namespace windtunnel::study
