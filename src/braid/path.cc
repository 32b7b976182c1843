#include "braid/path.h"

#include <bit>

#include "braid/path_braid.h"

namespace windtunnel::braid {

namespace {

constexpr uint8_t kPenaltyMarked = 1;
constexpr uint8_t kPenaltyTrimmed = 4;
constexpr uint8_t kPenaltyMax = 15;
constexpr uint8_t kExploreAfterFreeze = 16;

bool in_planes(uint32_t path, const Profile& profile, PlaneSet planes) {
  return (planes >> (path & profile.plane_mask) & 1) != 0;
}

// The same path in an allowed plane: its own if it may be used, else the next one up.
uint8_t into_planes(uint32_t path, const Profile& profile, PlaneSet planes) {
  while (!in_planes(path, profile, planes)) {
    path = (path & ~profile.plane_mask) | ((path + 1) & profile.plane_mask);
  }
  return static_cast<uint8_t>(path);
}

uint32_t here(const PathWalk& walk, const Profile& profile) {
  return (walk.position ^ walk.key) & profile.entropy_mask;
}

void step(PathWalk& walk, const Profile& profile, base::RandomStream& stream) {
  if (++walk.position < profile.config.paths) return;
  walk.position = 0;
  walk.key = static_cast<uint16_t>(stream.below_fast(profile.config.paths));
}

uint8_t next_oblivious(PathWalk& walk, const Profile& profile, PlaneSet planes,
                       base::RandomStream& stream) {
  const uint32_t path = here(walk, profile);
  step(walk, profile, stream);
  return into_planes(path, profile, planes);
}

// Only the first path looked at pays off one of its penalties; the walk then goes on to a path
// that has none, or gives up after a round.
uint8_t next_bitmap(BitmapState& state, const Profile& profile, PlaneSet planes,
                    base::RandomStream& stream) {
  uint32_t path = into_planes(here(state.walk, profile), profile, planes);
  uint32_t penalty = state.penalties.get(path);
  if (penalty > 0) state.penalties.put(path, penalty - 1);
  for (uint32_t tried = 0; penalty > 0 && tried < profile.config.paths; ++tried) {
    step(state.walk, profile, stream);
    path = into_planes(here(state.walk, profile), profile, planes);
    penalty = state.penalties.get(path);
  }
  step(state.walk, profile, stream);
  return static_cast<uint8_t>(path);
}

void feedback_bitmap(BitmapState& state, uint8_t path, PathFeedback feedback) {
  uint32_t penalty = state.penalties.get(path);
  switch (feedback) {
    case PathFeedback::kClean:
      return;
    case PathFeedback::kMarked:
      penalty += kPenaltyMarked;
      break;
    case PathFeedback::kTrimmed:
      penalty += kPenaltyTrimmed;
      break;
    case PathFeedback::kLost:
      penalty = kPenaltyMax;
      break;
  }
  state.penalties.put(path, penalty < kPenaltyMax ? penalty : kPenaltyMax);
}

uint8_t random_path(const Profile& profile, PlaneSet planes, base::RandomStream& stream) {
  return into_planes(stream.below_fast(profile.config.paths), profile, planes);
}

// Frozen, only cached paths are used as long as there are any: -1 when they are in other planes.
int next_reps(RepsState& state, const Profile& profile, const PlaneChoice& planes,
              base::RandomStream& stream) {
  if (state.explore > 0) {
    --state.explore;
    return random_path(profile, planes.now, stream);
  }
  const int found = state.frozen ? state.ring.take_frozen(planes.now, profile.plane_mask)
                                 : state.ring.take_oldest(planes.now, profile.plane_mask);
  if (found >= 0) return found;
  if (state.frozen && state.ring.holds(planes.usable, profile.plane_mask)) return -1;
  return random_path(profile, planes.now, stream);
}

void feedback_reps(RepsState& state, const Profile& profile, uint8_t path, PathFeedback feedback,
                   int64_t now) {
  if (feedback == PathFeedback::kLost && !state.frozen && state.explore == 0) {
    state.frozen = true;
    state.frozen_until = now + profile.freeze;
  }
  if (state.frozen && now > state.frozen_until) {
    state.frozen = false;
    state.ring = RepsRing{};
    state.explore = kExploreAfterFreeze;
  }
  if (feedback == PathFeedback::kClean) state.ring.add(path);
}

uint8_t next_mixed(MixedState& state, const Profile& profile, PlaneSet planes,
                   base::RandomStream& stream) {
  const int recycled = state.recycled.pop();
  if (recycled >= 0) return into_planes(static_cast<uint32_t>(recycled), profile, planes);
  return next_bitmap(state.bitmap, profile, planes, stream);
}

}  // namespace

void RepsRing::add(uint8_t value) {
  path[head] = value;
  valid = static_cast<uint8_t>(valid | 1u << head);
  head = (head + 1) % kSize;
  if (filled < kSize) ++filled;
}

int RepsRing::take_oldest(PlaneSet planes, uint32_t plane_mask) {
  if (valid == 0) return -1;
  // From `head` on, entries go from the oldest to the newest.
  const auto by_age = static_cast<uint32_t>(std::rotr(valid, head));
  for (uint32_t rest = by_age; rest != 0; rest &= rest - 1) {
    const uint32_t at = (head + static_cast<uint32_t>(std::countr_zero(rest))) % kSize;
    if ((planes >> (path[at] & plane_mask) & 1) == 0) continue;
    valid = static_cast<uint8_t>(valid & ~(1u << at));
    return path[at];
  }
  return -1;
}

int RepsRing::take_frozen(PlaneSet planes, uint32_t plane_mask) {
  for (uint32_t tried = 0; tried < filled; ++tried) {
    const uint32_t at = frozen_at < filled ? frozen_at : 0;
    frozen_at = static_cast<uint8_t>((at + 1) % filled);
    if ((planes >> (path[at] & plane_mask) & 1) == 0) continue;
    valid = static_cast<uint8_t>(valid & ~(1u << at));
    return path[at];
  }
  return -1;
}

bool RepsRing::holds(PlaneSet planes, uint32_t plane_mask) const {
  for (uint32_t at = 0; at < filled; ++at) {
    if ((planes >> (path[at] & plane_mask) & 1) != 0) return true;
  }
  return false;
}

// Closes the gap so that the ring holds no trace of the path, in frozen mode either.
void RepsRing::purge(uint8_t value) {
  RepsRing kept;
  const uint32_t oldest = filled == kSize ? head : 0;
  for (uint32_t i = 0; i < filled; ++i) {
    const uint32_t at = (oldest + i) % kSize;
    if (path[at] == value) continue;
    const bool fresh_entry = (valid >> at & 1) != 0;
    kept.add(path[at]);
    if (!fresh_entry) kept.valid = static_cast<uint8_t>(kept.valid & ~(1u << (kept.filled - 1)));
  }
  *this = kept;
}

void RecycleQueue::push(uint8_t value) {
  path[(head + count) % kSize] = value;
  if (count < kSize) {
    ++count;
  } else {
    head = static_cast<uint8_t>((head + 1) % kSize);
  }
}

int RecycleQueue::pop() {
  if (count == 0) return -1;
  const int value = path[head];
  head = static_cast<uint8_t>((head + 1) % kSize);
  --count;
  return value;
}

void path_init(PathState& state, const Profile& profile, base::RandomStream& stream) {
  state.entropy_base = static_cast<uint16_t>(stream.below_fast(1u << 16) & ~profile.entropy_mask);
  const uint32_t paths = profile.config.paths;
  const PathWalk start = {0, static_cast<uint16_t>(stream.below_fast(paths))};
  switch (profile.config.path_selection) {
    case PathSelection::kOnePath:
    case PathSelection::kOblivious:
      state.oblivious = start;
      return;
    case PathSelection::kBitmap:
      state.bitmap = BitmapState{start, {}};
      return;
    case PathSelection::kReps:
      state.reps = RepsState{};
      return;
    case PathSelection::kMixed:
      state.mixed = MixedState{{start, {}}, {}};
      return;
    case PathSelection::kBraid:
      braid_path_init(state.braid, profile, start);
      return;
  }
}

// HOT
int path_next(PathState& state, const Profile& profile, const PlaneChoice& planes,
              base::RandomStream& stream) {
  switch (profile.config.path_selection) {
    case PathSelection::kOnePath:
      return into_planes(state.oblivious.key, profile, planes.now);
    case PathSelection::kOblivious:
      return next_oblivious(state.oblivious, profile, planes.now, stream);
    case PathSelection::kBitmap:
      return next_bitmap(state.bitmap, profile, planes.now, stream);
    case PathSelection::kReps:
      return next_reps(state.reps, profile, planes, stream);
    case PathSelection::kMixed:
      return next_mixed(state.mixed, profile, planes.now, stream);
    case PathSelection::kBraid:
      return braid_path_next(state.braid, profile, planes, stream);
  }
  return 0;
}

// HOT
void path_feedback(PathState& state, const Profile& profile, uint8_t path, PathFeedback feedback,
                   int64_t now) {
  switch (profile.config.path_selection) {
    case PathSelection::kOnePath:
    case PathSelection::kOblivious:
      return;
    case PathSelection::kBitmap:
      feedback_bitmap(state.bitmap, path, feedback);
      return;
    case PathSelection::kReps:
      feedback_reps(state.reps, profile, path, feedback, now);
      return;
    case PathSelection::kMixed:
      feedback_bitmap(state.mixed.bitmap, path, feedback);
      if (feedback == PathFeedback::kClean) state.mixed.recycled.push(path);
      return;
    case PathSelection::kBraid:
      braid_path_feedback(state.braid, profile, path, feedback, now);
  }
}

}  // namespace windtunnel::braid
