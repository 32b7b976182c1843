// Hosts that follow a script, for the tests of this room: parcels handed to a host at given times
// wait in one queue a plane, and some of what arrives is answered. What comes of it is an Outcome
// that two simulators of the same script must agree on in every field.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "des/windowed_run.h"
#include "fabric/network.h"

namespace windtunnel::fabric {

struct Injection {
  int64_t at_ps = 0;
  uint32_t host = 0;
  uint32_t plane = 0;
  Parcel parcel;  // cargo[0]: a number of its own; cargo[1]: the host it comes from
};

// Everything two simulators need to know of one experiment.
struct Experiment {
  TopologyDescription topology;
  QueueSettings queue;
  uint64_t seed = 1;
  std::vector<Fault> faults;
  std::vector<Injection> injections;  // by time; of one time in this order
  base::Time until = base::Time::max();
};

inline constexpr uint32_t kAnswerBit = 0x80000000;
inline constexpr uint32_t kMessagePort = Inlet::kPortsMax - 1;

// What a host does with a parcel: nothing, an answer through the network, or (`direct`) a message
// past it that takes `eighths` of a lookahead longer than one.
struct Answer {
  Parcel parcel;
  bool direct = false;
  int64_t eighths = 0;
};
inline std::optional<Answer> answer_to(const Parcel& parcel, uint32_t host) {
  const uint32_t number = parcel.cargo[0];
  if ((number & kAnswerBit) != 0 || number % 4 == 0) return std::nullopt;
  Answer answer;
  answer.direct = number % 4 == 1;
  answer.eighths = number % 8;
  Parcel& p = answer.parcel;
  p.dst_and_flags = parcel.cargo[1];
  p.entropy = parcel.entropy;
  p.flow = ~parcel.flow;
  p.bytes = parcel.has(ParcelFlags::kUser) ? 50 : 64;
  p.cargo[0] = number | kAnswerBit;
  p.cargo[1] = host;
  p.cargo[2] = parcel.flags();
  p.set_class(ParcelClass::kControl);
  return answer;
}

struct Delivery {
  int64_t at_ps = 0;
  uint32_t host = 0;
  uint32_t port = 0;
  uint32_t number = 0;  // cargo[0]
  uint32_t dst_and_flags = 0;
  uint32_t bytes = 0;
  uint32_t rest = 0;  // cargo[2] and entropy, folded: carried unchanged
  auto operator<=>(const Delivery&) const = default;
};
inline Delivery delivery_of(const Parcel& p, uint32_t host, uint32_t port, int64_t at_ps) {
  return {at_ps, host, port, p.cargo[0], p.dst_and_flags, p.bytes, p.cargo[2] << 16 ^ p.entropy};
}

struct Outcome {
  std::vector<Delivery> deliveries;      // sorted
  std::vector<uint32_t> reported_drops;  // numbers of swallowed parcels with heavy cargo, sorted
  std::vector<LinkCounters> links;       // in the order of all_ends()
  bool exhausted = false;
};

inline std::vector<PortEnd> all_ends(const Topology& topology) {
  std::vector<PortEnd> ends;
  for (uint32_t host = 0; host < topology.hosts(); ++host) {
    for (uint32_t plane = 0; plane < topology.planes(); ++plane) ends.push_back({host, plane});
  }
  for (uint32_t sw = 0; sw < topology.switches(); ++sw) {
    const SwitchModel& s = topology.switch_at(sw);
    for (uint32_t p = 0; p < uint32_t{s.down} + s.up; ++p) {
      ends.push_back({topology.unit_of_switch(sw), p});
    }
  }
  return ends;
}

// The script played on the network itself.
class ScriptedHosts final : public HostSide {
 public:
  ScriptedHosts(const Topology& topology, std::span<const Injection> injections, uint32_t workers)
      : hosts_(topology.hosts()), reported_(workers) {
    for (Host& host : hosts_) host.waiting.resize(topology.planes());
    for (const Injection& i : injections) hosts_[i.host].script.push_back(i);
  }
  void attach(const Network& network) { network_ = &network; }

  int64_t run_host(uint32_t number, std::span<const Arrival> arrivals, int64_t until_ps,
                   std::span<HostLink> links, Emitter& out) override {
    Host& host = hosts_[number];
    for (;;) {
      const int64_t arrival =
          arrivals.empty() ? INT64_MAX : out.begin_ps() + arrivals.front().offset_ps();
      int64_t own = host.next < host.script.size() ? host.script[host.next].at_ps : INT64_MAX;
      HostLink* done = nullptr;
      for (HostLink& link : links) {
        if (link.serving && link.link.busy_until_ps <= own) {
          if (done == nullptr || link.link.busy_until_ps < own) done = &link;
          own = link.link.busy_until_ps;
        }
      }
      const int64_t now = std::min(own, arrival);
      if (now >= until_ps) return own;
      if (done != nullptr && done->link.busy_until_ps == now) {
        if (!done->finish(out)) swallowed(done->sending, out.worker());
      } else if (arrival == now) {
        arrive(number, *arrivals.front().parcel, now, out);
        arrivals = arrivals.subspan(1);
      } else {
        const Injection& i = host.script[host.next++];
        host.waiting[i.plane].push_back(i.parcel);
      }
      kick(host, links, now);
    }
  }
  void dropped(const Parcel& parcel, uint32_t worker) override {
    reported_[worker].push_back(parcel.cargo[0]);
  }

