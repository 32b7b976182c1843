#include "report/human.h"

#include <gtest/gtest.h>

#include <limits>

#include "report/measurements.h"

namespace windtunnel::report {
namespace {

TEST(Human, ScalesKnownUnits) {
  EXPECT_EQ(human(1.234e-3, "s"), "1.23 ms");
  EXPECT_EQ(human(400e9, "bit/s"), "400 Gb/s");
  EXPECT_EQ(human(2e6, "B"), "2.0 MB");
  EXPECT_EQ(human(12.4992e-6, "s"), "12.5 µs");
  EXPECT_EQ(human(12.4992e-6, "s", 6), "12.4992 µs");
  EXPECT_EQ(human(81.92e-9, "s", 4), "81.92 ns");
  EXPECT_EQ(human(250, "W"), "250 W");
  EXPECT_EQ(human(0.25, "J"), "250 mJ");
  EXPECT_EQ(human(4.1e6, "1/s"), "4.1 M/s");
  EXPECT_EQ(human(2.1e9, "Hz"), "2.1 GHz");
}

TEST(Human, RoundingCarriesIntoTheNextPrefix) {
  EXPECT_EQ(human(999.4e-6, "s"), "999 µs");
  EXPECT_EQ(human(999.6e-6, "s"), "1.0 ms");
  EXPECT_EQ(human(1e-6, "s"), "1.0 µs");
  EXPECT_EQ(human(999'999, "B"), "1.0 MB");
}

TEST(Human, SmallestAndLargestPrefixesHold) {
  EXPECT_EQ(human(1e-12, "s"), "1.0 ps");
  EXPECT_EQ(human(2.5e-13, "s"), "0.25 ps");
  EXPECT_EQ(human(0.5, "B"), "0.50 B");
  EXPECT_EQ(human(3e15, "bit/s"), "3.0 Pb/s");
  EXPECT_EQ(human(3e18, "bit/s"), "3,000 Pb/s");
  EXPECT_EQ(human(66e-6, "s", 3, 3), "66.0 µs");
  EXPECT_EQ(human(12, "B"), "12 B");
  EXPECT_EQ(human(0, "s"), "0 s");
}

TEST(Human, LongTimesAreWords) {
  EXPECT_EQ(human(119, "s"), "119 s");
  EXPECT_EQ(human(150, "s"), "2 min 30 s");
  EXPECT_EQ(human(180, "s"), "3 min");
  EXPECT_EQ(human(3 * 3600 + 5 * 60, "s"), "3 h 5 min");
  EXPECT_EQ(human(2 * 86400 + 4 * 3600, "s"), "2 d 4 h");
  EXPECT_EQ(human(7199.9, "s"), "120 min");
  EXPECT_EQ(human(-150, "s"), "-2 min 30 s");
}

TEST(Human, SharesArePercentAndCountsAreWhole) {
  EXPECT_EQ(human(0.62, "share"), "62 %");
  EXPECT_EQ(human(0.0034, "share"), "0.34 %");
  EXPECT_EQ(human(0, "share"), "0 %");
  EXPECT_EQ(human(1, "share"), "100 %");
  EXPECT_EQ(human(1'048'576, "1"), "1,048,576");
  EXPECT_EQ(human(0, "1"), "0");
  EXPECT_EQ(human(3.14159, "1"), "3.14");
  EXPECT_EQ(human(1234, "packets"), "1,234 packets");
  EXPECT_EQ(human(-1234, "packets"), "-1,234 packets");
}

TEST(Human, WhatIsNotANumberIsADash) {
  EXPECT_EQ(human(std::numeric_limits<double>::quiet_NaN(), "s"), "–");
  EXPECT_EQ(human(std::numeric_limits<double>::infinity(), "s"), "∞");
  EXPECT_EQ(human_number(1e-9), "1.000e-09");
}

TEST(HumanCount, GroupsThousands) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1000), "1,000");
  EXPECT_EQ(human_count(18446744073709551615ULL), "18,446,744,073,709,551,615");
}

TEST(ScaleFor, OneUnitForAWholeAxis) {
  EXPECT_EQ(scale_for(20e-6, "s").unit, "µs");
  EXPECT_EQ(scale_for(20e-6, "s").factor, 1e-6);
  EXPECT_EQ(scale_for(400e9, "bit/s").unit, "Gb/s");
  EXPECT_EQ(scale_for(0.5, "share").unit, "%");
  EXPECT_EQ(scale_for(7200, "s").unit, "h");
  EXPECT_EQ(scale_for(12, "packets").unit, "packets");
  EXPECT_EQ(scale_for(12, "1").unit, "");
  EXPECT_EQ(scale_for(0, "s").unit, "s");
}

}  // namespace
}  // namespace windtunnel::report
