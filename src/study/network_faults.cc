// Faults as the user names them, expanded to directed links of the network.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "study/network_plan.h"

namespace windtunnel::study {
namespace {

using fabric::PortEnd;
using fabric::Topology;

// A cable is named by its lower end; which of its two directions is meant depends on the group.
struct Group {
  bool lower_is_host = false;
  uint32_t lower_tier = 0;
  bool downward = false;
};

Group group_of(LinkGroup link) {
  switch (link) {
    case LinkGroup::kHostUp:
      return {.lower_is_host = true};
    case LinkGroup::kTorDown:
      return {.lower_is_host = true, .downward = true};
    case LinkGroup::kTorUp:
      return {.lower_tier = 0};
    case LinkGroup::kAggDown:
      return {.lower_tier = 0, .downward = true};
    case LinkGroup::kAggUp:
      return {.lower_tier = 1};
    case LinkGroup::kCoreDown:
      return {.lower_tier = 1, .downward = true};
  }
  return {};
}

struct LowerEnds {
  uint32_t units = 0;
  uint32_t ports = 0;
};

LowerEnds lower_ends(const Topology& topology, const Group& group) {
  if (group.lower_is_host) return {topology.hosts(), topology.planes()};
  const auto& tiers = topology.description().tiers;
  if (group.lower_tier + 1 >= tiers.size()) return {};
  return {topology.tier_count(group.lower_tier) * topology.planes(), tiers[group.lower_tier].up};
}

PortEnd directed(const Topology& topology, const Group& group, uint32_t unit, uint32_t port) {
  PortEnd lower;
  if (group.lower_is_host) {
    lower = {topology.position(unit), port};
  } else {
    const uint32_t plane = unit / topology.tier_count(group.lower_tier);
    const uint32_t index =
        topology.tier_first(plane, group.lower_tier) + unit % topology.tier_count(group.lower_tier);
    lower = {topology.unit_of_switch(index), topology.switch_at(index).down + port};
  }
  return group.downward ? topology.peer(lower) : lower;
}

base::Status check_range(const char* key, std::optional<int64_t> value, uint32_t size,
                         LinkGroup link) {
  if (!value || (*value >= 0 && *value < size)) return {};
  return base::fail(fmt::format("{} {} of links {}: expected 0 to {}", key, *value, to_string(link),
                                int64_t{size} - 1));
}

std::vector<PortEnd> links_of_switch(const Topology& topology, uint32_t index) {
  std::vector<PortEnd> links;
  const fabric::SwitchModel& s = topology.switch_at(index);
  for (uint32_t port = 0; port < uint32_t{s.down} + s.up; ++port) {
    const PortEnd end{topology.unit_of_switch(index), port};
    links.push_back(end);
    links.push_back(topology.peer(end));
  }
  return links;
}

base::Result<std::vector<PortEnd>> fault_links(const Topology& topology,
                                               const FaultDescription& fault) {
  if (fault.kind == FaultKind::kSwitchDead) {
    const auto tier = static_cast<uint32_t>(fault.tier);
    if (tier >= topology.description().tiers.size()) {
      return base::fail(fmt::format("this network has no {} switches", to_string(fault.tier)));
    }
    const uint32_t count = topology.tier_count(tier) * topology.planes();
    const int64_t unit = fault.links.unit.value_or(0);
    if (unit < 0 || unit >= count) {
      return base::fail(fmt::format("switch {}: expected 0 to {}", unit, int64_t{count} - 1));
    }
    const auto number = static_cast<uint32_t>(unit);
    return links_of_switch(topology, topology.tier_first(number / topology.tier_count(tier), tier) +
                                         number % topology.tier_count(tier));
  }
  auto links = select_links(topology, fault.links, fault.count);
  if (links && fault.both_directions) {
    const size_t one_way = links->size();
    for (size_t i = 0; i < one_way; ++i) links->push_back(topology.peer((*links)[i]));
  }
  return links;
}

fabric::Fault begin_of(const FaultDescription& fault) {
  fabric::Fault begin;
  begin.at = base::Time::at(fault.at);
  switch (fault.kind) {
    case FaultKind::kDegraded:
      begin.kind = fabric::FaultKind::kRate;
      begin.share = fault.rate;
      break;
    case FaultKind::kLoss:
      begin.kind = fabric::FaultKind::kLoss;
      begin.share = fault.loss;
      break;
    case FaultKind::kLinkDown:
    case FaultKind::kSwitchDead:
      begin.kind = fabric::FaultKind::kDown;
      break;
  }
  return begin;
}

fabric::Fault end_of(const fabric::Fault& begin, base::Duration until) {
  fabric::Fault end = begin;
  end.at = base::Time::at(until);
  if (begin.kind == fabric::FaultKind::kDown) end.kind = fabric::FaultKind::kUp;
  end.share = begin.kind == fabric::FaultKind::kLoss ? base::Ratio{0, 1} : base::Ratio{1, 1};
  return end;
}

// One fault of one link.
struct Span {
  base::Duration at;
  base::Duration until;  // Duration::max(): for ever
  fabric::Fault begin;
  size_t of = 0;  // index in the list of faults
};
using LinkFault = std::tuple<uint32_t, uint32_t, fabric::FaultKind>;

// `spans` are of one link and kind, in order of time.
base::Status lay_out(const std::vector<Span>& spans, const Topology& topology, PortEnd link,
                     std::vector<fabric::Fault>& plan) {
  for (size_t i = 0; i < spans.size();) {
    Span span = spans[i++];
    for (; i < spans.size() && spans[i].at < span.until; ++i) {
      if (span.begin.kind != fabric::FaultKind::kDown) {
        return base::fail(
            fmt::format("faults[{}]: begins while faults[{}], of the same kind, holds on the link "
                        "{}",
                        spans[i].of, span.of, topology.port_name(link)),
            "end the first with `until` before the second begins");
      }
      span.until = std::max(span.until, spans[i].until);
    }
    plan.push_back(span.begin);
    plan.back().link = link;
    if (span.until == base::Duration::max()) continue;
    plan.push_back(end_of(span.begin, span.until));
    plan.back().link = link;
  }
  return {};
}

}  // namespace

base::Result<std::vector<PortEnd>> select_links(const Topology& topology,
                                                const LinkSelector& selector,
                                                std::optional<int64_t> count) {
  const Group group = group_of(selector.link);
  const LowerEnds ends = lower_ends(topology, group);
  if (ends.units == 0) {
    return base::fail(fmt::format("this network has no links {}", to_string(selector.link)));
  }
  if (auto ok = check_range("switch", selector.unit, ends.units, selector.link); !ok) {
    return tl::unexpected(ok.error());
  }
  if (auto ok = check_range("port", selector.port, ends.ports, selector.link); !ok) {
    return tl::unexpected(ok.error());
  }
  const int64_t total = int64_t{ends.units} * ends.ports;
  if (count && (*count < 1 || *count > total)) {
    return base::fail(fmt::format("count {} of links {}: expected 1 to {}", *count,
                                  to_string(selector.link), total));
  }
  std::vector<PortEnd> links;
  for (uint32_t unit = 0; unit < ends.units; ++unit) {
    if (!count && selector.unit && *selector.unit != unit) continue;
    for (uint32_t port = 0; port < ends.ports; ++port) {
      if (!count && selector.port && *selector.port != port) continue;
      if (count && static_cast<int64_t>(links.size()) == *count) return links;
      links.push_back(directed(topology, group, unit, port));
    }
  }
  return links;
}

base::Result<std::vector<fabric::Fault>> plan_faults(const Topology& topology,
                                                     const std::vector<FaultDescription>& faults) {
  // What befalls each link, by kind: overlapping silences merge, of the other kinds one at a time.
  std::map<LinkFault, std::vector<Span>> spans;
  for (size_t i = 0; i < faults.size(); ++i) {
    const FaultDescription& fault = faults[i];
    const auto links = fault_links(topology, fault);
    if (!links) return base::fail(fmt::format("faults[{}]: {}", i, links.error().message));
    const fabric::Fault begin = begin_of(fault);
    for (const PortEnd& link : *links) {
      spans[{link.unit, link.port, begin.kind}].push_back(
          {fault.at, fault.until.value_or(base::Duration::max()), begin, i});
    }
  }
  std::vector<fabric::Fault> plan;
  for (auto& [key, list] : spans) {
    std::stable_sort(list.begin(), list.end(),
                     [](const Span& a, const Span& b) { return a.at < b.at; });
    const PortEnd link{std::get<0>(key), std::get<1>(key)};
    if (const base::Status ok = lay_out(list, topology, link, plan); !ok) {
      return tl::unexpected(ok.error());
    }
  }
  return plan;
}

base::Result<std::vector<fabric::Fault>> matrix_failures(const Topology& topology,
                                                         const ConnectionMatrix& matrix) {
  std::vector<fabric::Fault> faults;
  for (const LinkFailure& failure : matrix.failures) {
    const base::SourceMark mark{matrix.file, failure.line, 1};
    const auto tier = static_cast<uint32_t>(failure.tier);
    const auto& tiers = topology.description().tiers;
    if (tier >= tiers.size() || failure.switch_index >= topology.tier_count(tier)) {
      return base::fail(mark, fmt::format("failure: this network has no {} switch {}",
                                          to_string(failure.tier), failure.switch_index));
    }
    const bool top = tier + 1 == tiers.size();
    const uint32_t links = top ? tiers[tier].down : tiers[tier].up;
    if (failure.link >= links) {
      return base::fail(mark, fmt::format("failure: link {} of a {} switch, expected 0 to {}",
                                          failure.link, to_string(failure.tier), links - 1));
    }
    const uint32_t index = topology.tier_first(0, tier) + failure.switch_index;
    fabric::Fault fault;
    fault.kind = fabric::FaultKind::kDown;
    fault.link = {topology.unit_of_switch(index),
                  (top ? 0 : topology.switch_at(index).down) + failure.link};
    faults.push_back(fault);
    fault.link = topology.peer(fault.link);
    faults.push_back(fault);
  }
  return faults;
}

}  // namespace windtunnel::study
