// The path policy of Braid: two layers over health states.
//
// 1. Paths of clean acknowledgements are recycled from a ring of eight, oldest first (REPS).
// 2. When the ring is dry, a walk over all paths in random order takes the next good one.
// Planes take turns, so ports carry equal load whatever the acknowledgements say.
//
// Three signals stay apart: ECN and trims make a path be skipped once; only a loss without a trim
// makes it bad. A bad path carries probes with growing intervals and returns after
// `probe_successes` answers; meanwhile an idle backup of the same plane takes its place, so planes
// keep their number of paths. Two paths turning bad within one timeout freeze exploration: only
// cached paths are used until the freeze ends or the ring is empty.
//
// A dead port is every path of its plane at once; found out one by one, each would cost a packet,
// and two of them a freeze. So a plane that has been silent for a timeout, and lost packets, while
// others answer is given up as a whole. Its paths count as bad, one of them in turn is probed, and
// the first sign of life brings back those that were good.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "braid/endpoint_types.h"
#include "braid/path.h"

namespace windtunnel::braid {

void braid_path_init(BraidPathState& state, const Profile& profile, PathWalk start);

// -1 when none of `planes.now` has a path to offer but another usable plane has.
int braid_path_next(BraidPathState& state, const Profile& profile, const PlaneChoice& planes,
                    base::RandomStream& stream);
// Ends a freeze whose time is over. True when it did.
bool braid_thaw(BraidPathState& state, int64_t now);
// When the freeze ends in ps, or INT64_MAX.
int64_t braid_thaw_deadline(const BraidPathState& state, int64_t now);
void braid_path_feedback(BraidPathState& state, const Profile& profile, uint8_t path,
                         PathFeedback feedback, int64_t now);

PathHealth braid_path_health(const BraidPathState& state, const Profile& profile, uint32_t path);
// Paths of a plane in the active set; swapping in a backup keeps the number.
uint32_t braid_active_paths(const BraidPathState& state, const Profile& profile, uint32_t plane);
void braid_deny(BraidPathState& state, const Profile& profile, uint32_t path, bool denied,
                int64_t now);

// An answer named a path of this plane.
void braid_plane_heard(BraidPathState& state, const Profile& profile, uint32_t plane, int64_t now);
// For how long none did, in ps, modulo 17 ms.
int64_t braid_plane_silence(const BraidPathState& state, uint32_t plane, int64_t now);
// Whether the plane may be given up: it and another `usable` one have good paths.
bool braid_plane_is_spare(const BraidPathState& state, uint32_t plane, PlaneSet usable);
// `lost` packets that left by the plane since it was last heard of are lost, while others answered.
// True when it was given up for it.
bool braid_plane_lost(BraidPathState& state, const Profile& profile, uint32_t plane, uint32_t lost,
                      int64_t now);

// The next probe that is due, or -1; counts as sent.
int braid_probe_due(BraidPathState& state, const Profile& profile, int64_t now);
// When the next probe is due in ps, or INT64_MAX.
int64_t braid_probe_deadline(const BraidPathState& state, int64_t now);
// A probe on `path` was answered. True when the path became good again.
bool braid_probe_answered(BraidPathState& state, const Profile& profile, uint8_t path, int64_t now);

}  // namespace windtunnel::braid
