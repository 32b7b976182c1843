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

// cargo[0] is a PSN with this above it. Data: whether an acknowledgement is asked for.
constexpr uint32_t kKindShift = 24;
enum Kind : uint32_t { kPlain, kAckRequest, kAck, kNak, kCnp };

// The labels of the way back are their own, as its addresses and queue pairs are.
constexpr uint32_t kReverse = 0x80000000;

// `item_of(qp)` is the chained record.
template <class Ring, class ItemOf>
void append(Ring& ring, uint32_t qp, uint32_t none, ItemOf&& item_of) {
  item_of(qp).next_in_ring = none;
  if (ring.head == none) {
    ring.head = qp;
  } else {
    item_of(ring.tail).next_in_ring = qp;
  }
  ring.tail = qp;
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
  WT_CHECK(qps_ >= 1 && flows_.size() * qps_ < kReverse, "queue pairs are numbered in 31 bits");
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
      senders_.push_back(Sender{RoceRequester(first_psn, share, protocol_), RateControl(dcqcn_)});
      receivers_.push_back(Receiver{RoceResponder(first_psn), {}});
      senders_.back().entropy = static_cast<uint16_t>(bits >> 32);
      receivers_.back().entropy = static_cast<uint16_t>(bits >> 48);
    }
  }
  for (uint32_t h = 0; h < hosts_.size(); ++h) {
    hosts_[h].ports.resize(planes_);
    hosts_[h].paced.reserve(sources[h]);
    hosts_[h].timers.reserve(sources[h]);
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
    const int64_t own_ps = std::min({done_ps, next_timer(run.host), book_.next_due_ps(host)});
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

// Entries whose queue pair waits for nothing any more are dropped here, so that a host whose flows
// are done has no event left.
int64_t RoceNics::next_timer(Host& host) {
  while (!host.timers.empty()) {
    Sender& sender = senders_[host.timers.top().qp];
    if (sender.requester.deadline_ps() != RoceRequester::kNoDeadline) break;
    sender.timer_set = false;
    host.timers.pop();
  }
  int64_t next_ps = host.timers.empty() ? kNever : host.timers.top().at_ps;
  if (!host.paced.empty()) next_ps = std::min(next_ps, host.paced.top().at_ps);
  if (!host.held.empty()) next_ps = std::min(next_ps, host.held.top().at_ps);
  return next_ps;
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

void RoceNics::run_timers(Run& run, int64_t now_ps) {
  Host& host = run.host;
  while (!host.paced.empty() && host.paced.top().at_ps <= now_ps) {
    const uint32_t qp = host.paced.top().qp;
    host.paced.pop();
    senders_[qp].turn = Turn::kIdle;
    ready(host, qp, now_ps);
  }
  while (!host.timers.empty() && host.timers.top().at_ps <= now_ps) {
    const uint32_t qp = host.timers.top().qp;
    RoceRequester& requester = senders_[qp].requester;
    host.timers.pop();
    if (requester.deadline_ps() > now_ps) {  // it has moved since the entry was made
      senders_[qp].timer_set = requester.deadline_ps() != RoceRequester::kNoDeadline;
      if (senders_[qp].timer_set) host.timers.push(requester.deadline_ps(), qp);
      continue;
    }
    senders_[qp].timer_set = false;
    ++host.totals.timeouts;
    requester.expire(now_ps);
    progressed(run, qp, now_ps);
  }
  while (!host.held.empty() && host.held.top().at_ps <= now_ps) {
    const uint32_t qp = host.held.top().qp;
    host.held.pop();
    receivers_[qp].notification.release(now_ps, dcqcn_);
    receivers_[qp].cnp_due = true;
    talk(host, qp);
  }
}

void RoceNics::arrive(Run& run, const Parcel& parcel, int64_t now_ps) {
  ++run.out.counters().events;
  if (parcel.parcel_class() == ParcelClass::kPause) {
    HostLink& link = run.links[parcel.at.port()];
    fabric::link_pause(link.link, parcel.cargo[0] != 0, now_ps, link.counters);
  } else if ((parcel.flow & kReverse) != 0) {
    arrive_control(run, parcel, now_ps);
  } else if (!parcel.has(ParcelFlags::kTrimmed)) {  // RoCE has no use for a header without payload
    arrive_data(run, parcel, now_ps);
  }
}

void RoceNics::arrive_data(Run& run, const Parcel& parcel, int64_t now_ps) {
  const uint32_t qp = parcel.flow;
  Receiver& receiver = receivers_[qp];
  if (parcel.has(ParcelFlags::kMarked)) notify(run, qp, now_ps);
  const bool ack_request = parcel.cargo[0] >> kKindShift == kAckRequest;
  switch (receiver.responder.receive(parcel.cargo[0] & braid::kPsnMask, ack_request, protocol_)) {
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

// The paper's NP: a CNP at once, or when the interval since the last one ends.
void RoceNics::notify(Run& run, uint32_t qp, int64_t now_ps) {
  Receiver& receiver = receivers_[qp];
  const bool waiting = receiver.notification.waiting();
  if (receiver.notification.marked(now_ps, dcqcn_)) {
    receiver.cnp_due = true;
    talk(run.host, qp);
  } else if (!waiting) {
    run.host.held.push(receiver.notification.next_ps(), qp);
  }
}

void RoceNics::arrive_control(Run& run, const Parcel& parcel, int64_t now_ps) {
  const uint32_t qp = parcel.flow & ~kReverse;
  Sender& sender = senders_[qp];
  const uint32_t psn = parcel.cargo[0] & braid::kPsnMask;
  switch (parcel.cargo[0] >> kKindShift) {
    case kAck:
      sender.requester.acknowledge(psn, now_ps, protocol_);
      break;
    case kNak:
      sender.requester.refuse(psn, now_ps, protocol_);
      break;
    default:
      ++run.host.counters.cnps_received;
      sender.control.cut(now_ps, dcqcn_);
      return;
  }
  progressed(run, qp, now_ps);
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

// Puts a sender that has data in the place where its rate lets it wait.
void RoceNics::ready(Host& host, uint32_t qp, int64_t now_ps) {
  Sender& sender = senders_[qp];
  if (sender.turn != Turn::kIdle || !sender.requester.has_data()) return;
  if (sender.next_ps > now_ps) {
    sender.turn = Turn::kPacing;
    host.paced.push(sender.next_ps, qp);
    return;
  }
  sender.turn = Turn::kReady;
  append(host.ports[port_of(qp)].ready, qp, kNone,
         [this](uint32_t i) -> Sender& { return senders_[i]; });
}

void RoceNics::talk(Host& host, uint32_t qp) {
  Receiver& receiver = receivers_[qp];
  if (receiver.in_ring) return;
  receiver.in_ring = true;
  append(host.ports[port_of(qp)].talk, qp, kNone,
         [this](uint32_t i) -> Receiver& { return receivers_[i]; });
}

void RoceNics::offer(Run& run, int64_t now_ps) {
  for (uint32_t port = 0; port < planes_; ++port) {
    if (run.links[port].serving || send_control(run, port, now_ps)) continue;
    if (!run.links[port].link.paused) send_data(run, port, now_ps);
  }
}

bool RoceNics::send_control(Run& run, uint32_t port, int64_t now_ps) {
  Ring& ring = run.host.ports[port].talk;
  if (ring.head == kNone) return false;
  const uint32_t qp = ring.head;
  Receiver& receiver = receivers_[qp];
  ring.head = receiver.next_in_ring;
  receiver.in_ring = false;
  Parcel parcel;
  parcel.dst_and_flags = book_.source(flow_of(qp));
  parcel.set_class(ParcelClass::kControl);
  parcel.flow = qp | kReverse;
  parcel.entropy = receiver.entropy;
  parcel.bytes = static_cast<uint16_t>(header_);
  if (receiver.cnp_due) {
    receiver.cnp_due = false;
    parcel.cargo[0] = uint32_t{kCnp} << kKindShift;
    ++run.host.counters.cnps_sent;
  } else {
    const RoceResponder::Reply reply = receiver.responder.reply();
    parcel.cargo[0] = reply.psn | uint32_t{reply.refusal ? kNak : kAck} << kKindShift;
    ++(reply.refusal ? run.host.counters.naks_sent : run.host.counters.acks_sent);
  }
  if (receiver.responder.has_reply()) talk(run.host, qp);
  ++run.host.totals.control_sent;
  run.links[port].start(parcel, now_ps);
  return true;
}

bool RoceNics::send_data(Run& run, uint32_t port, int64_t now_ps) {
  Ring& ring = run.host.ports[port].ready;
  while (ring.head != kNone) {
    const uint32_t qp = ring.head;
    Sender& sender = senders_[qp];
    ring.head = sender.next_in_ring;
    sender.turn = Turn::kIdle;
    // What it had to send may have been acknowledged, or given up, while it waited.
    if (!sender.requester.has_data()) continue;
    transmit(run, qp, run.links[port], now_ps);
    return true;
  }
  return false;
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
  parcel.cargo[0] = segment.psn | uint32_t{segment.ack_request ? kAckRequest : kPlain}
                                      << kKindShift;
  if (!options_.congestion_control) parcel.set(ParcelFlags::kNoEcn);
  ++run.host.totals.packets_sent;
  run.host.totals.retransmitted += segment.again ? 1 : 0;
  link.start(parcel, now_ps);
  if (!sender.timer_set) {
    sender.timer_set = true;
    run.host.timers.push(sender.requester.deadline_ps(), qp);
  }
  if (options_.congestion_control) {
    const base::Rate rate = base::Rate::bits_per_second(sender.control.rate(now_ps, dcqcn_));
    sender.next_ps = now_ps + base::transfer_time(base::Bytes(bytes), rate).ps();
    sender.control.sent(bytes, now_ps, dcqcn_);
  }
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
  size_t bytes = hosts_.size() * (sizeof(Host) + planes_ * sizeof(Port)) +
                 senders_.size() * sizeof(Sender) + receivers_.size() * sizeof(Receiver) +
                 flows_.size() * sizeof(FlowState);
  for (const Host& host : hosts_) {
    bytes += (host.paced.capacity() + host.timers.capacity() + host.held.capacity()) *
             sizeof(WakeHeap::Wake);
  }
  return base::Bytes(static_cast<int64_t>(bytes));
}

base::Rate RoceNics::rate(uint32_t flow, uint32_t k, base::Time now) const {
  RateControl control = senders_[flow * qps_ + k].control;
  return base::Rate::bits_per_second(control.rate(now.ps(), dcqcn_));
}

}  // namespace windtunnel::node
