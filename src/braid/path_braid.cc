#include "braid/path_braid.h"

#include <bit>
#include <limits>

#include "braid/clock.h"

namespace windtunnel::braid {

namespace {

// The first probe waits two round trips, the last of the series 2^10 times that.
constexpr int64_t kProbeRoundTrips = 2;
constexpr uint8_t kProbeBackoffMax = 10;
constexpr uint8_t kBadToFreeze = 2;

void set_health(BraidPathState& s, uint32_t path, PathHealth health) {
  const uint32_t shift = (path & 31) * 2;
  uint64_t& word = s.health[path >> 5];
  word = (word & ~(uint64_t{3} << shift)) | uint64_t{static_cast<uint8_t>(health)} << shift;
}

bool is_active(const BraidPathState& s, uint32_t path) {
  return (s.active[path >> 6] >> (path & 63) & 1) != 0;
}

void set_active(BraidPathState& s, uint32_t path, bool active) {
  const uint64_t bit = uint64_t{1} << (path & 63);
  uint64_t& word = s.active[path >> 6];
  word = active ? word | bit : word & ~bit;
}

// Gives up its place to a good idle path of the same plane, if there is one.
void swap_for_backup(BraidPathState& s, const Profile& profile, uint32_t path) {
  if (!is_active(s, path)) return;
  const uint32_t planes = profile.plane_mask + 1;
  for (uint32_t other = path & profile.plane_mask; other < profile.total_paths; other += planes) {
    if (is_active(s, other) || braid_path_health(s, other) != PathHealth::kGood) continue;
    set_active(s, path, false);
    set_active(s, other, true);
    return;
  }
}

Coarse after(int64_t now, int64_t wait) { return coarse_up(now + wait); }

int64_t probe_wait(const Profile& profile, uint8_t backoff) {
  return (kProbeRoundTrips * profile.base_rtt) << backoff;
}

int slot_of(const BraidPathState& s, uint32_t path) {
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    if (s.probes[i].in_use != 0 && s.probes[i].path == path) return static_cast<int>(i);
  }
  return -1;
}

// A bad path without a slot waits until one is free; claim_waiting() finds it then.
void claim_slot(BraidPathState& s, const Profile& profile, uint32_t path, int64_t now) {
  if (slot_of(s, path) >= 0) return;
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    if (s.probes[i].in_use != 0) continue;
    s.probes[i] = {static_cast<uint8_t>(path), 0, 0, 1};
    s.probe_due[i] = after(now, probe_wait(profile, 0));
    return;
  }
}

void claim_waiting(BraidPathState& s, const Profile& profile, int64_t now) {
  for (uint32_t path = 0; path < profile.total_paths; ++path) {
    if (braid_path_health(s, path) != PathHealth::kBad || slot_of(s, path) >= 0) continue;
    claim_slot(s, profile, path, now);
    return;
  }
}

void release_slot(BraidPathState& s, const Profile& profile, uint32_t path, int64_t now) {
  const int slot = slot_of(s, path);
  if (slot < 0) return;
  s.probes[static_cast<uint32_t>(slot)] = {};
  claim_waiting(s, profile, now);
}

void consider_freeze(BraidPathState& s, const Profile& profile, int64_t now) {
  const Coarse at = coarse_up(now);
  const auto window = static_cast<int32_t>(coarse_up(profile.rto_min));
  if (s.recently_bad == 0 || coarse_distance(at, s.bad_since) > window) {
    s.recently_bad = 0;
    s.bad_since = at;
  }
  if (s.recently_bad < kBadToFreeze) ++s.recently_bad;
  if (s.recently_bad < kBadToFreeze) return;
  s.frozen = true;
  s.frozen_until = after(now, profile.freeze);
}

void turn_bad(BraidPathState& s, const Profile& profile, uint8_t path, int64_t now) {
  const PathHealth health = braid_path_health(s, path);
  s.ring.purge(path);
  if (health == PathHealth::kBad || health == PathHealth::kDenied) return;
  set_health(s, path, PathHealth::kBad);
  swap_for_backup(s, profile, path);
  claim_slot(s, profile, path, now);
  consider_freeze(s, profile, now);
}

bool thaw(BraidPathState& s, int64_t now) {
  if (coarse_distance(coarse_up(now), s.frozen_until) < 0 && s.ring.filled > 0) return false;
  s.frozen = false;
  s.recently_bad = 0;
  return true;
}

// A path in `plane`, walking at most two rounds: the first turns skipped paths good again.
int walk_to_good(BraidPathState& s, const Profile& profile, uint32_t plane,
                 base::RandomStream& stream) {
  const uint32_t size = profile.entropy_mask + 1;
  for (uint32_t tried = 0; tried < 2 * size; ++tried) {
    uint32_t path = (s.walk.position ^ s.walk.key) & profile.entropy_mask;
    if (++s.walk.position >= size) {
      s.walk.position = 0;
      s.walk.key = static_cast<uint16_t>(stream.below_fast(size));
    }
    path = (path & ~profile.plane_mask) | plane;
    if (path >= profile.total_paths || !is_active(s, path)) continue;
    const PathHealth health = braid_path_health(s, path);
    if (health == PathHealth::kGood) return static_cast<int>(path);
    if (health == PathHealth::kSkip) set_health(s, path, PathHealth::kGood);
  }
  return -1;
}

