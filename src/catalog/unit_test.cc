#include "catalog/unit.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace windtunnel::catalog {
namespace {

using testing::HasSubstr;
using namespace dimension;

struct Good {
  const char* text;
  double value;
  Dimension of;
};

TEST(Unit, FiguresComeInBaseUnits) {
  const Dimension usd = Dimension{}.with(Base::kUsd, 1);
  const Good cases[] = {{"400 Gbps", 400e9, kRate},
                        {"400Gb/s", 400e9, kRate},
                        {"50 GB/s", 400e9, kRate},
                        {"115 ns", 115e-9, kTime},
                        {"1.5 us", 1.5e-6, kTime},
                        {"64 MiB", 64.0 * 1024 * 1024 * 8, kData},
                        {"30 %", 0.3, kPlain},
                        {"30%", 0.3, kPlain},
                        {"250 ppm", 250e-6, kPlain},
                        {"32", 32, kPlain},
                        {"-2 %", -0.02, kPlain},
                        {"1e3 USD", 1000, usd},
                        {"150 USD/TB", 150 / 8e12, usd.over(kData)},
                        {"3400 kIOPS", 3.4e6, kPerSecond},
                        {"45 W", 45, kPower},
                        {"2 kWh", 7.2e6, kEnergy},
                        {"12 km/h", 12 / 3.6, kLength.over(kTime)}};
  for (const Good& good : cases) {
    const auto figure = parse_figure(good.text);
    ASSERT_TRUE(figure.has_value()) << good.text << ": " << figure.error().to_string();
    EXPECT_DOUBLE_EQ(figure->value, good.value) << good.text;
    EXPECT_EQ(figure->dimension, good.of) << good.text;
  }
}

TEST(Unit, WhatIsNoFigureIsRefused) {
  for (const char* text : {"", "Gbps", "nan", "inf USD", "1e999 W", "--5", "12 apples", "5 USD/",
                           "5 /s", "5 USD/TB/s", "0x10 W", "1,599 USD"}) {
    EXPECT_FALSE(parse_figure(text).has_value()) << text;
  }
  EXPECT_THAT(parse_figure("400 Gbpz").error().to_string(), HasSubstr("did you mean `Gbps`?"));
}

TEST(Unit, DimensionsSayWhatTheyAre) {
  EXPECT_EQ(to_string(kPlain), "1");
  EXPECT_EQ(to_string(kRate), "bit/s");
  EXPECT_EQ(to_string(kPerSecond), "1/s");
  EXPECT_EQ(to_string(Dimension{}.with(Base::kUsd, 1).over(kData)), "USD/bit");
  EXPECT_EQ(to_string(kTime.with(Base::kSecond, 2)), "s^2");
  EXPECT_EQ(report_unit(kData).name, "B");
  EXPECT_DOUBLE_EQ(report_unit(kData).factor, 0.125);
  EXPECT_EQ(report_unit(kPower.with(Base::kSecond, 1)).name, "J");
}

// An impulse over a mass is a speed.
TEST(Unit, MechanicsAddUp) {
  const Figure impulse = parse_figure("45 Ns").value();
  const Figure mass = parse_figure("62 kg").value();
  EXPECT_EQ(impulse.dimension.over(mass.dimension), kLength.over(kTime));
  EXPECT_EQ(to_string(impulse.dimension), "m kg/s");
}

TEST(Unit, MoneyIsACurrencyAndNothingElse) {
  EXPECT_TRUE(is_money(Dimension{}.with(Base::kCny, 1)));
  EXPECT_FALSE(is_money(Dimension{}.with(Base::kCny, 2)));
  EXPECT_FALSE(is_money(Dimension{}.with(Base::kUsd, 1).over(kData)));
  EXPECT_FALSE(is_money(kPlain));
}

}  // namespace
}  // namespace windtunnel::catalog
