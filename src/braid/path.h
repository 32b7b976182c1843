// Which path the next packet takes. A path is an index below 256 that the network hashes (the low
// bits of the packet's entropy); its low bits also name the plane, that is the NIC port. The index
// is chosen when the packet leaves, from what acknowledgements said about paths until then.
//
// Oblivious, bitmap, REPS and mixed follow the reference simulator; kBraid is ours
// (braid/path_braid.h): recycled paths first, then a walk over paths with health.
#pragma once

#include <array>
#include <cstdint>

#include "base/random.h"
#include "braid/profile.h"

namespace windtunnel::braid {

// Planes, one bit each.
using PlaneSet = uint32_t;

// Where the next packet may go: `usable` are the planes whose ports are up at both ends, `now`
// those of them whose port is free at this moment. Neither is empty. `avoid` is the plane a packet
// was lost on: the packet goes there only if no other usable plane has a good path.
struct PlaneChoice {
  PlaneSet now = 1;
  PlaneSet usable = 1;
  PlaneSet avoid = 0;
};

enum class PathFeedback : uint8_t {
  kClean,    // acknowledged without a mark
  kMarked,   // acknowledged, ECN
  kTrimmed,  // refused: trimmed inside the network
  kLost,     // declared lost: the path may be dead
};

// A walk that visits every path of a power-of-two set once per round, in an order that is re-drawn
// each round: counter xor key.
struct PathWalk {
  uint16_t position = 0;
  uint16_t key = 0;
};

// REPS (R1): the last eight paths that clean acknowledgements named. Outside frozen mode each is
// used once, oldest first; in frozen mode the ring is cycled, used or not.
struct RepsRing {
  static constexpr uint32_t kSize = 8;
  std::array<uint8_t, kSize> path = {};
  uint8_t valid = 0;   // bit per entry: not used since it was cached
  uint8_t head = 0;    // next to be written
  uint8_t filled = 0;  // entries ever written, up to 8
  uint8_t frozen_at = 0;

  void add(uint8_t value);
  // Oldest entry not used yet that lies in `planes`, or -1; it is used up.
  int take_oldest(PlaneSet planes, uint32_t plane_mask);
  // The next entry in `planes`, used or not, or -1.
  int take_frozen(PlaneSet planes, uint32_t plane_mask);
  // Whether any entry, used or not, lies in `planes`.
  bool holds(PlaneSet planes, uint32_t plane_mask) const;
  void purge(uint8_t value);
};

struct RepsState {
  RepsRing ring;
  bool frozen = false;
  uint8_t explore = 0;       // packets to send on random paths after a freeze
  int64_t frozen_until = 0;  // ps
};

// Penalties of 0 to 15 per path, two to a byte.
struct PenaltyMap {
  std::array<uint8_t, 128> nibbles = {};
  uint32_t get(uint32_t path) const { return nibbles[path >> 1] >> ((path & 1) * 4) & 15; }
  void put(uint32_t path, uint32_t value) {
    const uint32_t shift = (path & 1) * 4;
    const uint32_t kept = nibbles[path >> 1] & ~(15u << shift);
    nibbles[path >> 1] = static_cast<uint8_t>(kept | value << shift);
  }
};

struct BitmapState {
  PathWalk walk;
  PenaltyMap penalties;
};

// Paths to recycle, first in first out. The reference's list has no end; this one holds 52 and
// forgets the oldest, which in steady state (one path per acknowledgement) does not happen.
struct RecycleQueue {
  static constexpr uint32_t kSize = 52;
  std::array<uint8_t, kSize> path = {};
  uint8_t head = 0;
  uint8_t count = 0;
  void push(uint8_t value);
  int pop();  // -1 when empty
};

struct MixedState {
  BitmapState bitmap;
  RecycleQueue recycled;
};

// Health of each path for kBraid; functions in braid/path_braid.h.
struct BraidPathState {
  static constexpr uint32_t kProbeSlots = 8;
  struct ProbeSlot {
    uint8_t path = 0;
    uint8_t successes : 4 = 0;  // below probe_successes, which is 15 at most
    uint8_t backoff : 4 = 0;    // next wait is the first << backoff
  };
  struct PlaneWatch {
    uint16_t heard : 12 = 0;  // when an answer named a path of it, in 2^22 ps: 17 ms go round
    uint16_t silent : 4 = 0;  // packets lost since without a sign of life
  };
  std::array<uint64_t, 8> health = {};  // 2 bits per path: PathHealth
  std::array<uint64_t, 4> active = {};  // 1 bit per path: in use, not an idle backup
  std::array<ProbeSlot, kProbeSlots> probes = {};
  std::array<uint32_t, kProbeSlots> probe_due = {};  // coarse
  RepsRing ring;
  PathWalk walk;
  uint32_t bad_since = 0;     // when the first of `recently_bad` turned bad, coarse
  uint32_t frozen_until = 0;  // coarse
  uint8_t next_plane = 0;
  uint8_t recently_bad = 0;  // paths turned bad within one timeout
  bool frozen = false;
  uint8_t dry_planes = 0;     // planes without a good path, one bit each
  uint8_t dead_planes = 0;    // planes given up as a whole, the same; they count as dry
  uint8_t probes_in_use = 0;  // bit per slot
  std::array<PlaneWatch, 8> watch = {};
};

// Invariant: the member of the union that is alive is the one the profile's policy names.
struct PathState {
  PathState() : oblivious() {}

  uint16_t entropy_base = 0;  // random bits above the path index, fixed for life
  union {
    PathWalk oblivious;  // also one path: position is the path
    BitmapState bitmap;
    RepsState reps;
    MixedState mixed;
    BraidPathState braid;
  };
};

void path_init(PathState& state, const Profile& profile, base::RandomStream& stream);

// The path of the next packet, in one of `planes.now`; -1 (kReps, kBraid) when only another usable
// plane has a cached or good path, so that the packet should wait for that plane's port.
int path_next(PathState& state, const Profile& profile, const PlaneChoice& planes,
              base::RandomStream& stream);
void path_feedback(PathState& state, const Profile& profile, uint8_t path, PathFeedback feedback,
                   int64_t now);

}  // namespace windtunnel::braid
