#include "braid/path_braid.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"
#include "braid/clock.h"

namespace windtunnel::braid {

namespace {

// The first probe waits two round trips, the last of the series 2^10 times that.
constexpr int64_t kProbeRoundTrips = 2;
constexpr uint8_t kProbeBackoffMax = 10;
constexpr uint8_t kBadToFreeze = 2;
// Packets lost without a sign of life until a plane counts as dead.
constexpr uint32_t kLostToGiveUp = 4;
// The longest silence that the clock of a plane can tell with certainty, a half of its round.
constexpr int kHeardBits = 22;
constexpr int64_t kSilenceMax = int64_t{1} << (kHeardBits + 11);

uint32_t heard_time(int64_t now) { return static_cast<uint32_t>(now >> kHeardBits) & 0xfff; }

bool is_dead(const BraidPathState& s, uint32_t plane) { return (s.dead_planes >> plane & 1) != 0; }

// Of the path alone, whatever its plane.
PathHealth own_health(const BraidPathState& s, uint32_t path) {
  return static_cast<PathHealth>(s.health[path >> 5] >> ((path & 31) * 2) & 3);
}

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

// Whether the plane has a path left that may carry data.
void note_dryness(BraidPathState& s, const Profile& profile, uint32_t plane) {
  bool dry = true;
  const uint32_t planes = profile.plane_mask + 1;
  const uint32_t from = is_dead(s, plane) ? profile.total_paths : plane;
  for (uint32_t path = from; dry && path < profile.total_paths; path += planes) {
    dry = !is_active(s, path) || own_health(s, path) >= PathHealth::kBad;
  }
  const uint32_t bit = 1u << plane;
  s.dry_planes = static_cast<uint8_t>(dry ? s.dry_planes | bit : s.dry_planes & ~bit);
}

// Gives up its place to an idle path that is not bad of the same plane, if there is one.
void swap_for_backup(BraidPathState& s, const Profile& profile, uint32_t path) {
  if (!is_active(s, path)) return;
  const uint32_t planes = profile.plane_mask + 1;
  for (uint32_t other = path & profile.plane_mask; other < profile.total_paths; other += planes) {
    if (is_active(s, other) || own_health(s, other) >= PathHealth::kBad) continue;
    set_active(s, path, false);
    set_active(s, other, true);
    return;
  }
}

// The other way round: a path that is good again takes the place of an active bad one.
void take_place_of_bad(BraidPathState& s, const Profile& profile, uint32_t path) {
  if (is_active(s, path)) return;
  const uint32_t planes = profile.plane_mask + 1;
  for (uint32_t other = path & profile.plane_mask; other < profile.total_paths; other += planes) {
    if (!is_active(s, other) || own_health(s, other) < PathHealth::kBad) continue;
    set_active(s, other, false);
    set_active(s, path, true);
    return;
  }
}

Coarse after(int64_t now, int64_t wait) { return coarse_up(now + wait); }

int64_t probe_wait(const Profile& profile, uint8_t backoff) {
  return (kProbeRoundTrips * profile.base_rtt) << backoff;
}

// The path is good again, and so its plane need not be passed over any longer.
void revive(BraidPathState& s, const Profile& profile, uint32_t path) {
  set_health(s, path, PathHealth::kGood);
  take_place_of_bad(s, profile, path);
  note_dryness(s, profile, path & profile.plane_mask);
}

bool in_use(const BraidPathState& s, uint32_t slot) { return (s.probes_in_use >> slot & 1) != 0; }

void fill_slot(BraidPathState& s, const Profile& profile, uint32_t slot, uint32_t path,
               int64_t now) {
  s.probes[slot] = {static_cast<uint8_t>(path), 0, 0};
  s.probe_due[slot] = after(now, probe_wait(profile, 0));
  s.probes_in_use = static_cast<uint8_t>(s.probes_in_use | 1u << slot);
}

void free_slot(BraidPathState& s, uint32_t slot) {
  s.probes[slot] = {};
  s.probes_in_use = static_cast<uint8_t>(s.probes_in_use & ~(1u << slot));
}

int slot_of(const BraidPathState& s, uint32_t path) {
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    if (in_use(s, i) && s.probes[i].path == path) return static_cast<int>(i);
  }
  return -1;
}

// A bad path without a slot waits until one is free; claim_waiting() finds it then.
void claim_slot(BraidPathState& s, const Profile& profile, uint32_t path, int64_t now) {
  if (slot_of(s, path) >= 0) return;
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    if (in_use(s, i)) continue;
    fill_slot(s, profile, i, path, now);
    return;
  }
}

