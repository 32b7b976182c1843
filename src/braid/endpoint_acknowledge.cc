// Arrivals at the sending half: acknowledgements, refusals, credit.
#include <algorithm>

#include "braid/endpoint.h"
#include "braid/path_braid.h"

namespace windtunnel::braid {

namespace {

bool is_braid(const Profile& profile) {
  return profile.config.path_selection == PathSelection::kBraid;
}

uint32_t clamp_in_flight(int64_t in_flight) {
  return static_cast<uint32_t>(std::max<int64_t>(0, in_flight));
}

// UET: what was sent on speculation ends with the first word from the receiver.
void stop_speculating(QueuePair& q) {
  if (!q.sender.speculating) return;
  q.sender.speculating = false;
  q.credit.credit = std::min(q.credit.credit, 0);
}

// The reference names one of the last `range` PSNs whose present transmission had no feedback yet.
bool is_fresh(const QueuePair& q, const Block& block, uint32_t psn) {
  const int32_t back = psn_distance(q.sender.next, psn);
  return back > 0 && static_cast<uint32_t>(back) <= q.limits.range && !block.answered().test(psn);
}

}  // namespace

void Endpoint::heard(QueuePair& q, int64_t now, bool progress) {
  q.recovery.heard = q.recovery.quiet_since = coarse_up(now);
  if (!progress) return;
  q.recovery.probe_tries = 0;
  q.recovery.timeouts_in_row = 0;
}

// HOT
Received Endpoint::on_sack(uint32_t qp, const Packet& packet, int64_t now) {
  QueuePair& q = qps_[qp];
  if (packet.has(PacketFlag::kPathProbe)) {
    return on_path_answer(q, packet, now) ? Received{.disposition = Disposition::kControl}
                                          : ignored();
  }
  if (!sender_sack_is_sane(q.sender, packet.sack)) return ignored();
  const bool asked = packet.has(PacketFlag::kProbeAck);
  const bool answer = asked && q.recovery.awaiting && packet.psn == q.recovery.probe_number;
  if (answer) q.recovery.awaiting = false;
  if (q.block == kNoBlock) {  // nothing is under way: only an answer to a question says anything
    if (!answer) return ignored();
    q.peer_ports_down = packet.sack.ports_down;
    heard(q, now, true);
    return {.disposition = Disposition::kControl};
  }
  const Block block = blocks_[q.block];
  const bool fresh = !asked && is_fresh(q, block, packet.psn);
  const bool measured = fresh && sender_awaits(q.sender, block, packet.psn);
  const AckResult result = sender_acknowledge(q.sender, block, work_, packet.sack, *profile_);
  if (result.progress) q.recovery.stuck_since = 0;
  if (!fresh && !answer && !result.progress && result.newly == 0) return ignored();
  ++counters_.sacks_received;
  q.peer_ports_down = packet.sack.ports_down;
  const bool marked = packet.has(PacketFlag::kEcnEcho) && profile_->config.ecn;
  congestion_count(q.congestion, *profile_, result.newly, packet.sack.penalty);
  const int64_t delay = measured
                            ? congestion_measure(q.congestion, *profile_,
                                                 since_timestamp(packet.timestamp, now), marked)
                            : q.congestion.average_delay;
  if (fresh) {
    block.answered().set(packet.psn);
    path_feedback(q.path, *profile_, static_cast<uint8_t>(path_of(packet.sack.entropy, *profile_)),
                  marked ? PathFeedback::kMarked : PathFeedback::kClean, now);
  }
  if (fresh || result.newly > 0) {
    congestion_on_ack(q.congestion, *profile_,
                      {.now = now,
                       .delay = delay,
                       .newly = result.newly,
                       .marked = marked,
                       .in_flight = clamp_in_flight(q.sender.in_flight)});
  }
  stop_speculating(q);
  // An answer is progress where nothing but answers can come; else only an acknowledgement is.
  heard(q, now, result.progress || (answer && q.sender.una == q.sender.next));
  if (profile_->config.loss_recovery == LossRecovery::kFast) {
    lose_by_order(qp, packet, answer, now);
  }
  after_progress(qp);
  return {.disposition = Disposition::kControl};
}

// Fast recovery: enough beyond a hole has arrived, or a probe came back although packets sent a
// base RTT and a target delay earlier did not.
void Endpoint::lose_by_order(uint32_t qp, const Packet& packet, bool answer, int64_t now) {
  QueuePair& q = qps_[qp];
  if (q.sender.una == q.sender.next) return;
  const Block block = blocks_[q.block];
  const auto lose_one = [&](uint32_t psn) { lose(qp, psn, now); };
  if (answer) {
    if (q.recovery.only_news) return;
    // Only what was sent once: a network that answers probes and drops data would else be flooded.
    const LossAges ages{q.congestion.base_rtt + profile_->nscc.target_delay,
                        retransmission_timeout(*profile_, q.recovery.timeouts_in_row)};
    if (recovery_scan(q.sender, block, now, ages, lose_one).lost > 0) judge_planes(qp, now);
    return;
  }
  const uint32_t threshold = loss_threshold(*profile_, q.congestion.window, q.congestion.maximum);
  if (packet.sack.out_of_order < threshold) return;
  if (packet.has(PacketFlag::kProbeAck) || !sender_tracks(q.sender, packet.psn)) return;
  if (recovery_by_order(q.sender, block, packet.psn, threshold, lose_one) > 0) {
    judge_planes(qp, now);
  }
}

// A packet is gone: its path is to blame, its bytes leave the window, it goes into the line.
void Endpoint::lose(uint32_t qp, uint32_t psn, int64_t now) {
  QueuePair& q = qps_[qp];
  const Block block = blocks_[q.block];
  const uint32_t bytes =
      span_bytes(sender_locate(q.sender, work_, psn, *profile_), work_, *profile_);
  ++counters_.losses;
  const uint8_t path = block.path(psn);
  const bool was_good =
      is_braid(*profile_) && braid_path_health(q.path.braid, *profile_, path) != PathHealth::kBad;
  path_feedback(q.path, *profile_, path, PathFeedback::kLost, now);
  if (was_good && braid_path_health(q.path.braid, *profile_, path) == PathHealth::kBad) {
    ++counters_.paths_suspected;
    arm(qp,
        std::min(braid_probe_deadline(q.path.braid, now), braid_thaw_deadline(q.path.braid, now)));
  }
  congestion_on_loss(q.congestion, *profile_, bytes);
  block.answered().set(psn);
  sender_lose(q.sender, block, psn, bytes);
}

// After losses: a plane whose port died, here or at the peer, is given up as a whole.
void Endpoint::judge_planes(uint32_t qp, int64_t now) {
  QueuePair& q = qps_[qp];
  if (!is_braid(*profile_) || profile_->plane_mask == 0) return;
  BraidPathState& paths = q.path.braid;
  const PlaneSet usable = ports_up_ & ~uint32_t{q.peer_ports_down};
  for (uint32_t plane = 0; plane <= profile_->plane_mask; ++plane) {
    if (!braid_plane_is_spare(paths, plane, usable)) continue;
    if (!braid_plane_lost(paths, *profile_, plane, silent_losses(q, plane, now), now)) continue;
    ++counters_.planes_suspected;
    arm(qp, braid_probe_deadline(paths, now));
  }
}

// Packets in line to be sent again that left by the plane after it was last heard of, if nothing is
// known to have arrived by it later, although by others it did; several in a row on one path count
// once. Where some paths of a plane are dead, what left since by its other paths has arrived.
// None if other planes have lost half as many: acknowledgements do not name every packet, and what
// the receiver has not acknowledged yet counts as lost, whatever the plane, when a probe asks.
uint32_t Endpoint::silent_losses(const QueuePair& q, uint32_t plane, int64_t now) const {
  const Block block = blocks_[q.block];
  const int64_t silence = braid_plane_silence(q.path.braid, plane, now);
  uint32_t here = 0;
  uint32_t elsewhere = 0;
  uint32_t last = kPsnMask;  // no path
  bool others_answer = false;
  for (uint32_t psn = q.sender.next; psn != q.sender.una;) {
    psn = psn_add(psn, kPsnMask);  // one back
    const uint32_t path = block.path(psn);
    const bool acked = block.acked().test(psn);
    const bool lost = block.waiting().test(psn);
    if ((path & profile_->plane_mask) != plane) {
      others_answer |= acked;
      elsewhere += lost ? 1 : 0;
    } else if (acked) {
      break;
    } else if (lost && others_answer && path != last &&
               now - from_coarse(block.stamp(psn), now) <= silence) {
      ++here;
      last = path;
    }
  }
  return here > 2 * elsewhere ? here : 0;
}

Received Endpoint::on_nack(uint32_t qp, const Packet& packet, int64_t now) {
  QueuePair& q = qps_[qp];
  if (q.block == kNoBlock) return ignored();
  const Block block = blocks_[q.block];
  const uint32_t psn = packet.psn;
  const auto path = static_cast<uint8_t>(path_of(packet.nack.entropy, *profile_));
  // Of an earlier transmission: the packet has been sent again since, on another path.
  const bool current = sender_awaits(q.sender, block, psn) && block.path(psn) == path &&
                       packet.has(PacketFlag::kRetransmission) == block.resent().test(psn);
  if (!current) return ignored();
  ++counters_.nacks_received;
  q.peer_ports_down = packet.nack.ports_down;
  if (packet.nack.reason == NackReason::kAccess) {
    fail_qp(qp, CompletionStatus::kRemoteAccess);
    return {.disposition = Disposition::kControl};
  }
  const uint32_t bytes =
      span_bytes(sender_locate(q.sender, work_, psn, *profile_), work_, *profile_);
  const bool trimmed = packet.nack.reason == NackReason::kTrimmed;
  const bool last_hop = packet.has(PacketFlag::kLastHopTrim);
  if (trimmed) {
    congestion_base_rtt(q.congestion, *profile_, since_timestamp(packet.timestamp, now));
    congestion_on_nack(q.congestion, *profile_, now, bytes, last_hop,
                       clamp_in_flight(q.sender.in_flight));
  }
  block.answered().set(psn);
  sender_lose(q.sender, block, psn, bytes);
  stop_speculating(q);
  heard(q, now, true);
  if (trimmed && is_braid(*profile_)) {
    braid_plane_heard(q.path.braid, *profile_, path & profile_->plane_mask, now);
  }
  if (trimmed && !last_hop) {
    path_feedback(q.path, *profile_, path, PathFeedback::kTrimmed, now);
  } else if (trimmed && !is_braid(*profile_)) {
    // The reference takes a trim in front of the receiver as news of a working path.
    const bool marked = packet.has(PacketFlag::kEcnEcho);
    path_feedback(q.path, *profile_, path, marked ? PathFeedback::kMarked : PathFeedback::kClean,
                  now);
  }
  wake(qp);
  speak_if_muted(qp, now);
  return {.disposition = Disposition::kControl};
}

Received Endpoint::on_credit(uint32_t qp, const Packet& packet, int64_t now) {
  if (!profile_->receiver_credits) return ignored();
  QueuePair& q = qps_[qp];
  stop_speculating(q);
  const bool more = credit_granted(q.credit, packet.credit, *profile_);
  if (more) q.recovery.credit_requested = false;
  heard(q, now, false);
  wake(qp);
  return {.disposition = Disposition::kControl};
}

bool Endpoint::on_path_answer(QueuePair& q, const Packet& packet, int64_t now) {
  if (!is_braid(*profile_)) return false;
  const auto path = static_cast<uint8_t>(path_of(packet.sack.entropy, *profile_));
  if (path >= profile_->total_paths) return false;
  q.peer_ports_down = packet.sack.ports_down;
  if (braid_probe_answered(q.path.braid, *profile_, path, now)) ++counters_.paths_restored;
  const int64_t due = braid_probe_deadline(q.path.braid, now);
  if (due != kNever && q.sender.has_unfinished_work()) {
    arm(static_cast<uint32_t>(&q - qps_.data()), due);
  }
  return true;
}

// Something was acknowledged or became ready to be sent: retire, begin, get in line.
void Endpoint::after_progress(uint32_t qp) {
  QueuePair& q = qps_[qp];
  sender_retire(q.sender, work_,
                [this](uint32_t work) { complete(work, CompletionStatus::kSuccess); });
  sender_begin(q.sender, work_, q.limits, *profile_);
  wake(qp);
  const bool little = q.sender.in_flight < profile_->config.ack_threshold.count();
  if (little) speak_if_muted(qp, now_);
  release_block_if_idle(q);
}

// A window that shrank holds everything back, none of what is under way asked for an answer, and it
// is too little for the receiver to give one unasked: without a question only a timeout would. The
// answer may overtake what still queues behind congestion, so it proves nothing lost.
void Endpoint::speak_if_muted(uint32_t qp, int64_t now) {
  QueuePair& q = qps_[qp];
  const SenderState& s = q.sender;
  if (!profile_->sender_window || s.una == s.next || psn_before(s.una, s.asked_psn)) return;
  if (s.in_flight <= 0 || s.in_flight >= profile_->config.ack_threshold.count()) return;
  const bool starved = profile_->receiver_credits && q.credit.credit <= 0;
  const bool wants = s.waiting_count > 0 || s.next_size > 0;
  if (starved || !wants || sendable_size(qp) > 0) return;
  RecoveryState& r = q.recovery;
  const bool asked_before = r.awaiting && r.asked != 0;
  if (asked_before && now - from_coarse(r.asked, now) < 2 * q.congestion.base_rtt) return;
  r.asked = coarse_up(now) | 1;
  push_question(qp, ControlKind::kProbe);
  r.only_news = true;
}

}  // namespace windtunnel::braid
