// Braid's endpoint: the transport of one NIC as a state machine without clock, socket or thread.
//
// The driver (a simulated NIC or a UDP process) calls in, with a time that never runs backwards:
//
//     post_write / post_read      work arrives                       -> then transmit
//     receive(now, packet, ...)   a packet arrived                   -> place payload, then
//     transmit expire(now)                 now has reached next_timeout()     -> then transmit
//     transmit(now, out)          a port is free: what leaves now?   -> send it at once
//     poll(...)                   completions, any time
//
// After each of the first three, next_timeout() may have changed. transmit() stamps the packet
// with `now` and chooses its path, so a packet it returned must go out and not be queued again.
//
// Memory: the constructor and create_qp, create_pd, register_memory allocate; nothing else does,
// except that the queue of waiting control packets doubles when it reaches a new high-water mark
// (EndpointConfig::control_queue sets where it starts). A queue pair keeps 512 B for life; while it
// has unacknowledged packets, packets out of order or work, it also holds a block from a pool of
// max_active_qps blocks: 1,088 B for a PSN range of 512, about 1.7 B more for each PSN more.
//
// Not thread-safe; endpoints share nothing but the constant Profile. Errors of the caller are
// Results; packets of peers, however malformed, are counted and ignored, never a failed check.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/id.h"
#include "base/random.h"
#include "base/result.h"
#include "base/units.h"
#include "braid/config.h"
#include "braid/packet.h"

