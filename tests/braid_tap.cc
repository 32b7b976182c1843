#include "tests/braid_tap.h"

#include <array>
#include <span>

namespace windtunnel::braid_hostile {

using braid::Opcode;

braid::QpView Tap::view(braid::QpId qp) const {
  braid::QpView view = engine_.view(qp);
  switch (sabotage_) {
    case Sabotage::kNextTooFar:
      if (acknowledgements_ > 4) view.next_psn = (view.next_psn + view.psn_range) & 0xffffff;
      break;
    case Sabotage::kInFlightOff:
      view.in_flight += base::Bytes(acknowledgements_ > 4 ? 1 : 0);
      break;
    case Sabotage::kWindowTooSmall:
      if (view.in_flight.count() > 0) view.window = view.in_flight;
      break;
    case Sabotage::kWindowAboveMaximum:
      if (acknowledgements_ > 4) view.window = view.window_maximum + base::Bytes(1);
      break;
    case Sabotage::kClearBitIsLoss:
      if (acknowledgements_ > 0 && view.in_flight.count() > 0) ++view.waiting_retransmission;
      break;
    case Sabotage::kUnacknowledge:
      if (acknowledgements_ > 4) view.oldest_unacked_psn = (view.oldest_unacked_psn - 1) & 0xffffff;
      break;
    case Sabotage::kReplayHeard:
      if (replay_) view.window -= base::Bytes(1);
      break;
    case Sabotage::kForgeryHeard:
      if (forged_) view.expected_psn = (view.expected_psn + 1) & 0xffffff;
      break;
    case Sabotage::kFrozenLie:
      view.frozen = true;
      break;
    case Sabotage::kTooManyImmediates:
      view.write_imm_in_flight += 64;
      break;
    default:
      break;
  }
  return view;
}

braid::PathHealth Tap::path_health(braid::QpId qp, uint32_t path) const {
  const braid::PathHealth health = engine_.path_health(qp, path);
  if (sabotage_ == Sabotage::kBadPathUsed && path % 4 == 1) return braid::PathHealth::kBad;
  return health;
}

uint32_t Tap::active_paths(braid::QpId qp, uint32_t plane) const {
  const uint32_t extra = sabotage_ == Sabotage::kPlanesUneven && plane == 0 ? 2 : 0;
  return engine_.active_paths(qp, plane) + extra;
}

braid::Received Tap::receive(base::Time now, const braid::Packet& packet, braid::Arrival arrival) {
  braid::Packet heard = packet;
  if (sabotage_ == Sabotage::kEarlierLifeHeard) {
    heard.dest_qp &= (1u << braid::kQpIndexBits) - 1;
  }
  braid::Received received = engine_.receive(now, heard, arrival);
  if (packet.opcode == Opcode::kSack) ++acknowledgements_;
  const bool refused = received.disposition == braid::Disposition::kRefused;
  const bool repeated = received.disposition == braid::Disposition::kDuplicate;
  const bool placed = (sabotage_ == Sabotage::kRefusedPlaced && refused) ||
                      (sabotage_ == Sabotage::kPlaceDuplicates && repeated);
  if (placed && has_payload(packet.opcode)) {
    received = {braid::Disposition::kPlaced, packet.data.length, packet.data.address};
  }
  if (sabotage_ == Sabotage::kPlaceElsewhere && received.place()) ++received.address;
  return received;
}

bool Tap::transmit(base::Time now, braid::Packet& out, uint32_t port) {
  if (repeat_) {
    repeat_ = false;
    out = again_;
    return true;
  }
  if (!engine_.transmit(now, out, port)) return false;
  if (sabotage_ == Sabotage::kRepeatTransmission && is_numbered(out.opcode)) {
    repeat_ = true;
    again_ = out;
    again_.flags |= braid::PacketFlag::kRetransmission;
  }
  if (sabotage_ == Sabotage::kWrongPort) out.port ^= 1;
  return true;
}

size_t Tap::poll(std::vector<braid::Completion>& out, size_t most) {
  std::array<braid::Completion, 4> room;
  const size_t count = engine_.poll(std::span(room.data(), most < 4 ? most : 4));
  for (size_t i = 0; i < count; ++i) {
    ++completions_;
    if (sabotage_ == Sabotage::kLoseCompletion && completions_ == 2) continue;
    out.push_back(room[i]);
    if (sabotage_ == Sabotage::kRepeatCompletion && completions_ == 2) out.push_back(room[i]);
  }
  if (sabotage_ == Sabotage::kSwapCompletions && out.size() >= 2) std::swap(out[0], out[1]);
  if (sabotage_ == Sabotage::kEarlyImmediate && acknowledgements_ > 2) {
    acknowledgements_ = 0;
    braid::Completion early;
    early.kind = braid::CompletionKind::kReceiveImm;
    early.qp = braid::QpId(0);
    out.push_back(early);
  }
  return count;
}

base::Time Tap::next_timeout() const {
  return sabotage_ == Sabotage::kDeafTimer ? base::Time::max() : engine_.next_timeout();
}

uint32_t Tap::blocks_in_use() const {
  return engine_.blocks_in_use() + (sabotage_ == Sabotage::kBlockLeak ? 1 : 0);
}

}  // namespace windtunnel::braid_hostile
