// Arrivals at the receiving half: data, trimmed headers, duplicates, probes.
#include "braid/endpoint.h"

namespace windtunnel::braid {

namespace {

uint8_t needed_right(Opcode opcode) {
  switch (opcode) {
    case Opcode::kReadRequest:
      return Access::kRemoteRead;
    case Opcode::kReadResponse:
      return Access::kLocalWrite;
    default:
      return Access::kRemoteWrite;
  }
}

// What every answer to a packet has in common.
ControlNote answer_to(uint32_t qp, const Packet& packet, ControlKind kind) {
  ControlNote note;
  note.qp = qp;
  note.psn = packet.psn & kPsnMask;
  note.kind = static_cast<uint8_t>(kind);
  note.word = packet.timestamp;
  note.entropy = packet.entropy;
  note.flags = packet.flags & PacketFlag::kRetransmission;
  return note;
}

}  // namespace

Received Endpoint::ignored() {
  ++counters_.ignored;
  return {};
}

// HOT
Received Endpoint::receive(base::Time now, const Packet& packet, Arrival arrival) {
  now_ = now.ps();
  const uint32_t qp = packet.dest_qp & ((1u << kQpIndexBits) - 1);
  if (qp >= qps_.size() || qps_[qp].state != QpState::kReady) return ignored();
  const uint32_t life = packet.dest_qp >> kQpIndexBits;
  if ((life != 0 && life != qps_[qp].life) || packet.psn > kPsnMask) return ignored();
  switch (packet.opcode) {
    case Opcode::kWrite:
    case Opcode::kWriteImm:
    case Opcode::kReadRequest:
    case Opcode::kReadResponse:
      return on_numbered(qp, packet, arrival, now_);
    case Opcode::kSack:
      return on_sack(qp, packet, now_);
    case Opcode::kNack:
      return on_nack(qp, packet, now_);
    case Opcode::kProbe:
      return on_probe(qp, packet, arrival);
    case Opcode::kCredit:
      return on_credit(qp, packet, now_);
    case Opcode::kCreditRequest:
      note_target(qp, packet.credit, true, now_);
      note_sack(qp, packet, false, false, PacketFlag::kProbeAck);
      return {.disposition = Disposition::kControl};
    case Opcode::kPortStatus:
      qps_[qp].peer_ports_down = packet.ports.ports_down;
      wake(qp);
      return {.disposition = Disposition::kControl};
  }
  return ignored();
}

// HOT
Received Endpoint::on_numbered(uint32_t qp, const Packet& packet, Arrival arrival, int64_t now) {
  QueuePair& q = qps_[qp];
  const PsnClass where = receiver_classify(q.receiver, packet.psn, q.limits.range);
  if (where == PsnClass::kOutside) return ignored();
  q.recovery.heard = coarse_up(now);
  const bool ahead = where == PsnClass::kAhead;
  const bool seen = where == PsnClass::kSeen ||
                    (ahead && q.block != kNoBlock && blocks_[q.block].arrived().test(packet.psn));
  if (oversubscription_) count_for_oversubscription(packet, arrival);
  const bool whole = !has_payload(packet.opcode) || packet.data.length == 0;
  if (arrival.trimmed && !whole) return on_trimmed(qp, packet, arrival, seen, now);
  const bool marked = arrival.ecn && profile_->config.ecn;
  if (marked) ++counters_.marked_received;
  if (profile_->receiver_credits) note_target(qp, packet.credit, false, now);
  if (seen) return on_duplicate(qp, packet, marked);
  if (!admissible(q, packet)) return refuse(qp, packet, NackReason::kAccess, marked);
  uint32_t work = kNoWork;
  if (!reserve_for(qp, packet, ahead, work)) {
    return refuse(qp, packet, NackReason::kResources, marked);
  }
  const bool payload = has_payload(packet.opcode);
  const uint32_t length = payload ? packet.data.length : 0;
  const bool ack_request = packet.has(PacketFlag::kAckRequest);
  Block block = blocks_[q.block == kNoBlock ? 0 : q.block];
  const bool due = receiver_accept(q.receiver, &block, packet.psn, profile_->overhead + length,
                                   ack_request, marked, *profile_);
  ++counters_.packets_delivered;
  counters_.bytes_delivered += length;
  if (work != kNoWork) stash_insert(q.receiver, work_, work);
  if (due) note_sack(qp, packet, marked, marked || ack_request);
  if (q.receiver.stash != kNoWork) drain_stash(qp);
  release_block_if_idle(q);
  return {Disposition::kPlaced, length, payload ? packet.data.address : 0};
}

// Whether the packet may do what it asks: before a byte is placed or anything is remembered.
bool Endpoint::admissible(const QueuePair& q, const Packet& packet) const {
  const uint8_t right = needed_right(packet.opcode);
  if (packet.opcode == Opcode::kReadRequest) {
    const ReadFields& read = packet.read;
    return read.length > 0 && read.length <= uint64_t{1} << 40 &&
           memory_.allows(q.domain, read.rkey, read.address, read.length, right);
  }
  const DataFields& data = packet.data;
  if (data.length > profile_->payload) return false;
  if (packet.opcode == Opcode::kReadResponse) {
    const uint32_t read = find_read(q, data.message);
    if (read == kNoWork) return false;
    const uint64_t offset = data.address - work_[read].local;
    if (offset > work_[read].length || data.length > work_[read].length - offset) return false;
  }
  if (data.length == 0) return true;  // names no memory
  return memory_.allows(q.domain, data.rkey, data.address, data.length, right);
}

// What the packet needs beyond its PSN: a block when it comes out of order, a work element to be
// remembered by. True when it is there; `work` is what goes into the stash.
bool Endpoint::reserve_for(uint32_t qp, const Packet& packet, bool ahead, uint32_t& work) {
  QueuePair& q = qps_[qp];
  const bool request = packet.opcode == Opcode::kReadRequest;
  if (ahead && !take_block(q)) return false;
  if (packet.opcode == Opcode::kWriteImm) {
    work = work_.take(WorkKind::kReceiveImm);
    // In order it completes at once, so the owner's poll() alone gives the reserve back.
    if (work == kNoWork && !ahead) work = work_.take_reserved(WorkKind::kReceiveImm);
    if (work == kNoWork) return false;
    work_[work].argument = packet.data.immediate;
    work_[work].length = packet.data.message_length & ((uint64_t{1} << 48) - 1);
  } else if (request) {
    // A peer that keeps to its limit is refused only while an answer that it already has is not
    // acknowledged here yet.
    if (q.responses_held >= profile_->config.read_limit) return false;
    work = work_.take_reserved(WorkKind::kReadResponse);
    if (work == kNoWork) return false;
    ++q.responses_held;
    work_[work].local = packet.read.address;
    work_[work].remote = packet.read.sink;
    work_[work].rkey = packet.read.sink_rkey;
    work_[work].length = packet.read.length & ((uint64_t{1} << 48) - 1);
    work_[work].message = packet.read.message;
  } else if (packet.opcode == Opcode::kReadResponse && packet.has(PacketFlag::kLastOfMessage)) {
    work = find_read(q, packet.data.message);
  } else {
    return true;
  }
  work_[work].qp = qp;
  work_[work].due_psn = packet.psn;
  return true;
}

uint32_t Endpoint::find_read(const QueuePair& q, uint16_t message) const {
  for (uint32_t at = q.sender.sent.head; at != kNoWork; at = work_[at].next) {
    const WorkElement& work = work_[at];
    if (work.kind == WorkKind::kRead && work.message == message && !work.answered) return at;
  }
  return kNoWork;
}

// Everything before these PSNs has been placed: completions appear, reads are served or done.
void Endpoint::drain_stash(uint32_t qp) {
  QueuePair& q = qps_[qp];
  bool more_to_send = false;
  for (;;) {
    const uint32_t work = stash_take_due(q.receiver, work_);
    if (work == kNoWork) break;
    WorkElement& element = work_[work];
    if (element.kind == WorkKind::kReceiveImm) {
      complete(work, CompletionStatus::kSuccess);
      continue;
    }
    more_to_send = true;
    if (element.kind == WorkKind::kReadResponse) {
      restart_if_idle(q);
      sender_queue(q.sender, work_, work, *profile_);
    } else {
      element.answered = true;
      --q.sender.reads_in_flight;
    }
  }
  if (!more_to_send) return;
  if (!q.sender_idle()) {
    want_block(qp);
    arm(qp, now_ + profile_->rto_min);
  }
  after_progress(qp);
}

Received Endpoint::on_trimmed(uint32_t qp, const Packet& packet, Arrival arrival, bool seen,
                              int64_t now) {
  ++counters_.trimmed_received;
  if (seen) {
    note_sack(qp, packet, false, false);
    return {.disposition = Disposition::kDuplicate};
  }
  if (profile_->receiver_credits) note_target(qp, packet.credit, true, now);
  ControlNote note = answer_to(qp, packet, ControlKind::kNack);
  if (arrival.ecn && profile_->config.ecn) note.flags |= PacketFlag::kEcnEcho;
  if (arrival.last_hop_trim) note.flags |= PacketFlag::kLastHopTrim;
  push_control(note);
  return {.disposition = Disposition::kTrimmed};
}

Received Endpoint::on_duplicate(uint32_t qp, const Packet& packet, bool marked) {
  ++counters_.duplicates;
  note_sack(qp, packet, marked, marked);
  qps_[qp].receiver.unacknowledged = 0;
  return {.disposition = Disposition::kDuplicate};
}

Received Endpoint::refuse(uint32_t qp, const Packet& packet, NackReason reason, bool marked) {
  ++counters_.refused;
  release_block_if_idle(qps_[qp]);
  ControlNote note = answer_to(qp, packet, ControlKind::kNack);
  note.flags |= static_cast<uint16_t>(static_cast<uint32_t>(reason) << ControlNote::kReasonShift);
  if (marked) note.flags |= PacketFlag::kEcnEcho;
  push_control(note);
  return {.disposition = Disposition::kRefused};
}

Received Endpoint::on_probe(uint32_t qp, const Packet& packet, Arrival arrival) {
  const auto path_probe = static_cast<uint16_t>(packet.flags & PacketFlag::kPathProbe);
  note_sack(qp, packet, arrival.ecn && profile_->config.ecn, false,
            static_cast<uint16_t>(PacketFlag::kProbeAck | path_probe));
  return {.disposition = Disposition::kControl};
}

// HOT
void Endpoint::note_sack(uint32_t qp, const Packet& packet, bool marked, bool at_reference,
                         uint16_t more_flags) {
  ControlNote note = answer_to(qp, packet, ControlKind::kSack);
  note.flags |= more_flags;
  if (marked) note.flags |= PacketFlag::kEcnEcho;
  if (at_reference) note.flags |= ControlNote::kAtReference;
  push_control(note);
  if ((more_flags & PacketFlag::kProbeAck) == 0) qps_[qp].receiver.unacknowledged = 0;
}

// The sender's wish for credit. `always`: it is retransmitting or asking, so it gets its turn even
// if the wish is not new.
void Endpoint::note_target(uint32_t qp, uint32_t target, bool always, int64_t now) {
  if (!profile_->receiver_credits) return;
  CreditReceiver& r = qps_[qp].granting;
  // A sender never wishes for more than a window; what goes beyond two of them is not from one.
  const int64_t most = (2 * profile_->credit_maximum + profile_->mtu) >> kCreditQuantumBits;
  const uint32_t furthest = r.granted + static_cast<uint32_t>(most);
  if (counter_distance(target, furthest) > 0) target = furthest;
  const bool more = counter_distance(target, r.target) > 0;
  if (more) r.target = target;
  if (!more && !always) return;
  pacer_.request([this](uint32_t i) -> CreditReceiver& { return qps_[i].granting; }, qp, now);
  run_pacer(now);
}

void Endpoint::count_for_oversubscription(const Packet& packet, Arrival arrival) {
  OversubscriptionState& s = *oversubscription_;
  ++s.packets;
  if (arrival.trimmed) {
    ++(arrival.last_hop_trim ? s.trimmed_last_hop : s.trimmed);
  } else if (arrival.ecn && has_payload(packet.opcode)) {
    ++s.marked;
  }
}

}  // namespace windtunnel::braid
