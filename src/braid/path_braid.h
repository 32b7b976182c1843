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

PathHealth braid_path_health(const BraidPathState& state, uint32_t path);
// Paths of a plane in the active set; swapping in a backup keeps the number.
uint32_t braid_active_paths(const BraidPathState& state, const Profile& profile, uint32_t plane);
void braid_deny(BraidPathState& state, const Profile& profile, uint32_t path, bool denied,
                int64_t now);

// The next probe that is due, or -1; counts as sent.
int braid_probe_due(BraidPathState& state, const Profile& profile, int64_t now);
// When the next probe is due in ps, or INT64_MAX.
int64_t braid_probe_deadline(const BraidPathState& state, int64_t now);
// A probe on `path` was answered. True when the path became good again.
bool braid_probe_answered(BraidPathState& state, const Profile& profile, uint8_t path, int64_t now);

}  // namespace windtunnel::braid