void claim_waiting(BraidPathState& s, const Profile& profile, int64_t now) {
  for (uint32_t path = 0; path < profile.total_paths; ++path) {
    if (own_health(s, path) != PathHealth::kBad || slot_of(s, path) >= 0) continue;
    claim_slot(s, profile, path, now);
    return;
  }
}

void release_slot(BraidPathState& s, const Profile& profile, uint32_t path, int64_t now) {
  const int slot = slot_of(s, path);
  if (slot < 0) return;
  free_slot(s, static_cast<uint32_t>(slot));
  claim_waiting(s, profile, now);
}

// A path of the plane that is not bad of itself, from `path` on, or `path` if there is none.
uint8_t sound_path(const BraidPathState& s, const Profile& profile, uint32_t path) {
  const uint32_t planes = profile.plane_mask + 1;
  for (uint32_t tried = 0; tried < profile.total_paths; tried += planes) {
    const uint32_t other = (path + tried) % profile.total_paths;
    if (own_health(s, other) < PathHealth::kBad) return static_cast<uint8_t>(other);
  }
  return static_cast<uint8_t>(path);
}

// The slot that probes for a dead plane goes round its paths, some of which may be dead as well.
void probe_another(const BraidPathState& s, const Profile& profile,
                   BraidPathState::ProbeSlot& slot) {
  if (!is_dead(s, slot.path & profile.plane_mask)) return;
  if (own_health(s, slot.path) >= PathHealth::kBad) return;
  slot.path = sound_path(s, profile, (slot.path + profile.plane_mask + 1) % profile.total_paths);
}

// A slot for a plane that was given up, if at the cost of the bad path that failed most probes.
// There is one: of eight planes seven can be dead, and only they have slots of this kind.
void probe_plane(BraidPathState& s, const Profile& profile, uint32_t plane, int64_t now) {
  uint32_t slot = BraidPathState::kProbeSlots;
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    if (!in_use(s, i)) {
      slot = i;
      break;
    }
    if (own_health(s, s.probes[i].path) < PathHealth::kBad) continue;
    const bool first = slot == BraidPathState::kProbeSlots;
    if (first || s.probes[i].backoff > s.probes[slot].backoff) slot = i;
  }
  WT_CHECK(slot < BraidPathState::kProbeSlots, "no probe can be spared for a dead plane");
  fill_slot(s, profile, slot, sound_path(s, profile, plane), now);
}

void give_up_plane(BraidPathState& s, const Profile& profile, uint32_t plane, int64_t now) {
  s.dead_planes = static_cast<uint8_t>(s.dead_planes | 1u << plane);
  for (uint32_t path = plane; path < profile.total_paths; path += profile.plane_mask + 1) {
    s.ring.purge(static_cast<uint8_t>(path));
  }
  note_dryness(s, profile, plane);
  s.frozen = false;  // the plane explains what froze exploration
  s.recently_bad = 0;
  probe_plane(s, profile, plane, now);
}

// Paths of it that are bad of themselves are probed anew, as if just found out.
void revive_plane(BraidPathState& s, const Profile& profile, uint32_t plane, int64_t now) {
  s.dead_planes = static_cast<uint8_t>(s.dead_planes & ~(1u << plane));
  note_dryness(s, profile, plane);
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    const uint32_t path = s.probes[i].path;
    if (!in_use(s, i) || (path & profile.plane_mask) != plane) continue;
    if (own_health(s, path) == PathHealth::kBad) {
      fill_slot(s, profile, i, path, now);
    } else {
      free_slot(s, i);
      claim_waiting(s, profile, now);
    }
  }
}

void consider_freeze(BraidPathState& s, const Profile& profile, int64_t now) {
  const Coarse at = coarse_up(now);
  const auto window = static_cast<int32_t>(coarse_up(profile.rto_min));
  if (s.recently_bad == 0 || coarse_distance(at, s.bad_since) > window) {
    s.recently_bad = 0;
    s.bad_since = at;
  }
  if (s.recently_bad < kBadToFreeze) ++s.recently_bad;
  if (s.recently_bad < kBadToFreeze || s.ring.filled == 0) return;
  s.frozen = true;
  s.frozen_until = after(now, profile.freeze);
}

void turn_bad(BraidPathState& s, const Profile& profile, uint8_t path, int64_t now) {
  const PathHealth health = own_health(s, path);
  s.ring.purge(path);
  if (s.ring.filled == 0) s.frozen = false;
  if (health == PathHealth::kBad || health == PathHealth::kDenied) return;
  if (is_dead(s, path & profile.plane_mask)) return;  // the plane is to blame
  set_health(s, path, PathHealth::kBad);
  swap_for_backup(s, profile, path);
  note_dryness(s, profile, path & profile.plane_mask);
  claim_slot(s, profile, path, now);
  consider_freeze(s, profile, now);
}

