// The network as one would write it without thinking about speed, for the tests of this room: one
// global queue of events, one event for each thing that happens, parcels moved between deques. It
// shares with the network the topology, the parcel and the definition of a link's coins (which
// stream, and in which order a port draws from it), nothing else.
//
// Order of one instant: faults, then departures, then arrivals by inlet, then what the script hands
// to hosts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/units.h"
#include "fabric/script_fixture.h"

namespace windtunnel::fabric {

class SlowNetwork {
 public:
  explicit SlowNetwork(const Experiment& experiment)
      : experiment_(experiment),
        topology_(Topology::build(experiment.topology, experiment.seed).value()) {
    for (const PortEnd end : all_ends(topology_)) open(end);
    for (const Fault& fault : experiment.faults) {
      events_.push({{fault.at.ps(), kFault, 0, events_.size()}, fault.link, {}, &fault, 0});
    }
    for (const Injection& i : experiment.injections) {
      events_.push({{i.at_ps, kInjection, 0, events_.size()}, {i.host, i.plane}, i.parcel, {}, 0});
    }
    sequence_ = events_.size();
  }

  Outcome run() {
    while (!events_.empty() && std::get<0>(events_.top().key) < experiment_.until.ps()) {
      const Event event = events_.top();
      events_.pop();
      now_ = std::get<0>(event.key);
      switch (std::get<1>(event.key)) {
        case kFault:
          apply(*event.fault);
          break;
        case kDeparture:
          depart(event.end);
          break;
        case kArrival:
          arrive(event.end, event.parcel);
          break;
        default:
          enqueue(event.end, event.parcel);
      }
    }
    outcome_.exhausted = events_.empty();
    for (auto& [end, out] : outs_) {
      if (out.busy) out.counters.busy_ps += experiment_.until.ps() - out.busy_since_ps;
    }
    std::sort(outcome_.deliveries.begin(), outcome_.deliveries.end());
    std::sort(outcome_.reported_drops.begin(), outcome_.reported_drops.end());
    for (const PortEnd end : all_ends(topology_)) outcome_.links.push_back(at(end).counters);
    return outcome_;
  }

 private:
  enum Rank { kFault, kDeparture, kArrival, kInjection };
  struct Event {
    std::tuple<int64_t, int, uint64_t, size_t> key;  // time, rank, inlet, order of making
    PortEnd end;  // the link for departures and faults, the receiver for arrivals
    Parcel parcel;
    const Fault* fault;
    int unused;
    bool operator<(const Event& other) const { return key > other.key; }
  };
  struct Out {
    std::deque<Parcel> control, data;
    bool busy = false, busy_with_data = false;
    int64_t busy_since_ps = 0;
    base::Rate rate, nominal;
    base::Duration flight;
    bool up = true;
    uint64_t loss_of_2_32 = 0;
    int64_t capacity = INT64_MAX, control_capacity = INT64_MAX, ecn_low = 0, ecn_high = 0;
    bool marks = false, trims = false, last_hop = false;
    base::RandomStream coins;
    LinkCounters counters;
  };

  Out& at(PortEnd end) { return outs_[{end.unit, end.port}]; }

  void open(PortEnd end) {
    const auto& tiers = experiment_.topology.tiers;
    const PortEnd to = topology_.peer(end);
    Out& out = at(end);
    const TierDescription& tier = tiers[topology_.link_tier(end)];
    out.rate = out.nominal = tier.link_rate;
    out.flight = tier.link_latency;
    if (!topology_.is_host(to.unit)) {
      out.flight += tiers[topology_.switch_at(to.unit - topology_.hosts()).tier].switch_latency;
    }
    out.coins = base::RandomStream(experiment_.seed, "link", uint64_t{end.unit} * 4096 + end.port);
    if (topology_.is_host(end.unit)) return;
    out.last_hop = topology_.is_host(to.unit);
    out.trims = experiment_.queue.discipline == Discipline::kTrimming;
    out.marks = !out.last_hop || experiment_.queue.ecn_last_hop;
    scale(out, {1, 1});
  }
  void scale(Out& out, base::Ratio share) const {
    const auto scaled = [share](base::Bytes b) { return b.count() * share.part / share.whole; };
    out.capacity = scaled(experiment_.queue.capacity);
    out.control_capacity = scaled(experiment_.queue.control_capacity);
    out.ecn_low = scaled(experiment_.queue.ecn_low);
    out.ecn_high = scaled(experiment_.queue.ecn_high);
  }

  void apply(const Fault& fault) {
    Out& out = at(fault.link);
    const base::Int128 part = fault.share.part;
    switch (fault.kind) {
      case FaultKind::kDown:
        out.up = false;
        break;
      case FaultKind::kUp:
        out.up = true;
        break;
      case FaultKind::kLoss:
        out.loss_of_2_32 = static_cast<uint64_t>(
            std::min<base::Int128>(part * 4294967296 / fault.share.whole, 4294967295));
        break;
      case FaultKind::kRate:
        out.rate = base::Rate::bits_per_second(std::max<int64_t>(
            1, static_cast<int64_t>(part * out.nominal.bits_per_second() / fault.share.whole)));
        if (!topology_.is_host(fault.link.unit)) scale(out, fault.share);
    }
  }

  static int64_t bytes_in(const std::deque<Parcel>& queue) {
    int64_t sum = 0;
    for (const Parcel& p : queue) sum += p.bytes;
    return sum;
  }

