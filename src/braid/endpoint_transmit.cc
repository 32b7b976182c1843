// Departures: which packet leaves next, and what is written into it.
#include <algorithm>
#include <bit>

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

// What control_entropy() says instead of an entropy value.
constexpr int kWrongPort = -1;
constexpr int kDropNote = -2;

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

bool Endpoint::push_control(const ControlNote& note) {
  if (control_.push(note)) return true;
  ++counters_.control_dropped;
  return false;
}

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

// Takes the oldest lost packet, or else a new one, and writes its header.
void Endpoint::form_data(uint32_t qp, const PlaneChoice& planes, uint8_t path, uint32_t size,
                         Packet& out, int64_t now) {
  QueuePair& q = qps_[qp];
  SenderState& s = q.sender;
  const Block block = blocks_[q.block];
  const bool again = s.waiting_count > 0;
  if (s.una == s.next) q.recovery.quiet_since = coarse_up(now);
  out.flags = 0;
  out.psn = s.next;
  PacketSpan span;
  if (again) {
    out.psn = sender_oldest_waiting(s, block);
    span = sender_locate(s, work_, out.psn, *profile_);
    sender_take_waiting(s, block, out.psn, size);
    out.flags = PacketFlag::kRetransmission | PacketFlag::kAckRequest;
    ++counters_.retransmissions;
  } else {
    block.resent().clear(out.psn);
    span = sender_take_new(s, work_, q.limits, *profile_);
  }
  if (profile_->receiver_credits) {
    q.credit.credit -= static_cast<int32_t>(size);
    if (s.speculating && !again) out.flags |= PacketFlag::kSpeculative;
    out.credit = credit_target(q.credit,
                               {.backlog = s.backlog + s.waiting_bytes,
                                .window = q.congestion.window,
                                .sharers = ready_.count(),
                                .speculating = s.speculating},
                               *profile_);
  } else {
    out.credit = 0;
  }
  // The last word for a while must bring an answer (UET: backlog empty, credit or window used up).
  const bool last_word = s.next_size == 0 || s.outstanding_span() >= q.limits.range ||
                         (profile_->receiver_credits && q.credit.credit <= 0) ||
                         (profile_->sender_window && window_is_full(q, size)) || is_silent(q, now);
  if (last_word) out.flags |= PacketFlag::kAckRequest;
  if (span.last) out.flags |= PacketFlag::kLastOfMessage;

  if (again && path == block.path(out.psn)) {  // better another path than the one it was lost on
    const int other = path_next(q.path, *profile_, planes, stream_);
    if (other >= 0) path = static_cast<uint8_t>(other);
  }
  block.path(out.psn) = path;
  block.answered().clear(out.psn);
  const Coarse stamp = coarse_up(now);
  block.stamp(out.psn) = stamp;
  if (out.psn == s.una) s.una_stamp = stamp;

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
  int64_t due = now + profile_->rto_min;
  if (profile_->config.loss_recovery == LossRecovery::kFast) {
    due = std::min(due, now + tail_probe_wait(*profile_, q.congestion.base_rtt, false, 0));
  }
  if (due < q.timer) arm(qp, due);
}

// HOT
bool Endpoint::send_control(Packet& out, uint32_t planes, int64_t now) {
  if (announce_next_ < qps_.size() && send_announcement(out, planes)) return true;
  for (uint32_t i = 0; i < control_.count();) {
    const ControlNote& note = control_.at(i);
    QueuePair& q = qps_[note.qp];
    const int entropy = q.state == QpState::kReady ? control_entropy(q, note, planes) : kDropNote;
    if (entropy == kWrongPort) {
      ++i;
      continue;
    }
    if (entropy != kDropNote) {
      out = Packet{};
      out.entropy = static_cast<uint16_t>(entropy);
      out.port = static_cast<uint8_t>(port_of(out.entropy, *profile_));
      form_control(note, out, now);
    }
    i == 0 ? control_.pop() : control_.remove(i);
    if (entropy != kDropNote) return true;
  }
  return false;
}

