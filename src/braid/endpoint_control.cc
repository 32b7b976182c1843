// Departures: control packets, formed from their notes when they leave.
#include <bit>

#include "braid/endpoint.h"

namespace windtunnel::braid {

namespace {

// What control_entropy() says instead of an entropy value.
constexpr int kWrongPort = -1;
constexpr int kDropNote = -2;

}  // namespace

bool Endpoint::push_control(const ControlNote& note) {
  if (control_.push(note)) return true;
  ++counters_.control_dropped;
  return false;
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
