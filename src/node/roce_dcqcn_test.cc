// DCQCN against closed forms and against a reference that runs the paper's timers one by one in
// floating point.
#include "node/roce_dcqcn.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "base/random.h"

namespace windtunnel::node {
namespace {

constexpr int64_t kUs = 1'000'000;
constexpr int64_t kLine = 400'000'000'000;

DcqcnOptions options_400g() { return dcqcn_defaults(base::Rate::bits_per_second(kLine)); }

double share(uint32_t alpha) { return static_cast<double>(alpha) / RateControl::kAlphaOne; }

TEST(Dcqcn, StartsAtTheLineRateAndStaysThereWithoutNotifications) {
  const DcqcnOptions options = options_400g();
  RateControl control(options);
  for (int64_t i = 0; i < 10'000; ++i) control.sent(4096, i * kUs, options);
  EXPECT_EQ(control.rate(10'000 * kUs, options), kLine);
  EXPECT_FALSE(control.limited());
  EXPECT_EQ(control.alpha(10'000 * kUs, options), RateControl::kAlphaOne);
}

TEST(Dcqcn, TheFirstNotificationHalvesTheRate) {
  const DcqcnOptions options = options_400g();
  RateControl control(options);
  control.cut(700 * kUs, options);
  EXPECT_EQ(control.rate(700 * kUs, options), kLine / 2);
  EXPECT_EQ(control.target(), kLine);
  EXPECT_EQ(control.alpha(700 * kUs, options), RateControl::kAlphaOne);
}

TEST(Dcqcn, AlphaDecaysByOnePart256Per55Microseconds) {
  const DcqcnOptions options = options_400g();
  RateControl control(options);
  control.cut(0, options);
  for (const int64_t periods : {1, 2, 10, 256, 1000}) {
    const double expected = std::pow(1 - 1.0 / 256, static_cast<double>(periods));
    // Every step rounds by less than 2^-30.
    EXPECT_NEAR(share(control.alpha(periods * 55 * kUs, options)), expected, 1e-6) << periods;
    EXPECT_NEAR(share(control.alpha(periods * 55 * kUs + 54 * kUs, options)), expected, 1e-6);
  }
  // A year later it is as good as nothing, and asking is cheap.
  EXPECT_LT(share(control.alpha(365LL * 86'400 * 1'000'000 * 10'000, options)), 1e-6);
}

// Alpha after n periods cuts by alpha / 2 and then rises by g of what is missing to one.
TEST(Dcqcn, ALaterNotificationCutsByHalfOfAlpha) {
  const DcqcnOptions options = options_400g();
  RateControl control(options);
  control.cut(0, options);
  const int64_t now_ps = 500 * 55 * kUs;
  const int64_t before = control.rate(now_ps, options);
  const double alpha = std::pow(255.0 / 256, 500);
  control.cut(now_ps, options);
  EXPECT_EQ(control.target(), before);
  EXPECT_NEAR(static_cast<double>(control.rate(now_ps, options)),
              static_cast<double>(before) * (1 - alpha / 2), kLine * 1e-6);
  EXPECT_NEAR(share(control.alpha(now_ps, options)), alpha * 255 / 256 + 1.0 / 256, 1e-6);
}

// Every increase halves what is missing to the target, and the target is the line rate: n timer
// stages after one cut, 2^-(n + 1) of the line rate is missing, until nothing is.
TEST(Dcqcn, RecoversFromOneCutByHalvesOfWhatIsMissing) {
  const DcqcnOptions options = options_400g();
  RateControl control(options);
  control.cut(0, options);
  for (int64_t n = 1; n <= 20; ++n) {
    EXPECT_EQ(control.rate(n * 55 * kUs - 1, options), kLine - (kLine >> n)) << n;
    EXPECT_EQ(control.rate(n * 55 * kUs, options), kLine - (kLine >> (n + 1))) << n;
  }
  const auto stages = static_cast<int64_t>(std::bit_width(static_cast<uint64_t>(kLine / 2)));
  EXPECT_LT(control.rate((stages - 1) * 55 * kUs, options), kLine);
  EXPECT_TRUE(control.limited());
  EXPECT_EQ(control.rate(stages * 55 * kUs, options), kLine);
  EXPECT_FALSE(control.limited());
  EXPECT_EQ(stages, 38);  // 2.1 ms
}

TEST(Dcqcn, TenMegabytesSentCountAsOneStage) {
  const DcqcnOptions options = options_400g();
  RateControl control(options);
  control.cut(0, options);
  for (int i = 0; i < 9; ++i) control.sent(1'000'000, kUs, options);
  EXPECT_EQ(control.rate(kUs, options), kLine / 2);
  control.sent(1'000'000, kUs, options);
  EXPECT_EQ(control.rate(kUs, options), kLine - kLine / 4);
}

// A target below the line rate: five stages towards it, then the target itself rises by R_AI a
// stage, and by 1, 2, 3... R_HAI once timer and bytes both have passed five.
TEST(Dcqcn, GoesBeyondItsTargetInAdditiveThenHyperSteps) {
  const DcqcnOptions options = options_400g();
  const int64_t r_ai = kLine / 1000;
  const int64_t r_hai = kLine / 100;
  RateControl control(options);
  for (int i = 0; i < 4; ++i) control.cut(0, options);  // 200, 100, 50, 25 Gb/s
  ASSERT_EQ(control.rate(0, options), kLine / 16);
  ASSERT_EQ(control.target(), kLine / 8);
  int64_t now_ps = 5 * 55 * kUs;
  EXPECT_EQ(control.rate(now_ps, options), kLine / 8 - kLine / 16 / 32);
  EXPECT_EQ(control.target(), kLine / 8);
  now_ps += 55 * kUs;
  control.rate(now_ps, options);
  EXPECT_EQ(control.target(), kLine / 8 + r_ai);
  for (int i = 0; i < 5; ++i) control.sent(10'000'000, now_ps, options);  // timer 6, bytes 1 to 5
  EXPECT_EQ(control.target(), kLine / 8 + 6 * r_ai);
  control.sent(10'000'000, now_ps, options);  // both 6
  EXPECT_EQ(control.target(), kLine / 8 + 6 * r_ai + r_hai);
  control.rate(now_ps + 55 * kUs, options);  // 7 and 6: the smaller counts
  EXPECT_EQ(control.target(), kLine / 8 + 6 * r_ai + 2 * r_hai);
}

TEST(Dcqcn, NeverFallsBelowTheLeastRate) {
  const DcqcnOptions options = options_400g();
  RateControl control(options);
  for (int i = 0; i < 100; ++i) control.cut(i * kUs, options);
  EXPECT_EQ(control.rate(100 * kUs, options), options.rate_min.bits_per_second());
}

// The paper's machine, its two timers run event by event.
struct Reference {
  explicit Reference(double bps) : line(bps), rate(bps), target(bps) {}
  void run_to(double us) {
    while (cut && std::min(alpha_us, timer_us) <= us) {
      if (alpha_us <= timer_us) {
        alpha *= 1 - 1.0 / 256;
        alpha_us += 55;
      } else {
        ++timers;
        timer_us += 55;
        increase();
      }
    }
  }
  void cnp(double us) {
    run_to(us);
    target = rate;
    rate = std::max(line / 1000, rate * (1 - alpha / 2));
    alpha = (1 - 1.0 / 256) * alpha + 1.0 / 256;
    cut = true;
    alpha_us = timer_us = us + 55;
    bytes = 0;
    timers = byte_stages = 0;
  }
  void send(double us, double n) {
    run_to(us);
    bytes += n;
    for (; bytes >= 1e7; bytes -= 1e7) {
      ++byte_stages;
      increase();
    }
  }
  void increase() {
    const int most = std::max(timers, byte_stages);
    const int least = std::min(timers, byte_stages);
    if (least > 5) {
      target += (least - 5) * line / 100;
    } else if (most > 5) {
      target += line / 1000;
    }
    target = std::min(target, line);
    rate = (rate + target) / 2;
  }
  double line, rate, target, alpha = 1, alpha_us = 0, timer_us = 0, bytes = 0;
  int timers = 0, byte_stages = 0;
  bool cut = false;
};

TEST(Dcqcn, FollowsThePapersMachineThroughRandomNotifications) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    base::RandomStream random(seed, "dcqcn");
    const DcqcnOptions options = options_400g();
    RateControl control(options);
    Reference reference(kLine);
    int64_t us = 1;
    for (int step = 0; step < 2000; ++step) {
      us += static_cast<int64_t>(random.below(seed % 4 == 0 ? 400 : 60));
      const auto us_real = static_cast<double>(us);
      if (random.chance(1, 20)) {
        control.cut(us * kUs, options);
        reference.cnp(us_real);
      } else {
        const auto bytes = static_cast<int64_t>(random.below(3'000'000));
        control.sent(bytes, us * kUs, options);
        reference.send(us_real, static_cast<double>(bytes));
      }
      reference.run_to(us_real);
      // The reference never quite arrives at the line rate, and goes on counting bytes there.
      ASSERT_NEAR(static_cast<double>(control.rate(us * kUs, options)), reference.rate,
                  kLine * 1e-6)
          << "seed " << seed << " step " << step;
    }
  }
}

TEST(Dcqcn, ScaledPeriodsAreThePapersAt40GigabitsPerSecond) {
  const DcqcnOptions paper = dcqcn_defaults(base::Rate::gbps(40));
  const DcqcnOptions same = dcqcn_scaled(base::Rate::gbps(40));
  EXPECT_EQ(paper.additive_step, base::Rate::bits_per_second(40'000'000));
  EXPECT_EQ(same.alpha_period, paper.alpha_period);
  EXPECT_EQ(same.rate_period, paper.rate_period);
  EXPECT_EQ(same.cnp_interval, paper.cnp_interval);
  const DcqcnOptions fast = dcqcn_scaled(base::Rate::gbps(400));
  EXPECT_EQ(fast.alpha_period, base::Duration::ns(5500));
  EXPECT_EQ(fast.cnp_interval, base::Duration::us(5));
  EXPECT_EQ(fast.rate_bytes, paper.rate_bytes);
}

TEST(NotificationPoint, SendsOneNotificationPerInterval) {
  const DcqcnOptions options = options_400g();
  NotificationPoint point;
  EXPECT_TRUE(point.marked(10 * kUs, options));
  EXPECT_FALSE(point.waiting());
  EXPECT_FALSE(point.marked(20 * kUs, options));
  EXPECT_FALSE(point.marked(59 * kUs, options));
  EXPECT_TRUE(point.waiting());
  EXPECT_EQ(point.next_ps(), 60 * kUs);
  point.release(60 * kUs, options);
  EXPECT_FALSE(point.waiting());
  EXPECT_FALSE(point.marked(109 * kUs, options));
  EXPECT_EQ(point.next_ps(), 110 * kUs);
}

TEST(NotificationPoint, AnswersAtOnceAfterAQuietInterval) {
  const DcqcnOptions options = options_400g();
  NotificationPoint point;
  EXPECT_TRUE(point.marked(0, options));
  EXPECT_TRUE(point.marked(50 * kUs, options));
  EXPECT_FALSE(point.waiting());
}

}  // namespace
}  // namespace windtunnel::node
