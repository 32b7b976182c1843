// Invariants 5, 8, 9, 10 and 11: windows, paths, planes, frozen mode, writes with immediate.
#include <fmt/format.h>

#include <algorithm>

#include "tests/braid_judges.h"

namespace windtunnel::braid_hostile {

namespace {

using braid::CongestionControl;
using braid::Opcode;
using braid::Packet;
using braid::PathHealth;
using braid::PathSelection;
using braid::QpView;

bool usable(PathHealth health) {
  return health == PathHealth::kGood || health == PathHealth::kSkip;
}

uint32_t total_paths(const Stage& stage) { return stage.profile->total_paths; }

// Planes that are known to be up at both ends.
bool plane_open(Stage& stage, Call call, uint32_t plane) {
  const Side& own = stage.side(call.side);
  return ((own.ports_down | own.qps[call.qp].peer_ports_down) >> plane & 1) == 0;
}

bool any_path(Stage& stage, Call call, bool (*wanted)(Stage&, Call, uint32_t)) {
  for (uint32_t path = 0; path < total_paths(stage); ++path) {
    if (!plane_open(stage, call, path & stage.profile->plane_mask)) continue;
    if (wanted(stage, call, path)) return true;
  }
  return false;
}

bool is_usable(Stage& stage, Call call, uint32_t path) {
  return usable(stage.health(call.side, call.qp, path));
}

// In the ring of eight for certain: put there, not pushed out since, never bad.
bool is_cached(Stage& stage, Call call, uint32_t path) {
  constexpr uint32_t kRing = 8;
  const QueuePair& pair = stage.side(call.side).qps[call.qp];
  const uint32_t since = pair.cached[path];
  return path < stage.profile->config.paths && since > 0 && pair.praises - since < kRing &&
         !pair.stained[path] && is_usable(stage, call, path);
}

void check_health(Stage& stage, Call call, uint32_t path) {
  const PathHealth health = stage.health(call.side, call.qp, path);
  if (usable(health)) return;
  if (any_path(stage, call, is_usable)) {
    stage.fail(Invariant::kBadPaths,
               fmt::format("data on path {}, which is {}, while others are good", path,
                           health == PathHealth::kBad ? "bad" : "denied"));
  }
  stage.coverage.add(Rare::kEveryPathBad);
}

void check_frozen(Stage& stage, Call call, uint32_t path) {
  const QueuePair& pair = stage.side(call.side).qps[call.qp];
  stage.coverage.add(Rare::kFrozen);
  if (pair.clean[path] || !any_path(stage, call, is_cached)) return;
  stage.fail(
      Invariant::kFrozen,
      fmt::format("frozen, and data on path {}, which no clean acknowledgement named", path));
}

bool has_health(const Stage& stage) {
  return stage.profile->config.path_selection == PathSelection::kBraid;
}

}  // namespace

void check_window_bounds(Stage& stage, const QpView& view) {
  if (view.state != braid::QpState::kReady || !stage.profile->sender_window) return;
  const int64_t mtu = stage.profile->mtu;
  if (view.window.count() == mtu) stage.coverage.add(Rare::kWindowAtMtu);
  // A constant window keeps what it began with.
  if (stage.profile->config.congestion == CongestionControl::kConstant) return;
  const int64_t initial = stage.profile->config.initial_window.count();
  const int64_t most = std::max({mtu, view.window_maximum.count(), initial});
  if (view.window.count() >= mtu && view.window.count() <= most) return;
  stage.fail(Invariant::kWindow, fmt::format("window {} is not between the MTU {} and {}",
                                             view.window.count(), mtu, most));
}

void check_new_data(Stage& stage, const QueuePair&, const Packet& packet, const QpView& before) {
  const int64_t size = stage.accounted(packet);
  if (stage.profile->sender_window && before.in_flight.count() + size > before.window.count()) {
    stage.fail(Invariant::kWindow,
               fmt::format("{} more bytes leave with {} in flight and a window of {}", size,
                           before.in_flight.count(), before.window.count()));
  }
  if (!stage.profile->receiver_credits) return;
  if (before.credit.count() <= -int64_t{stage.profile->mtu}) {
    stage.fail(Invariant::kWindow, fmt::format("credit of {} bytes", before.credit.count()));
  }
}

void check_path(Stage& stage, Call call, const Packet& packet, const QpView& after) {
  const uint32_t path = braid::path_of(packet.entropy, *stage.profile);
  if (path >= total_paths(stage)) {
    stage.fail(Invariant::kBadPaths, fmt::format("path {} does not exist", path));
    return;
  }
  if (has_health(stage)) check_health(stage, call, path);
  if (after.frozen) check_frozen(stage, call, path);  // before it, a freeze may end
}

void check_port(Stage& stage, Call call, const Packet& packet) {
  const Side& own = stage.side(call.side);
  const uint32_t peers = own.qps[call.qp].peer_ports_down;
  const uint32_t port = packet.port;
  if (port != braid::port_of(packet.entropy, *stage.profile)) {
    stage.fail(Invariant::kPlanes, fmt::format("entropy {:#x} on port {}", packet.entropy, port));
  }
  if ((own.ports_down >> port & 1) != 0) {
    stage.fail(Invariant::kPlanes, fmt::format("a packet leaves by port {}, which is down", port));
  }
  const uint32_t all = (1u << stage.profile->config.planes) - 1;
  const bool none_left = ((own.ports_down | peers) & all) == all;
  if (!stage.in_order || none_left || is_control(packet.opcode)) return;
  if ((peers >> port & 1) != 0) {
    stage.fail(Invariant::kPlanes,
               fmt::format("data by port {}, which the peer has said is down", port));
  }
}

// 9: with all ports up and every path in order, planes have equally many paths in use.
void check_plane_balance(Stage& stage, Call call) {
  const Side& own = stage.side(call.side);
  const QueuePair& pair = own.qps[call.qp];
  if (!has_health(stage) || stage.profile->config.planes == 1 || own.ports_down != 0) return;
  uint32_t least = UINT32_MAX;
  uint32_t most = 0;
  for (uint32_t plane = 0; plane < stage.profile->config.planes; ++plane) {
    const uint32_t active = own.tap.active_paths(pair.id, plane);
    least = std::min(least, active);
    most = std::max(most, active);
  }
  if (most - least <= 1) return;
  for (uint32_t path = 0; path < total_paths(stage); ++path) {
    if (!is_usable(stage, call, path)) return;
  }
  stage.fail(Invariant::kPlanes, fmt::format("planes have {} to {} active paths", least, most));
}

void check_immediates(Stage& stage, const QueuePair& pair, const QpView& view) {
  if (view.write_imm_in_flight == pair.write_imm_limit) stage.coverage.add(Rare::kWriteImmLimited);
  if (view.write_imm_in_flight <= pair.write_imm_limit) return;
  stage.fail(Invariant::kImmediates,
             fmt::format("{} writes with immediate under way, the limit is {}",
                         view.write_imm_in_flight, pair.write_imm_limit));
}

// The same from the packets: last packets of writes with immediate that are not acknowledged.
void check_immediate_packets(Stage& stage, QueuePair& pair, const Packet& packet) {
  if (packet.opcode != Opcode::kWriteImm) return;
  auto& open = pair.immediates;
  open.erase(std::remove_if(open.begin(), open.end(),
                            [&](uint32_t psn) { return !pair.sender.outstanding(psn); }),
             open.end());
  open.push_back(packet.psn);
  if (open.size() <= pair.write_imm_limit) return;
  stage.fail(Invariant::kImmediates,
             fmt::format("{} last packets of writes with immediate are out, the limit is {}",
                         open.size(), pair.write_imm_limit));
}

}  // namespace windtunnel::braid_hostile