namespace windtunnel::braid {

// index() of a QpId is the queue pair number other NICs put into Packet::dest_qp.
using QpId = base::Id<struct QpTag>;
using PdId = base::Id<struct PdTag>;
using RegionId = base::Id<struct RegionTag>;

enum class QpState : uint8_t {
  kInit,   // created; connect() is next
  kReady,  // sends and receives
  kError,  // retries exhausted or refused by the peer; all work has been flushed
};

// Rights of a memory region, or-ed together.
struct Access {
  static constexpr uint8_t kLocalWrite = 1;   // responses to our own reads may land here
  static constexpr uint8_t kRemoteWrite = 2;  // peers may write
  static constexpr uint8_t kRemoteRead = 4;   // peers may read
};

// lkey and rkey are the same number here: the region's index and a random tag that changes each
// time the slot is used again, so a stale key never opens a new region.
struct MemoryRegion {
  RegionId id;
  uint32_t lkey = 0;
  uint32_t rkey = 0;
};

// What two queue pairs tell each other out of band before they connect.
struct PeerAttributes {
  uint32_t qp = 0;           // number of the queue pair, 24 bits
  uint32_t initial_psn = 0;  // first PSN that it will send
  uint32_t psn_range = 512;  // the smaller of the two is used
  uint32_t write_imm_limit = 8;
  uint32_t read_limit = 8;
  base::Bytes payload;  // payload bytes of a full packet; must agree
  // Unloaded round trip to this peer, if known better than EndpointConfig::base_rtt; zero: not.
  base::Duration base_rtt = base::Duration::zero();
};

// Copies `length` bytes from `local` here to `remote` there. A length of zero is allowed: one
// packet without payload. With an immediate, the peer gets a kReceiveImm completion.
struct WriteWork {
  uint64_t work_id = 0;
  uint64_t local = 0;
  uint64_t remote = 0;
  uint32_t rkey = 0;
  uint64_t length = 0;  // up to 2^40
  std::optional<uint32_t> immediate;
};

// Copies `length` bytes from `remote` there to `local` here, which `lkey` must cover with
// kLocalWrite. The responder reads after every earlier packet of this queue pair has arrived.
struct ReadWork {
  uint64_t work_id = 0;
  uint64_t local = 0;
  uint32_t lkey = 0;
  uint64_t remote = 0;
  uint32_t rkey = 0;
  uint64_t length = 0;  // 1 to 2^40
};

enum class CompletionKind : uint8_t { kWrite, kRead, kReceiveImm };
enum class CompletionStatus : uint8_t {
  kSuccess,
  kRetryExceeded,  // no progress within the retry limit; first work request of the queue pair
  kRemoteAccess,   // the peer refused the key, bounds or right; first work request
  kFlushed,        // behind one that failed, or posted to a failed queue pair
};

// Exactly one per posted work request, in the order of posting within a queue pair; and one
// kReceiveImm per write with immediate that arrived, in the order in which the peer posted them,
// each only after all bytes of that write and of every earlier one have been placed.
struct Completion {
  uint64_t work_id = 0;  // of the request; zero for kReceiveImm
  uint64_t length = 0;   // bytes moved; of the whole message for kReceiveImm
  uint32_t immediate = 0;
  QpId qp;
  CompletionKind kind = CompletionKind::kWrite;
  CompletionStatus status = CompletionStatus::kSuccess;
};

enum class Disposition : uint8_t {
  kPlaced,     // numbered packet accepted: copy `length` bytes (may be 0) to `address` now
  kDuplicate,  // numbered packet that was here before: place nothing
  kTrimmed,    // payload missing: a NACK will go out
  kRefused,    // no access or no resources: a NACK will go out
  kControl,    // acknowledgement, credit, probe or port status that was understood
  kIgnored,    // malformed, unknown queue pair, outside the PSN range, or stale: nothing changed
};

// What the driver has to do after receive(): at most one copy, before the next call into the
// endpoint (acknowledgements promise that the bytes are in memory).
struct Received {
  Disposition disposition = Disposition::kIgnored;
  uint32_t length = 0;
  uint64_t address = 0;
  bool place() const { return disposition == Disposition::kPlaced && length > 0; }
};

// Totals since construction. "Packets" are numbered packets unless said otherwise.
struct EndpointCounters {
  uint64_t packets_sent = 0;  // first transmissions and retransmissions
  uint64_t bytes_sent = 0;    // their wire bytes
  uint64_t retransmissions = 0;
  uint64_t packets_delivered = 0;  // accepted at this receiver
  uint64_t bytes_delivered = 0;    // their payload bytes
  uint64_t duplicates = 0;
  uint64_t trimmed_received = 0;
  uint64_t marked_received = 0;  // arrived with ECN
  uint64_t sacks_sent = 0;
  uint64_t sacks_received = 0;
  uint64_t nacks_sent = 0;
  uint64_t nacks_received = 0;  // that named an outstanding packet
  uint64_t credits_sent = 0;
  uint64_t credit_requests_sent = 0;
  uint64_t probes_sent = 0;
  uint64_t timeouts = 0;         // times a retransmission timer found lost packets
  uint64_t losses = 0;           // packets declared lost by timer or out-of-order threshold
  uint64_t paths_suspected = 0;  // kBraid: times a path became bad
  uint64_t paths_restored = 0;
  uint64_t refused = 0;          // access violations and missing resources, as receiver
  uint64_t ignored = 0;          // malformed or stale packets
  uint64_t control_dropped = 0;  // control queue at its maximum
};

enum class PathHealth : uint8_t {
  kGood,
  kSkip,    // congested: passed over once
  kBad,     // lost a packet untrimmed: probes only
  kDenied,  // switched off by the operator
};

// A look at one queue pair, for tests, traces and reports; not for the hot path.
struct QpView {
  QpState state = QpState::kInit;
  uint32_t oldest_unacked_psn = 0;  // 24 bits, as the next three
  uint32_t next_psn = 0;            // first never sent
  uint32_t expected_psn = 0;        // receiver: every earlier one has arrived
  uint32_t highest_psn = 0;         // receiver: one past the highest arrived
  uint32_t psn_range = 0;
  uint32_t waiting_retransmission = 0;  // packets
  uint32_t out_of_order = 0;            // receiver: packets beyond expected_psn
  uint32_t write_imm_in_flight = 0;     // sender
  uint32_t timeouts_in_row = 0;
  base::Bytes in_flight;
  base::Bytes window;
  base::Bytes window_maximum;
  base::Bytes backlog;  // wire bytes posted and never sent
  base::Bytes credit;   // RCCC: may be negative by less than one MTU
  base::Duration base_rtt;
  base::Duration average_delay;
  bool holds_block = false;
  bool frozen = false;  // path exploration
};

inline constexpr uint32_t kAnyPort = 0xffffffff;

class EndpointImpl;

class Endpoint {
 public:
  // `config` must satisfy validate(): checked. `stream` feeds every random choice.
  Endpoint(const EndpointConfig& config, base::RandomStream stream);
  // The same with a profile from make_profile(), shared by all NICs of a run: it is constant, and
  // one copy stays in the cache where thousands would not.
  Endpoint(std::shared_ptr<const struct Profile> profile, base::RandomStream stream);
  ~Endpoint();
  Endpoint(Endpoint&&) noexcept;
  Endpoint& operator=(Endpoint&&) noexcept;