// Answers go back on the path they answer, credits go round all paths, questions take the path of
// the next data packet. Each leaves by the port of its plane and waits for that port if another one
// asks; if the plane may not be used, it moves to the plane that asks.
int Endpoint::control_entropy(QueuePair& q, const ControlNote& note, uint32_t planes) {
  const uint32_t usable = ports_up_ & ~uint32_t{q.peer_ports_down};
  const PlaneChoice choice =
      (planes & usable) != 0 ? PlaneChoice{planes & usable, usable} : PlaneChoice{planes, planes};
  const ControlKind kind = note.control_kind();
  const bool path_probe = kind == ControlKind::kProbe && (note.flags & PacketFlag::kPathProbe) != 0;
  if ((kind == ControlKind::kProbe || kind == ControlKind::kCreditRequest) && !path_probe) {
    const int path = path_next(q.path, *profile_, choice, stream_);
    return path < 0 ? kWrongPort : q.path.entropy_base | path;
  }
  const uint32_t entropy =
      kind == ControlKind::kCredit ? uint32_t{q.path.entropy_base} | note.entropy : note.entropy;
  const uint32_t plane = entropy & profile_->plane_mask;
  if ((choice.now >> plane & 1) != 0) return static_cast<int>(entropy);
  if ((choice.usable >> plane & 1) != 0) return kWrongPort;
  if (path_probe) return kDropNote;  // its port went down: the backoff repeats the probe
  const auto other = static_cast<uint32_t>(std::countr_zero(choice.now));
  return static_cast<int>((entropy & ~profile_->plane_mask) | other);
}

void Endpoint::form_control(const ControlNote& note, Packet& out, int64_t now) {
  QueuePair& q = qps_[note.qp];
  const auto ports_down = static_cast<uint8_t>(~ports_up_ & ((1u << profile_->config.planes) - 1));
  out.source_qp = static_cast<uint16_t>(note.qp);
  out.dest_qp = q.peer_qp;
  out.psn = note.psn;
  out.flags = note.flags & PacketFlag::kAll;
  switch (note.control_kind()) {
    case ControlKind::kSack: {
      out.opcode = Opcode::kSack;
      out.timestamp = note.word;
      out.sack = SackFields{};
      const bool answer = (note.flags & PacketFlag::kProbeAck) != 0;
      const bool at_reference = (note.flags & ControlNote::kAtReference) != 0;
      const uint32_t reference = answer ? q.receiver.expected : uint32_t{note.psn};
      const uint32_t base = sack_base(q.receiver, reference, at_reference);
      const Block block = blocks_[q.block == kNoBlock ? 0 : q.block];
      receiver_fill_sack(q.receiver, q.block == kNoBlock ? nullptr : &block, out.sack, base);
      out.sack.entropy = note.entropy;
      out.sack.penalty = penalty_;
      out.sack.ports_down = ports_down;
      ++counters_.sacks_sent;
      return;
    }
    case ControlKind::kNack:
      out.opcode = Opcode::kNack;
      out.timestamp = note.word;
      out.nack = NackFields{};
      out.nack.entropy = note.entropy;
      out.nack.reason = static_cast<NackReason>(note.flags >> ControlNote::kReasonShift & 7);
      out.nack.ports_down = ports_down;
      ++counters_.nacks_sent;
      return;
    case ControlKind::kProbe:
      out.opcode = Opcode::kProbe;
      out.timestamp = timestamp_of(now);
      ++counters_.probes_sent;
      return;
    case ControlKind::kCredit:
      out.opcode = Opcode::kCredit;
      out.credit = note.word;
      ++counters_.credits_sent;
      return;
    case ControlKind::kCreditRequest:
      out.opcode = Opcode::kCreditRequest;
      out.credit = credit_target(q.credit,
                                 {.backlog = q.sender.backlog + q.sender.waiting_bytes,
                                  .window = q.congestion.window,
                                  .sharers = 1,
                                  .speculating = q.sender.speculating},
                                 *profile_);
      ++counters_.credit_requests_sent;
      return;
  }
}

// Tells one connected peer after the other which ports are down.
bool Endpoint::send_announcement(Packet& out, uint32_t planes) {
  while (announce_next_ < qps_.size()) {
    const QueuePair& q = qps_[announce_next_++];
    if (q.state != QpState::kReady) continue;
    out = Packet{};
    out.opcode = Opcode::kPortStatus;
    out.source_qp = static_cast<uint16_t>(&q - qps_.data());
    out.dest_qp = q.peer_qp;
    out.ports = PortFields{};
    out.ports.ports_down = static_cast<uint8_t>(~ports_up_ & ((1u << profile_->config.planes) - 1));
    const auto plane = static_cast<uint32_t>(std::countr_zero(planes));
    out.entropy = static_cast<uint16_t>(q.path.entropy_base | plane);
    out.port = static_cast<uint8_t>(plane);
    return true;
  }
  return false;
}

}  // namespace windtunnel::braid
