#include "braid/psn.h"

#include "braid/clock.h"
#include "braid/psn_map.h"

#include <array>
#include <set>

#include "base/random.h"

namespace windtunnel::braid {
namespace {

TEST(Psn, OrderSurvivesWrapping) {
  EXPECT_EQ(psn_add(0xffffff, 1), 0u);
  EXPECT_EQ(psn_distance(0, 0xffffff), 1);
  EXPECT_EQ(psn_distance(0xffffff, 0), -1);
  EXPECT_EQ(psn_distance(0x7fffff, 0), 0x7fffff);
  EXPECT_EQ(psn_distance(0x800000, 0), -0x800000);
  EXPECT_TRUE(psn_before(0xfffff0, 5));
  EXPECT_FALSE(psn_before(5, 0xfffff0));
  EXPECT_FALSE(psn_before(5, 5));
  EXPECT_EQ(psn_distance(0x1000005, 5), 0) << "bits above the 24th do not count";
}

TEST(Psn, CountersWrapAtThirtyTwoBits) {
  EXPECT_EQ(counter_distance(3, 0xfffffffe), 5);
  EXPECT_EQ(counter_distance(0xfffffffe, 3), -5);
}

TEST(Clock, CoarseTimesRoundUpAndComeBack) {
  const int64_t now = int64_t{1} << 50;
  for (const int64_t age :
       {int64_t{0}, int64_t{1}, int64_t{65'535}, int64_t{100'000'000'000'000}}) {
    const int64_t then = now - age;
    const int64_t back = from_coarse(coarse_up(then), now);
    EXPECT_GE(back, then);
    EXPECT_LT(back, then + 65'536);
  }
}

TEST(Clock, TimestampsMeasureAcrossTheirWrap) {
  const int64_t wrap = int64_t{1} << 40;
  for (const int64_t sent : {wrap - 300, wrap + 300, 5 * wrap - 1}) {
    const int64_t rtt = since_timestamp(timestamp_of(sent), sent + 12'499'200);
    EXPECT_GE(rtt, 12'499'200);
    EXPECT_LT(rtt, 12'499'200 + 256);
  }
}

// The ring of bits against a set of numbers, over every operation.
TEST(PsnMap, AgreesWithASet) {
  constexpr uint32_t kRange = 256;
  std::array<uint64_t, kRange / 64> words{};
  PsnMap map(words.data(), kRange);
  std::set<uint32_t> model;
  base::RandomStream stream(11, "psn map");
  uint32_t base = 0xffff00;  // the window [base, base + range) slides over the wrap
  for (int step = 0; step < 20'000; ++step) {
    const uint32_t psn = psn_add(base, stream.below_fast(kRange));
    switch (stream.below_fast(5)) {
      case 0:
        map.set(psn);
        model.insert(psn);
        break;
      case 1:
        map.clear(psn);
        model.erase(psn);
        break;
      case 2: {
        const uint32_t count =
            stream.below_fast(kRange - static_cast<uint32_t>(psn_distance(psn, base)));
        map.clear_range(psn, count);
        for (uint32_t i = 0; i < count; ++i) model.erase(psn_add(psn, i));
        break;
      }
      case 3: {
        const uint64_t bits = stream.bits() & stream.bits();
        const auto room = kRange - static_cast<uint32_t>(psn_distance(psn, base));
        map.write(psn, bits & PsnMap::ones(room));
        for (uint32_t i = 0; i < 64 && i < room; ++i) {
          if ((bits >> i & 1) != 0) model.insert(psn_add(psn, i));
        }
        break;
      }
      default:
        while (model.count(base) != 0) {
          map.clear(base);
          model.erase(base);
          base = psn_add(base, 1);
        }
        base = model.empty() ? psn_add(base, 3) : base;
    }
    ASSERT_EQ(map.test(psn), model.count(psn) != 0) << "step " << step;
    const auto room = kRange - static_cast<uint32_t>(psn_distance(psn, base));
    uint32_t run = 0;
    while (run < room && model.count(psn_add(psn, run)) != 0) ++run;
    ASSERT_EQ(map.run(psn, room), run) << "step " << step;
    uint32_t gap = 0;
    while (gap < room && model.count(psn_add(psn, gap)) == 0) ++gap;
    ASSERT_EQ(map.find(psn, room), gap) << "step " << step;
  }
}

}  // namespace
}  // namespace windtunnel::braid
