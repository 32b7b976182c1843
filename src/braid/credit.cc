#include "braid/credit.h"

#include <algorithm>

namespace windtunnel::braid {

namespace {

constexpr int64_t kQuantum = int64_t{1} << kCreditQuantumBits;
constexpr int64_t kOne = 1 << 16;  // rates and shares in 2^-16

int64_t ceil_quanta(int64_t bytes) {
  return bytes >= 0 ? (bytes + kQuantum - 1) / kQuantum : -(-bytes / kQuantum);
}

}  // namespace

uint32_t credit_target(const CreditSender& state, const CreditDemand& demand,
                       const Profile& profile) {
  int64_t wanted = demand.backlog;
  if (profile.sender_window) wanted = std::min(wanted, demand.window + profile.mtu);
  wanted = std::min(wanted, profile.credit_maximum) - state.credit;
  if (demand.speculating && demand.backlog > 0) wanted = std::max<int64_t>(wanted, profile.mtu);
  if (demand.sharers > 1) wanted /= demand.sharers;
  return state.granted + static_cast<uint32_t>(ceil_quanta(wanted));
}

bool credit_granted(CreditSender& state, uint32_t total, const Profile& profile) {
  const auto more = static_cast<int32_t>(total - state.granted);
  if (more <= 0) return false;
  const int64_t credit = std::min(state.credit + more * kQuantum, profile.credit_maximum);
  state.credit = static_cast<int32_t>(credit);
  state.granted = total;
  return true;
}

void oversubscription_update(OversubscriptionState& s, const Profile& profile, int64_t now,
                             base::RandomStream& stream, CreditPacer& pacer) {
  constexpr int64_t kTarget = kOne * 3 / 10;  // share of marked packets that is accepted
  constexpr int64_t kStep = kOne / 100;       // additive increase, doubling while nothing is marked
  const base::Ratio over = profile.config.oversubscription;
  const int64_t floor = std::max(kOne * 9 * over.whole / (10 * over.part), kOne / 100);
  int64_t rate = s.rate;
  bool decrease = false;
  if (s.trimmed > 0 && s.packets > 0) {
    rate -= kOne * s.trimmed / s.packets;
    decrease = true;
  }
  const uint32_t whole = s.packets - std::min(s.packets, s.trimmed + s.trimmed_last_hop);
  const int64_t share = whole > 0 ? std::min(kOne, kOne * s.marked / whole) : 0;
  s.marked_average = static_cast<uint32_t>((s.marked_average + share) / 2);
  if (s.marked_average > kTarget) {
    rate = rate * (kOne - (s.marked_average - kTarget) / 2) / kOne;
    decrease = true;
  }
  if (decrease) {
    s.increases = 0;
  } else {
    rate += s.marked == 0 ? kStep << std::min<uint32_t>(s.increases, 16) : kStep;
    ++s.increases;
  }
  s.rate = static_cast<uint32_t>(std::clamp(rate, floor, kOne));
  s.packets = s.marked = s.trimmed = s.trimmed_last_hop = 0;
  // 0.75 to 1.25 of 1.5 base RTTs, so that receivers do not swing together.
  const int64_t interval = profile.nscc.network_rtt * 3 / 2;
  s.next = now + interval * 3 / 4 +
           static_cast<int64_t>(stream.below_fast(1 << 16)) * interval / 2 / kOne;
  pacer.set_rate(s.rate);
}

}  // namespace windtunnel::braid
