// Constants derived from an EndpointConfig, shared by all endpoints built alike. Read-only after
// make_profile(), so one copy serves every NIC of a run and stays in the cache.
#pragma once

#include <cstdint>
#include <memory>

#include "base/units.h"
#include "braid/config.h"

namespace windtunnel::braid {

// NSCC's constants (UET 1.0.3 section on sender congestion control, as resolved by the reference
// simulator): a = network BDP / (100 Gbit/s * 12 us); all sizes use the payload, not the MTU.
struct NsccConstants {
  int64_t target_delay = 0;       // ps
  int64_t network_rtt = 0;        // ps; also the delay a trimmed packet counts as
  int64_t quick_threshold = 0;    // ps: 4 * target_delay
  int64_t adjust_period = 0;      // ps: network_rtt
  int64_t adjust_bytes = 0;       // 8 MTU
  uint64_t proportional_q48 = 0;  // bytes of increase per byte and ps: 4 * payload * a / 12 us
  uint64_t fair_q16 = 0;          // 5 * payload * a
  uint64_t fast_q16 = 0;          // 0.25 * a
  int64_t eta = 0;                // bytes: 0.15 * payload * a
};

struct Profile {
  EndpointConfig config;
  uint32_t mtu = 0;
  uint32_t payload = 0;   // bytes of payload in a full packet
  uint32_t overhead = 0;  // header bytes a numbered packet is accounted with
  uint32_t psn_range = 0;
  int64_t rate = 0;      // bit/s
  int64_t base_rtt = 0;  // ps
  int64_t rto_min = 0;   // ps
  NsccConstants nscc;

  uint32_t total_paths = 0;   // paths and backups
  uint32_t entropy_mask = 0;  // low bits of an entropy value that hold the path index
  uint32_t plane_mask = 0;    // low bits of a path index that hold the plane
  uint32_t plane_bits = 0;
  int64_t freeze = 0;  // ps

  bool sender_window = false;     // a window limits the sender
  bool receiver_credits = false;  // credits limit the sender
  uint32_t credit_quanta_per_pull = 0;
  int64_t credit_ps_per_quantum = 0;
  int64_t credit_maximum = 0;  // bytes: 1.5 BDP

  uint32_t max_active_qps = 0;
  uint32_t work_requests = 0;
  uint32_t work_reserve = 0;  // work elements that posting cannot use up

  // Bandwidth-delay product and window maximum for a base RTT.
  int64_t bdp(int64_t rtt_ps) const;
  int64_t window_maximum(int64_t rtt_ps) const;
};

// Bytes of one credit quantum, as in UET.
inline constexpr uint32_t kCreditQuantumBits = 8;

// Derives the constants of a valid config (checked).
std::shared_ptr<const Profile> make_profile(const EndpointConfig& config);

// Path index of an entropy value, and the port (plane) the path belongs to.
uint32_t path_of(uint16_t entropy, const Profile& profile);
uint32_t port_of(uint16_t entropy, const Profile& profile);

}  // namespace windtunnel::braid
