// The state of one episode while it runs: two engines, their memories, the work between them and
// the second bookkeeping. Plain data; the driver (braid_drama.h) moves it, the judges
// (braid_judges.h) look at it and report the first broken invariant to fail().
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "braid/profile.h"
#include "tests/braid_channel.h"
#include "tests/braid_coverage.h"
#include "tests/braid_episode.h"
#include "tests/braid_image.h"
#include "tests/braid_models.h"
#include "tests/braid_tap.h"

namespace windtunnel::braid_hostile {

// What must hold whatever the network does; the first sixteen are the transport's own list.
enum class Invariant : uint8_t {
  kPlacement = 1,         // bytes only inside granted ranges, right, once
  kCompletions = 2,       // one per request, in order, not before its bytes
  kPsnWindow = 3,         // una <= cumulative <= next <= una + range; receiver within its range
  kInFlight = 4,          // sent, neither acknowledged nor declared lost
  kWindow = 5,            // new data fits the window; MTU <= window <= maximum
  kSackBits = 6,          // a clear bit proves nothing, a set bit is for ever
  kStale = 7,             // old and repeated feedback changes nothing
  kBadPaths = 8,          // no data on bad or denied paths while there are others
  kPlanes = 9,            // planes balanced; a down port is not used
  kFrozen = 10,           // frozen: only paths that were acknowledged clean
  kImmediates = 11,       // writes with immediate under way within the limit
  kLiveness = 12,         // all work ends; unacknowledged data has a timer
  kRetransmissions = 13,  // one per loss event
  kCodec = 14,            // round trip; garbage changes nothing
  kDeterminism = 15,      // same story, same packets
  kPool = 16,             // blocks returned at idle
  kContract = 17,         // what else the header promises: dispositions, hints, counters, posting
};
std::string_view name_of(Invariant invariant);

struct Violation {
  Invariant invariant = Invariant::kContract;
  std::string text;
  int64_t at_ns = 0;  // since the story began
};

// One work request. `sink` is where its bytes land, `source` where they come from: for a read the
// sink is at the side that posted it.
struct Job {
  WorkItem item;
  uint64_t id = 0;
  uint64_t source = 0;
  uint64_t sink = 0;
  uint32_t sink_key = 0;
  uint32_t source_key = 0;
  uint64_t placed = 0;  // bytes
  bool posted = false;
  uint32_t life = 0;                              // of the queue pair, when it was posted
  std::optional<braid::CompletionStatus> status;  // once completed
  bool announced = false;                         // kReceiveImm seen at the peer

  uint8_t sink_side() const {
    return item.verb == WorkVerb::kRead ? item.side : static_cast<uint8_t>(1 - item.side);
  }
  uint8_t source_side() const { return static_cast<uint8_t>(1 - sink_side()); }
};

// A queue pair number that nobody has.
inline constexpr uint32_t kNobody = 0xfffff0;

struct QueuePair {
  braid::QpId id;
  uint32_t number = kNobody;     // what the peer calls it; kNobody while it is destroyed
  std::vector<uint32_t> former;  // its numbers in earlier lives
  uint32_t lives = 1;            // begun; work of earlier ones may end in any failure
  uint32_t peer_number = 0;
  uint32_t pd = 0;
  uint32_t range = 0;
  uint32_t write_imm_limit = 0;
  braid::QpView view;  // as of the last call
  SenderModel sender;
  ReceiverModel receiver;
  std::vector<uint32_t> waiting;  // jobs to be posted, by time; `posted` of them have been
  size_t posted = 0;
  size_t completed = 0;
  size_t announced = 0;  // cursor over the peer's `waiting`: kReceiveImm up to here
  std::optional<braid::CompletionStatus> failure;
  Time progress;                     // last time something new was acknowledged or sent after quiet
  uint32_t peer_ports_down = 0;      // as the latest notification to this queue pair said
  std::vector<uint32_t> immediates;  // PSNs of last packets of writes with immediate under way
  std::bitset<256> clean;            // paths acknowledged without a mark since they were last bad
  uint32_t praises = 0;              // acknowledgements and the like that called a path good
  // Number of the last praise that put a path into the ring for certain; 0: none did.
  std::array<uint32_t, 256> cached{};
  std::bitset<256> stained;  // paths that have been bad or denied
};

struct Side {
  Side(std::shared_ptr<const braid::Profile> profile, base::RandomStream stream, Sabotage sabotage,
       uint8_t index)
      : tap(std::move(profile), stream, sabotage), image(index) {}

  Tap tap;
  Image image;
  std::vector<braid::PdId> pds;
  std::vector<QueuePair> qps;
  braid::QpId idle_qp;            // created, never connected
  std::vector<uint32_t> targets;  // region per queue pair that peers may write
  std::vector<uint32_t> sinks;    // jobs whose bytes land here, by address
  uint32_t ports_down = 0;
  uint64_t nacks_obeyed = 0;  // that spoke of a last transmission
  uint64_t bytes_sent = 0;
  uint64_t packets_sent = 0;
  uint64_t retransmissions = 0;
  uint64_t placed_packets = 0;
};

class Stage {
 public:
  Stage(const Episode& episode, Sabotage sabotage);

  void fail(Invariant invariant, std::string text);
  bool failed() const { return violation.has_value(); }

  Side& side(int index) { return *sides[static_cast<size_t>(index)]; }
  // Queue pair of `side` that the peer calls `number`, or null.
  QueuePair* by_number(int side, uint32_t number);
  // The one that a job concerns.
  QueuePair* by_job(int side, uint64_t id);
  // Whether a queue pair of `side` had this number in an earlier life.
  bool was_called(int side, uint32_t number) const;
  // Queue pair of `side` whose peer is called `number`; its index, or -1.
  int index_by_peer(int side, uint32_t number) const;
  // The job whose sink on `side` holds all of [address, address + length); null when none does.
  Job* job_at(int side, uint64_t address, uint64_t length);
  // The operator ends one half of a queue pair; renew() ends the other half as well and connects
  // two new ones in their place.
  void destroy(int side, uint32_t qp);
  void renew(uint32_t qp);
  // Wire bytes the engine accounts a numbered packet with.
  int64_t accounted(const braid::Packet& packet) const;
  braid::PathHealth health(int side, uint32_t qp, uint32_t path) const;

  const Episode& episode;
  const Surroundings around;
  const bool trusted;
  const bool in_order;  // control packets of one direction cannot overtake each other
  const Sabotage sabotage;
  std::shared_ptr<const braid::Profile> profile;  // of side 0; the sides differ in limits only
  std::array<std::unique_ptr<Side>, 2> sides;
  std::unique_ptr<Channel> channel;
  std::vector<Job> jobs;
  Time now;
  std::optional<Violation> violation;
  Coverage coverage;
  uint64_t trace = 0;  // hash of everything observable

 private:
  void open_engines();
  void open_queue_pairs();
  void connect(uint32_t qp);
};

// Registers memory for all jobs of the episode and lines them up (braid_allot.cc).
void allot_memory(Stage& stage);

}  // namespace windtunnel::braid_hostile