// Of the ring only. -1: not in these planes, but in others that may be used; -2: nowhere, which
// ends the freeze.
int next_frozen(BraidPathState& s, const Profile& profile, const PlaneChoice& planes) {
  const int cached = s.ring.take_frozen(planes.now, profile.plane_mask);
  if (cached >= 0) return cached;
  if (s.ring.holds(planes.usable, profile.plane_mask)) return -1;
  s.frozen = false;
  s.recently_bad = 0;
  return -2;
}

// The next path of a plane that is not dry. What is left of this round and one whole round meet
// every path, which turns skipped ones good; one more whole round meets those again.
uint8_t walk_to_good(BraidPathState& s, const Profile& profile, uint32_t plane,
                     base::RandomStream& stream) {
  const uint32_t size = profile.entropy_mask + 1;
  for (uint32_t tried = 0; tried < 3 * size; ++tried) {
    uint32_t path = (s.walk.position ^ s.walk.key) & profile.entropy_mask;
    if (++s.walk.position >= size) {
      s.walk.position = 0;
      s.walk.key = static_cast<uint16_t>(stream.below_fast(size));
    }
    path = (path & ~profile.plane_mask) | plane;
    if (path >= profile.total_paths || !is_active(s, path)) continue;
    const PathHealth health = own_health(s, path);
    if (health == PathHealth::kGood) return static_cast<uint8_t>(path);
    if (health == PathHealth::kSkip) set_health(s, path, PathHealth::kGood);
  }
  WT_CHECK(false, "a plane that is not dry has no good path");
  return 0;
}

// Every path of every plane is bad or denied: data must still try something, bad before denied.
uint8_t rotate_over_bad(const BraidPathState& s, const Profile& profile, uint32_t plane,
                        base::RandomStream& stream) {
  const uint32_t planes = profile.plane_mask + 1;
  const uint32_t per_plane = profile.total_paths / planes;
  const uint32_t first = stream.below_fast(per_plane);
  for (uint32_t tried = 0; tried < per_plane; ++tried) {
    const uint32_t path = (first + tried) % per_plane * planes + plane;
    if (own_health(s, path) != PathHealth::kDenied) return static_cast<uint8_t>(path);
  }
  return static_cast<uint8_t>(first * planes + plane);
}

uint32_t take_turn(BraidPathState& s, const Profile& profile, PlaneSet planes) {
  if (profile.plane_mask == 0) return 0;
  uint32_t plane = s.next_plane;
  while ((planes >> plane & 1) == 0) plane = (plane + 1) & profile.plane_mask;
  s.next_plane = static_cast<uint8_t>((plane + 1) & profile.plane_mask);
  return plane;
}

// Oldest cached path of the plane that is not to be skipped, or -1.
int next_recycled(BraidPathState& s, const Profile& profile, uint32_t plane) {
  for (;;) {
    const int cached = s.ring.take_oldest(1u << plane, profile.plane_mask);
    if (cached < 0) return -1;
    const auto path = static_cast<uint32_t>(cached);
    if (own_health(s, path) == PathHealth::kGood) return cached;
    set_health(s, path, PathHealth::kGood);  // skipped once
  }
}

// A good path of these planes, which take turns, or -1.
int next_in_planes(BraidPathState& s, const Profile& profile, PlaneSet planes,
                   base::RandomStream& stream) {
  const PlaneSet open = planes & ~PlaneSet{s.dry_planes};
  if (open == 0) return -1;
  const uint32_t plane = take_turn(s, profile, open);
  const int recycled = next_recycled(s, profile, plane);
  return recycled >= 0 ? recycled : walk_to_good(s, profile, plane, stream);
}

}  // namespace

void braid_path_init(BraidPathState& state, const Profile& profile, PathWalk start) {
  state = BraidPathState{};
  state.walk = start;
  for (uint32_t path = 0; path < profile.config.paths; ++path) set_active(state, path, true);
}

void braid_plane_heard(BraidPathState& state, const Profile& profile, uint32_t plane, int64_t now) {
  BraidPathState::PlaneWatch& watch = state.watch[plane];
  watch.heard = heard_time(now) & 0xfff;
  watch.silent = 0;
  if (is_dead(state, plane)) [[unlikely]]
    revive_plane(state, profile, plane, now);
}

