#include "braid/profile.h"

#include <algorithm>
#include <bit>

#include "base/check.h"
#include "braid/codec.h"

namespace windtunnel::braid {

namespace {

using base::Int128;

// UET's reference network: 100 Gbit/s and 12 us.
constexpr int64_t kReferenceRtt = 12'000'000;
constexpr int64_t kReferenceBdp = 150'000;
// The reference simulator grants four of its default 4,096-byte payloads per pull.
constexpr uint32_t kBytesPerPull = 4 * 4096;

int64_t scaled(Int128 value, Int128 by, Int128 over) {
  return static_cast<int64_t>(value * by / over);
}

NsccConstants derive_nscc(const EndpointConfig& config, const Profile& profile) {
  NsccConstants c;
  c.network_rtt = config.network_rtt.ticks() > 0 ? config.network_rtt.ps() : config.base_rtt.ps();
  const int64_t derived = config.trimming ? c.network_rtt / 4 * 3 : c.network_rtt;
  c.target_delay = config.target_delay.ticks() > 0 ? config.target_delay.ps() : derived;
  c.quick_threshold = 4 * c.target_delay;
  c.adjust_period = c.network_rtt;
  c.adjust_bytes = int64_t{8} * profile.mtu;
  const Int128 bdp = profile.bdp(c.network_rtt);
  const Int128 payload = profile.payload;
  c.fair_q16 = static_cast<uint64_t>((5 * payload * bdp << 16) / kReferenceBdp);
  c.fast_q16 = static_cast<uint64_t>((bdp << 16) / (4 * Int128{kReferenceBdp}));
  c.proportional_q48 =
      static_cast<uint64_t>((4 * payload * bdp << 48) / (Int128{kReferenceBdp} * kReferenceRtt));
  c.eta = static_cast<int64_t>(15 * payload * bdp / (100 * Int128{kReferenceBdp}));
  return c;
}

void derive_sizes(const EndpointConfig& config, Profile& p) {
  p.mtu = static_cast<uint32_t>(config.mtu.count());
  if (config.wire.kind == WireProfile::Kind::kFlat) {
    p.overhead = config.wire.data_header;
    p.payload = p.mtu - p.overhead;
    return;
  }
  p.overhead = uint32_t{config.wire.encapsulation} + kWriteHeaderBytes;
  p.payload = p.mtu - p.overhead - kExtensionBytesMax;
}

void derive_paths(const EndpointConfig& config, Profile& p) {
  p.total_paths = config.paths + config.backup_paths;
  p.entropy_mask = std::bit_ceil(p.total_paths) - 1;
  p.plane_mask = config.planes - 1;
  p.plane_bits = static_cast<uint32_t>(std::countr_zero(config.planes));
  const bool reps = config.path_selection == PathSelection::kReps;
  p.freeze = config.freeze.ticks() > 0
                 ? config.freeze.ps()
                 : (reps ? base::Duration::ms(10) : base::Duration::us(100)).ps();
}

void derive_credit(const EndpointConfig& config, Profile& p) {
  p.receiver_credits = config.congestion == CongestionControl::kRccc ||
                       config.congestion == CongestionControl::kNsccAndRccc;
  p.sender_window = config.congestion != CongestionControl::kRccc;
  p.credit_quanta_per_pull = kBytesPerPull >> kCreditQuantumBits;
  const Int128 bits = Int128{8} << kCreditQuantumBits;
  p.credit_ps_per_quantum =
      scaled(bits * base::Picoseconds::kPerSecond, config.credit_rate.whole,
             Int128{config.line_rate.bits_per_second()} * config.credit_rate.part);
  p.credit_maximum = p.window_maximum(p.base_rtt);
}

}  // namespace

int64_t Profile::bdp(int64_t rtt_ps) const {
  return scaled(rtt_ps, rate, Int128{8} * base::Picoseconds::kPerSecond);
}

int64_t Profile::window_maximum(int64_t rtt_ps) const {
  const int64_t given = config.maximum_window.count();
  const int64_t derived = bdp(rtt_ps) * 3 / 2;
  const int64_t wanted = given > 0 ? given : derived;
  return std::clamp<int64_t>(wanted, mtu, int64_t{1} << 30);
}

std::shared_ptr<const Profile> make_profile(const EndpointConfig& config) {
  const base::Status valid = config.validate();
  WT_CHECK(valid.has_value(), valid ? "" : valid.error().to_string());
  auto profile = std::make_shared<Profile>();
  Profile& p = *profile;
  p.config = config;
  derive_sizes(config, p);
  p.psn_range = config.psn_range;
  p.rate = config.line_rate.bits_per_second();
  p.base_rtt = config.base_rtt.ps();
  p.rto_min = config.rto_min.ps();
  p.nscc = derive_nscc(config, p);
  derive_paths(config, p);
  derive_credit(config, p);
  p.max_active_qps = config.max_active_qps > 0 ? config.max_active_qps : config.max_qps;
  p.work_requests = config.work_requests > 0 ? config.work_requests : 8 * config.max_qps;
  // Every read a peer may have under way, and one immediate, so that the oldest can always land.
  p.work_reserve = config.max_qps * config.read_limit + 1;
  return profile;
}

uint32_t path_of(uint16_t entropy, const Profile& profile) {
  return entropy & profile.entropy_mask;
}
uint32_t port_of(uint16_t entropy, const Profile& profile) { return entropy & profile.plane_mask; }

}  // namespace windtunnel::braid
