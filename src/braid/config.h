// How one endpoint (one NIC) is set up, and the constants derived from it. Everything here is fixed
// before the first packet; the endpoints of a run share one Profile.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.h"
#include "base/units.h"
#include "braid/packet.h"

namespace windtunnel::braid {

enum class CongestionControl : uint8_t {
  kNscc,         // sender window: delay, ECN, trims (UET NSCC)
  kRccc,         // receiver credits only (UET RCCC)
  kNsccAndRccc,  // both must allow
  kDctcp,        // additive increase, cut by a third of the marked bytes
  kConstant,     // window never moves
};

enum class PathSelection : uint8_t {
  kOnePath,    // one random path for the life of the queue pair
  kOblivious,  // every path once per round, order re-drawn each round
  kBitmap,     // oblivious, skipping paths that collected penalties
  kReps,       // recycles paths of clean acknowledgements, 8-entry ring, random when dry
  kMixed,      // recycles first, bitmap when dry
  kBraid,      // ring first, health states and plane balance when dry; probes, backups, freeze
};

enum class LossRecovery : uint8_t {
  kTimeoutOnly,  // NACKs and timeouts, as the reference simulator without its extension
  kFast,         // also the out-of-order threshold and a tail probe
};

// Counters of queue pairs are as narrow as these allow.
inline constexpr uint32_t kPsnRangeMax = 2048;
inline constexpr uint32_t kWriteImmLimitMax = 64;
inline constexpr uint32_t kReadLimitMax = 64;
inline constexpr uint32_t kRetryLimitMax = 63;
inline constexpr uint32_t kQpsMax = 65'536;

// Invariant after validate(): every rule below holds. Durations of zero mean "derive".
struct EndpointConfig {
  base::Rate line_rate = base::Rate::gbps(400);  // of the whole NIC, all ports together
  uint32_t planes = 1;                           // NIC ports, each in its own plane; 1 to 8
  base::Bytes mtu = base::Bytes(4096);           // header included
  WireProfile wire;

  // Unloaded round trip of a full data packet, assumed until a shorter one is measured.
  base::Duration base_rtt = base::Duration::us(12);
  // Longest unloaded round trip in the network: scales NSCC. Zero: base_rtt.
  base::Duration network_rtt = base::Duration::zero();
  // NSCC's target queueing delay. Zero: 3/4 of network_rtt with trimming, else network_rtt.
  base::Duration target_delay = base::Duration::zero();
  bool trimming = true;  // switches cut payloads instead of dropping

  CongestionControl congestion = CongestionControl::kNscc;
  base::Bytes initial_window;  // zero: the maximum window
  base::Bytes maximum_window;  // zero: 1.5 bandwidth-delay products of the measured base RTT
  bool quick_adapt = true;
  uint32_t quick_adapt_gate = 3;  // cut only if less than maximum / 2^gate arrived; 0 to 15
  bool ecn = true;                // false: marks are neither echoed nor acted upon

  PathSelection path_selection = PathSelection::kBraid;
  uint32_t paths = 256;       // 1 to 256; a power of two for kOblivious, kBitmap, kMixed
  uint32_t backup_paths = 0;  // kBraid: more paths, used in place of bad ones; sum <= 256
  // How long exploration stays frozen. Zero: 100 us for kBraid, 10 ms for kReps.
  base::Duration freeze = base::Duration::zero();
  uint32_t probe_successes = 3;  // kBraid: answers before a bad path is trusted again; 1 to 15

  base::Bytes ack_threshold = base::Bytes(16'384);  // received wire bytes per SACK; 1: every packet
  base::Duration rto_min = base::Duration::us(100);
  uint32_t retry_limit = 16;  // timeouts in a row without progress before the queue pair fails
  LossRecovery loss_recovery = LossRecovery::kFast;

  // First PSN of every queue pair, for tests of wrapping; empty: random per queue pair.
  std::optional<uint32_t> initial_psn;
  uint32_t psn_range = 512;      // packets tracked per direction: 128 to 2,048, a power of two
  uint32_t write_imm_limit = 8;  // writes with immediate under way per queue pair; 1 to 64
  uint32_t read_limit = 8;       // reads under way per queue pair; 0 (none) to 64
  uint32_t max_qps = 16;         // 1 to 65,536
  uint32_t max_active_qps = 0;   // with work or reordering under way; zero: max_qps
  // Posted and not polled for, of all queue pairs, receptions with immediate included; zero:
  // 8 * max_qps. At 64 B each; read_limit * max_qps + 1 more are kept for what arrives.
  uint32_t work_requests = 0;
  uint32_t control_queue = 8;         // control packets waiting for the port before it must grow
  uint32_t control_queue_max = 4096;  // power of two; beyond it acknowledgements are dropped

  // RCCC: share of the line rate that is granted. The reference uses 0.99.
  base::Ratio credit_rate = {.part = 99, .whole = 100};
  // RCCC: > 1 lets the receiver slow its credits when ECN and trims say that the network above it
  // is oversubscribed by this factor.
  base::Ratio oversubscription = {.part = 1, .whole = 1};

  // Every rule that is broken is an error naming the field, what was found, what is allowed.
  base::Status validate() const;
};

}  // namespace windtunnel::braid
