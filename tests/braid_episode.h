// One hostile story for two Braid engines, as a list of items that can be left out one by one:
// settings of the engines and the network, work to be done, harm done by the network, deeds of the
// operator. A 64-bit seed draws the whole list; a failing story is reported as its seed and the
// numbers of the items that do not matter (tests/braid_shrink.h), which is all it takes to tell it
// again.
//
// Times are counted from the start of the story. Sides are 0 and 1.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/units.h"
#include "braid/config.h"

namespace windtunnel::braid_hostile {

using base::Bytes;
using base::Duration;
using base::Time;

// What a setting changes. Values are plain numbers: ps, bytes, bit/s, enumerators, counts.
enum class Field : uint8_t {
  kLineRate,
  kPlanes,
  kMtu,
  kTrueWire,
  kBaseRtt,
  kNetworkRtt,
  kTargetDelay,
  kTrimming,
  kCongestion,
  kInitialWindow,
  kMaximumWindow,
  kQuickAdapt,
  kQuickAdaptGate,
  kEcn,
  kPathSelection,
  kPaths,
  kBackupPaths,
  kFreeze,
  kProbeSuccesses,
  kAckThreshold,
  kRtoMin,
  kRetryLimit,
  kLossRecovery,
  kPsnRange,       // side 0
  kPsnRangePeer,   // side 1
  kWriteImmLimit,  // side 0
  kWriteImmLimitPeer,
  kReadLimit,  // side 0
  kReadLimitPeer,
  kMaxActiveQps,
  kWorkRequests,
  kControlQueueMax,
  kCreditRate,  // percent
  kOversubscription,
  kKnownRtt,      // base_rtt in the attributes handed to connect()
  kQueuePairs,    // 1 to kQueuePairsMax
  kStart,         // ps of the clock when the story begins
  kNearWrap,      // 1 and more: the initial PSNs are this far below 2^24
  kOnePortCall,   // 1: transmit(any port), 0: one call per port
  kThroughCodec,  // 1: every packet is encoded and decoded on its way
  kPathDelay,     // one way, ps
  kPathSpread,    // path p has up to this much more, ps
  kCount,
};

struct Setting {
  Field field = Field::kLineRate;
  int64_t value = 0;
};

enum class WorkVerb : uint8_t { kWrite, kWriteImm, kRead };
// What is wrong with a work request: nothing, or something the peer must refuse.
enum class WorkFault : uint8_t { kNone, kStaleKey, kForeignDomain, kOutOfBounds, kNoRight };

struct WorkItem {
  uint8_t side = 0;
  uint8_t qp = 0;
  WorkVerb verb = WorkVerb::kWrite;
  WorkFault fault = WorkFault::kNone;
  uint32_t length = 0;
  Duration at;
};

// What the network does to packets that a filter picks.
enum class Harm : uint8_t {
  kLoss,
  kDuplicate,  // delivered again up to `delay` later
  kDelay,      // up to `delay` later: reordering
  kTrim,       // payload cut off, header arrives early
  kLastHopTrim,
  kEcn,
  kCorrupt,     // bits of the encoded header flip
  kReplay,      // SACKs, NACKs and other control delivered again up to `delay` later
  kBottleneck,  // a queue of `delay` at the line rate / `value`, with ECN and trimming or drops
};

struct Impairment {
  Harm harm = Harm::kLoss;
  uint8_t directions = 3;  // bit s: packets that side s sent
  bool data = true;        // numbered packets
  bool control = true;     // the others
  uint16_t path_mask = 0;  // picks paths p with p & mask == value
  uint16_t path_value = 0;
  uint32_t ppm = 0;
  uint32_t value = 0;
  Duration delay;
  Duration from;
  Duration until;  // Duration::max(): to the end
};

enum class Deed : uint8_t {
  kPortDown,     // index: port
  kDenyPath,     // index: queue pair, value: path
  kInvalidate,   // index: queue pair; its target region dies
  kPenalty,      // value: receiver penalty between from and until
  kStallSend,    // the driver does not call transmit()
  kStallPoll,    // the driver does not call poll()
  kIdleExpire,   // expire() when nothing is due
  kForgeInert,   // packets that must change nothing; value: which kind
  kForgeRandom,  // well-formed packets with random fields: only memory stays safe
  kRenew,        // index: queue pair; destroyed at this side, at the end at both and made anew
};

struct Action {
  Deed deed = Deed::kPortDown;
  uint8_t side = 0;
  uint32_t index = 0;
  uint32_t value = 0;
  Duration from;
  Duration until;
};

using Item = std::variant<Setting, WorkItem, Impairment, Action>;

struct Episode {
  uint64_t seed = 0;
  std::vector<Item> items;
  std::vector<uint32_t> numbers;  // of each item in the whole draw

  // Everything after this moment is peaceful, but for harm without an end.
  Duration peace() const;
  // A forger holds valid numbers and keys: work may fail or lie, only memory safety counts.
  bool untrusted() const;
  bool has(Deed deed) const;
};

inline constexpr uint32_t kQueuePairsMax = 4;

// The whole story of a seed.
Episode draw_episode(uint64_t seed);
// Without the items whose numbers are listed.
Episode without(const Episode& episode, const std::vector<uint32_t>& dropped);

// Settings that are no part of an EndpointConfig.
struct Surroundings {
  uint32_t queue_pairs = 1;
  Time start;
  bool one_port_call = false;
  bool through_codec = false;
  Duration known_rtt;
  Duration path_delay = Duration::us(2);
  Duration path_spread;
};
Surroundings surroundings(const Episode& episode);
// A valid configuration whatever settings are left: sizes that do not fit are rounded until they
// do.
braid::EndpointConfig endpoint_config(const Episode& episode, int side);

std::string describe(const Item& item);
// One line per item, with its number.
std::string describe(const Episode& episode);

}  // namespace windtunnel::braid_hostile