  void start(PortEnd end) {
    Out& out = at(end);
    if (out.busy || (out.control.empty() && out.data.empty())) return;
    out.busy = true;
    out.busy_since_ps = now_;
    out.busy_with_data = out.control.empty();
    const Parcel& next = out.busy_with_data ? out.data.front() : out.control.front();
    const int64_t done = now_ + transfer_time(base::Bytes(next.bytes), out.rate).ps();
    events_.push({{done, kDeparture, 0, sequence_++}, end, {}, nullptr, 0});
  }

  bool should_mark(Out& out) {
    const int64_t left = bytes_in(out.data);
    if (!out.marks || left <= out.ecn_low) return false;
    if (left > out.ecn_high) return true;
    const auto range = static_cast<uint32_t>(out.ecn_high - out.ecn_low);
    return out.coins.below_fast(range) < left - out.ecn_low;
  }

  void depart(PortEnd end) {
    Out& out = at(end);
    std::deque<Parcel>& from = out.busy_with_data ? out.data : out.control;
    Parcel parcel = from.front();
    from.pop_front();
    out.busy = false;
    out.counters.busy_ps += now_ - out.busy_since_ps;
    const bool from_switch = !topology_.is_host(end.unit);
    if (from_switch && out.busy_with_data && should_mark(out) && !parcel.has(ParcelFlags::kNoEcn)) {
      parcel.set(ParcelFlags::kMarked);
      ++out.counters.marked;
    }
    bool lost = !out.up;
    if (out.up && out.loss_of_2_32 > 0) lost = (out.coins.bits() >> 32) < out.loss_of_2_32;
    if (lost) {
      ++out.counters.lost;
      report(parcel);
    } else {
      ++out.counters.parcels;
      out.counters.bytes += parcel.bytes;
      send(topology_.peer(end), parcel, now_ + out.flight.ps());
    }
    start(end);
  }
  void send(PortEnd to, const Parcel& parcel, int64_t at_ps) {
    const uint64_t inlet = uint64_t{to.unit} * 4096 + to.port;
    events_.push({{at_ps, kArrival, inlet, sequence_++}, to, parcel, nullptr, 0});
  }
  void report(const Parcel& parcel) {
    if (parcel.has(ParcelFlags::kHeavyCargo)) outcome_.reported_drops.push_back(parcel.cargo[0]);
  }

  void arrive(PortEnd at_end, const Parcel& parcel) {
    if (!topology_.is_host(at_end.unit)) {
      const SwitchModel& s = topology_.switch_at(at_end.unit - topology_.hosts());
      enqueue({at_end.unit, s.route(parcel.dst(), parcel.flow, parcel.entropy)}, parcel);
      return;
    }
    outcome_.deliveries.push_back(delivery_of(parcel, at_end.unit, at_end.port, now_));
    const std::optional<Answer> answer = answer_to(parcel, at_end.unit);
    if (!answer) return;
    if (!answer->direct) {
      enqueue({at_end.unit, at_end.port}, answer->parcel);
    } else {
      const int64_t lookahead = topology_.link_latency_min().ps();
      send({answer->parcel.dst(), kMessagePort}, answer->parcel,
           now_ + lookahead + lookahead * answer->eighths / 8);
    }
  }

  void enqueue(PortEnd end, const Parcel& parcel) {
    Out& out = at(end);
    if (topology_.is_host(end.unit)) {
      out.data.push_back(parcel);  // a host's port is one queue, without limit
    } else if (parcel.parcel_class() == ParcelClass::kControl) {
      enqueue_control(out, parcel);
    } else if (out.data.empty() || bytes_in(out.data) + parcel.bytes <= out.capacity) {
      out.data.push_back(parcel);
    } else {
      overflow(out, parcel);
    }
    if (!topology_.is_host(end.unit)) {
      out.counters.queue_bytes_max =
          std::max<int64_t>(out.counters.queue_bytes_max, bytes_in(out.data));
    }
    start(end);
  }
  void enqueue_control(Out& out, const Parcel& parcel) {
    if (bytes_in(out.control) + parcel.bytes > out.control_capacity) {
      ++out.counters.dropped;
      report(parcel);
    } else {
      out.control.push_back(parcel);
    }
  }
  void overflow(Out& out, const Parcel& parcel) {
    if (!out.trims) {
      ++out.counters.dropped;
      report(parcel);
      return;
    }
    ++out.counters.trimmed;
    // The last queued parcel can give way only while it is not on the wire, and only if the
    // arriving one fits in its place.
    const size_t on_the_wire = out.busy && out.busy_with_data ? 1 : 0;
    const bool choice = out.data.size() > on_the_wire &&
                        bytes_in(out.data) - out.data.back().bytes + parcel.bytes <= out.capacity;
    Parcel victim = parcel;
    if (choice && (out.coins.bits() & 1) != 0) std::swap(victim, out.data.back());
    victim.set_class(ParcelClass::kControl);
    victim.set(ParcelFlags::kTrimmed);
    if (out.last_hop) victim.set(ParcelFlags::kLastHopTrim);
    victim.bytes =
        std::min(victim.bytes, static_cast<uint16_t>(experiment_.queue.trim_size.count()));
    enqueue_control(out, victim);
  }

  const Experiment& experiment_;
  Topology topology_;
  std::map<std::pair<uint32_t, uint32_t>, Out> outs_;
  std::priority_queue<Event> events_;
  size_t sequence_ = 0;
  int64_t now_ = 0;
  Outcome outcome_;
};

}  // namespace windtunnel::fabric
