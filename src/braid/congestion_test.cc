#include "braid/congestion.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace windtunnel::braid {
namespace {

EndpointConfig reference_config() {
  EndpointConfig config;
  config.base_rtt = base::Duration::ps(12'499'200);
  return config;
}

// NSCC as its specification writes it, in real numbers: the oracle. One method per rule, no
// optimisation; windows are whole bytes, as in the reference.
struct RealNscc {
  double base_rtt = 12'499'200;
  double average = 0;
  double window = 937'440;
  double maximum = 937'440;
  double increase = 0;
  double achieved = 0;
  double since_adjust = 0;
  double fast_count = 0;
  double ignore = 0;
  double ignored = 0;
  double quick_end = 0;
  double last_adjust = 0;
  double last_decrease = 0;
  bool fast = false;
  bool trigger = false;

  static constexpr double kRtt = 12'499'200, kTarget = 9'374'400, kPayload = 4032, kMtu = 4096;
  static constexpr double kA = 4.1664, kB = kTarget / 12e6;

  void clamp() { window = std::clamp(window, kMtu, maximum); }
  void average_in(double delay, bool marked) {
    const bool outlier = !marked && delay > kTarget;
    average = std::floor(0.0125 * (outlier ? base_rtt / 4 : delay) + 0.9875 * average);
  }
  bool quick_adapt(double now, bool loss, bool marked, double delay, double in_flight) {
    bool settled = false;
    if (ignored < ignore && marked) {
      settled = true;
    } else if (now > quick_end) {
      const bool wrong = trigger || loss || delay > 4 * kTarget;
      if (quick_end != 0 && wrong && achieved < std::floor(maximum / 8)) {
        window = std::min(window, std::max(achieved, kMtu));
        ignore = in_flight;
        ignored = 0;
        trigger = false;
        settled = true;
      }
      achieved = 0;
      quick_end = now + base_rtt + kTarget;
    }
    if (settled) increase = since_adjust = 0;
    return settled;
  }
  double sample(double rtt, bool marked) {
    if (rtt < base_rtt) {
      base_rtt = rtt;
      maximum = std::floor(1.5 * std::floor(rtt * 400e9 / 8e12));
    }
    average_in(rtt - base_rtt, marked);
    return rtt - base_rtt;
  }
  void ack(double now, double rtt, double newly, bool marked, double in_flight) {
    achieved += newly;
    since_adjust += newly;
    ignored += newly;
    const double delay = sample(rtt, marked);
    if (!quick_adapt(now, false, marked, delay, in_flight)) {
      if (!marked && delay >= kTarget) {
        increase += std::floor(5 * kPayload * kA * newly);
      } else if (!marked) {
        proportional(newly, delay);
      } else if (delay >= kTarget) {
        decrease(now);
      }
      clamp();
      fulfil(now);
    }
    clamp();
  }
  void proportional(double newly, double delay) {
    if (delay < 1e6) {
      fast_count += newly;
      if (fast_count > window || fast) {
        window = std::floor(window + newly * 0.25 * kA);
        fast = true;
        return;
      }
    } else {
      fast_count = 0;
    }
    fast = false;
    increase += std::floor(4 * kPayload * kA * kB / kTarget * newly * (kTarget - delay));
  }
  void decrease(double now) {
    fast = false;
    fast_count = 0;
    if (average <= kTarget || now - last_decrease <= base_rtt) return;
    window = std::floor(window * std::max(1 - 0.8 * (average - kTarget) / average, 0.5));
    window = std::max(window, kMtu);
    last_decrease = now;
  }
  void fulfil(double now) {
    if (since_adjust <= 8 * kMtu && now - last_adjust <= kRtt) return;
    window += std::floor(increase / window);
    if (now - last_adjust >= kRtt) {
      window = std::floor(window + 0.15 * kPayload * kA);
      last_adjust = now;
    }
    increase = since_adjust = 0;
  }
  void nack(double now, double bytes, double in_flight) {
    ignored += bytes;
    average_in(kRtt, true);
    trigger = true;
    if (!quick_adapt(now, true, true, 0, in_flight)) window -= bytes;
    clamp();
  }
};

// Random but plausible traffic: both must stay within 0.1 % of each other, step by step.
TEST(Nscc, FollowsTheSpecificationInRealNumbers) {
  const auto profile = make_profile(reference_config());
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    base::RandomStream stream(seed, "nscc");
    CongestionState s;
    congestion_init(s, *profile, profile->base_rtt);
    RealNscc real;
    int64_t now = 20'000'000;
    int64_t queue = 0;  // a random walk of the queueing delay
    for (int step = 0; step < 3000; ++step) {
      now += stream.below_fast(400'000);
      queue = std::clamp<int64_t>(queue + stream.below_fast(2'000'000) - 990'000, 0, 45'000'000);
      const uint32_t newly = 4096 * stream.below_fast(6);
      const bool marked = stream.chance(static_cast<uint64_t>(queue), 30'000'000);
      const uint32_t in_flight = s.window / 2;
      if (stream.chance(1, 60)) {
        congestion_on_nack(s, *profile, now, 4096, false, in_flight);
        real.nack(static_cast<double>(now), 4096, in_flight);
      } else {
        const int64_t rtt = 12'400'000 + queue;
        congestion_count(s, *profile, newly, 0);
        const int64_t delay = congestion_measure(s, *profile, rtt, marked);
        congestion_on_ack(s, *profile, {now, delay, newly, marked, in_flight});
        real.ack(static_cast<double>(now), static_cast<double>(rtt), newly, marked, in_flight);
      }
      const double tolerance = 0.001 * real.window + 2;
      ASSERT_NEAR(static_cast<double>(s.window), real.window, tolerance) << "step " << step;
      ASSERT_NEAR(static_cast<double>(s.average_delay), real.average, 0.001 * real.average + 200);
      real.window = s.window;  // differences of a byte must not add up to different branches
      real.average = static_cast<double>(s.average_delay);
      ASSERT_GE(s.window, profile->mtu);
      ASSERT_LE(s.window, s.maximum);
    }
  }
}

TEST(Nscc, OpensToOneAndAHalfBandwidthDelayProducts) {
  const auto profile = make_profile(reference_config());
  CongestionState s;
  congestion_init(s, *profile, profile->base_rtt);
  EXPECT_EQ(s.window, 937'440u);
  EXPECT_EQ(congestion_measure(s, *profile, 4'166'400, false), 0);
  EXPECT_EQ(s.base_rtt, 4'166'400);
  EXPECT_EQ(s.maximum, 312'480u);
}

TEST(Nscc, QuickAdaptFallsToWhatArrivedAndNeverRises) {
  const auto profile = make_profile(reference_config());
  CongestionState s;
  congestion_init(s, *profile, profile->base_rtt);
  int64_t now = 1'000'000;
  congestion_on_ack(s, *profile, {now, 0, 4096, false, 0});  // begins the first period
  congestion_count(s, *profile, 50'000, 0);
  now += 30'000'000;
  congestion_on_nack(s, *profile, now, 4096, false, 700'000);
  EXPECT_EQ(s.window, 50'000u);
  EXPECT_EQ(s.ignore, 700'000u);
  congestion_on_nack(s, *profile, now + 1, 4096, false, 700'000);
  EXPECT_EQ(s.window, 50'000u) << "news of the old window says nothing";
  s.window = 10'000;
  s.ignore = 0;
  congestion_count(s, *profile, 60'000, 0);
  congestion_on_nack(s, *profile, now + 60'000'000, 4096, false, 0);
  EXPECT_EQ(s.window, 10'000u) << "QuickAdapt may not raise the window";
}

TEST(Nscc, ATrimInFrontOfTheReceiverIsTheCreditsBusiness) {
  EndpointConfig config = reference_config();
  config.congestion = CongestionControl::kNsccAndRccc;
  const auto profile = make_profile(config);
  CongestionState s;
  congestion_init(s, *profile, profile->base_rtt);
  const uint32_t before = s.window;
  congestion_on_nack(s, *profile, 1, 4096, true, 0);
  EXPECT_EQ(s.window, before);
  congestion_on_nack(s, *profile, 2, 4096, false, 0);
  EXPECT_EQ(s.window, before - 4096);
}

TEST(Congestion, PenaltyShrinksByItsShare) {
  const auto profile = make_profile(reference_config());
  CongestionState s;
  congestion_init(s, *profile, profile->base_rtt);
  const uint32_t before = s.window;
  congestion_count(s, *profile, 25'500, 51);  // a fifth
  EXPECT_EQ(s.window, before - 5'100);
  congestion_count(s, *profile, 1 << 30, 255);
  EXPECT_EQ(s.window, profile->mtu);
}

TEST(Dctcp, AddsOneMtuPerWindowAndCutsAThirdOfTheMarked) {
  EndpointConfig config = reference_config();
  config.congestion = CongestionControl::kDctcp;
  config.initial_window = base::Bytes(409'600);
  const auto profile = make_profile(config);
  CongestionState s;
  congestion_init(s, *profile, profile->base_rtt);
  for (int i = 0; i < 100; ++i) congestion_on_ack(s, *profile, {1, 0, 4096, false, 0});
  // Each of the hundred steps is rounded down to whole bytes.
  EXPECT_NEAR(static_cast<double>(s.window), 409'600 + 4096, 100);
  const uint32_t before = s.window;
  congestion_on_ack(s, *profile, {1, 0, 30'000, true, 0});
  EXPECT_EQ(s.window, before - 10'000);
  congestion_on_loss(s, *profile, 4096);
  EXPECT_EQ(s.window, before - 14'096);
  for (int i = 0; i < 1000; ++i) congestion_on_ack(s, *profile, {1, 0, 30'000, true, 0});
  EXPECT_EQ(s.window, profile->mtu);
}

TEST(Constant, NothingMovesIt) {
  EndpointConfig config = reference_config();
  config.congestion = CongestionControl::kConstant;
  const auto profile = make_profile(config);
  CongestionState s;
  congestion_init(s, *profile, profile->base_rtt);
  const uint32_t before = s.window;
  congestion_count(s, *profile, 4096, 255);
  congestion_on_ack(s, *profile, {1, 90'000'000, 4096, true, 0});
  congestion_on_nack(s, *profile, 2, 4096, false, 0);
  congestion_on_loss(s, *profile, 4096);
  EXPECT_EQ(s.window, before);
}

}  // namespace
}  // namespace windtunnel::braid
