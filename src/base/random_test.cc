#include "base/random.h"

#include <cmath>

#include "base/units.h"

namespace windtunnel::base {
namespace {

constexpr uint64_t kSeed = 20261122;

TEST(RandomStream, SameNameSameDrawsWhateverElseExists) {
  RandomStream a(kSeed, "station 1");
  RandomStream other(kSeed, "station 2");
  RandomStream b(kSeed, "station 1");
  for (int i = 0; i < 100; ++i) {
    other.bits();
    EXPECT_EQ(a.bits(), b.bits());
  }
  EXPECT_NE(RandomStream(kSeed, "x").bits(), RandomStream(kSeed, "y").bits());
  EXPECT_NE(RandomStream(kSeed, "x").bits(), RandomStream(kSeed + 1, "x").bits());
}

TEST(RandomStream, BelowIsUniform) {
  RandomStream stream(kSeed, "below");
  int64_t counts[7] = {};
  constexpr int kDraws = 70'000;
  for (int i = 0; i < kDraws; ++i) ++counts[stream.below(7)];
  double chi2 = 0;
  for (const int64_t c : counts)
    chi2 += (static_cast<double>(c) - 1e4) * (static_cast<double>(c) - 1e4) / 1e4;
  EXPECT_LT(chi2, 22.5) << "6 degrees of freedom, p = 0.001, seed " << kSeed;
}

TEST(RandomStream, MomentsOfTheDistributions) {
  RandomStream stream(kSeed, "moments");
  constexpr int kDraws = 200'000;
  struct Case {
    const char* name;
    double mean, variance;
    double (*draw)(RandomStream&);
  };
  const Case cases[] = {
      {"uniform", 0.5, 1.0 / 12, [](RandomStream& s) { return s.uniform(); }},
      {"exponential", 2, 4, [](RandomStream& s) { return s.exponential(2); }},
      {"normal", 1, 9, [](RandomStream& s) { return s.normal(1, 3); }},
      {"gamma", 6, 12, [](RandomStream& s) { return s.gamma(3, 2); }},
      {"gamma below one", 1, 2, [](RandomStream& s) { return s.gamma(0.5, 2); }},
      {"triangular", 4.0 / 3, 7.0 / 18, [](RandomStream& s) { return s.triangular(0, 1, 3); }},
  };
  for (const Case& c : cases) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = c.draw(stream);
      sum += x;
      squares += x * x;
    }
    const double mean = sum / kDraws;
    // Five standard errors of the mean; the variance within 5 %.
    EXPECT_NEAR(mean, c.mean, 5 * std::sqrt(c.variance / kDraws)) << c.name << " seed " << kSeed;
    EXPECT_NEAR(squares / kDraws - mean * mean, c.variance, 0.05 * c.variance) << c.name;
  }
}

TEST(Units, TransferTimeIsExactOrRoundsUp) {
  EXPECT_EQ(transfer_time(Bytes(4096), Rate::gbps(400)), Duration::ps(81'920));
  EXPECT_EQ(transfer_time(Bytes(64), Rate::gbps(400)), Duration::ps(1'280));
  EXPECT_EQ(transfer_time(Bytes(1), Rate::bits_per_second(3'000'000'000'000)), Duration::ps(3));
  EXPECT_EQ(transferred(Duration::ps(81'920), Rate::gbps(400)), Bytes(4096));
}

TEST(Units, OverflowIsCaught) {
  EXPECT_DEATH((void)(Time::max() + Duration::ps(1)), "overflow");
  EXPECT_DEATH((void)Duration::s(11'000'000), "overflow");
  EXPECT_EQ(BasicDuration<Microseconds>::s(365LL * 86'400).ticks(), 31'536'000'000'000);
}

}  // namespace
}  // namespace windtunnel::base
