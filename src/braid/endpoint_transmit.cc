// Departures: which packet leaves next, and data packets as they are formed.
#include <algorithm>

#include "base/check.h"
#include "braid/endpoint.h"

namespace windtunnel::braid {

namespace {

Opcode opcode_of(WorkKind kind, bool last) {
  switch (kind) {
    case WorkKind::kRead:
      return Opcode::kReadRequest;
    case WorkKind::kReadResponse:
      return Opcode::kReadResponse;
    case WorkKind::kWriteImm:
      return last ? Opcode::kWriteImm : Opcode::kWrite;
    default:
      return Opcode::kWrite;
  }
}

void fill_read(const WorkElement& work, Packet& out) {
  out.read = ReadFields{};
  out.read.address = work.remote;
  out.read.sink = work.local;
  out.read.length = work.length;
  out.read.rkey = work.rkey;
  out.read.sink_rkey = work.argument;
  out.read.message = work.message;
}

void fill_data(const WorkElement& work, const PacketSpan& span, uint32_t payload, Packet& out) {
  const uint64_t offset = uint64_t{span.index} * payload;
  out.data.address = work.remote + offset;
  out.data.local = work.local + offset;
  out.data.rkey = work.rkey;
  out.data.length = span.length;
  out.data.message = work.message;
  out.data.index = static_cast<uint16_t>(span.index);
  const bool immediate = out.opcode == Opcode::kWriteImm;
  out.data.immediate = immediate ? work.argument : 0;
  out.data.message_length = immediate ? uint64_t{work.length} : 0;
}

}  // namespace

bool Endpoint::has_control() const { return !control_.empty() || announce_next_ < qps_.size(); }
bool Endpoint::has_data() const { return !ready_.empty(); }

void Endpoint::arm(uint32_t qp, int64_t deadline) {
  QueuePair& q = qps_[qp];
  if (deadline >= q.timer) return;
  q.timer = deadline;
  timers_.arm(qp, deadline);
}

// HOT
bool Endpoint::transmit(base::Time now, Packet& out, uint32_t port) {
  now_ = now.ps();
  const uint32_t planes = port == kAnyPort ? ports_up_ : ports_up_ & (1u << (port & 31));
  if (planes == 0) return false;
  if (!has_control()) return !ready_.empty() && send_data(out, planes, now_);
  if (!ready_.empty() && turn_.data_next() && send_data(out, planes, now_)) return true;
  return send_control(out, planes, now_) || (!ready_.empty() && send_data(out, planes, now_));
}

bool Endpoint::transmit_control(base::Time now, Packet& out, uint32_t port) {
  now_ = now.ps();
  const uint32_t planes = ports_up_ & (1u << (port & 31));
  return planes != 0 && has_control() && send_control(out, planes, now_);
}

// Wire bytes of the next packet if congestion control, credit and PSN range let it go; else 0.
uint32_t Endpoint::sendable_size(uint32_t qp) {
  QueuePair& q = qps_[qp];
  SenderState& s = q.sender;
  if (q.state != QpState::kReady || q.block == kNoBlock) return 0;
  uint32_t size = s.next_size;
  if (s.waiting_count > 0) {
    const uint32_t psn = sender_oldest_waiting(s, blocks_[q.block]);
    size = span_bytes(sender_locate(s, work_, psn, *profile_), work_, *profile_);
  } else if (s.outstanding_span() >= q.limits.range) {
    return 0;
  }
  if (size == 0) return 0;
  if (profile_->receiver_credits && q.credit.credit <= 0) return 0;
  if (profile_->sender_window && s.in_flight + size > q.congestion.window) return 0;
  return size;
}

// UET asks when another packet like this one would fill the window; the next one may be larger.
bool Endpoint::window_is_full(const QueuePair& q, uint32_t size) const {
  const int64_t window = q.congestion.window;
  return q.sender.in_flight + size >= window || q.sender.in_flight + q.sender.next_size > window;
}

// Packets leave so slowly that acknowledgements would come later than the tail probe waits.
bool Endpoint::is_silent(const QueuePair& q, int64_t now) const {
  return profile_->config.loss_recovery == LossRecovery::kFast &&
         now - from_coarse(q.recovery.quiet_since, now) > q.congestion.base_rtt;
}

// Gets a queue pair in line that may send now.
void Endpoint::wake(uint32_t qp) {
  QueuePair& q = qps_[qp];
  if (q.ready) return;
  if (sendable_size(qp) > 0) {
    ready_.push(qps_, qp);
    return;
  }
  // Out of credit with nothing under way that could carry the wish for more.
  const bool starved = profile_->receiver_credits && q.credit.credit <= 0 &&
                       q.state == QpState::kReady && q.sender.una == q.sender.next &&
                       q.sender.next_size > 0 && !q.recovery.credit_requested;
  if (starved) push_question(qp, ControlKind::kCreditRequest);
}

// HOT
bool Endpoint::send_data(Packet& out, uint32_t planes, int64_t now) {
  for (uint32_t tries = ready_.count(); tries > 0; --tries) {
    const uint32_t qp = ready_.head();
    QueuePair& q = qps_[qp];
    const uint32_t size = sendable_size(qp);
    if (size == 0) {
      ready_.remove_head(qps_);
      continue;
    }
    const PlaneChoice choice = plane_choice(q, planes);
    const int path = choice.now == 0 ? -1 : path_next(q.path, *profile_, choice, stream_);
    if (path < 0) {  // this port is not for it
      ready_.rotate(qps_);
      continue;
    }
    if (q.deficit < size) q.deficit += profile_->mtu;
    q.deficit -= size;
    form_data(qp, choice, static_cast<uint8_t>(path), size, out, now);
    const uint32_t following = sendable_size(qp);
    if (following == 0) {
      ready_.remove_head(qps_);
    } else if (q.deficit < following) {
      ready_.rotate(qps_);
    }
    return true;
  }
  return false;
}

// What was lost goes by another plane, if there is one: the whole plane may be dead.
PlaneChoice Endpoint::plane_choice(QueuePair& q, uint32_t planes) const {
  PlaneChoice choice;
  choice.usable = ports_up_ & ~uint32_t{q.peer_ports_down};
  if (q.sender.waiting_count > 0 && profile_->plane_mask != 0) {
    const uint32_t psn = sender_oldest_waiting(q.sender, blocks_[q.block]);
    choice.avoid = 1u << (blocks_[q.block].path(psn) & profile_->plane_mask);
    const PathSelection policy = profile_->config.path_selection;
    const bool bound =
        policy == PathSelection::kBraid || (policy == PathSelection::kReps && q.path.reps.frozen);
    const PlaneSet others = choice.usable & ~choice.avoid;
    if (!bound && others != 0) choice.usable = others;
  }
  choice.now = planes & choice.usable;
  return choice;
}

// Takes the oldest lost packet, or else a new one, out of the line: fills in its PSN and what the
// line alone decides of its flags.
PacketSpan Endpoint::take_packet(QueuePair& q, uint32_t size, Packet& out) {
  SenderState& s = q.sender;
  const Block block = blocks_[q.block];
  if (s.waiting_count == 0) {
    out.psn = s.next;
    out.flags = 0;
    block.resent().clear(out.psn);
    return sender_take_new(s, work_, q.limits, *profile_);
  }
  out.psn = sender_oldest_waiting(s, block);
  out.flags = PacketFlag::kRetransmission | PacketFlag::kAckRequest;
  ++counters_.retransmissions;
  const PacketSpan span = sender_locate(s, work_, out.psn, *profile_);
  sender_take_waiting(s, block, out.psn, size);
  return span;
}

// Pays for the packet and lets it carry the wish for more.
void Endpoint::spend_credit(QueuePair& q, uint32_t size, Packet& out) {
  out.credit = 0;
  if (!profile_->receiver_credits) return;
  const SenderState& s = q.sender;
  q.credit.credit -= static_cast<int32_t>(size);
  if (s.speculating && !out.has(PacketFlag::kRetransmission)) {
    out.flags |= PacketFlag::kSpeculative;
  }
  out.credit = credit_target(q.credit,
                             {.backlog = s.backlog + s.waiting_bytes,
                              .window = q.congestion.window,
                              .sharers = ready_.count(),
                              .speculating = s.speculating},
                             *profile_);
}

// The last word for a while must bring an answer (UET: backlog empty, credit or window used up).
bool Endpoint::is_last_word(const QueuePair& q, uint32_t size, int64_t now) const {
  return q.sender.next_size == 0 || q.sender.outstanding_span() >= q.limits.range ||
         (profile_->receiver_credits && q.credit.credit <= 0) ||
         (profile_->sender_window && window_is_full(q, size)) || is_silent(q, now);
}

// What the sender remembers of a transmission, and the timer that watches it.
void Endpoint::record_transmission(uint32_t qp, uint32_t psn, uint8_t path, int64_t now) {
  QueuePair& q = qps_[qp];
  const Block block = blocks_[q.block];
  const Coarse stamp = coarse_up(now);
  block.path(psn) = path;
  block.answered().clear(psn);
  block.stamp(psn) = stamp;
  if (psn == q.sender.una) q.sender.una_stamp = stamp;
  int64_t due = now + profile_->rto_min;
  if (profile_->config.loss_recovery == LossRecovery::kFast) {
    const bool all_sent = q.sender.backlog == 0;
    due = std::min(due, now + tail_probe_wait(*profile_, q.congestion.base_rtt, all_sent, 0));
  }
  if (due < q.timer) arm(qp, due);
}

// Forms the next packet of a queue pair that may send `size` bytes by `path`.
void Endpoint::form_data(uint32_t qp, const PlaneChoice& planes, uint8_t path, uint32_t size,
                         Packet& out, int64_t now) {
  QueuePair& q = qps_[qp];
  if (q.sender.una == q.sender.next) q.recovery.quiet_since = coarse_up(now);
  const PacketSpan span = take_packet(q, size, out);
  spend_credit(q, size, out);
  if (is_last_word(q, size, now)) out.flags |= PacketFlag::kAckRequest;
  if (out.has(PacketFlag::kAckRequest) && !psn_before(out.psn, q.sender.asked_psn)) {
    q.sender.asked_psn = psn_add(out.psn, 1);
  }
  if (span.last) out.flags |= PacketFlag::kLastOfMessage;
  const bool again = out.has(PacketFlag::kRetransmission);
  if (again && path == blocks_[q.block].path(out.psn)) {  // better not the one it was lost on
    const int other = path_next(q.path, *profile_, planes, stream_);
    if (other >= 0) path = static_cast<uint8_t>(other);
  }
  record_transmission(qp, out.psn, path, now);
  const WorkElement& work = work_[span.work];
  out.opcode = opcode_of(work.kind, span.last);
  out.entropy = static_cast<uint16_t>(q.path.entropy_base | path);
  out.port = static_cast<uint8_t>(path & profile_->plane_mask);
  out.source_qp = static_cast<uint16_t>(qp);
  out.dest_qp = q.peer_qp;
  out.timestamp = timestamp_of(now);
  if (out.opcode == Opcode::kReadRequest) {
    fill_read(work, out);
  } else {
    fill_data(work, span, profile_->payload, out);
  }
  ++counters_.packets_sent;
  counters_.bytes_sent += size;
}

}  // namespace windtunnel::braid
