// Time: retransmission timers, probes, credit pacing.
#include <algorithm>

#include "braid/endpoint.h"
#include "braid/path_braid.h"

namespace windtunnel::braid {

base::Time Endpoint::next_timeout() const {
  const int64_t earliest = std::min(timers_.earliest(), pacer_.due());
  return earliest == kNever ? base::Time::max() : base::Time::at(base::Duration::ticks(earliest));
}

void Endpoint::expire(base::Time now) {
  now_ = now.ps();
  for (;;) {
    const uint32_t qp = timers_.take_due(now_);
    if (qp == TimerHeap::kAbsent) break;
    qps_[qp].timer = kNever;
    const int64_t next = recover(qp, now_);
    // A deadline that has passed fires at the next tick, so that this loop ends.
    if (next != kNever) arm(qp, std::max(next, now_ + 1));
  }
  run_pacer(now_);
}

namespace {

// A peer may answer every question and yet never get the packet: the network drops or trims what is
// large, or the peer has no room for it. So the oldest packet has as long as it would have with a
// silent peer, however often it is sent.
bool is_stuck_for(RecoveryState& r, int64_t now, int64_t longest) {
  if (r.stuck_since == 0) r.stuck_since = coarse_up(now) | 1;
  return now - from_coarse(r.stuck_since, now) > longest;
}

}  // namespace

// Looks for losses and silence; returns when to look again.
int64_t Endpoint::recover(uint32_t qp, int64_t now) {
  QueuePair& q = qps_[qp];
  const bool braid = profile_->config.path_selection == PathSelection::kBraid;
  if (q.state != QpState::kReady) return kNever;  // destroyed, it has not even paths
  if (braid) braid_thaw(q.path.braid, now);
  const int64_t watched = blocks_.full() ? watch_peer(qp, now) : kNever;
  if (q.state != QpState::kReady) return kNever;
  if (!q.sender.has_unfinished_work()) {
    return std::min(watched, braid ? braid_thaw_deadline(q.path.braid, now) : kNever);
  }
  LossScan scan;
  if (q.block != kNoBlock && q.sender.una != q.sender.next) {
    if (is_stuck_for(q.recovery, now, retry_time(*profile_))) {
      fail_qp(qp, CompletionStatus::kRetryExceeded);
      return kNever;
    }
    const LossAges ages{profile_->rto_min,
                        retransmission_timeout(*profile_, q.recovery.timeouts_in_row)};
    scan = recovery_scan(q.sender, blocks_[q.block], now, ages,
                         [&](uint32_t psn) { lose(qp, psn, now); });
  }
  if (scan.lost > 0) {
    ++counters_.timeouts;
    if (scan.oldest_lost && ++q.recovery.timeouts_in_row > profile_->config.retry_limit) {
      fail_qp(qp, CompletionStatus::kRetryExceeded);
      return kNever;
    }
    judge_planes(qp, now);
    wake(qp);
    // Lost packets that cannot leave yet: ask how things stand.
    if (!q.ready) ask(qp, now);
  }
  const bool outstanding = scan.next != kNever;
  int64_t next = std::min(scan.next, watch_silence(qp, outstanding, now));
  if (q.state != QpState::kReady) return kNever;
  if (braid) next = std::min(next, probe_paths(qp, now));
  return std::min(next, watched);
}

// While blocks are short: a queue pair that keeps packets out of order for a peer that has been
// silent for longer than it may retry keeps them for nobody, and fails to free its block.
int64_t Endpoint::watch_peer(uint32_t qp, int64_t now) {
  QueuePair& q = qps_[qp];
  if (q.receiver.out_of_order == 0) return kNever;
  const int64_t due = from_coarse(q.recovery.heard, now) + retry_time(*profile_);
  if (now < due) return due;
  fail_qp(qp, CompletionStatus::kRetryExceeded);
  return kNever;
}

// All blocks are taken: timers for those that only reception holds.
void Endpoint::watch_block_holders() {
  for (uint32_t qp = 0; qp < qps_.size(); ++qp) {
    const QueuePair& q = qps_[qp];
    if (q.block == kNoBlock || q.receiver.out_of_order == 0) continue;
    arm(qp, from_coarse(q.recovery.heard, now_) + retry_time(*profile_));
  }
}

// While packets are outstanding their timers watch; the tail probe only speeds things up. With
// nothing outstanding but work unfinished (a read, no credit, packets in line), questions keep the
// connection under watch, so that it ends in success or in an error.
int64_t Endpoint::watch_silence(uint32_t qp, bool outstanding, int64_t now) {
  QueuePair& q = qps_[qp];
  RecoveryState& r = q.recovery;
  if (outstanding) {
    if (profile_->config.loss_recovery != LossRecovery::kFast) return kNever;
    const auto wait = [&] {
      const bool all_sent = q.sender.backlog == 0;
      return tail_probe_wait(*profile_, q.congestion.base_rtt, all_sent, r.probe_tries);
    };
    const Block block = blocks_[q.block];
    const int64_t last_sent = from_coarse(block.stamp(q.sender.next - 1), now);
    const int64_t due = std::max(from_coarse(r.quiet_since, now), last_sent) + wait();
    if (now < due) return due;
    r.probe_tries = static_cast<uint8_t>(std::min(r.probe_tries + 1, 255));
    r.quiet_since = coarse_up(now);
    r.asked = 0;
    ask(qp, now);
    return now + wait();
  }
  const int64_t wait = retransmission_timeout(*profile_, r.timeouts_in_row);
  if (r.restarted) {
    r.restarted = false;
    r.quiet_since = coarse_up(now);
  }
  const int64_t due = from_coarse(r.quiet_since, now) + wait;
  if (now < due) return due;
  if (++r.timeouts_in_row > profile_->config.retry_limit) {
    fail_qp(qp, CompletionStatus::kRetryExceeded);
    return kNever;
  }
  r.quiet_since = coarse_up(now);
  ask(qp, now);
  return now + retransmission_timeout(*profile_, r.timeouts_in_row);
}

// A probe, or a request for credit where that is what lacks; at most one per base RTT.
void Endpoint::ask(uint32_t qp, int64_t now) {
  QueuePair& q = qps_[qp];
  RecoveryState& r = q.recovery;
  const bool lately = r.asked != 0 && now - from_coarse(r.asked, now) < q.congestion.base_rtt;
  if (lately) return;
  r.asked = coarse_up(now) | 1;
  const bool starved = profile_->receiver_credits && q.credit.credit <= 0;
  push_question(qp, starved ? ControlKind::kCreditRequest : ControlKind::kProbe);
}

// Questions are numbered, so that an answer counts once.
void Endpoint::push_question(uint32_t qp, ControlKind kind) {
  RecoveryState& r = qps_[qp].recovery;
  if (kind == ControlKind::kCreditRequest) r.credit_requested = true;
  r.probe_number = psn_add(r.probe_number, 1);
  r.awaiting = true;
  r.only_news = false;
  ControlNote note;
  note.qp = qp;
  note.kind = static_cast<uint8_t>(kind);
  note.psn = r.probe_number & kPsnMask;
  push_control(note);
}

int64_t Endpoint::probe_paths(uint32_t qp, int64_t now) {
  QueuePair& q = qps_[qp];
  BraidPathState& paths = q.path.braid;
  for (;;) {
    const int path = braid_probe_due(paths, *profile_, now);
    if (path < 0) break;
    ControlNote note;
    note.qp = qp;
    note.kind = static_cast<uint8_t>(ControlKind::kProbe);
    note.entropy = static_cast<uint16_t>(q.path.entropy_base | static_cast<uint32_t>(path));
    note.flags = PacketFlag::kPathProbe;
    push_control(note);
  }
  return std::min(braid_probe_deadline(paths, now), braid_thaw_deadline(paths, now));
}

void Endpoint::run_pacer(int64_t now) {
  while (pacer_.due() <= now) {
    if (oversubscription_ && oversubscription_->next <= now) {
      oversubscription_update(*oversubscription_, *profile_, now, stream_, pacer_);
    }
    const auto table = [this](uint32_t i) -> CreditReceiver& { return qps_[i].granting; };
    const CreditPacer::Grant grant = pacer_.fire(table, *profile_, now);
    if (grant.qp == kNoLink) return;
    ControlNote note;
    note.qp = grant.qp;
    note.kind = static_cast<uint8_t>(ControlKind::kCredit);
    note.word = grant.total;
    note.entropy = static_cast<uint16_t>(++credit_turn_ % profile_->total_paths);
    note.flags = grant.slow ? PacketFlag::kSlowCredit : uint16_t{0};
    push_control(note);
  }
}

}  // namespace windtunnel::braid
