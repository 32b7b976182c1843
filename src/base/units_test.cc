#include "base/units.h"

#include <limits>
#include <type_traits>

#include "base/random.h"

namespace windtunnel::base {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr uint64_t kSeed = 20261123;

TEST(Duration, UnitsAreTicksOfItsTick) {
  EXPECT_EQ(Duration::s(2).ticks(), 2'000'000'000'000);
  EXPECT_EQ(Duration::ms(2).ps(), 2'000'000'000);
  EXPECT_EQ(Duration::us(2).ps(), 2'000'000);
  EXPECT_EQ(Duration::ns(2).ps(), 2'000);
  using Slow = BasicDuration<Microseconds>;
  EXPECT_EQ(Slow::s(3).ticks(), 3'000'000);
  EXPECT_EQ(Slow::ns(1'999).ticks(), 1) << "towards zero";
  EXPECT_EQ(Slow::ns(-1'999).ticks(), -1) << "towards zero";
  EXPECT_EQ(Slow::us(7).ps(), 7'000'000);
  EXPECT_EQ(Slow::us(7).seconds(), 7e-6);
}

// The longest run of each tick: 106 days in picoseconds, 292,000 years in microseconds.
TEST(Duration, ReachesAsFarAsSaid) {
  EXPECT_EQ(Duration::s(106 * 86'400).ps(), 9'158'400'000'000'000'000);
  EXPECT_EQ(BasicDuration<Microseconds>::s(292'000LL * 365 * 86'400).ticks(),
            9'208'512'000'000'000'000);
}

TEST(Duration, FromSecondsRoundsToTheNearestTick) {
  EXPECT_EQ(Duration::from_seconds(1.5e-12).ps(), 2);
  EXPECT_EQ(Duration::from_seconds(1.4e-12).ps(), 1);
  EXPECT_EQ(Duration::from_seconds(-1.6e-12).ps(), -2);
}

TEST(Time, DifferencesAreDurationsAndSumsAreTimes) {
  const Time t = Time::at(Duration::ns(5));
  EXPECT_EQ((t + Duration::ns(2)) - t, Duration::ns(2));
  EXPECT_EQ(t - Duration::ns(5), Time::zero());
  static_assert(std::is_same_v<decltype(t - t), Duration>);
  static_assert(!std::is_convertible_v<int64_t, Duration>);
  static_assert(!std::is_convertible_v<Duration, Time>);
  static_assert(!std::is_same_v<Duration, BasicDuration<Microseconds>>);
  EXPECT_EQ(Duration::ns(7) / Duration::ns(2), 3);
}

TEST(DurationDeathTest, WhatDoesNotFitIsAFault) {
  EXPECT_DEATH((void)(Duration::max() + Duration::ps(1)), "duration overflow");
  EXPECT_DEATH((void)(-Duration::max() - Duration::ps(2)), "duration overflow");
  EXPECT_DEATH((void)(Duration::s(1) * 10'000'000), "duration overflow");
  EXPECT_DEATH((void)Duration::s(kMost / 1000), "duration overflow");
}

// 4,160 bytes at 400 Gb/s are exactly 83,200 ps; what is not whole is rounded up, never down.
TEST(Units, TransferTimeIsExactOrRoundedUp) {
  EXPECT_EQ(transfer_time(Bytes(4160), Rate::gbps(400)), Duration::ps(83'200));
  EXPECT_EQ(transfer_time(Bytes(1), Rate::bits_per_second(3)).ps(), 2'666'666'666'667);
  EXPECT_EQ(transfer_time(Bytes(0), Rate::gbps(1)), Duration::zero());
  EXPECT_EQ(transfer_time(Bytes(1'000'000'000'000'000), Rate::gbps(8)), Duration::s(1'000'000));
}

TEST(Units, TransferredAndTransferTimeAreInverse) {
  RandomStream r(kSeed, "units");
  for (int i = 0; i < 100'000; ++i) {
    const Bytes size(static_cast<int64_t>(r.below(1'000'000'000'000)));
    const Rate rate =
        Rate::bits_per_second(static_cast<int64_t>(1'000'000 + r.below(kMost / 1000)));
    const Duration needed = transfer_time(size, rate);
    ASSERT_GE(transferred(needed, rate), size) << "seed " << kSeed;
    if (needed == Duration::zero()) continue;
    ASSERT_LE(transferred(needed - Duration::ps(1), rate), size) << "seed " << kSeed;
  }
}

TEST(Units, AverageRate) {
  EXPECT_EQ(average_rate(Bytes(1'000), Duration::us(1)), Rate::gbps(8));
  EXPECT_EQ(average_rate(Bytes(1'000), Duration::zero()).bits_per_second(), 0);
}

TEST(UnitsDeathTest, ARateOfZeroMovesNothing) {
  EXPECT_DEATH((void)transfer_time(Bytes(1), Rate()), "rate must be positive");
}

}  // namespace
}  // namespace windtunnel::base
