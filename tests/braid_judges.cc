#include "tests/braid_judges.h"

#include <fmt/format.h>

#include <algorithm>

namespace windtunnel::braid_hostile {

namespace {

using braid::CompletionStatus;
using braid::Opcode;
using braid::Packet;
using braid::PacketFlag;
using braid::QpState;
using braid::QpView;

// Everything that must hold of a view whatever call came before it.
void check_view(Stage& stage, Call call, const QpView& view) {
  const QueuePair& pair = stage.side(call.side).qps[call.qp];
  check_sender_view(stage, pair, view);
  check_receiver_view(stage, pair, view);
  check_window_bounds(stage, view);
  check_immediates(stage, pair, view);
  check_timer(stage, call.side, view);
}

// Paths that are bad or denied now have left the ring.
void note_health(Stage& stage, Call call) {
  QueuePair& pair = stage.side(call.side).qps[call.qp];
  if (stage.profile->config.path_selection != braid::PathSelection::kBraid) return;
  for (uint32_t path = 0; path < stage.profile->total_paths; ++path) {
    const braid::PathHealth health = stage.health(call.side, call.qp, path);
    if (health != braid::PathHealth::kBad && health != braid::PathHealth::kDenied) continue;
    pair.clean[path] = false;
    pair.cached[path] = 0;
    pair.stained[path] = true;
  }
}

// REPS begins with an empty ring after a freeze; Braid keeps it.
void note_thaw(Stage& stage, QueuePair& pair, const QpView& before, const QpView& after) {
  const bool reps = stage.profile->config.path_selection == braid::PathSelection::kReps;
  if (!reps || !before.frozen || after.frozen) return;
  pair.clean.reset();
  pair.cached.fill(0);
}

// A path that feedback calls good. Answers to probes say nothing; a trim in front of the receiver
// does, except to kBraid.
bool praises(const Stage& stage, const Packet& packet) {
  if (packet.has(PacketFlag::kEcnEcho) && stage.profile->config.ecn) return false;
  if (packet.opcode == Opcode::kSack) {
    return !packet.has(PacketFlag::kProbeAck) && !packet.has(PacketFlag::kPathProbe);
  }
  const bool braid = stage.profile->config.path_selection == braid::PathSelection::kBraid;
  return packet.opcode == Opcode::kNack && packet.has(PacketFlag::kLastHopTrim) && !braid;
}

void note_path(Stage& stage, QueuePair& pair, const Packet& packet, const QpView& before) {
  const bool first = pair.sender.first_word(packet.psn) && before.waiting_retransmission == 0;
  if (!praises(stage, packet)) return;
  const bool sack = packet.opcode == Opcode::kSack;
  const uint16_t entropy = sack ? packet.sack.entropy : packet.nack.entropy;
  const uint32_t path = braid::path_of(entropy, *stage.profile) & 0xff;
  pair.clean[path] = true;
  ++pair.praises;
  if (first && sack) pair.cached[path] = pair.praises;
}

// What acknowledgements, NACKs and port status teach about planes.
void note_ports(Stage& stage, QueuePair& own, const Packet& packet) {
  switch (packet.opcode) {
    case Opcode::kSack:
      own.peer_ports_down = packet.sack.ports_down;
      break;
    case Opcode::kNack:
      own.peer_ports_down = packet.nack.ports_down;
      break;
    case Opcode::kPortStatus:
      own.peer_ports_down = packet.ports.ports_down;
      stage.coverage.add(Rare::kPortStatusHeard);
      break;
    default:
      break;
  }
}

void note_arrival(Stage& stage, QueuePair& pair, const Delivery& delivery,
                  const braid::Received& received) {
  const Packet& packet = delivery.packet;
  if (is_control(packet.opcode)) return;
  if (received.disposition == braid::Disposition::kDuplicate) {
    stage.coverage.add(Rare::kDuplicateData);
  }
  if (received.disposition == braid::Disposition::kTrimmed && delivery.arrival.last_hop_trim) {
    stage.coverage.add(Rare::kLastHopTrim);
  }
  if (received.disposition != braid::Disposition::kPlaced) return;
  const int32_t ahead = psn_gap(packet.psn, pair.receiver.expected());
  if (ahead > 0) {
    stage.coverage.add(Rare::kOutOfOrder);
    if (packet.opcode == Opcode::kWriteImm) stage.coverage.add(Rare::kImmediateStashed);
  }
  if (ahead == static_cast<int32_t>(pair.range) - 1) stage.coverage.add(Rare::kReceiveWindowFull);
  pair.receiver.accept(packet.psn, stage.accounted(packet));
}

void judge_job_end(Stage& stage, const Job& job, const QueuePair& pair) {
  if (!job.posted || !job.status) {
    stage.fail(Invariant::kLiveness, fmt::format("job {} never completed", job.id));
    return;
  }
  if (!stage.trusted || job.status != CompletionStatus::kSuccess) return;
  const Image& image = stage.side(job.sink_side()).image;
  if (!image.equals(job.sink, job.item.length, job.source) ||
      image.placed(job.sink, job.item.length) != job.item.length) {
    stage.fail(Invariant::kPlacement, fmt::format("job {}: memory is not the source's", job.id));
  }
  if (job.item.verb == WorkVerb::kWriteImm && !job.announced && !pair.failure) {
    stage.fail(Invariant::kCompletions, fmt::format("immediate of job {} never came", job.id));
  }
}

void judge_pair_end(Stage& stage, Call call) {
  const QpView view = stage.side(call.side).tap.view(stage.side(call.side).qps[call.qp].id);
  if (view.in_flight.count() != 0 || view.waiting_retransmission != 0 ||
      view.backlog.count() != 0) {
    stage.fail(
        Invariant::kInFlight,
        fmt::format("at rest with {} bytes in flight, {} packets waiting, {} to send",
                    view.in_flight.count(), view.waiting_retransmission, view.backlog.count()));
  }
  if (view.oldest_unacked_psn != view.next_psn || view.write_imm_in_flight != 0) {
    stage.fail(Invariant::kPsnWindow, "at rest with packets or immediates unacknowledged");
  }
}

// 16: 512 bytes for life, 1,088 more while active for 512 PSNs and 1.9 for each PSN beyond.
void judge_footprint(Stage& stage, int side) {
  const braid::Endpoint& engine = stage.side(side).tap.engine();
  const braid::Endpoint::Footprint footprint = engine.footprint();
  const size_t range = engine.profile().config.psn_range;
  const size_t beyond = range > 512 ? (range - 512) * 19 / 10 : 0;
  if (footprint.per_qp <= 512 && footprint.per_active_qp <= 1088 + beyond) return;
  stage.fail(Invariant::kPool, fmt::format("{} bytes per queue pair and {} per active one",
                                           footprint.per_qp, footprint.per_active_qp));
}

void judge_counters(Stage& stage, int side) {
  const Side& own = stage.side(side);
  const braid::EndpointCounters& told = own.tap.engine().counters();
  if (told.packets_sent == own.packets_sent && told.retransmissions == own.retransmissions &&
      told.packets_delivered == own.placed_packets) {
    return;
  }
  stage.fail(Invariant::kContract,
             fmt::format("counters {} sent {} again {} delivered, seen {} {} {}", told.packets_sent,
                         told.retransmissions, told.packets_delivered, own.packets_sent,
                         own.retransmissions, own.placed_packets));
}

}  // namespace

void judge_transmit(Stage& stage, Call call, const Packet& packet, bool said) {
  Side& own = stage.side(call.side);
  QueuePair& pair = own.qps[call.qp];
  const QpView before = pair.view;
  const QpView after = own.tap.view(pair.id);
  if (!said) stage.fail(Invariant::kContract, "a packet though neither control nor data waited");
  check_port(stage, call, packet);
  if (is_numbered(packet.opcode)) {
    ++own.packets_sent;
    if (stage.trusted) {
      const bool fresh = psn_gap(packet.psn, pair.sender.next()) >= 0;
      if (fresh) check_new_data(stage, pair, packet, before);
      check_numbering(stage, call.side, pair, packet, before);
      if (fresh) check_immediate_packets(stage, pair, packet);
      check_path(stage, call, packet, after);
      check_read_source(stage, call.side, pair, packet);
    } else if (packet.has(PacketFlag::kRetransmission)) {
      ++own.retransmissions;
    }
  } else {
    check_sack_told(stage, call.side, pair, packet);
  }
  if (packet.opcode == Opcode::kProbe) {
    stage.coverage.add(packet.has(PacketFlag::kPathProbe) ? Rare::kPathProbe : Rare::kTailProbe);
  }
  check_view(stage, call, after);
  pair.view = after;
}

void judge_receive(Stage& stage, uint8_t side, int qp, const Delivery& delivery,
                   const braid::Received& received) {
  Side& own = stage.side(side);
  if (received.disposition == braid::Disposition::kPlaced) ++own.placed_packets;
  if (qp < 0) {
    const bool late = stage.was_called(side, delivery.packet.dest_qp);
    if (late) stage.coverage.add(Rare::kEarlierLife);
    if (received.disposition != braid::Disposition::kIgnored) {
      stage.fail(late ? Invariant::kStale : Invariant::kContract,
                 "a packet for no connected queue pair was not ignored");
    }
    return;
  }
  const Call call{side, static_cast<uint32_t>(qp)};
  QueuePair& pair = own.qps[call.qp];
  const QpView before = pair.view;
  const QpView after = own.tap.view(pair.id);
  if (before.state == QpState::kReady && stage.trusted) {
    check_disposition(stage, side, pair, delivery, received);
    note_arrival(stage, pair, delivery, received);
    if (after.state == QpState::kReady) {
      note_thaw(stage, pair, before, after);
      if (received.disposition == braid::Disposition::kControl) {
        note_path(stage, pair, delivery.packet, before);
        note_ports(stage, pair, delivery.packet);
      }
      check_feedback(stage, side, pair, delivery, before, after);
    }
  }
  check_placement(stage, side, pair, delivery, received);
  if (is_quiet(pair, before) && !is_quiet(pair, after))
    pair.progress = stage.now;  // a read to serve
  if (after.window < before.window) stage.coverage.add(Rare::kWindowCut);
  if (after.state == QpState::kReady) {
    check_plane_balance(stage, call);
    note_health(stage, call);
    check_view(stage, call, after);
  }
  pair.view = after;
}

void judge_expire(Stage& stage, uint8_t side, bool due) {
  Side& own = stage.side(side);
  for (uint32_t q = 0; q < own.qps.size(); ++q) {
    QueuePair& pair = own.qps[q];
    if (pair.number == kNobody) continue;  // another may have its index by now
    const QpView before = pair.view;
    const QpView after = own.tap.view(pair.id);
    if (!due && stage.trusted && !same_view(before, after)) {
      stage.fail(Invariant::kContract, "expire() changed something though nothing was due");
    }
    note_thaw(stage, pair, before, after);
    if (after.timeouts_in_row >= 2) stage.coverage.add(Rare::kTimeoutsInRow);
    if (after.window > before.window) {
      stage.fail(Invariant::kWindow, "a timer raised the window");
    }
    note_health(stage, {side, q});
    check_view(stage, {side, q}, after);
    pair.view = after;
  }
}

void judge_refusal(Stage& stage, uint8_t side, uint32_t qp) {
  const Side& own = stage.side(side);
  stage.coverage.add(Rare::kPostRefused);
  const braid::Endpoint& engine = own.tap.engine();
  const bool no_block =
      engine.blocks_in_use() >= engine.profile().max_active_qps && !own.qps[qp].view.holds_block;
  if (engine.work_requests_free() > 0 && !no_block) {
    stage.fail(Invariant::kContract, "a request was refused though there is room for it");
  }
}

void judge_end(Stage& stage) {
  bool whole = stage.trusted;
  for (int s = 0; s < 2; ++s) {
    for (QueuePair& pair : stage.side(s).qps) {
      whole &= !pair.failure && pair.view.state == QpState::kReady;
      for (const uint32_t job : pair.waiting) {
        const auto q = static_cast<size_t>(&pair - stage.side(s).qps.data());
        judge_job_end(stage, stage.jobs[job], stage.side(1 - s).qps[q]);
      }
    }
  }
  for (int s = 0; s < 2 && whole; ++s) {
    for (uint32_t q = 0; q < stage.around.queue_pairs; ++q) {
      judge_pair_end(stage, {static_cast<uint8_t>(s), q});
    }
    if (stage.side(s).tap.blocks_in_use() != 0) {
      stage.fail(Invariant::kPool, fmt::format("side {} keeps {} blocks at rest", s,
                                               stage.side(s).tap.blocks_in_use()));
    }
  }
  for (int s = 0; s < 2; ++s) {
    judge_footprint(stage, s);
    if (stage.trusted) judge_counters(stage, s);
  }
}

}  // namespace windtunnel::braid_hostile
