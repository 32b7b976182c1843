#include "braid/recovery.h"

namespace windtunnel::braid {

namespace {

constexpr uint32_t kLinearSteps = 7;
constexpr int64_t kTimeoutMax = 4'000'000'000'000;
// UET's tail probe: base RTT + target delay when all is sent, else three base RTTs; again after
// five, which then doubles.
constexpr int64_t kProbeWhileSending = 3;
constexpr int64_t kProbeAgain = 5;
constexpr uint32_t kProbeDoublings = 6;
constexpr uint32_t kLossPackets = 5;

}  // namespace

int64_t retransmission_timeout(const Profile& profile, uint32_t k) {
  const int64_t most = std::max(kTimeoutMax, profile.rto_min);
  if (k <= kLinearSteps) return std::min(profile.rto_min * (1 + k), most);
  const uint32_t doublings = std::min(k - kLinearSteps, 20u);
  return std::min((profile.rto_min * (1 + kLinearSteps)) << doublings, most);
}

int64_t retry_time(const Profile& profile) {
  constexpr int64_t kMost = 100'000'000'000'000;
  int64_t total = 0;
  for (uint32_t k = 0; k <= profile.config.retry_limit + 1; ++k) {
    total += retransmission_timeout(profile, k);
  }
  return std::min(total, kMost);
}

int64_t tail_probe_wait(const Profile& profile, int64_t base_rtt, bool all_sent, uint32_t tries) {
  if (tries > 0) return (kProbeAgain * base_rtt) << std::min(tries - 1, kProbeDoublings);
  return all_sent ? base_rtt + profile.nscc.target_delay : kProbeWhileSending * base_rtt;
}

uint32_t loss_threshold(const Profile& profile, uint32_t window, uint32_t window_maximum) {
  const uint64_t bytes = std::min<uint64_t>(uint64_t{window} * 3 / 2, window_maximum);
  return std::max(static_cast<uint32_t>(bytes / profile.payload), kLossPackets);
}

}  // namespace windtunnel::braid