  Outcome outcome() const {
    Outcome outcome;
    for (const Host& host : hosts_) {
      outcome.deliveries.insert(outcome.deliveries.end(), host.log.begin(), host.log.end());
    }
    for (const auto& numbers : reported_) {
      outcome.reported_drops.insert(outcome.reported_drops.end(), numbers.begin(), numbers.end());
    }
    std::sort(outcome.deliveries.begin(), outcome.deliveries.end());
    std::sort(outcome.reported_drops.begin(), outcome.reported_drops.end());
    for (const PortEnd end : all_ends(network_->topology())) {
      outcome.links.push_back(network_->counters(end));
    }
    return outcome;
  }

 private:
  struct Host {
    std::vector<Injection> script;
    size_t next = 0;
    std::vector<std::deque<Parcel>> waiting;  // by plane
    std::vector<Delivery> log;
  };
  void arrive(uint32_t number, const Parcel& parcel, int64_t now, Emitter& out) {
    Host& host = hosts_[number];
    host.log.push_back(delivery_of(parcel, number, parcel.at.port(), now));
    const std::optional<Answer> answer = answer_to(parcel, number);
    if (!answer) return;
    if (!answer->direct) {
      host.waiting[parcel.at.port()].push_back(answer->parcel);
      return;
    }
    const uint32_t to = answer->parcel.dst();
    out.send_direct(Inlet(to, kMessagePort), network_->partition_of_unit(to), answer->parcel,
                    now + out.lookahead_ps() + out.lookahead_ps() * answer->eighths / 8);
  }
  void swallowed(const Parcel& parcel, uint32_t worker) {
    if (parcel.has(ParcelFlags::kHeavyCargo)) dropped(parcel, worker);
  }
  static void kick(Host& host, std::span<HostLink> links, int64_t now) {
    for (size_t plane = 0; plane < links.size(); ++plane) {
      std::deque<Parcel>& waiting = host.waiting[plane];
      if (links[plane].serving || waiting.empty()) continue;
      links[plane].start(waiting.front(), now);
      waiting.pop_front();
    }
  }

  std::vector<Host> hosts_;
  std::vector<std::vector<uint32_t>> reported_;
  const Network* network_ = nullptr;
};

inline Outcome run_network(const Experiment& experiment, uint32_t threads) {
  const Topology topology = Topology::build(experiment.topology, experiment.seed).value();
  ScriptedHosts hosts(topology, experiment.injections, threads);
  NetworkOptions options;
  options.queue = experiment.queue;
  options.seed = experiment.seed;
  options.threads = threads;
  options.faults = experiment.faults;
  Network network(topology, options, hosts);
  hosts.attach(network);
  des::WindowedOptions run;
  run.threads = threads;
  run.until = experiment.until;
  const bool exhausted = run_windowed(network, run).exhausted;
  Outcome outcome = hosts.outcome();
  outcome.exhausted = exhausted;
  return outcome;
}

// The first difference of two outcomes, or nothing.
inline std::string difference(const Outcome& expected, const Outcome& found) {
  const auto text = [](const Delivery& d) {
    return fmt::format("{} ps host {} port {} parcel {:#x} flags {:#x} {} B", d.at_ps, d.host,
                       d.port, d.number, d.dst_and_flags >> 24, d.bytes);
  };
  const size_t common = std::min(expected.deliveries.size(), found.deliveries.size());
  for (size_t i = 0; i < common; ++i) {
    if (expected.deliveries[i] == found.deliveries[i]) continue;
    return fmt::format("delivery {}: expected {}, found {}", i, text(expected.deliveries[i]),
                       text(found.deliveries[i]));
  }
  if (expected.deliveries.size() != found.deliveries.size()) {
    return fmt::format("expected {} deliveries, found {}", expected.deliveries.size(),
                       found.deliveries.size());
  }
  if (expected.reported_drops != found.reported_drops) {
    return fmt::format("expected {} reported drops, found {}", expected.reported_drops.size(),
                       found.reported_drops.size());
  }
  if (expected.exhausted != found.exhausted) {
    return fmt::format("expected {} left", expected.exhausted ? "nothing" : "something");
  }
  for (size_t i = 0; i < expected.links.size(); ++i) {
    const auto all = [](const LinkCounters& c) {
      return std::tuple(c.bytes, c.parcels, c.marked, c.trimmed, c.dropped, c.lost,
                        c.queue_bytes_max, c.busy_ps);
    };
    if (all(expected.links[i]) == all(found.links[i])) continue;
    return fmt::format("link {}: expected {}, found {}", i, fmt::join(all(expected.links[i]), " "),
                       fmt::join(all(found.links[i]), " "));
  }
  return {};
}

}  // namespace windtunnel::fabric
