#include "node/roce_nic.h"

#include <algorithm>

#include "base/check.h"
#include "base/random.h"

namespace windtunnel::node {
namespace {

using fabric::HostLink;
using fabric::Parcel;
using fabric::ParcelClass;
using fabric::ParcelFlags;

void count(RoceCounters& counters, roce_wire::Kind sent) {
  if (sent == roce_wire::kCnp) ++counters.cnps_sent;
  if (sent == roce_wire::kNak) ++counters.naks_sent;
  if (sent == roce_wire::kAck) ++counters.acks_sent;
}

}  // namespace

RoceNics::RoceNics(const fabric::Topology& topology, FlowBook& book, const RoceNicOptions& options)
    : book_(book),
      options_(options),
      dcqcn_(options.dcqcn.value_or(dcqcn_defaults(options.line_rate))),
      qps_(options.qps_per_flow),
      planes_(topology.planes()),
      header_(options.header.count()),
      payload_(options.mtu.count() - options.header.count()),
      hosts_(topology.hosts()),
      flows_(book.workload().flows.size()) {
  WT_CHECK(payload_ > 0 && header_ > 0 && options.mtu.count() <= UINT16_MAX,
           "a packet's size is its header and some payload, in 16 bits");
  WT_CHECK(qps_ >= 1 && flows_.size() * qps_ < roce_wire::kReverse,
           "queue pairs are numbered in 31 bits");
  WT_CHECK(options.ack_every >= 1, "acknowledgements come after one packet or more");
  protocol_.timeout_ps = options.retransmission_timeout.ps();
  protocol_.retry_limit = options.retry_limit;
  protocol_.ack_every = options.ack_every;
  WT_CHECK(protocol_.timeout_ps > 0, "a retransmission timeout takes time");
  create_queue_pairs();
}

// Packets [k * n / qps, (k + 1) * n / qps) of a flow's n are queue pair k's, so that only the last
// packet of the flow is short, and it is the last of the last pair.
void RoceNics::create_queue_pairs() {
  const base::RandomStream stream(options_.seed, "roce");
  senders_.reserve(flows_.size() * qps_);
  receivers_.reserve(flows_.size() * qps_);
  std::vector<uint32_t> sources(hosts_.size(), 0);
  for (uint32_t flow = 0; flow < flows_.size(); ++flow) {
    const int64_t packets = packets_of_flow(flow);
    sources[book_.source(flow)] += qps_;
    for (uint32_t k = 0; k < qps_; ++k) {
      const uint32_t qp = flow * qps_ + k;
      uint64_t bits = stream.child(qp).bits();
      const auto first_psn = static_cast<uint32_t>(bits & braid::kPsnMask);
      const int64_t share = (k + 1) * packets / qps_ - k * packets / qps_;
      if (share > 0) ++flows_[flow].open;
      senders_.push_back({{RoceRequester(first_psn, share, protocol_), RateControl(dcqcn_)}});
      receivers_.push_back({RoceResponder(first_psn)});
      senders_.back().entropy = static_cast<uint16_t>(bits >> 32);
      receivers_.back().entropy = static_cast<uint16_t>(bits >> 48);
    }
  }
  for (uint32_t h = 0; h < hosts_.size(); ++h) {
    hosts_[h].turns.set_ports(planes_);
    hosts_[h].turns.reserve(sources[h]);
  }
}

int64_t RoceNics::packets_of_flow(uint32_t flow) const {
  return (book_.bytes(flow) + payload_ - 1) / payload_;
}

int64_t RoceNics::wire_bytes(uint32_t qp, int64_t index) const {
  const bool last = (qp + 1) % qps_ == 0 && index + 1 == senders_[qp].requester.packets();
  if (!last) [[likely]]
    return header_ + payload_;
  return header_ + (book_.bytes(flow_of(qp)) - 1) % payload_ + 1;
}

int64_t RoceNics::run_host(uint32_t host, std::span<const fabric::Arrival> arrivals,
                           int64_t until_ps, std::span<HostLink> links, fabric::Emitter& out) {
  Run run{host, hosts_[host], links, out};
  for (;;) {
    const int64_t arrival_ps =
        arrivals.empty() ? kNever : out.begin_ps() + arrivals.front().offset_ps();
    int64_t done_ps = kNever;
    for (const HostLink& link : links) {
      if (link.serving) done_ps = std::min(done_ps, link.link.busy_until_ps);
    }
    const int64_t timer_ps = run.host.turns.next_ps(senders_, [](uint32_t) {});
    const int64_t own_ps = std::min({done_ps, timer_ps, book_.next_due_ps(host)});
    const int64_t now_ps = std::min(own_ps, arrival_ps);
    if (now_ps >= until_ps) return own_ps;
    // Everything of one instant happens before the ports are offered work again.
    if (done_ps == now_ps) finish_links(run, now_ps);
    std::vector<Parcel> posts;
    for (; !arrivals.empty() && out.begin_ps() + arrivals.front().offset_ps() == now_ps;
         arrivals = arrivals.subspan(1)) {
      const Parcel& parcel = *arrivals.front().parcel;
      HostPosts::is_post(parcel) ? posts.push_back(parcel) : arrive(run, parcel, now_ps);
    }
    std::sort(posts.begin(), posts.end(), HostPosts::before);
    for (const Parcel& parcel : posts) {
      ++run.out.counters().events;
      book_.message(run.number, parcel, now_ps, run.out);
    }
    begin_due(run, now_ps);
    run_timers(run, now_ps);
    offer(run, now_ps);
  }
}

void RoceNics::dropped(const Parcel& parcel, uint32_t worker) {
  (void)parcel;
  (void)worker;
}

void RoceNics::begin_due(Run& run, int64_t now_ps) {
  while (book_.next_due_ps(run.number) <= now_ps) {
    const uint32_t flow = *book_.take_due(run.number, now_ps);
    for (uint32_t k = 0; k < qps_; ++k) ready(run.host, flow * qps_ + k, now_ps);
  }
}

void RoceNics::finish_links(Run& run, int64_t now_ps) {
  for (HostLink& link : run.links) {
    if (!link.serving || link.link.busy_until_ps != now_ps) continue;
    ++run.out.counters().events;
    link.finish(run.out);
  }
}

class RoceNics::Handler {
 public:
  Handler(RoceNics& nics, Run& run, int64_t now_ps) : nics_(nics), run_(run), now_ps_(now_ps) {}
  void may_send(uint32_t qp) { nics_.ready(run_.host, qp, now_ps_); }
  void expired(uint32_t qp) {
    ++run_.host.totals.timeouts;
    nics_.progressed(run_, qp, now_ps_);
  }
  void left(uint32_t) {}
  void may_notify(uint32_t qp) {
    nics_.receivers_[qp].cnp_due = true;
    nics_.talk(run_.host, qp);
  }

