#include "node/roce_channels.h"

#include "base/check.h"
#include "base/random.h"

namespace windtunnel::node {
namespace {

using fabric::HostLink;
using fabric::Parcel;
using fabric::ParcelClass;
using fabric::ParcelFlags;

// cargo[0] is a PSN with this above it; cargo[1] is the immediate of kLastImmediate.
constexpr uint32_t kKindShift = 24;
enum Kind : uint32_t { kPlain, kAckRequest, kLastImmediate, kAck, kNak, kCnp };

constexpr uint32_t kReverse = 0x80000000;

// Writes that are done leave the list in lots of so many.
constexpr size_t kWritesDone = 64;

template <class Ring, class Items>
void append(Ring& ring, uint32_t qp, uint32_t none, Items& items) {
  items[qp].next_in_ring = none;
  (ring.head == none ? ring.head : items[ring.tail].next_in_ring) = qp;
  ring.tail = qp;
}

// A slot of `items`: one that is free, or a new one.
template <class Items, class Item>
uint32_t put(Items& items, std::vector<uint32_t>& free, Item item) {
  if (free.empty()) {
    items.push_back(std::move(item));
    return static_cast<uint32_t>(items.size() - 1);
  }
  const uint32_t slot = free.back();
  free.pop_back();
  items[slot] = std::move(item);
  return slot;
}

}  // namespace

RoceChannels::RoceChannels(const fabric::Topology& topology, const HostPosts& posts,
                           const RoceNicOptions& options, uint32_t workers)
    : posts_(posts),
      options_(options),
      dcqcn_(options.dcqcn.value_or(dcqcn_defaults(options.line_rate))),
      planes_(topology.planes()),
      header_(options.header.count()),
      payload_(options.mtu.count() - options.header.count()),
      stream_(options.seed, "roce"),
      hosts_(topology.hosts()),
      waiting_posts_(workers) {
  WT_CHECK(payload_ > 0 && header_ > 0, "a packet is its header and some payload");
  protocol_.timeout_ps = options.retransmission_timeout.ps();
  protocol_.retry_limit = options.retry_limit;
  protocol_.ack_every = options.ack_every;
  for (Host& host : hosts_) host.ports.resize(planes_);
}

uint32_t RoceChannels::open(NicRun& run, uint32_t label, uint32_t peer, uint32_t owner,
                            int64_t now_ps) {
  Host& self = hosts_[run.host];
  const uint64_t bits = stream_.child(label).bits();
  const auto first_psn = static_cast<uint32_t>(bits & braid::kPsnMask);
  Sender sender{RoceRequester(first_psn, 0, protocol_), RateControl(dcqcn_)};
  sender.channel = {label, peer, first_psn, owner};
  sender.entropy = static_cast<uint16_t>(bits >> 32);
  sender.port = static_cast<uint8_t>(label % planes_);
  const uint32_t qp = put(self.senders, self.free_senders, std::move(sender));
  self.sender_of.insert(label, qp);
  Parcel parcel;
  parcel.flow = label;
  parcel.cargo[1] = run.host;
  parcel.cargo[2] = first_psn;
  posts_.post(PostKind::kOpen, peer, parcel, now_ps, run.out);
  return qp;
}

void RoceChannels::close(NicRun& run, uint32_t qp, int64_t now_ps) {
  Host& self = hosts_[run.host];
  Sender& sender = self.senders[qp];
  Parcel parcel;
  parcel.flow = sender.channel.label;
  posts_.post(PostKind::kClose, sender.channel.peer, parcel, now_ps, run.out);
  self.sender_of.erase(sender.channel.label);
  sender.requester.abandon();
  sender.open = false;
  free_sender(self, qp);
}

void RoceChannels::on_post(Host& self, const Parcel& parcel) {
  if (HostPosts::kind(parcel) == PostKind::kOpen) {
    Receiver receiver{RoceResponder(parcel.cargo[2])};
    receiver.channel = {parcel.flow, parcel.cargo[1], parcel.cargo[2], 0};
    receiver.entropy = static_cast<uint16_t>(stream_.child(parcel.flow).bits() >> 48);
    receiver.port = static_cast<uint8_t>(parcel.flow % planes_);
    self.receiver_of.insert(parcel.flow, put(self.receivers, self.free_receivers, receiver));
    return;
  }
  const uint32_t qp = self.receiver_of.find(parcel.flow);
  WT_CHECK(qp != LabelMap::kNone, "a channel is closed that was never opened");
  self.receiver_of.erase(parcel.flow);
  self.receivers[qp].open = false;
  free_receiver(self, qp);
}

// Rings and heaps may still name a queue pair that is closed; its slot waits for them.
void RoceChannels::free_sender(Host& self, uint32_t qp) {
  const Sender& sender = self.senders[qp];
  if (sender.open || sender.timer_set || sender.turn != Turn::kIdle) return;
  self.free_senders.push_back(qp);
}
void RoceChannels::free_receiver(Host& self, uint32_t qp) {
  const Receiver& receiver = self.receivers[qp];
  if (receiver.open || receiver.in_ring || receiver.notification.waiting()) return;
  self.free_receivers.push_back(qp);
}

void RoceChannels::write(NicRun& run, uint32_t qp, uint64_t work_id, int64_t bytes,
                         std::optional<uint32_t> immediate, int64_t now_ps) {
  Host& self = hosts_[run.host];
  Sender& sender = self.senders[qp];
  const int64_t packets = std::max<int64_t>(1, (bytes + payload_ - 1) / payload_);
  const int64_t begin = sender.requester.packets();
  sender.requester.append(packets);
  sender.writes.push_back(
      {begin, begin + packets, bytes, work_id, immediate.value_or(0), immediate.has_value()});
  ready(self, qp, now_ps);
}

// Entries whose queue pair waits for nothing any more are dropped here, so that a host whose work
// is done has no event left.
int64_t RoceChannels::next_timer(Host& self) {
  while (!self.timers.empty()) {
    const uint32_t qp = self.timers.top().qp;
    Sender& sender = self.senders[qp];
    if (sender.requester.deadline_ps() != RoceRequester::kNoDeadline) break;
    sender.timer_set = false;
    self.timers.pop();
    free_sender(self, qp);
  }
  int64_t next_ps = self.timers.empty() ? kNever : self.timers.top().at_ps;
  if (!self.paced.empty()) next_ps = std::min(next_ps, self.paced.top().at_ps);
  if (!self.held.empty()) next_ps = std::min(next_ps, self.held.top().at_ps);
  return next_ps;
}

void RoceChannels::finish_links(NicRun& run, int64_t now_ps) {
  for (HostLink& link : run.links) {
    if (!link.serving || link.link.busy_until_ps != now_ps) continue;
    ++run.out.counters().events;
    link.finish(run.out);
  }
}

void RoceChannels::run_timers(Host& self, int64_t now_ps) {
  while (!self.paced.empty() && self.paced.top().at_ps <= now_ps) {
    const uint32_t qp = self.paced.top().qp;
    self.paced.pop();
    self.senders[qp].turn = Turn::kIdle;
    ready(self, qp, now_ps);
    free_sender(self, qp);
  }
  while (!self.timers.empty() && self.timers.top().at_ps <= now_ps) {
    const uint32_t qp = self.timers.top().qp;
    RoceRequester& requester = self.senders[qp].requester;
    self.timers.pop();
    if (requester.deadline_ps() > now_ps) {  // it has moved since the entry was made
      self.senders[qp].timer_set = requester.deadline_ps() != RoceRequester::kNoDeadline;
      if (self.senders[qp].timer_set) self.timers.push(requester.deadline_ps(), qp);
      free_sender(self, qp);
      continue;
    }
    self.senders[qp].timer_set = false;
    ++self.totals.timeouts;
    requester.expire(now_ps);
    progressed(self, qp, now_ps);
  }
  while (!self.held.empty() && self.held.top().at_ps <= now_ps) {
    const uint32_t qp = self.held.top().qp;
    self.held.pop();
    self.receivers[qp].notification.release(now_ps, dcqcn_);
    if (!self.receivers[qp].open) {
      free_receiver(self, qp);
      continue;
    }
    self.receivers[qp].cnp_due = true;
    talk(self, qp);
  }
}

RoceChannels::Taken RoceChannels::arrive_data(Host& self, uint32_t qp, const Parcel& parcel,
                                              int64_t now_ps) {
  Receiver& receiver = self.receivers[qp];
  if (parcel.has(ParcelFlags::kMarked)) notify(self, qp, now_ps);
  const uint32_t kind = parcel.cargo[0] >> kKindShift;
  Taken taken;
  switch (
      receiver.responder.receive(parcel.cargo[0] & braid::kPsnMask, kind != kPlain, protocol_)) {
    case RoceResponder::Verdict::kAccepted:
      ++self.totals.packets_delivered;
      taken = {parcel.bytes - header_, true};
      break;
    case RoceResponder::Verdict::kDuplicate:
      ++self.totals.duplicates;
      break;
    case RoceResponder::Verdict::kOutOfOrder:
      ++self.totals.refused;
      break;
  }
  if (taken.accepted && kind == kLastImmediate) {
    braid::Completion completion;
    completion.kind = braid::CompletionKind::kReceiveImm;
    completion.immediate = parcel.cargo[1];
    self.completions.push_back(completion);
  }
  if (receiver.responder.has_reply()) talk(self, qp);
  return taken;
}

void RoceChannels::notify(Host& self, uint32_t qp, int64_t now_ps) {
  if (!options_.congestion_control) return;
  Receiver& receiver = self.receivers[qp];
  const bool waiting = receiver.notification.waiting();
  if (receiver.notification.marked(now_ps, dcqcn_)) {
    receiver.cnp_due = true;
    talk(self, qp);
  } else if (!waiting) {
    self.held.push(receiver.notification.next_ps(), qp);
  }
}

void RoceChannels::arrive_control(Host& self, uint32_t qp, const Parcel& parcel, int64_t now_ps) {
  Sender& sender = self.senders[qp];
  const uint32_t psn = parcel.cargo[0] & braid::kPsnMask;
  switch (parcel.cargo[0] >> kKindShift) {
    case kAck:
      sender.requester.acknowledge(psn, now_ps, protocol_);
      break;
    case kNak:
      sender.requester.refuse(psn, now_ps, protocol_);
      break;
    default:
      sender.control.cut(now_ps, dcqcn_);
      return;
  }
  progressed(self, qp, now_ps);
}

// An acknowledgement, NAK or timeout may have ended writes or given the queue pair work.
void RoceChannels::progressed(Host& self, uint32_t qp, int64_t now_ps) {
  Sender& sender = self.senders[qp];
  if (sender.requester.failed()) {
    complete(self, qp, braid::CompletionStatus::kRetryExceeded);
    return;
  }
  while (sender.first < sender.writes.size() &&
         sender.writes[sender.first].end <= sender.requester.acknowledged()) {
    complete(self, qp, braid::CompletionStatus::kSuccess);
  }
  if (sender.first == sender.writes.size() || sender.first >= kWritesDone) {
    sender.writes.erase(sender.writes.begin(),
                        sender.writes.begin() + static_cast<ptrdiff_t>(sender.first));
    sender.first = sender.cursor = 0;
  }
  ready(self, qp, now_ps);
}

// The oldest write, or all of them when the queue pair has failed.
void RoceChannels::complete(Host& self, uint32_t qp, braid::CompletionStatus status) {
  Sender& sender = self.senders[qp];
  do {
    if (sender.first == sender.writes.size()) return;
    const Write& write = sender.writes[sender.first++];
    braid::Completion completion;
    completion.work_id = write.work_id;
    completion.length = static_cast<uint64_t>(write.bytes);
    completion.qp = braid::QpId(qp);
    completion.status = status;
    self.completions.push_back(completion);
  } while (status != braid::CompletionStatus::kSuccess);
}

// Puts a sender that has data in the place where its rate lets it wait.
void RoceChannels::ready(Host& self, uint32_t qp, int64_t now_ps) {
  Sender& sender = self.senders[qp];
  if (sender.turn != Turn::kIdle || !sender.requester.has_data()) return;
  if (sender.next_ps > now_ps) {
    sender.turn = Turn::kPacing;
    self.paced.push(sender.next_ps, qp);
    return;
  }
  sender.turn = Turn::kReady;
  append(self.ports[sender.port].ready, qp, kNone, self.senders);
}

void RoceChannels::talk(Host& self, uint32_t qp) {
  Receiver& receiver = self.receivers[qp];
  if (receiver.in_ring) return;
  receiver.in_ring = true;
  append(self.ports[receiver.port].talk, qp, kNone, self.receivers);
}

bool RoceChannels::send_control(Host& self, uint32_t port, HostLink& link, int64_t now_ps) {
  Ring& ring = self.ports[port].talk;
  while (ring.head != kNone) {
    const uint32_t qp = ring.head;
    Receiver& receiver = self.receivers[qp];
    ring.head = receiver.next_in_ring;
    receiver.in_ring = false;
    if (!receiver.open) {
      free_receiver(self, qp);
      continue;
    }
    Parcel parcel;
    parcel.dst_and_flags = receiver.channel.peer;
    parcel.set_class(ParcelClass::kControl);
    parcel.flow = receiver.channel.label | kReverse;
    parcel.entropy = receiver.entropy;
    parcel.bytes = static_cast<uint16_t>(header_);
    if (receiver.cnp_due) {
      receiver.cnp_due = false;
      parcel.cargo[0] = uint32_t{kCnp} << kKindShift;
    } else {
      const RoceResponder::Reply reply = receiver.responder.reply();
      parcel.cargo[0] = reply.psn | uint32_t{reply.refusal ? kNak : kAck} << kKindShift;
    }
    if (receiver.responder.has_reply()) talk(self, qp);
    ++self.totals.control_sent;
    link.start(parcel, now_ps);
    return true;
  }
  return false;
}

int64_t RoceChannels::send_data(Host& self, uint32_t port, HostLink& link, int64_t now_ps) {
  Ring& ring = self.ports[port].ready;
  while (ring.head != kNone) {
    const uint32_t qp = ring.head;
    Sender& sender = self.senders[qp];
    ring.head = sender.next_in_ring;
    sender.turn = Turn::kIdle;
    // What it had to send may have been acknowledged, or given up, while it waited.
    if (sender.requester.has_data()) return transmit(self, qp, link, now_ps);
    free_sender(self, qp);
  }
  return -1;
}

const RoceChannels::Write& RoceChannels::write_of(Sender& sender, int64_t index) const {
  if (sender.cursor >= sender.writes.size() || index < sender.writes[sender.cursor].begin) {
    sender.cursor = sender.first;
  }
  while (index >= sender.writes[sender.cursor].end) ++sender.cursor;
  return sender.writes[sender.cursor];
}

int64_t RoceChannels::transmit(Host& self, uint32_t qp, HostLink& link, int64_t now_ps) {
  Sender& sender = self.senders[qp];
  const RoceRequester::Segment segment = sender.requester.transmit(now_ps, protocol_);
  const Write& write = write_of(sender, segment.index);
  const bool last = segment.index + 1 == write.end;
  const int64_t payload = last ? write.bytes - (write.end - write.begin - 1) * payload_ : payload_;
  uint32_t kind = segment.ack_request || last ? kAckRequest : kPlain;
  if (last && write.has_immediate) kind = kLastImmediate;
  Parcel parcel;
  parcel.dst_and_flags = sender.channel.peer;
  parcel.flow = sender.channel.label;
  parcel.entropy = sender.entropy;
  parcel.bytes = static_cast<uint16_t>(payload + header_);
  parcel.cargo[0] = segment.psn | kind << kKindShift;
  parcel.cargo[1] = write.immediate;
  if (!options_.congestion_control) parcel.set(ParcelFlags::kNoEcn);
  ++self.totals.packets_sent;
  self.totals.retransmitted += segment.again ? 1 : 0;
  link.start(parcel, now_ps);
  if (!sender.timer_set) {
    sender.timer_set = true;
    self.timers.push(sender.requester.deadline_ps(), qp);
  }
  if (options_.congestion_control) {
    const base::Rate rate = base::Rate::bits_per_second(sender.control.rate(now_ps, dcqcn_));
    sender.next_ps = now_ps + base::transfer_time(base::Bytes(parcel.bytes), rate).ps();
    sender.control.sent(parcel.bytes, now_ps, dcqcn_);
  }
  // Whoever may go on by the time this packet is out queues up at once.
  ready(self, qp, std::max(now_ps, link.link.busy_until_ps));
  return payload;
}

NicTotals RoceChannels::totals() const {
  NicTotals sum;
  for (const Host& host : hosts_) sum += host.totals;
  return sum;
}

base::Bytes RoceChannels::footprint() const {
  size_t bytes = 0;
  for (const Host& host : hosts_) {
    bytes += sizeof(Host) + host.ports.size() * sizeof(Port) + host.sender_of.bytes() +
             host.receiver_of.bytes() + host.senders.capacity() * sizeof(Sender) +
             host.receivers.capacity() * sizeof(Receiver) +
             (host.paced.capacity() + host.timers.capacity() + host.held.capacity()) *
                 sizeof(WakeHeap::Wake);
    for (const Sender& sender : host.senders) bytes += sender.writes.capacity() * sizeof(Write);
  }
  return base::Bytes(static_cast<int64_t>(bytes));
}

}  // namespace windtunnel::node
