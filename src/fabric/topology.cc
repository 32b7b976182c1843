#include "fabric/topology.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/random.h"
#include "fabric/parcel.h"

namespace windtunnel::fabric {
namespace {

constexpr uint32_t kPlanesMax = 64;
constexpr base::Duration kLinkLatencyMinMost = base::Duration::ms(4);
constexpr base::Duration kLatencyMost = base::Duration::s(100);
// A parcel of 64 KiB in bits times picoseconds, plus the rate, must fit 63 bits (Link).
constexpr base::Rate kRateMost = base::Rate::gbps(1'000'000'000);
// Windows a parcel can be ahead of the one being run; an outbox has a slot for each.
constexpr int64_t kFlightWindowsMax = 4096;

}  // namespace

base::Result<Topology> Topology::build(const TopologyDescription& description, uint64_t seed) {
  Topology t;
  t.description_ = description;
  base::Status status = t.check_ports();
  if (status) status = t.check_hosts();
  if (status) status = t.check_tiers();
  if (status) status = t.check_latencies();
  if (!status) return tl::unexpected(status.error());
  t.count_switches();
  status = t.check_units();
  if (!status) return tl::unexpected(status.error());
  t.place_switches(seed);
  return t;
}

uint32_t Topology::aggs_per_pod() const {
  return description_.tiers[0].up / description_.tiers[1].bundle;
}

base::Status Topology::check_ports() const {
  const auto& t = description_.tiers;
  if (t.size() < 2 || t.size() > 3)
    return base::fail(fmt::format("expected 2 or 3 tiers, found {}", t.size()));
  for (size_t i = 0; i < t.size(); ++i) {
    if (t[i].down == 0 || t[i].bundle == 0 || t[i].link_rate.bits_per_second() <= 0) {
      return base::fail(fmt::format("tier {}: ports, bundle and rate must be positive", i));
    }
    if (t[i].link_rate > kRateMost) {
      return base::fail(fmt::format("tier {}: links of {} bit/s, at most {} are possible", i,
                                    t[i].link_rate.bits_per_second(), kRateMost.bits_per_second()));
    }
    if (uint64_t{t[i].down} + t[i].up > Inlet::kPortsMax) {
      return base::fail(fmt::format("tier {}: at most {} ports a switch, found {}", i,
                                    Inlet::kPortsMax, uint64_t{t[i].down} + t[i].up));
    }
    if (i + 1 < t.size() && t[i].up == 0) {
      return base::fail(fmt::format("tier {}: no uplinks to the tier above", i));
    }
  }
  if (t.back().up != 0) return base::fail("the top tier cannot have uplinks");
  return {};
}

base::Status Topology::check_latencies() const {
  const auto& t = description_.tiers;
  for (size_t i = 0; i < t.size(); ++i) {
    if (t[i].link_latency <= base::Duration::zero()) {
      return base::fail(fmt::format("tier {}: link latency must be positive", i),
                        "the simulation advances in windows of one link latency");
    }
    if (t[i].switch_latency < base::Duration::zero()) {
      return base::fail(fmt::format("tier {}: switch latency must not be negative", i));
    }
    if (std::max(t[i].link_latency, t[i].switch_latency) > kLatencyMost) {
      return base::fail(
          fmt::format("tier {}: a latency of more than {} s", i, kLatencyMost.us() / 1'000'000));
    }
  }
  const base::Duration shortest = link_latency_min();
  // Offsets inside a window are 32-bit picoseconds.
  if (shortest > kLinkLatencyMinMost) {
    return base::fail(fmt::format("the shortest link takes {} us, at most {} us are possible",
                                  shortest.us(), kLinkLatencyMinMost.us()));
  }
  if (flight_max() / shortest > kFlightWindowsMax) {
    return base::fail(
        fmt::format("the longest link and its switch take {} ns, more than {} times the shortest "
                    "link ({} ns)",
                    flight_max().ns(), kFlightWindowsMax, shortest.ns()),
        "the simulation advances in windows of one link latency");
  }
  return {};
}

base::Status Topology::check_tiers() const {
  const TopologyDescription& d = description_;
  const auto& t = d.tiers;
  const auto divides = [](uint32_t what, uint32_t by) { return by != 0 && what % by == 0; };
  if (!divides(d.hosts, t[0].down)) {
    return base::fail(
        fmt::format("{} hosts do not divide over ToRs of {} ports", d.hosts, t[0].down));
  }
  if (!divides(t[0].up, t[1].bundle)) {
    return base::fail(
        fmt::format("{} ToR uplinks do not divide into bundles of {}", t[0].up, t[1].bundle));
  }
  const uint32_t pods = d.pod_hosts == 0 ? 0 : d.hosts / d.pod_hosts;
  if (pods == 0 || d.hosts % d.pod_hosts != 0 || !divides(d.pod_hosts, t[0].down)) {
    return base::fail(fmt::format("pods of {} hosts do not divide {} hosts over ToRs of {}",
                                  d.pod_hosts, d.hosts, t[0].down));
  }
  const uint32_t tors_per_pod = d.pod_hosts / t[0].down;
  if (t[1].down != uint64_t{tors_per_pod} * t[1].bundle) {
    return base::fail(fmt::format(
        "tier 1 has {} down ports, but reaches {} ToRs with bundles of {} (expected {})", t[1].down,
        tors_per_pod, t[1].bundle, uint64_t{tors_per_pod} * t[1].bundle));
  }
  if (t.size() == 2) {
    if (pods != 1) return base::fail("a two-tier tree has one pod");
    return {};
  }
  if (!divides(t[1].up, t[2].bundle)) {
    return base::fail(fmt::format("{} aggregation uplinks do not divide into bundles of {}",
                                  t[1].up, t[2].bundle));
  }
  if (t[2].down != uint64_t{pods} * t[2].bundle) {
    return base::fail(fmt::format(
        "tier 2 has {} down ports, but reaches {} pods with bundles of {} (expected {})", t[2].down,
        pods, t[2].bundle, uint64_t{pods} * t[2].bundle));
  }
  return {};
}

base::Status Topology::check_hosts() const {
  const TopologyDescription& d = description_;
  if (d.hosts < 2 || d.hosts > kHostsMax / 2) {
    return base::fail(fmt::format("expected 2 to {} hosts, found {}", kHostsMax / 2, d.hosts));
  }
  if (d.planes < 1 || d.planes > kPlanesMax) {
    return base::fail(fmt::format("expected 1 to {} planes, found {}", kPlanesMax, d.planes));
  }
  const uint64_t group = uint64_t{d.rails} * d.tiers[0].down;
  if (d.rails < 1 || (d.rails > 1 && d.hosts % group != 0)) {
    return base::fail(fmt::format("{} hosts do not divide into groups of {} servers of {} rails",
                                  d.hosts, d.tiers[0].down, d.rails));
  }
  return {};
}

// Hosts and switches of all planes must be nameable.
base::Status Topology::check_units() const {
  const uint64_t switches = uint64_t{tier_counts_[0]} + tier_counts_[1] + tier_counts_[2];
  const uint64_t units = description_.hosts + switches * description_.planes;
  if (units <= Inlet::kUnitsMax) return {};
  return base::fail(fmt::format("{} hosts and {} switches in each of {} planes, at most {} in all",
                                description_.hosts, switches, description_.planes,
                                Inlet::kUnitsMax));
}

void Topology::count_switches() {
  const TopologyDescription& d = description_;
  const uint32_t pods = d.hosts / d.pod_hosts;
  tier_counts_[0] = d.hosts / d.tiers[0].down;
  tier_counts_[1] = aggs_per_pod() * pods;
  tier_counts_[2] = d.tiers.size() == 3 ? aggs_per_pod() * (d.tiers[1].up / d.tiers[2].bundle) : 0;
}

void Topology::place_switches(uint64_t seed) {
  const TopologyDescription& d = description_;
  const auto& t = d.tiers;
  for (uint32_t plane = 0; plane < d.planes; ++plane) {
    for (uint32_t level = 0; level < t.size(); ++level) {
      for (uint32_t i = 0; i < tier_counts_[level]; ++i) {
        SwitchModel s;
        s.tier = static_cast<uint8_t>(level);
        s.plane = static_cast<uint8_t>(plane);
        s.index = i;
        s.port_base = switch_ports_;
        s.down = static_cast<uint16_t>(t[level].down);
        s.up = static_cast<uint16_t>(t[level].up);
        s.bundle = static_cast<uint16_t>(level == 0 ? 1 : t[level].bundle);
        if (level == 0) {
          s.first = i * t[0].down;
          s.span = t[0].down;
          s.stride = 1;
        } else if (level == 1) {
          s.first = i / aggs_per_pod() * d.pod_hosts;
          s.span = d.pod_hosts;
          s.stride = t[0].down;
        } else {
          s.span = d.hosts;
          s.stride = d.pod_hosts;
        }
        s.stride_reciprocal = ((uint64_t{1} << 40) + s.stride - 1) / s.stride;
        s.salt =
            base::hash_combine(base::hash_combine(seed, base::hash_name("ecmp")), switches_.size());
        switch_ports_ += t[level].down + t[level].up;
        switches_.push_back(s);
      }
    }
  }
}

uint32_t Topology::tier_first(uint32_t plane, uint32_t tier) const {
  uint32_t first = plane * (tier_counts_[0] + tier_counts_[1] + tier_counts_[2]);
  for (uint32_t level = 0; level < tier; ++level) first += tier_counts_[level];
  return first;
}

PortEnd Topology::peer_down(const SwitchModel& s, uint32_t port) const {
  const uint32_t child = port / s.bundle;
  const uint32_t cable = port % s.bundle;
  if (s.tier == 0) return {s.first + child, s.plane};
  if (s.tier == 1) {
    const uint32_t pod = s.first / description_.pod_hosts;
    const uint32_t tor = pod * (description_.pod_hosts / description_.tiers[0].down) + child;
    const uint32_t agg = s.index % aggs_per_pod();
    return {unit_of_switch(tier_first(s.plane, 0) + tor),
            description_.tiers[0].down + agg * s.bundle + cable};
  }
  const uint32_t agg = child * aggs_per_pod() + s.index % aggs_per_pod();
  return {unit_of_switch(tier_first(s.plane, 1) + agg),
          description_.tiers[1].down + s.index / aggs_per_pod() * s.bundle + cable};
}

PortEnd Topology::peer_up(const SwitchModel& s, uint32_t port) const {
  const uint32_t bundle = description_.tiers[s.tier + 1u].bundle;
  const uint32_t neighbour = (port - s.down) / bundle;
  const uint32_t cable = (port - s.down) % bundle;
  if (s.tier == 0) {
    const uint32_t tors_per_pod = description_.pod_hosts / description_.tiers[0].down;
    const uint32_t agg = s.index / tors_per_pod * aggs_per_pod() + neighbour;
    return {unit_of_switch(tier_first(s.plane, 1) + agg), s.index % tors_per_pod * bundle + cable};
  }
  const uint32_t core = neighbour * aggs_per_pod() + s.index % aggs_per_pod();
  return {unit_of_switch(tier_first(s.plane, 2) + core), s.index / aggs_per_pod() * bundle + cable};
}

PortEnd Topology::peer(PortEnd end) const {
  if (is_host(end.unit)) {
    const uint32_t down = description_.tiers[0].down;
    return {unit_of_switch(tier_first(end.port, 0) + end.unit / down), end.unit % down};
  }
  const SwitchModel& s = switches_[switch_of_unit(end.unit)];
  return end.port < s.down ? peer_down(s, end.port) : peer_up(s, end.port);
}

uint32_t Topology::link_tier(PortEnd end) const {
  if (is_host(end.unit)) return 0;
  const SwitchModel& s = switches_[switch_of_unit(end.unit)];
  return end.port < s.down ? s.tier : s.tier + 1u;
}

// Rail-optimised: NIC r of every server in a group of tiers[0].down servers shares a ToR, so NIC
// (server, r) sits at ToR (group * rails + r), port server % down.
uint32_t Topology::position(uint32_t host) const {
  const uint32_t rails = description_.rails;
  if (rails == 1) return host;
  const uint32_t down = description_.tiers[0].down;
  const uint32_t server = host / rails;
  return ((server / down) * rails + host % rails) * down + server % down;
}

uint32_t Topology::host_at(uint32_t position) const {
  const uint32_t rails = description_.rails;
  if (rails == 1) return position;
  const uint32_t down = description_.tiers[0].down;
  const uint32_t tor = position / down;
  return ((tor / rails) * down + position % down) * rails + tor % rails;
}

base::Duration Topology::diameter_latency() const {
  base::Duration one_way;
  const auto& tiers = description_.tiers;
  for (size_t i = 0; i < tiers.size(); ++i) {
    one_way += tiers[i].link_latency * 2;
    one_way += tiers[i].switch_latency * (i + 1 < tiers.size() ? 2 : 1);
  }
  return one_way;
}

base::Duration Topology::flight_max() const {
  const auto& tiers = description_.tiers;
  base::Duration longest;
  for (size_t i = 0; i < tiers.size(); ++i) {
    longest = std::max(longest, tiers[i].link_latency + tiers[i].switch_latency);
    if (i > 0) longest = std::max(longest, tiers[i].link_latency + tiers[i - 1].switch_latency);
  }
  return longest;
}

base::Duration Topology::link_latency_min() const {
  base::Duration least = base::Duration::max();
  for (const TierDescription& t : description_.tiers) least = std::min(least, t.link_latency);
  return least;
}

const char* Topology::tier_name(uint32_t tier, uint32_t tiers) {
  if (tier == 0) return tiers == 2 ? "leaf" : "tor";
  if (tier == 1) return tiers == 2 ? "spine" : "agg";
  return "core";
}

std::string Topology::switch_name(uint32_t index) const {
  const SwitchModel& s = switches_[index];
  const char* name = tier_name(s.tier, static_cast<uint32_t>(description_.tiers.size()));
  if (description_.planes == 1) return fmt::format("{} {}", name, s.index);
  return fmt::format("plane {} {} {}", s.plane, name, s.index);
}

std::string Topology::port_name(PortEnd end) const {
  if (is_host(end.unit)) {
    if (description_.planes == 1) return fmt::format("host {} up", host_at(end.unit));
    return fmt::format("host {} up (plane {})", host_at(end.unit), end.port);
  }
  const uint32_t index = switch_of_unit(end.unit);
  const SwitchModel& s = switches_[index];
  const bool down = end.port < s.down;
  const PortEnd other = peer(end);
  const std::string to = is_host(other.unit) ? fmt::format("host {}", host_at(other.unit))
                                             : switch_name(switch_of_unit(other.unit));
  return fmt::format("{} {} {} to {}", switch_name(index), down ? "down" : "up",
                     down ? end.port : end.port - s.down, to);
}

}  // namespace windtunnel::fabric
