#include "braid/congestion.h"

#include <algorithm>

#include "base/units.h"

namespace windtunnel::braid {

namespace {

using base::Uint128;

// Below this queueing delay the fast increase counts; UET gives it as a constant.
constexpr int64_t kFastDelay = 1'000'000;

// UET's delay average: new = sample / 80 + 79 / 80 of the old (0.0125).
constexpr int64_t kAverageParts = 80;

bool is_window_algorithm(const Profile& profile) {
  return profile.config.congestion != CongestionControl::kConstant && profile.sender_window;
}

void clamp_window(CongestionState& s, const Profile& profile) {
  s.window = std::clamp(s.window, profile.mtu, std::max(profile.mtu, s.maximum));
}

void cut(CongestionState& s, const Profile& profile, uint32_t bytes) {
  s.window = s.window > bytes + profile.mtu ? s.window - bytes : profile.mtu;
}

// Grows towards the maximum; a window that was configured above it does not shrink here.
void grow(CongestionState& s, uint64_t bytes) {
  const uint64_t ceiling = std::max(s.maximum, s.window);
  s.window = static_cast<uint32_t>(std::min(ceiling, s.window + bytes));
}

// A long delay without a mark is taken as an outlier: a quarter of the base RTT stands in for it.
void average_in(CongestionState& s, const NsccConstants& c, int64_t delay, bool marked) {
  if (!marked && delay > c.target_delay) {
    s.average_delay =
        (s.base_rtt + 4 * (kAverageParts - 1) * s.average_delay) / (4 * kAverageParts);
  } else {
    s.average_delay = (delay + (kAverageParts - 1) * s.average_delay) / kAverageParts;
  }
}

// Once per base RTT + target delay: if less than maximum / 2^gate arrived and something is clearly
// wrong, the window becomes what arrived. True when the caller must leave the window alone.
bool quick_adapt(CongestionState& s, const Profile& profile, int64_t now, bool loss, bool marked,
                 int64_t delay, uint32_t in_flight) {
  const NsccConstants& c = profile.nscc;
  if (!profile.config.quick_adapt) return false;
  bool settled = false;
  if (s.ignored < s.ignore && marked) {
    settled = true;
  } else if (now > s.quick_end) {
    const bool wrong = s.quick_trigger || loss || delay > c.quick_threshold;
    if (s.quick_end != 0 && wrong && s.achieved < s.maximum >> profile.config.quick_adapt_gate) {
      s.window = std::min(s.window, std::max(s.achieved, profile.mtu));
      s.ignore = in_flight;
      s.ignored = 0;
      s.quick_trigger = false;
      settled = true;
    }
    s.achieved = 0;
    s.quick_end = now + s.base_rtt + c.target_delay;
  }
  if (settled) {
    s.increase = 0;
    s.since_adjust = 0;
  }
  return settled;
}

void fast_increase(CongestionState& s, const NsccConstants& c, uint32_t newly, int64_t delay) {
  if (delay >= kFastDelay) {
    s.fast_count = 0;
    s.fast = false;
    return;
  }
  s.fast_count += newly;
  if (!s.fast && s.fast_count <= s.window) return;
  grow(s, static_cast<uint64_t>((Uint128{newly} * c.fast_q16) >> 16));
  s.fast = true;
}

void increase(CongestionState& s, const NsccConstants& c, uint32_t newly, int64_t delay) {
  if (delay >= c.target_delay) {
    s.increase += static_cast<int64_t>((Uint128{newly} * c.fair_q16) >> 16);
    return;
  }
  fast_increase(s, c, newly, delay);
  if (s.fast) return;
  const Uint128 product = Uint128{newly} * static_cast<uint64_t>(c.target_delay - delay);
  s.increase += static_cast<int64_t>((product * c.proportional_q48) >> 48);
}

// window *= max(1 - 0.8 * (average - target) / average, 0.5), at most once per base RTT.
void multiplicative_decrease(CongestionState& s, const Profile& profile, int64_t now) {
  s.fast = false;
  s.fast_count = 0;
  const int64_t target = profile.nscc.target_delay;
  if (s.average_delay <= target || now - s.last_decrease <= s.base_rtt) return;
  const auto kept = static_cast<uint32_t>(Uint128{s.window} *
                                          static_cast<uint64_t>(s.average_delay + 4 * target) /
                                          static_cast<uint64_t>(5 * s.average_delay));
  s.window = std::max({kept, s.window / 2, profile.mtu});
  s.last_decrease = now;
}

// Pays out what was collected, and a constant once per period so that shares even out.
void fulfil(CongestionState& s, const Profile& profile, int64_t now) {
  const NsccConstants& c = profile.nscc;
  const int64_t long_ago = now - s.last_adjust;
  if (s.since_adjust <= c.adjust_bytes && long_ago <= c.adjust_period) return;
  grow(s, static_cast<uint64_t>(s.increase / s.window));
  if (long_ago >= c.adjust_period) {
    grow(s, static_cast<uint64_t>(c.eta));
    s.last_adjust = now;
  }
  s.increase = 0;
  s.since_adjust = 0;
}

void nscc_on_ack(CongestionState& s, const Profile& profile, const AckSample& a) {
  if (quick_adapt(s, profile, a.now, false, a.marked, a.delay, a.in_flight)) {
    clamp_window(s, profile);
    return;
  }
  if (!a.marked) {
    increase(s, profile.nscc, a.newly, a.delay);
  } else if (a.delay >= profile.nscc.target_delay) {
    multiplicative_decrease(s, profile, a.now);
  }
  clamp_window(s, profile);
  fulfil(s, profile, a.now);
  clamp_window(s, profile);
}

void dctcp_on_ack(CongestionState& s, const Profile& profile, const AckSample& a) {
  if (a.marked) {
    cut(s, profile, a.newly / 3);
  } else {
    grow(s, uint64_t{a.newly} * profile.mtu / s.window);
  }
  clamp_window(s, profile);
}

}  // namespace

void congestion_init(CongestionState& s, const Profile& profile, int64_t base_rtt) {
  s = CongestionState{};
  s.base_rtt = base_rtt;
  s.maximum = static_cast<uint32_t>(profile.window_maximum(base_rtt));
  const auto wanted = static_cast<uint32_t>(profile.config.initial_window.count());
  s.window = wanted > 0 ? wanted : s.maximum;
}

// HOT
void congestion_count(CongestionState& s, const Profile& profile, uint32_t newly, uint8_t penalty) {
  s.achieved += newly;
  s.since_adjust += newly;
  if (s.ignored < s.ignore) s.ignored += newly;
  if (penalty == 0 || !is_window_algorithm(profile)) return;
  cut(s, profile, static_cast<uint32_t>(uint64_t{newly} * penalty / 255));
}

void congestion_base_rtt(CongestionState& s, const Profile& profile, int64_t rtt) {
  if (rtt >= s.base_rtt || rtt <= 0) return;
  s.base_rtt = rtt;
  s.maximum = static_cast<uint32_t>(profile.window_maximum(rtt));
}

// HOT
int64_t congestion_measure(CongestionState& s, const Profile& profile, int64_t rtt, bool marked) {
  congestion_base_rtt(s, profile, rtt);
  if (rtt < s.base_rtt) return s.average_delay;  // only a clock that ran backwards
  const int64_t delay = rtt - s.base_rtt;
  average_in(s, profile.nscc, delay, marked);
  return delay;
}

// HOT
void congestion_on_ack(CongestionState& s, const Profile& profile, const AckSample& a) {
  switch (profile.config.congestion) {
    case CongestionControl::kNscc:
    case CongestionControl::kNsccAndRccc:
      nscc_on_ack(s, profile, a);
      return;
    case CongestionControl::kDctcp:
      dctcp_on_ack(s, profile, a);
      return;
    case CongestionControl::kRccc:
    case CongestionControl::kConstant:
      return;
  }
}

void congestion_on_nack(CongestionState& s, const Profile& profile, int64_t now, uint32_t bytes,
                        bool last_hop, uint32_t in_flight) {
  if (!is_window_algorithm(profile)) return;
  if (profile.config.congestion == CongestionControl::kDctcp) {
    cut(s, profile, bytes);
    clamp_window(s, profile);
    return;
  }
  if (s.ignored < s.ignore) s.ignored += bytes;
  average_in(s, profile.nscc, profile.nscc.network_rtt, true);
  s.quick_trigger = true;
  const bool settled = quick_adapt(s, profile, now, true, true, 0, in_flight);
  // A trim in front of the receiver is incast: the credits' business.
  if (!settled && !(profile.receiver_credits && last_hop)) cut(s, profile, bytes);
  clamp_window(s, profile);
}

void congestion_on_loss(CongestionState& s, const Profile& profile, uint32_t bytes) {
  if (is_window_algorithm(profile)) cut(s, profile, bytes);
}

}  // namespace windtunnel::braid
