// The endpoint's looking glass: nothing here is on the hot path.
#include "braid/endpoint.h"

#include <algorithm>

#include "braid/path_braid.h"

namespace windtunnel::braid {

QpState Endpoint::qp_state(QpId qp) const { return at(qp).state; }

base::Bytes Endpoint::in_flight(QpId qp) const {
  return base::Bytes(std::max<int64_t>(0, at(qp).sender.in_flight));
}

base::Bytes Endpoint::cwnd(QpId qp) const { return base::Bytes(at(qp).congestion.window); }

QpView Endpoint::view(QpId qp) const {
  const QueuePair& q = at(qp);
  QpView view;
  view.state = q.state;
  if (q.state == QpState::kDestroyed) return view;  // it has not even paths
  view.oldest_unacked_psn = q.sender.una;
  view.next_psn = q.sender.next;
  view.expected_psn = q.receiver.expected;
  view.highest_psn = q.receiver.highest;
  view.psn_range = q.limits.range;
  view.waiting_retransmission = q.sender.waiting_count;
  view.out_of_order = q.receiver.out_of_order;
  view.write_imm_in_flight = q.sender.imm_in_flight;
  view.timeouts_in_row = q.recovery.timeouts_in_row;
  view.in_flight = in_flight(qp);
  view.window = base::Bytes(q.congestion.window);
  view.window_maximum = base::Bytes(q.congestion.maximum);
  view.backlog = base::Bytes(q.sender.backlog);
  view.credit = base::Bytes(q.credit.credit);
  view.base_rtt = base::Duration::ticks(q.congestion.base_rtt);
  view.average_delay = base::Duration::ticks(q.congestion.average_delay);
  view.holds_block = q.block != kNoBlock;
  if (profile_->config.path_selection == PathSelection::kBraid) {
    view.frozen = q.path.braid.frozen;
    view.no_good_path = q.path.braid.dry_planes == (1u << profile_->config.planes) - 1;
  }
  if (profile_->config.path_selection == PathSelection::kReps) view.frozen = q.path.reps.frozen;
  return view;
}

PathHealth Endpoint::path_health(QpId qp, uint32_t path) const {
  const QueuePair& q = at(qp);
  if (q.state == QpState::kDestroyed) return PathHealth::kDenied;
  if (profile_->config.path_selection != PathSelection::kBraid) return PathHealth::kGood;
  return path < profile_->total_paths ? braid_path_health(q.path.braid, *profile_, path)
                                      : PathHealth::kDenied;
}

uint32_t Endpoint::active_paths(QpId qp, uint32_t plane) const {
  const QueuePair& q = at(qp);
  if (plane >= profile_->config.planes || q.state == QpState::kDestroyed) return 0;
  if (profile_->config.path_selection != PathSelection::kBraid) {
    return profile_->config.paths / profile_->config.planes;
  }
  return braid_active_paths(q.path.braid, *profile_, plane);
}

const EndpointCounters& Endpoint::counters() const { return counters_; }

uint32_t Endpoint::blocks_in_use() const { return blocks_.in_use(); }

Endpoint::Footprint Endpoint::footprint() const {
  Footprint f;
  f.per_qp = sizeof(QueuePair);
  f.per_active_qp = blocks_.bytes_per_block();
  f.work_requests = work_.bytes();
  f.endpoint = sizeof(Endpoint) + memory_.bytes() + control_.bytes() + timers_.bytes() +
               blocks_.bytes_of_list();
  if (oversubscription_) f.endpoint += sizeof(OversubscriptionState);
  return f;
}

}  // namespace windtunnel::braid
