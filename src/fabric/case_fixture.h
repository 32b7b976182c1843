// Random experiments for the tests of this room, as a handful of numbers that can be made smaller
// one by one when an experiment shows a difference.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "fabric/script_fixture.h"

namespace windtunnel::fabric {

// At 400 Gb/s these take 80 ns and 1 ns: with even sizes, rates and latencies all times lie on a
// grid of nanoseconds, and many things happen at once, which is where orders go wrong.
inline constexpr uint16_t kDataBytes = 4000;
inline constexpr uint16_t kControlBytes = 50;

struct Case {
  uint64_t seed = 0;
  // Shape: `tiers` of 2 or 3; ToRs of `hosts_per_tor` hosts in pods.
  uint32_t tiers = 2;
  uint32_t pods = 1;
  uint32_t tors_per_pod = 2;
  uint32_t hosts_per_tor = 2;
  uint32_t aggs_per_pod = 1;
  uint32_t bundle_1 = 1;
  uint32_t core_groups = 1;  // core switches an aggregation switch reaches
  uint32_t bundle_2 = 1;
  uint32_t planes = 1;
  uint32_t mixed_rates = 0;  // tiers of different, also odd rates
  uint32_t mixed_latencies = 0;
  uint32_t switch_latency = 0;
  // Queues.
  uint32_t tail_drop = 0;
  uint32_t capacity = 1;  // in data parcels
  uint32_t ecn = 0;
  uint32_t tight_control = 0;
  // Traffic.
  uint32_t parcels = 1;
  uint32_t destinations = 1;  // few of them make congestion
  uint32_t odd_sizes = 0;
  uint32_t span_us = 1;
  uint32_t faults = 0;
  uint32_t cut = 0;  // the run ends while parcels are under way
};

struct CaseField {
  const char* name;
  uint32_t Case::*field;
  uint32_t least;
};
inline constexpr std::array<CaseField, 23> kCaseFields = {{
    {"parcels", &Case::parcels, 1},
    {"faults", &Case::faults, 0},
    {"cut", &Case::cut, 0},
    {"planes", &Case::planes, 1},
    {"bundle_2", &Case::bundle_2, 1},
    {"core_groups", &Case::core_groups, 1},
    {"tiers", &Case::tiers, 2},
    {"pods", &Case::pods, 1},
    {"bundle_1", &Case::bundle_1, 1},
    {"aggs_per_pod", &Case::aggs_per_pod, 1},
    {"tors_per_pod", &Case::tors_per_pod, 1},
    {"hosts_per_tor", &Case::hosts_per_tor, 1},
    {"mixed_rates", &Case::mixed_rates, 0},
    {"mixed_latencies", &Case::mixed_latencies, 0},
    {"switch_latency", &Case::switch_latency, 0},
    {"tail_drop", &Case::tail_drop, 0},
    {"ecn", &Case::ecn, 0},
    {"tight_control", &Case::tight_control, 0},
    {"odd_sizes", &Case::odd_sizes, 0},
    {"destinations", &Case::destinations, 1},
    {"span_us", &Case::span_us, 1},
    {"capacity", &Case::capacity, 1},
    {"parcels", &Case::parcels, 1},
}};

inline std::string to_string(const Case& c) {
  std::string text = fmt::format("seed {}", c.seed);
  for (const CaseField& f : std::span(kCaseFields).first(kCaseFields.size() - 1)) {
    text += fmt::format(", {} {}", f.name, c.*f.field);
  }
  return text;
}

inline Case draw_case(uint64_t seed) {
  base::RandomStream r(seed, "case");
  const auto up_to = [&r](uint64_t most) { return static_cast<uint32_t>(1 + r.below(most)); };
  const auto yes = [&r](uint64_t part, uint64_t whole) { return r.chance(part, whole) ? 1u : 0u; };
  Case c;
  c.seed = seed;
  c.tiers = 2 + yes(1, 2);
  c.pods = c.tiers == 3 ? up_to(3) : 1;
  c.tors_per_pod = up_to(4);
  c.hosts_per_tor = up_to(4);
  c.aggs_per_pod = up_to(3);
  c.bundle_1 = up_to(2);
  c.core_groups = up_to(2);
  c.bundle_2 = up_to(2);
  c.planes = yes(1, 3) == 0 ? 1 : up_to(3);
  c.mixed_rates = yes(1, 2);
  c.mixed_latencies = yes(1, 2);
  c.switch_latency = yes(1, 3);
  c.tail_drop = yes(1, 4);
  c.capacity = up_to(12);
  c.ecn = yes(3, 4);
  c.tight_control = yes(1, 3);
  c.parcels = up_to(yes(1, 10) != 0 ? 3000 : 400);
  c.destinations = up_to(yes(1, 2) != 0 ? 2 : 48);
  c.odd_sizes = yes(1, 2);
  c.span_us = up_to(30);
  c.faults = yes(1, 2) == 0 ? 0 : up_to(12);
  c.cut = yes(1, 4);
  return c;
}

inline TopologyDescription topology_of(const Case& c) {
  base::RandomStream r(c.seed, "links");
  constexpr std::array<int64_t, 7> kRates = {400'000'000'000, 100'000'000'000, 25'000'000'000,
                                             800'000'000'000, 333'333'333'333, 123'456'789'012,
                                             400'000'000'001};
  TopologyDescription d;
  // A network of one host is refused.
  const bool lonely = c.tors_per_pod == 1 && (c.tiers == 2 || c.pods == 1);
  const uint32_t hosts_per_tor = std::max(c.hosts_per_tor, lonely ? 2u : 1u);
  d.pod_hosts = hosts_per_tor * c.tors_per_pod;
  d.hosts = d.pod_hosts * (c.tiers == 3 ? c.pods : 1);
  d.planes = c.planes;
  d.tiers.resize(c.tiers);
  d.tiers[0].down = hosts_per_tor;
  d.tiers[0].up = c.aggs_per_pod * c.bundle_1;
  d.tiers[1].down = c.tors_per_pod * c.bundle_1;
  d.tiers[1].bundle = c.bundle_1;
  if (c.tiers == 3) {
    d.tiers[1].up = c.core_groups * c.bundle_2;
    d.tiers[2].down = c.pods * c.bundle_2;
    d.tiers[2].bundle = c.bundle_2;
  }
  for (TierDescription& t : d.tiers) {
    const uint64_t which = r.below(kRates.size());
    const auto latency = static_cast<int64_t>(1 + r.below(r.chance(1, 2) ? 900'000 : 6'000'000));
    const auto inside = static_cast<int64_t>(r.below(9'000'000));
    t.link_rate = base::Rate::bits_per_second(kRates[c.mixed_rates != 0 ? which : 0]);
    t.link_latency =
        c.mixed_latencies != 0 ? base::Duration::ps(20'000 + latency) : base::Duration::us(1);
    if (c.switch_latency != 0) t.switch_latency = base::Duration::ps(inside);
  }
  return d;
}

inline QueueSettings queue_of(const Case& c) {
  base::RandomStream r(c.seed, "queue");
  QueueSettings q;
  q.discipline = c.tail_drop != 0 ? Discipline::kTailDrop : Discipline::kTrimming;
  q.capacity = base::Bytes(int64_t{c.capacity} * kDataBytes + static_cast<int64_t>(r.below(3)) - 1);
  q.control_capacity = base::Bytes(c.tight_control != 0 ? 300 : 1'000'000);
  q.ecn_low = q.ecn_high = q.capacity * 2;
  // Half of the thresholds are whole parcels, so that queues also stand exactly at them.
  const int64_t grain = r.chance(1, 2) ? kDataBytes : 1;
  const auto low = static_cast<int64_t>(r.below(uint64_t{c.capacity} * kDataBytes)) / grain * grain;
  const auto width = static_cast<int64_t>(r.below(3 * kDataBytes)) / grain * grain;
  if (c.ecn != 0) {
    q.ecn_low = base::Bytes(low);
    q.ecn_high = base::Bytes(low + width);
  }
  q.ecn_last_hop = r.chance(2, 3);
  q.trim_size = base::Bytes(static_cast<int64_t>(32 + r.below(64)));
  return q;
}

inline std::vector<Injection> traffic_of(const Case& c, const TopologyDescription& d) {
  base::RandomStream r(c.seed, "traffic");
  std::vector<Injection> all;
  for (uint32_t n = 0; n < c.parcels; ++n) {
    Injection i;
    const uint64_t ns = r.below(uint64_t{c.span_us} * 1000);
    const uint64_t fine_ps = r.below(1000);
    i.at_ps = static_cast<int64_t>(ns * 1000 + (c.odd_sizes != 0 ? fine_ps : 0));
    i.host = static_cast<uint32_t>(r.below(d.hosts));
    i.plane = static_cast<uint32_t>(r.below(d.planes));
    Parcel& p = i.parcel;
    p.dst_and_flags =
        static_cast<uint32_t>(r.below(std::min(c.destinations, d.hosts)) * 7 % d.hosts);
    const bool control = r.chance(1, 6);
    const uint64_t size = r.below(8000);
    p.bytes = static_cast<uint16_t>(c.odd_sizes != 0 ? 40 + size
                                                     : (control ? kControlBytes : kDataBytes));
    if (control) p.set_class(ParcelClass::kControl);
    if (r.chance(1, 5)) p.set(ParcelFlags::kNoEcn);
    if (r.chance(1, 3)) p.set(ParcelFlags::kHeavyCargo);
    if (r.chance(1, 2)) p.set(ParcelFlags::kUser);
    p.entropy = static_cast<uint16_t>(r.below(64));
    p.flow = i.host * 1000 + p.dst();
    p.cargo[0] = n;
    p.cargo[1] = i.host;
    p.cargo[2] = static_cast<uint32_t>(r.bits());
    all.push_back(i);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Injection& a, const Injection& b) { return a.at_ps < b.at_ps; });
  return all;
}

// A third exactly where a window begins, a third on the grid of the traffic.
inline base::Time some_time(base::RandomStream& r, uint64_t below_ps, const Topology& topology) {
  const auto lookahead = static_cast<uint64_t>(topology.link_latency_min().ps());
  const uint64_t at = r.below(below_ps);
  const std::array<uint64_t, 3> times = {at, at / lookahead * lookahead, at / 1000 * 1000};
  return base::Time::at(base::Duration::ps(static_cast<int64_t>(times[r.below(3)])));
}

inline std::vector<Fault> faults_of(const Case& c, const Topology& topology) {
  base::RandomStream r(c.seed, "faults");
  const std::vector<PortEnd> ends = all_ends(topology);
  std::vector<Fault> faults;
  for (uint32_t n = 0; n < c.faults; ++n) {
    Fault fault;
    fault.at = some_time(r, uint64_t{c.span_us} * 2'000'000, topology);
    fault.link = n > 0 && r.chance(1, 3) ? faults.back().link : ends[r.below(ends.size())];
    fault.kind = static_cast<FaultKind>(r.below(4));
    fault.share = {static_cast<int64_t>(r.below(100)), 100};
    faults.push_back(fault);
  }
  return faults;
}

inline Experiment experiment_of(const Case& c) {
  Experiment e;
  e.seed = c.seed;
  e.topology = topology_of(c);
  e.queue = queue_of(c);
  e.injections = traffic_of(c, e.topology);
  const Topology topology = Topology::build(e.topology, c.seed).value();
  e.faults = faults_of(c, topology);
  if (c.cut != 0) {
    base::RandomStream r(c.seed, "cut");
    e.until = some_time(r, uint64_t{c.span_us} * 2'000'000 + 5'000'000, topology);
  }
  return e;
}

// The smallest case, field by field, for which `fails` still holds.
template <class Fails>
Case shrink(Case c, Fails&& fails) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const CaseField& f : kCaseFields) {
      for (const uint32_t candidate : {f.least, (f.least + c.*f.field) / 2, c.*f.field - 1}) {
        if (candidate < f.least || candidate >= c.*f.field) continue;
        Case less = c;
        less.*f.field = candidate;
        if (!fails(less)) continue;
        c = less;
        smaller = true;
        break;
      }
    }
  }
  return c;
}

}  // namespace windtunnel::fabric
