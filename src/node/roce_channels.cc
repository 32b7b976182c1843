#include "node/roce_channels.h"

#include "base/check.h"
#include "base/random.h"

namespace windtunnel::node {
namespace {

using fabric::HostLink;
using fabric::Parcel;
using fabric::ParcelFlags;

// Writes that are done leave the list in lots of so many.
constexpr size_t kWritesDone = 64;

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
  for (Host& host : hosts_) host.turns.set_ports(planes_);
}

uint32_t RoceChannels::open(NicRun& run, uint32_t label, uint32_t peer, uint32_t owner,
                            int64_t now_ps) {
  Host& self = hosts_[run.host];
  const uint64_t bits = stream_.child(label).bits();
  const auto first_psn = static_cast<uint32_t>(bits & braid::kPsnMask);
  Sender sender{{RoceRequester(first_psn, 0, protocol_), RateControl(dcqcn_)}};
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
    Receiver receiver{{RoceResponder(parcel.cargo[2])}};
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
  if (sender.open || sender.timer_set || sender.turn != RoceSender::Turn::kIdle) return;
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

void RoceChannels::finish_links(NicRun& run, int64_t now_ps) {
  for (HostLink& link : run.links) {
    if (!link.serving || link.link.busy_until_ps != now_ps) continue;
    ++run.out.counters().events;
    link.finish(run.out);
  }
}

class RoceChannels::Handler {
 public:
  Handler(RoceChannels& channels, Host& self, int64_t now_ps)
      : channels_(channels), self_(self), now_ps_(now_ps) {}
  void may_send(uint32_t qp) {
    channels_.ready(self_, qp, now_ps_);
    channels_.free_sender(self_, qp);
  }
  void expired(uint32_t qp) {
    ++self_.totals.timeouts;
    channels_.progressed(self_, qp, now_ps_);
  }
  void left(uint32_t qp) { channels_.free_sender(self_, qp); }
  void may_notify(uint32_t qp) {
    if (!self_.receivers[qp].open) {
      channels_.free_receiver(self_, qp);
      return;
    }
    self_.receivers[qp].cnp_due = true;
    channels_.talk(self_, qp);
  }

 private:
  RoceChannels& channels_;
  Host& self_;
  int64_t now_ps_;
};

void RoceChannels::run_timers(Host& self, int64_t now_ps) {
  self.turns.run(now_ps, self.senders, self.receivers, dcqcn_, Handler(*this, self, now_ps));
}

RoceChannels::Taken RoceChannels::arrive_data(Host& self, uint32_t qp, const Parcel& parcel,
                                              int64_t now_ps) {
  Receiver& receiver = self.receivers[qp];
  if (parcel.has(ParcelFlags::kMarked) && options_.congestion_control) {
    self.turns.marked(self.receivers, qp, receiver.port, now_ps, dcqcn_);
  }
  const roce_wire::Kind kind = roce_wire::kind(parcel);
  Taken taken;
  switch (
      receiver.responder.receive(roce_wire::psn(parcel), kind != roce_wire::kPlain, protocol_)) {
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
  if (taken.accepted && kind == roce_wire::kLastImmediate) {
    braid::Completion completion;
    completion.kind = braid::CompletionKind::kReceiveImm;
    completion.immediate = parcel.cargo[1];
    self.completions.push_back(completion);
  }
  if (receiver.responder.has_reply()) talk(self, qp);
  return taken;
}

void RoceChannels::arrive_control(Host& self, uint32_t qp, const Parcel& parcel, int64_t now_ps) {
  if (take_control(self.senders[qp], parcel, now_ps, protocol_, dcqcn_)) {
    progressed(self, qp, now_ps);
  }
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

void RoceChannels::ready(Host& self, uint32_t qp, int64_t now_ps) {
  self.turns.ready(self.senders, qp, self.senders[qp].port, now_ps);
}

void RoceChannels::talk(Host& self, uint32_t qp) {
  self.turns.talk(self.receivers, qp, self.receivers[qp].port);
}

bool RoceChannels::send_control(Host& self, uint32_t port, HostLink& link, int64_t now_ps) {
  for (;;) {
    const uint32_t qp = self.turns.take_talk(self.receivers, port);
    if (qp == RoceTurns::kNone) return false;
    Receiver& receiver = self.receivers[qp];
    if (!receiver.open) {
      free_receiver(self, qp);
      continue;
    }
    Parcel parcel = control_parcel(receiver, receiver.channel.label, header_);
    parcel.dst_and_flags |= receiver.channel.peer;
    if (receiver.responder.has_reply()) talk(self, qp);
    ++self.totals.control_sent;
    link.start(parcel, now_ps);
    return true;
  }
}

int64_t RoceChannels::send_data(Host& self, uint32_t port, HostLink& link, int64_t now_ps) {
  for (;;) {
    const uint32_t qp = self.turns.take_ready(self.senders, port);
    if (qp == RoceTurns::kNone) return -1;
    if (self.senders[qp].requester.has_data()) return transmit(self, qp, link, now_ps);
    free_sender(self, qp);
  }
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
  auto kind = segment.ack_request || last ? roce_wire::kAckRequest : roce_wire::kPlain;
  if (last && write.has_immediate) kind = roce_wire::kLastImmediate;
  Parcel parcel;
  parcel.dst_and_flags = sender.channel.peer;
  parcel.flow = sender.channel.label;
  parcel.entropy = sender.entropy;
  parcel.bytes = static_cast<uint16_t>(payload + header_);
  parcel.cargo[0] = roce_wire::cargo(kind, segment.psn);
  parcel.cargo[1] = write.immediate;
  if (!options_.congestion_control) parcel.set(ParcelFlags::kNoEcn);
  ++self.totals.packets_sent;
  self.totals.retransmitted += segment.again ? 1 : 0;
  link.start(parcel, now_ps);
  self.turns.sent(sender, qp, parcel.bytes, now_ps,
                  options_.congestion_control ? &dcqcn_ : nullptr);
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
    bytes += sizeof(Host) + static_cast<size_t>(host.turns.footprint()) + host.sender_of.bytes() +
             host.receiver_of.bytes() + host.senders.capacity() * sizeof(Sender) +
             host.receivers.capacity() * sizeof(Receiver);
    for (const Sender& sender : host.senders) bytes += sender.writes.capacity() * sizeof(Write);
  }
  return base::Bytes(static_cast<int64_t>(bytes));
}

}  // namespace windtunnel::node
