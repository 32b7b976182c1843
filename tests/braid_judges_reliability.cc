// Invariants 3, 4, 6, 7, 12 and 13: numbering, bytes in flight, what acknowledgements do, timers.
#include <fmt/format.h>

#include <algorithm>

#include "tests/braid_judges.h"

namespace windtunnel::braid_hostile {

namespace {

using braid::Opcode;
using braid::Packet;
using braid::PacketFlag;
using braid::QpState;
using braid::QpView;

// Reordering tolerance of the out-of-order threshold, in packets.
constexpr uint32_t kReorderMin = 5;

// Enough has overtaken the hole, or a probe that was sent long after it has been answered.
bool may_find_loss(const Stage& stage, const Packet& packet) {
  if (stage.profile->config.loss_recovery != braid::LossRecovery::kFast) return false;
  return packet.has(PacketFlag::kProbeAck) || packet.sack.out_of_order >= kReorderMin;
}

// 6: an acknowledgement makes packets wait again only where the reordering rule allows it.
void check_clear_bits(Stage& stage, const Packet& packet, const QpView& before,
                      const QpView& after) {
  if (after.waiting_retransmission <= before.waiting_retransmission) return;
  if (may_find_loss(stage, packet)) {
    stage.coverage.add(Rare::kFastLoss,
                       after.waiting_retransmission - before.waiting_retransmission);
    return;
  }
  stage.fail(Invariant::kSackBits,
             fmt::format("{} packets declared lost by an acknowledgement with {} out of order",
                         after.waiting_retransmission - before.waiting_retransmission,
                         packet.sack.out_of_order));
}

void count_sack(Stage& stage, const Delivery& delivery, uint32_t fresh) {
  if (delivery.origin == Origin::kReplay) stage.coverage.add(Rare::kReplayedSack);
  if (fresh == 0) stage.coverage.add(Rare::kDuplicateSack);
  if (delivery.packet.has(PacketFlag::kEcnEcho)) stage.coverage.add(Rare::kEcnEcho);
}

void hear_sack(Stage& stage, QueuePair& pair, const Delivery& delivery, const QpView& before,
               const QpView& after) {
  if (psn_gap(delivery.packet.sack.cumulative_psn, pair.sender.una()) < 0)
    stage.coverage.add(Rare::kReorderedSack);
  // The answer to a path probe speaks of the path alone.
  const bool speaks = !delivery.packet.has(PacketFlag::kPathProbe);
  const uint32_t fresh = speaks ? pair.sender.acknowledged(delivery.packet.sack) : 0;
  if (fresh > 0) pair.progress = stage.now;
  const bool again = pair.sender.heard_again(delivery.packet);
  count_sack(stage, delivery, fresh);
  check_clear_bits(stage, delivery.packet, before, after);
  if (fresh == 0 && again && delivery.origin == Origin::kReplay && !same_view(before, after)) {
    stage.fail(Invariant::kStale, "a replayed acknowledgement changed the queue pair");
  }
}

void hear_nack(Stage& stage, uint8_t side, QueuePair& pair, const Packet& packet,
               const QpView& before, const QpView& after) {
  if (packet.nack.reason == braid::NackReason::kAccess) {
    stage.coverage.add(Rare::kNackAccess);
    return;
  }
  const bool timely = pair.sender.refused(packet);
  if (timely) {
    ++stage.side(side).nacks_obeyed;
    const bool trimmed = packet.nack.reason == braid::NackReason::kTrimmed;
    stage.coverage.add(trimmed ? Rare::kNackTrimmed : Rare::kNackResources);
    return;
  }
  stage.coverage.add(Rare::kStaleNack);
  if (after.waiting_retransmission > before.waiting_retransmission) {
    if (pair.sender.looks_current(packet)) {
      ++stage.side(side).nacks_obeyed;
      return;
    }
    stage.fail(Invariant::kStale,
               fmt::format("a stale NACK of psn {:#x} made it wait again", packet.psn));
  }
}

void check_first_transmission(Stage& stage, QueuePair& pair, const Packet& packet) {
  if (packet.psn != pair.sender.next() || packet.has(PacketFlag::kRetransmission)) {
    stage.fail(Invariant::kPsnWindow,
               fmt::format("psn {:#x} leaves where {:#x} is next", packet.psn, pair.sender.next()));
    return;
  }
  pair.sender.sent_first(packet, stage.accounted(packet));
  if (packet.psn == braid::kPsnMask) stage.coverage.add(Rare::kSenderWrap);
  const int32_t span = psn_gap(pair.sender.next(), pair.sender.una());
  if (span == static_cast<int32_t>(pair.range)) stage.coverage.add(Rare::kSendWindowFull);
  if (packet.has(PacketFlag::kSpeculative)) stage.coverage.add(Rare::kSpeculative);
}

// 13: each repetition answers one loss, and only of what is not known to have arrived.
void check_repetition(Stage& stage, uint8_t side, QueuePair& pair, const Packet& packet,
                      const QpView& before) {
  Side& own = stage.side(side);
  ++own.retransmissions;
  if (!packet.has(PacketFlag::kRetransmission) || !pair.sender.outstanding(packet.psn)) {
    stage.fail(Invariant::kRetransmissions,
               fmt::format("psn {:#x} is sent again though it has been acknowledged, or unflagged",
                           packet.psn));
    return;
  }
  const uint64_t reasons = own.nacks_obeyed + own.tap.engine().counters().losses;
  if (own.retransmissions > reasons || before.waiting_retransmission == 0) {
    stage.fail(Invariant::kRetransmissions,
               fmt::format("{} retransmissions for {} losses, {} waited", own.retransmissions,
                           reasons, before.waiting_retransmission));
  }
  pair.sender.sent_again(packet);
}

}  // namespace

bool is_quiet(const QueuePair& pair, const QpView& view) {
  return pair.posted == pair.completed && view.oldest_unacked_psn == view.next_psn &&
         view.backlog.count() == 0;
}

bool same_view(const QpView& a, const QpView& b) {
  return a.state == b.state && a.oldest_unacked_psn == b.oldest_unacked_psn &&
         a.next_psn == b.next_psn && a.expected_psn == b.expected_psn &&
         a.highest_psn == b.highest_psn && a.waiting_retransmission == b.waiting_retransmission &&
         a.out_of_order == b.out_of_order && a.write_imm_in_flight == b.write_imm_in_flight &&
         a.timeouts_in_row == b.timeouts_in_row && a.in_flight == b.in_flight &&
         a.window == b.window && a.backlog == b.backlog && a.credit == b.credit;
}

// 3 and 4 for the sending half; the view must agree with what the packets said.
void check_sender_view(Stage& stage, const QueuePair& pair, const QpView& view) {
  if (view.state != QpState::kReady || !stage.trusted) return;
  const int32_t span = psn_gap(view.next_psn, view.oldest_unacked_psn);
  if (span < 0 || span > static_cast<int32_t>(view.psn_range) || view.psn_range != pair.range ||
      psn_gap(view.oldest_unacked_psn, pair.view.oldest_unacked_psn) < 0 ||
      psn_gap(view.next_psn, pair.view.next_psn) < 0) {
    stage.fail(Invariant::kPsnWindow,
               fmt::format("una {:#x} next {:#x} range {}, before una {:#x} next {:#x}",
                           view.oldest_unacked_psn, view.next_psn, view.psn_range,
                           pair.view.oldest_unacked_psn, pair.view.next_psn));
    return;
  }
  if (view.oldest_unacked_psn != pair.sender.una() || view.next_psn != pair.sender.next()) {
    stage.fail(
        Invariant::kStale,
        fmt::format("una {:#x} next {:#x}, but packets said {:#x} and {:#x}",
                    view.oldest_unacked_psn, view.next_psn, pair.sender.una(), pair.sender.next()));
    return;
  }
  const int64_t waiting = view.waiting_retransmission;
  const int64_t rest = pair.sender.uncounted_bytes();
  const int64_t most = std::max<int64_t>(0, rest - waiting * pair.sender.smallest());
  const int64_t least = std::max<int64_t>(0, rest - waiting * pair.sender.largest());
  if (view.in_flight.count() >= least && view.in_flight.count() <= most) return;
  stage.fail(Invariant::kInFlight,
             fmt::format("{} bytes in flight, expected {} to {} ({} packets wait)",
                         view.in_flight.count(), least, most, waiting));
}

void check_receiver_view(Stage& stage, const QueuePair& pair, const QpView& view) {
  if (view.state != QpState::kReady || !stage.trusted) return;
  const ReceiverModel& model = pair.receiver;
  if (view.expected_psn == model.expected() && view.highest_psn == model.highest() &&
      view.out_of_order == model.out_of_order()) {
    return;
  }
  stage.fail(Invariant::kPsnWindow,
             fmt::format("receiver at {:#x} to {:#x} with {} out of order, arrived {:#x} to {:#x} "
                         "with {}",
                         view.expected_psn, view.highest_psn, view.out_of_order, model.expected(),
                         model.highest(), model.out_of_order()));
}

// 6: every set bit tells the truth, the count is right, the echo is of a packet that was sent.
void check_sack_told(Stage& stage, uint8_t side, const QueuePair& pair, const Packet& packet) {
  if (!stage.trusted || pair.view.state != QpState::kReady) return;
  const auto q = static_cast<size_t>(&pair - stage.side(side).qps.data());
  const SenderModel& peer = stage.side(1 - side).qps[q].sender;
  if (packet.opcode == Opcode::kNack) {
    if (!peer.echoes(packet.psn, packet.nack.entropy, packet.timestamp)) {
      stage.fail(Invariant::kSackBits, "a NACK of a packet that was never sent");
    }
    return;
  }
  if (packet.opcode != Opcode::kSack || packet.has(PacketFlag::kPathProbe)) return;
  const braid::SackFields& sack = packet.sack;
  const ReceiverModel& model = pair.receiver;
  bool lie = psn_gap(sack.cumulative_psn, model.expected()) > 0;
  for (uint32_t i = 0; i < 64; ++i) {
    lie |= (sack.bitmap >> i & 1) != 0 && !model.has(psn_plus(sack.base_psn, i));
  }
  lie |= static_cast<int32_t>(sack.received_bytes - model.received_bytes()) > 0;
  if (lie) {
    stage.fail(Invariant::kSackBits,
               fmt::format("acknowledges what has not come: cumulative {:#x} base {:#x} map {:#x} "
                           "{} bytes, have {:#x} and {} bytes",
                           sack.cumulative_psn, sack.base_psn, sack.bitmap, sack.received_bytes,
                           model.expected(), model.received_bytes()));
  }
  if (!packet.has(PacketFlag::kProbeAck) &&
      !peer.echoes(packet.psn, sack.entropy, packet.timestamp)) {
    stage.fail(Invariant::kSackBits,
               fmt::format("echoes psn {:#x} entropy {:#x}, which was never sent so", packet.psn,
                           sack.entropy));
  }
}

void check_feedback(Stage& stage, uint8_t side, QueuePair& pair, const Delivery& delivery,
                    const QpView& before, const QpView& after) {
  if (!stage.trusted || before.state != QpState::kReady) return;
  if (delivery.origin == Origin::kForgedInert) {
    stage.coverage.add(Rare::kForgedInert);
    if (!same_view(before, after)) {
      stage.fail(Invariant::kCodec, "a packet that must change nothing did");
    }
    return;
  }
  switch (delivery.packet.opcode) {
    case Opcode::kSack:
      hear_sack(stage, pair, delivery, before, after);
      return;
    case Opcode::kNack:
      hear_nack(stage, side, pair, delivery.packet, before, after);
      return;
    default:
      if (after.waiting_retransmission > before.waiting_retransmission) {
        stage.fail(Invariant::kSackBits, "a packet without feedback declared a loss");
      }
      return;
  }
}

void check_numbering(Stage& stage, uint8_t side, QueuePair& pair, const Packet& packet,
                     const QpView& before) {
  if (psn_gap(packet.psn, pair.sender.next()) < 0) {
    check_repetition(stage, side, pair, packet, before);
  } else {
    check_first_transmission(stage, pair, packet);
  }
}

// 12: what is not acknowledged has a timer, and what is not sent has one or will be sent.
void check_timer(Stage& stage, uint8_t side, const QpView& view) {
  if (view.state != QpState::kReady) return;
  const Tap& tap = stage.side(side).tap;
  const bool open = view.oldest_unacked_psn != view.next_psn;
  const bool unsent = view.backlog.count() > 0 && !tap.engine().has_data() && view.holds_block;
  if ((!open && !unsent) || tap.next_timeout() != Time::max()) return;
  stage.fail(
      Invariant::kLiveness,
      fmt::format("{} bytes in flight, {} to send, {} packets wait, and no timer runs",
                  view.in_flight.count(), view.backlog.count(), view.waiting_retransmission));
}

}  // namespace windtunnel::braid_hostile