  // --- set-up; these may allocate -------------------------------------------------------------
  PdId create_pd();
  // Fails for an unknown domain, an empty or wrapping range, or no rights at all.
  base::Result<MemoryRegion> register_memory(PdId pd, uint64_t address, uint64_t length,
                                             uint8_t access);
  // From now on the key opens nothing: packets that name it are refused. Fails if unknown.
  base::Status invalidate(RegionId region);
  // Fails when max_qps exist or the domain is unknown.
  base::Result<QpId> create_qp(PdId pd);
  // What to hand to the peer's connect(). The initial PSN is random.
  PeerAttributes attributes(QpId qp) const;
  // kInit -> kReady. Fails in another state, or when the payload sizes or ranges do not fit.
  base::Status connect(QpId qp, const PeerAttributes& peer);
  // Operator's deny list for one path of a queue pair (kBraid; fails with other selections).
  base::Status deny_path(QpId qp, uint32_t path, bool denied);

  // --- work -----------------------------------------------------------------------------------
  // Both fail when the queue pair is kInit, the length is out of bounds, no work request is free
  // (poll() frees them) or no block is free (max_active_qps). In kError they succeed and the work
  // completes as kFlushed.
  base::Status post_write(QpId qp, const WriteWork& work);
  base::Status post_read(QpId qp, const ReadWork& work);
  // Work requests that can still be posted before poll() must free some.
  uint32_t work_requests_free() const;
  // Moves up to completions.size() completions out; returns how many. Never allocates.
  size_t poll(std::span<Completion> completions);

  // --- packets and time -----------------------------------------------------------------------
  // The RETH range, key, domain and right are checked before kPlaced is answered.
  Received receive(base::Time now, const Packet& packet, Arrival arrival);
  // The next packet to leave by `port` (kAnyPort: by any that is up; out.port says which), or false
  // when nothing may be sent now. Control goes before data, but while both wait every eleventh
  // packet is data. Data: one packet per queue pair in turn (deficit round robin of one MTU).
  bool transmit(base::Time now, Packet& out, uint32_t port = kAnyPort);
  // Whether control packets wait; has_data(): whether some queue pair may be ready (a hint:
  // transmit() may still return false, but never has a packet when both are false).
  bool has_control() const;
  bool has_data() const;
  // When expire() must be called at the latest; Time::max() when no timer runs. It may be earlier
  // than necessary (deadlines are corrected when they fire), never later.
  base::Time next_timeout() const;
  // Runs everything due at `now`. Harmless when nothing is.
  void expire(base::Time now);
  // Port up or down as the NIC sees it. Paths of a down port are not used from the next packet on,
  // and every connected peer is told.
  void port_status(uint32_t port, bool up);
  // Host back pressure: peers shrink their windows by newly received bytes * penalty / 255 at each
  // acknowledgement. Zero: none.
  void set_receiver_penalty(uint8_t penalty);

  // --- looking in -----------------------------------------------------------------------------
  QpState qp_state(QpId qp) const;
  base::Bytes in_flight(QpId qp) const;  // sent, neither received nor declared lost; never negative
  base::Bytes cwnd(QpId qp) const;
  QpView view(QpId qp) const;
  PathHealth path_health(QpId qp, uint32_t path) const;  // kGood for policies without health
  // Paths in use in one plane (kBraid: without bad, denied and idle backup paths).
  uint32_t active_paths(QpId qp, uint32_t plane) const;
  const EndpointCounters& counters() const;
  uint32_t blocks_in_use() const;
  const struct Profile& profile() const;
  // Bytes this endpoint holds, split as the budget is stated.
  struct Footprint {
    size_t endpoint = 0;       // without queue pairs
    size_t per_qp = 0;         // resident
    size_t per_active_qp = 0;  // block
    size_t work_requests = 0;
  };
  Footprint footprint() const;

 private:
  std::unique_ptr<EndpointImpl> impl_;
};

// Derives the constants of a valid config (checked).
std::shared_ptr<const struct Profile> make_profile(const EndpointConfig& config);

// Path index of an entropy value, and the port (plane) the path belongs to.
uint32_t path_of(uint16_t entropy, const struct Profile& profile);
uint32_t port_of(uint16_t entropy, const struct Profile& profile);

}  // namespace windtunnel::braid
