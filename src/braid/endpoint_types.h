// What the endpoint's interface speaks of: ids, work, completions, counters, views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/id.h"
#include "base/units.h"

namespace windtunnel::braid {

// index() of a QpId is the low 16 bits of the queue pair number that other NICs put into
// Packet::dest_qp; the upper 8 count the lives of that index, from 1 to 255 and round again. A
// packet for an earlier life is ignored. A driver that tells connections apart by other means may
// leave them zero: whoever lives then gets the packet.
using QpId = base::Id<struct QpTag>;
inline constexpr uint32_t kQpIndexBits = 16;
using PdId = base::Id<struct PdTag>;
using RegionId = base::Id<struct RegionTag>;

enum class QpState : uint8_t {
  kInit,   // created; connect() is next
  kReady,  // sends and receives
  kError,  // retries exhausted or refused by the peer; all work has been flushed
  kDestroyed,
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
  uint32_t qp = 0;           // number of the queue pair with its life, 24 bits
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
  uint64_t probes_sent = 0;      // tail probes and path probes
  uint64_t timeouts = 0;         // times a retransmission timer found lost packets
  uint64_t losses = 0;           // packets declared lost by timer or out-of-order threshold
  uint64_t paths_suspected = 0;  // kBraid: times a path became bad
  uint64_t paths_restored = 0;
  uint64_t planes_suspected = 0;  // kBraid: times all paths of a plane became bad at once
  uint64_t refused = 0;           // access violations and missing resources, as receiver
  uint64_t ignored = 0;           // malformed or stale packets
  uint64_t control_dropped = 0;   // control queue at its maximum
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
  bool frozen = false;        // path exploration
  bool no_good_path = false;  // kBraid: data rotates over bad paths in every plane
};

}  // namespace windtunnel::braid