 private:
  RoceNics& nics_;
  Run& run_;
  int64_t now_ps_;
};

void RoceNics::run_timers(Run& run, int64_t now_ps) {
  run.host.turns.run(now_ps, senders_, receivers_, dcqcn_, Handler(*this, run, now_ps));
}

void RoceNics::arrive(Run& run, const Parcel& parcel, int64_t now_ps) {
  ++run.out.counters().events;
  if (parcel.parcel_class() == ParcelClass::kPause) {
    HostLink& link = run.links[parcel.at.port()];
    fabric::link_pause(link.link, parcel.cargo[0] != 0, now_ps, link.counters);
  } else if ((parcel.flow & roce_wire::kReverse) != 0) {
    arrive_control(run, parcel, now_ps);
  } else if (!parcel.has(ParcelFlags::kTrimmed)) {  // RoCE has no use for a header without payload
    arrive_data(run, parcel, now_ps);
  }
}

void RoceNics::arrive_data(Run& run, const Parcel& parcel, int64_t now_ps) {
  const uint32_t qp = parcel.flow;
  RoceReceiver& receiver = receivers_[qp];
  if (parcel.has(ParcelFlags::kMarked)) {
    run.host.turns.marked(receivers_, qp, port_of(qp), now_ps, dcqcn_);
  }
  const bool ack_request = roce_wire::kind(parcel) == roce_wire::kAckRequest;
  switch (receiver.responder.receive(roce_wire::psn(parcel), ack_request, protocol_)) {
    case RoceResponder::Verdict::kAccepted:
      ++run.host.totals.packets_delivered;
      book_.received(flow_of(qp), parcel.bytes - header_, now_ps, run.out);
      break;
    case RoceResponder::Verdict::kDuplicate:
      ++run.host.totals.duplicates;
      break;
    case RoceResponder::Verdict::kOutOfOrder:
      ++run.host.totals.refused;
      break;
  }
  if (receiver.responder.has_reply()) talk(run.host, qp);
}

void RoceNics::arrive_control(Run& run, const Parcel& parcel, int64_t now_ps) {
  const uint32_t qp = parcel.flow & ~roce_wire::kReverse;
  if (take_control(senders_[qp], parcel, now_ps, protocol_, dcqcn_)) {
    progressed(run, qp, now_ps);
  } else {
    ++run.host.counters.cnps_received;
  }
}

// An acknowledgement, NAK or timeout may have ended a queue pair or given it work.
void RoceNics::progressed(Run& run, uint32_t qp, int64_t now_ps) {
  const uint32_t flow = flow_of(qp);
  const RoceRequester& requester = senders_[qp].requester;
  if (flows_[flow].failed) return;
  if (requester.failed()) {
    fail(run, flow, now_ps);
  } else if (!requester.done()) {
    ready(run.host, qp, now_ps);
  } else if (!senders_[qp].closed) {
    senders_[qp].closed = true;
    if (--flows_[flow].open == 0) book_.sent(flow, now_ps, run.out);
  }
}

void RoceNics::fail(Run& run, uint32_t flow, int64_t now_ps) {
  (void)run;
  flows_[flow].failed = true;
  for (uint32_t k = 0; k < qps_; ++k) senders_[flow * qps_ + k].requester.abandon();
  book_.failed(flow, now_ps);
}

void RoceNics::ready(Host& host, uint32_t qp, int64_t now_ps) {
  host.turns.ready(senders_, qp, port_of(qp), now_ps);
}

void RoceNics::talk(Host& host, uint32_t qp) { host.turns.talk(receivers_, qp, port_of(qp)); }

void RoceNics::offer(Run& run, int64_t now_ps) {
  for (uint32_t port = 0; port < planes_; ++port) {
    if (run.links[port].serving || send_control(run, port, now_ps)) continue;
    if (!run.links[port].link.paused) send_data(run, port, now_ps);
  }
}

bool RoceNics::send_control(Run& run, uint32_t port, int64_t now_ps) {
  const uint32_t qp = run.host.turns.take_talk(receivers_, port);
  if (qp == RoceTurns::kNone) return false;
  Parcel parcel = control_parcel(receivers_[qp], qp, header_);
  parcel.dst_and_flags |= book_.source(flow_of(qp));
  count(run.host.counters, roce_wire::kind(parcel));
  if (receivers_[qp].responder.has_reply()) talk(run.host, qp);
  ++run.host.totals.control_sent;
  run.links[port].start(parcel, now_ps);
  return true;
}

bool RoceNics::send_data(Run& run, uint32_t port, int64_t now_ps) {
  for (;;) {
    const uint32_t qp = run.host.turns.take_ready(senders_, port);
    if (qp == RoceTurns::kNone) return false;
    if (!senders_[qp].requester.has_data()) continue;
    transmit(run, qp, run.links[port], now_ps);
    return true;
  }
}

void RoceNics::transmit(Run& run, uint32_t qp, HostLink& link, int64_t now_ps) {
  Sender& sender = senders_[qp];
  const RoceRequester::Segment segment = sender.requester.transmit(now_ps, protocol_);
  const int64_t bytes = wire_bytes(qp, segment.index);
  Parcel parcel;
  parcel.dst_and_flags = book_.destination(flow_of(qp));
  parcel.flow = qp;
  parcel.entropy = sender.entropy;
  parcel.bytes = static_cast<uint16_t>(bytes);
  parcel.cargo[0] = roce_wire::cargo(
      segment.ack_request ? roce_wire::kAckRequest : roce_wire::kPlain, segment.psn);
  if (!options_.congestion_control) parcel.set(ParcelFlags::kNoEcn);
  ++run.host.totals.packets_sent;
  run.host.totals.retransmitted += segment.again ? 1 : 0;
  link.start(parcel, now_ps);
  run.host.turns.sent(sender, qp, bytes, now_ps, options_.congestion_control ? &dcqcn_ : nullptr);
  // Whoever may go on by the time this packet is out queues up at once.
  ready(run.host, qp, std::max(now_ps, link.link.busy_until_ps));
}

NicTotals RoceNics::totals() const {
  NicTotals sum;
  for (const Host& host : hosts_) sum += host.totals;
  return sum;
}

RoceCounters RoceNics::counters() const {
  RoceCounters sum;
  for (const Host& host : hosts_) {
    sum.acks_sent += host.counters.acks_sent;
    sum.naks_sent += host.counters.naks_sent;
    sum.cnps_sent += host.counters.cnps_sent;
    sum.cnps_received += host.counters.cnps_received;
  }
  return sum;
}

base::Bytes RoceNics::footprint() const {
  const size_t bytes = hosts_.size() * sizeof(Host) + senders_.size() * sizeof(Sender) +
                       receivers_.size() * sizeof(RoceReceiver) + flows_.size() * sizeof(FlowState);
  int64_t sum = static_cast<int64_t>(bytes);
  for (const Host& host : hosts_) sum += host.turns.footprint();
  return base::Bytes(sum);
}

base::Rate RoceNics::rate(uint32_t flow, uint32_t k, base::Time now) const {
  RateControl control = senders_[flow * qps_ + k].control;
  return base::Rate::bits_per_second(control.rate(now.ps(), dcqcn_));
}

}  // namespace windtunnel::node