int64_t braid_plane_silence(const BraidPathState& state, uint32_t plane, int64_t now) {
  return int64_t{(heard_time(now) - state.watch[plane].heard) & 0xfff} << kHeardBits;
}

bool braid_plane_is_spare(const BraidPathState& state, uint32_t plane, PlaneSet usable) {
  const PlaneSet open = usable & ~PlaneSet{state.dry_planes};
  return (open >> plane & 1) != 0 && (open & (open - 1)) != 0;
}

bool braid_plane_lost(BraidPathState& state, const Profile& profile, uint32_t plane, uint32_t lost,
                      int64_t now) {
  BraidPathState::PlaneWatch& watch = state.watch[plane];
  const uint32_t silent = std::min(watch.silent + lost, 15u);
  watch.silent = silent & 15;
  if (silent < kLostToGiveUp) return false;
  if (braid_plane_silence(state, plane, now) < std::min(profile.rto_min, kSilenceMax)) return false;
  give_up_plane(state, profile, plane, now);
  return true;
}

PathHealth braid_path_health(const BraidPathState& state, const Profile& profile, uint32_t path) {
  const PathHealth own = own_health(state, path);
  const bool dead = is_dead(state, path & profile.plane_mask);
  return dead && own != PathHealth::kDenied ? PathHealth::kBad : own;
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
  const bool was = own_health(state, path) == PathHealth::kDenied;
  if (was == denied) return;
  if (!denied) {
    revive(state, profile, path);
    return;
  }
  set_health(state, path, PathHealth::kDenied);
  state.ring.purge(static_cast<uint8_t>(path));
  if (state.ring.filled == 0) state.frozen = false;
  swap_for_backup(state, profile, path);
  note_dryness(state, profile, path & profile.plane_mask);
  const bool probed = slot_of(state, path) >= 0;
  release_slot(state, profile, path, now);
  const uint32_t plane = path & profile.plane_mask;
  if (probed && is_dead(state, plane)) probe_plane(state, profile, plane, now);
}

// HOT
int braid_path_next(BraidPathState& state, const Profile& profile, const PlaneChoice& planes,
                    base::RandomStream& stream) {
  if (state.frozen) {
    const int cached = next_frozen(state, profile, planes);
    if (cached >= -1) return cached;
  }
  for (const PlaneSet wanted : {planes.usable & ~planes.avoid, planes.usable & planes.avoid}) {
    const int path = next_in_planes(state, profile, wanted & planes.now, stream);
    if (path >= 0) return path;
    if ((wanted & ~PlaneSet{state.dry_planes}) != 0) return -1;
  }
  return rotate_over_bad(state, profile, take_turn(state, profile, planes.now), stream);
}

bool braid_thaw(BraidPathState& state, int64_t now) {
  if (!state.frozen ||
      coarse_distance(static_cast<Coarse>(now >> kCoarseBits), state.frozen_until) < 0) {
    return false;
  }
  state.frozen = false;
  state.recently_bad = 0;
  return true;
}

int64_t braid_thaw_deadline(const BraidPathState& state, int64_t now) {
  return state.frozen ? from_coarse(state.frozen_until, now) : std::numeric_limits<int64_t>::max();
}

// HOT
void braid_path_feedback(BraidPathState& state, const Profile& profile, uint8_t path,
                         PathFeedback feedback, int64_t now) {
  if (path >= profile.total_paths) return;
  if (feedback != PathFeedback::kLost) {
    braid_plane_heard(state, profile, path & profile.plane_mask, now);
  }
  const PathHealth health = own_health(state, path);
  switch (feedback) {
    case PathFeedback::kClean:
      if (health <= PathHealth::kSkip && is_active(state, path)) state.ring.add(path);
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
    if (!in_use(state, i) || coarse_distance(at, state.probe_due[i]) < 0) continue;
    if (slot.successes == 0) probe_another(state, profile, slot);
    if (slot.backoff < kProbeBackoffMax) ++slot.backoff;
    state.probe_due[i] = after(now, probe_wait(profile, slot.backoff));
    return slot.path;
  }
  return -1;
}

int64_t braid_probe_deadline(const BraidPathState& state, int64_t now) {
  int64_t earliest = std::numeric_limits<int64_t>::max();
  for (uint32_t i = 0; i < BraidPathState::kProbeSlots; ++i) {
    if (!in_use(state, i)) continue;
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
  const uint32_t plane = path & profile.plane_mask;
  if (own_health(state, path) == PathHealth::kBad) revive(state, profile, path);
  release_slot(state, profile, path, now);
  if (is_dead(state, plane)) revive_plane(state, profile, plane, now);
  return true;
}

}  // namespace windtunnel::braid
