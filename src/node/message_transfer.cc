// The way of a message: between servers over a channel, within one over its fabric.
#include <algorithm>

#include "base/check.h"
#include "node/message_driver.h"

namespace windtunnel::node {
void MessageNics::submit(Driver& driver, uint32_t slot) {
  MessagePeers& peers = driver.host.peers;
  const RankMessage& message = peers.outgoing(slot).message;
  const uint32_t local = message.from == kNobody ? kNobody : ranks_[message.from].local;
  const uint32_t peer = peers.peer_of(MessagePeers::key_of(message, local));
  peers.queue(peer, slot);
  peers.set_busy(peer);
  if (peers.peer(peer).qp == MessagePeers::kNone && !bind(driver, peer)) {
    peers.wait(peer);
    return;
  }
  pump(driver, peer);
}

// A channel for `peer`: a new one while there may be more, or in place of one that rests.
bool MessageNics::bind(Driver& driver, uint32_t peer) {
  MessagePeers& peers = driver.host.peers;
  if (peers.peer(peer).waiting) return false;
  if (peers.open() >= options_.channels_max) {
    const uint32_t idle = peers.oldest_idle();
    if (idle == MessagePeers::kNone) return false;
    shut(driver, idle);
  }
  open(driver, peer);
  return true;
}

// Labels are the host's number and a serial number, so that what an old channel has left in the
// network means nothing to a new one.
void MessageNics::open(Driver& driver, uint32_t peer) {
  Host& host = driver.host;
  const RankMessage& first = host.peers.outgoing(host.peers.peer(peer).head).message;
  const uint32_t to = first.from == kNobody ? first.to : ranks_[first.to].host;
  const uint32_t mask = (1u << serial_bits_) - 1;
  uint32_t label = 0;
  do {
    label = driver.run.host << serial_bits_ | (host.serial++ & mask);
  } while (channels_->is_open(driver.run.host, label));
  const uint32_t qp = channels_->open(driver.run, label, to, peer, driver.now);
  host.peers.opened(peer, qp);
  host.open_max = std::max(host.open_max, host.peers.open());
}

void MessageNics::shut(Driver& driver, uint32_t peer) {
  channels_->close(driver.run, driver.host.peers.peer(peer).qp, driver.now);
  driver.host.peers.closed(peer);
}

// Whether the transport takes another message of a peer. What it has, nothing overtakes: of what is
// not the most urgent it gets no more than keeps a path full.
bool MessageNics::takes_more(MessagePeers& peers, uint32_t number) const {
  const MessagePeers::Peer& peer = peers.peer(number);
  if (peer.failing || peer.head == MessagePeers::kNone) return false;
  if (peer.posted < 2) return true;
  if (peer.posted >= kMessagesPerChannel) return false;
  const int64_t limit = options_.posted_max.count();
  return limit == 0 || peer.posted_bytes < limit || peers.outgoing(peer.head).message.priority == 0;
}

void MessageNics::pump(Driver& driver, uint32_t peer) {
  MessagePeers& peers = driver.host.peers;
  while (takes_more(peers, peer)) {
    const uint32_t slot = peers.take(peer);
    const RankMessage& message = peers.outgoing(slot).message;
    const uint32_t record = records_.take(driver.run.out.worker());
    records_[record] = message;
    ++peers.peer(peer).posted;
    peers.peer(peer).posted_bytes += message.bytes;
    channels_->write(driver.run, peers.peer(peer).qp, slot, message.bytes, record, driver.now);
  }
}

void MessageNics::send_background(Driver& driver) {
  Host& host = driver.host;
  RankMessage message;
  message.from = kNobody;
  message.bytes = options_.background.bytes;
  do {
    message.to = used_[host.stream.below(used_.size())];
  } while (hosts_[message.to].server == host.server);
  submit(driver, host.peers.keep(message));
  host.agenda.push(driver.now + options_.background.interval.ps(), kBackground, 0);
}

void MessageNics::finish_send(Driver& driver, const braid::Completion& completion) {
  MessagePeers& peers = driver.host.peers;
  const auto slot = static_cast<uint32_t>(completion.work_id);
  const RankMessage message = peers.outgoing(slot).message;
  peers.forget(slot);
  const uint32_t peer = peers.owner_of_qp(completion.qp.index());
  --peers.peer(peer).posted;
  peers.peer(peer).posted_bytes -= message.bytes;
  const bool success = completion.status == braid::CompletionStatus::kSuccess;
  if (!success) peers.peer(peer).failing = true;
  if (success) pump(driver, peer);
  if (message.from == kNobody) {
    rest(driver, peer);
    return;
  }
  if (success) {
    driver.program().sent(message, driver);
  } else {
    ++workers_[driver.run.out.worker()].moved.failed;
    driver.program().failed(message, driver);
    if (driver.program().gave_up(message.from)) gave_up_.store(true, std::memory_order_relaxed);
  }
  rest(driver, peer);
  check_done(driver, message.from);
}

// After a message has ended: what becomes of its channel if nothing else uses it.
void MessageNics::rest(Driver& driver, uint32_t peer) {
  MessagePeers& peers = driver.host.peers;
  MessagePeers::Peer& p = peers.peer(peer);
  if (p.posted > 0) return;
  if (p.failing) {
    const bool more = p.head != MessagePeers::kNone;
    p.failing = false;
    shut(driver, peer);
    if (more) peers.wait(peer);
  } else if (p.head == MessagePeers::kNone) {
    peers.set_idle(peer);
  }
  while (peers.any_waiting()) {
    if (peers.open() >= options_.channels_max) {
      if (peers.oldest_idle() == MessagePeers::kNone) return;
      shut(driver, peers.oldest_idle());
    }
    const uint32_t next = peers.next_waiting();
    open(driver, next);
    pump(driver, next);
  }
}

void MessageNics::deliver(Driver& driver, uint32_t record) {
  const RankMessage message = records_[record];
  records_.give(driver.run.out.worker(), record);
  count_arrival(driver, message, false);
  if (message.from == kNobody) return;
  driver.program().arrived(message, driver);
  check_done(driver, message.to);
}

// Within a server a message is served at the sender's port when the one before it is through, the
// most urgent first, and flies `latency`; its first byte then queues at the receiver's port. Both
// ports run at one rate, so bytes never wait for bytes in between. Ranks of one server may run at
// the same time, so what they tell each other is a post, and the latency is at least a lookahead.
void MessageNics::send_inside(Driver& driver, const RankMessage& message) {
  WT_CHECK(options_.server.latency.ps() >= driver.run.out.lookahead_ps(),
           "the fabric of a server is faster than the lookahead");
  const uint32_t record = records_.take(driver.run.out.worker());
  records_[record] = message;
  Rank& from = ranks_[message.from];
  if (from.out_free_ps <= driver.now && from.waiting.empty()) {
    occupy_port(driver, record);
    return;
  }
  if (from.waiting.empty()) driver.host.agenda.push(from.out_free_ps, kServerFree, message.from);
  from.waiting.push_back({message.priority, from.order++, record});
  std::push_heap(from.waiting.begin(), from.waiting.end());
}

void MessageNics::occupy_port(Driver& driver, uint32_t record) {
  const RankMessage& message = records_[record];
  Rank& from = ranks_[message.from];
  const int64_t time_ps =
      base::transfer_time(base::Bytes(message.bytes), options_.server.rate).ps();
  from.out_free_ps = driver.now + time_ps;
  from.out_busy_ps += time_ps;
  at_or_now(driver, driver.now + options_.server.latency.ps() - driver.run.out.lookahead_ps(),
            kServerLeave, record);
}

void MessageNics::port_free(Driver& driver, uint32_t rank) {
  Rank& from = ranks_[rank];
  std::pop_heap(from.waiting.begin(), from.waiting.end());
  const uint32_t record = from.waiting.back().record;
  from.waiting.pop_back();
  occupy_port(driver, record);
  if (!from.waiting.empty()) driver.host.agenda.push(from.out_free_ps, kServerFree, rank);
}

// Posts take one lookahead: the rest of the latency is waited for at the side that posts.
void MessageNics::at_or_now(Driver& driver, int64_t at_ps, Due due, uint32_t record) {
  if (at_ps > driver.now) {
    driver.host.agenda.push(at_ps, due, record);
  } else if (due == kServerLeave) {
    leave_inside(driver, record);
  } else {
    confirm_inside(driver, record);
  }
}

void MessageNics::leave_inside(Driver& driver, uint32_t record) {
  const RankMessage& message = records_[record];
  post_inside(driver, PostKind::kServerHead, record, message.from, message.to);
}

void MessageNics::enter_inside(Driver& driver, uint32_t record) {
  const RankMessage& message = records_[record];
  Rank& to = ranks_[message.to];
  const int64_t time_ps =
      base::transfer_time(base::Bytes(message.bytes), options_.server.rate).ps();
  to.in_free_ps = std::max(driver.now, to.in_free_ps) + time_ps;
  to.in_busy_ps += time_ps;
  driver.host.agenda.push(to.in_free_ps, kServerArrive, record);
}

void MessageNics::arrive_inside(Driver& driver, uint32_t record) {
  const RankMessage message = records_[record];
  at_or_now(driver, driver.now + options_.server.latency.ps() - driver.run.out.lookahead_ps(),
            kServerSay, record);
  count_arrival(driver, message, true);
  driver.program().arrived(message, driver);
  check_done(driver, message.to);
}

void MessageNics::confirm_inside(Driver& driver, uint32_t record) {
  const RankMessage& message = records_[record];
  post_inside(driver, PostKind::kServerDone, record, message.to, message.from);
}

void MessageNics::post_inside(Driver& driver, PostKind kind, uint32_t record, uint32_t from,
                              uint32_t to) {
  fabric::Parcel parcel;
  parcel.flow = from;
  parcel.cargo[1] = record;
  parcel.cargo[2] = ranks_[from].posts++;
  posts_.post(kind, ranks_[to].host, parcel, driver.now, driver.run.out);
}

}  // namespace windtunnel::node