// Every path of the plane is bad or denied: data must still try something, bad before denied.
uint8_t rotate_over_bad(BraidPathState& s, const Profile& profile, uint32_t plane) {
  s.all_bad = true;
  const uint32_t planes = profile.plane_mask + 1;
  const uint32_t per_plane = profile.total_paths / planes;
  uint32_t fallback = plane;
  for (uint32_t tried = 0; tried < per_plane; ++tried) {
    s.walk.position = static_cast<uint16_t>((s.walk.position + 1) % (profile.entropy_mask + 1));
    const uint32_t path = s.walk.position % per_plane * planes + plane;
    if (braid_path_health(s, path) != PathHealth::kDenied) return static_cast<uint8_t>(path);
    fallback = path;
  }
  return static_cast<uint8_t>(fallback);
}

uint32_t take_turn(BraidPathState& s, const Profile& profile, PlaneSet planes) {
  if (profile.plane_mask == 0) return 0;
  uint32_t plane = s.next_plane;
  while ((planes >> plane & 1) == 0) plane = (plane + 1) & profile.plane_mask;
  s.next_plane = static_cast<uint8_t>((plane + 1) & profile.plane_mask);
  return plane;
}

}  // namespace

void braid_path_init(BraidPathState& state, const Profile& profile, PathWalk start) {
  state = BraidPathState{};
  state.walk = start;
  for (uint32_t path = 0; path < profile.config.paths; ++path) set_active(state, path, true);
}

PathHealth braid_path_health(const BraidPathState& state, uint32_t path) {
  return static_cast<PathHealth>(state.health[path >> 5] >> ((path & 31) * 2) & 3);
}

uint32_t braid_active_paths(const BraidPathState& state, const Profile& profile, uint32_t plane) {
  uint32_t count = 0;
  for (uint32_t path = plane; path < profile.total_paths; path += profile.plane_mask + 1) {
    if (is_active(state, path)) ++count;
  }
  return count;
}

void braid_deny(BraidPathState& state, const Profile& profile, uint32_t path, bool denied,
                int64_t now) {
  const bool was = braid_path_health(state, path) == PathHealth::kDenied;
  if (was == denied) return;
  set_health(state, path, denied ? PathHealth::kDenied : PathHealth::kGood);
  if (!denied) return;
  state.ring.purge(static_cast<uint8_t>(path));
  swap_for_backup(state, profile, path);
  release_slot(state, profile, path, now);
}

// HOT
uint8_t braid_path_next(BraidPathState& state, const Profile& profile, PlaneSet planes, int64_t now,
                        base::RandomStream& stream) {
  if (state.frozen && !thaw(state, now)) {
    const int cached = state.ring.take_frozen(planes, profile.plane_mask);
    if (cached >= 0) return static_cast<uint8_t>(cached);
  }
  const uint32_t plane = take_turn(state, profile, planes);
  const PlaneSet only = 1u << plane;
  for (;;) {
    const int cached = state.ring.take_oldest(only, profile.plane_mask);
    if (cached < 0) break;
    if (braid_path_health(state, static_cast<uint32_t>(cached)) == PathHealth::kGood) {
      return static_cast<uint8_t>(cached);
    }
    set_health(state, static_cast<uint32_t>(cached), PathHealth::kGood);  // skipped once
  }
  const int path = walk_to_good(state, profile, plane, stream);
  if (path < 0) return rotate_over_bad(state, profile, plane);
  state.all_bad = false;
  return static_cast<uint8_t>(path);
}

// HOT
void braid_path_feedback(BraidPathState& state, const Profile& profile, uint8_t path,
                         PathFeedback feedback, int64_t now) {
  if (path >= profile.total_paths) return;
  const PathHealth health = braid_path_health(state, path);
  switch (feedback) {
    case PathFeedback::kClean:
      if (health == PathHealth::kGood && is_active(state, path)) state.ring.add(path);
      return;
    case PathFeedback::kMarked:
    case PathFeedback::kTrimmed:
      if (health == PathHealth::kGood) set_health(state, path, PathHealth::kSkip);
      return;
    case PathFeedback::kLost:
      turn_bad(state, profile, path, now);
      return;
  }
}

int braid_probe_due(BraidPathState& state, const Profile& profile, int64_t now) {
  const Coarse at = static_cast<Coarse>(now >> kCoarseBits);
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    BraidPathState::ProbeSlot& slot = state.probes[i];
    if (slot.in_use == 0 || coarse_distance(at, state.probe_due[i]) < 0) continue;
    if (slot.backoff < kProbeBackoffMax) ++slot.backoff;
    state.probe_due[i] = after(now, probe_wait(profile, slot.backoff));
    return slot.path;
  }
  return -1;
}

int64_t braid_probe_deadline(const BraidPathState& state, int64_t now) {
  int64_t earliest = std::numeric_limits<int64_t>::max();
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    if (state.probes[i].in_use == 0) continue;
    const int64_t due = from_coarse(state.probe_due[i], now);
    if (due < earliest) earliest = due;
  }
  return earliest;
}

bool braid_probe_answered(BraidPathState& state, const Profile& profile, uint8_t path,
                          int64_t now) {
  const int slot = slot_of(state, path);
  if (slot < 0) return false;
  const auto at = static_cast<uint32_t>(slot);
  state.probes[at].backoff = 0;
  state.probe_due[at] = static_cast<Coarse>(now >> kCoarseBits);
  if (++state.probes[at].successes < profile.config.probe_successes) return false;
  set_health(state, path, PathHealth::kGood);
  release_slot(state, profile, path, now);
  return true;
}

}  // namespace windtunnel::braid
