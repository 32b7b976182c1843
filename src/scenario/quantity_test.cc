#include "scenario/quantity.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace windtunnel::scenario {
namespace {

using base::Bytes;
using base::Duration;
using base::Rate;
using base::Ratio;

std::string error_of(const auto& result) {
  return result ? std::string("no error") : result.error().to_string();
}

TEST(Duration, ReadsEveryUnitExactly) {
  const std::vector<std::pair<std::string, int64_t>> cases = {
      {"7 ps", 7},
      {"1 ns", 1'000},
      {"1 us", 1'000'000},
      {"1 \xc2\xb5s", 1'000'000},
      {"1 \xce\xbcs", 1'000'000},
      {"1 ms", 1'000'000'000},
      {"1 s", 1'000'000'000'000},
      {"15 min", 900'000'000'000'000},
      {"1 h", 3'600'000'000'000'000},
      {"1 d", 86'400'000'000'000'000},
      {"1.5us", 1'500'000},
      {"  2.250 ns ", 2'250},
      {"1e3 ns", 1'000'000},
      {"1.5e-3 ms", 1'500'000},
      {"1_000 ps", 1'000},
      {"-3 ns", -3'000},
      {"0", 0},
      {"0.0", 0},
      {"0 us", 0},
      {"0.5 min", 30'000'000'000'000},
      {"1.500000000000000000000000000000 us", 1'500'000},
      {"0000000000000000000000000001 ps", 1},
  };
  for (const auto& [text, ps] : cases) {
    const auto duration = parse_duration(text);
    ASSERT_TRUE(duration.has_value()) << text << ": " << error_of(duration);
    EXPECT_EQ(duration->ps(), ps) << text;
  }
}

TEST(Duration, RefusesWhatIsNotExact) {
  EXPECT_NE(error_of(parse_duration("0.5 ps")).find("not a whole number of picoseconds"),
            std::string::npos);
  EXPECT_NE(error_of(parse_duration("1.0000000000001 s")).find("not a whole number"),
            std::string::npos);
  EXPECT_NE(error_of(parse_duration("1e-40 s")).find("not a whole number"), std::string::npos);
  const auto coarse = parse_ticks("1.5 us", base::Microseconds::kPerSecond);
  EXPECT_NE(error_of(coarse).find("not a whole number of microseconds"), std::string::npos);
  EXPECT_EQ(parse_ticks("15 min", base::Microseconds::kPerSecond).value(), 900'000'000);
}

TEST(Duration, RefusesOverflow) {
  EXPECT_EQ(parse_duration("9223372036854775807 ps")->ps(), std::numeric_limits<int64_t>::max());
  EXPECT_NE(error_of(parse_duration("9223372036854775808 ps")).find("too large"),
            std::string::npos);
  EXPECT_NE(error_of(parse_duration("107 d")).find("too large"), std::string::npos);
  EXPECT_NE(error_of(parse_duration("1e30 s")).find("too large"), std::string::npos);
  EXPECT_FALSE(parse_duration("1e999999999999 s").has_value());
  std::string long_number(1000, '9');
  long_number += " s";
  EXPECT_FALSE(parse_duration(long_number).has_value());
}

TEST(Duration, NamesUnitsAndNearestOne) {
  const std::string plain = error_of(parse_duration("5"));
  EXPECT_NE(plain.find("found `5`, expected a time such as `1.5 us`"), std::string::npos) << plain;
  EXPECT_NE(plain.find("say the unit"), std::string::npos) << plain;
  EXPECT_NE(error_of(parse_duration("5 mss")).find("did you mean `ms`?"), std::string::npos);
  EXPECT_NE(error_of(parse_duration("")).find("found nothing"), std::string::npos);
  for (const char* bad : {"us", "- us", ".", "1..2 us", "1 us us", "0x10 us", "one us", "1,5 us",
                          "1 _us", "_1 us", "nan s", "inf s"})
    EXPECT_FALSE(parse_duration(bad).has_value()) << bad;
}

TEST(Size, PowersOfThousandAndOf1024) {
  EXPECT_EQ(parse_bytes("2 MB")->count(), 2'000'000);
  EXPECT_EQ(parse_bytes("2 MiB")->count(), 2'097'152);
  EXPECT_EQ(parse_bytes("4 KiB")->count(), 4'096);
  EXPECT_EQ(parse_bytes("4 KB")->count(), 4'000);
  EXPECT_EQ(parse_bytes("4 kB")->count(), 4'000);
  EXPECT_EQ(parse_bytes("1.5 KiB")->count(), 1'536);
  EXPECT_EQ(parse_bytes("178450 B")->count(), 178'450);
  EXPECT_NE(error_of(parse_bytes("0.3 B")).find("not a whole number of bytes"), std::string::npos);
  EXPECT_NE(error_of(parse_bytes("9 EB")).find("expected a size"), std::string::npos);
  EXPECT_NE(error_of(parse_bytes("10000000 TB")).find("too large"), std::string::npos);
  EXPECT_NE(error_of(parse_bytes("4096")).find("say the unit, as in `4096 B`"), std::string::npos);
}

TEST(Rate, BitsAndBytes) {
  EXPECT_EQ(parse_rate("400 Gbps")->bits_per_second(), 400'000'000'000);
  EXPECT_EQ(*parse_rate("400 Gb/s"), *parse_rate("400 Gbit/s"));
  EXPECT_EQ(*parse_rate("50 GB/s"), *parse_rate("400 Gbps"));
  EXPECT_EQ(parse_rate("1 GiB/s")->bits_per_second(), 8'589'934'592);
  EXPECT_NE(error_of(parse_rate("400 Gpbs")).find("did you mean `Gbps`?"), std::string::npos);
  EXPECT_FALSE(parse_rate("400 GB").has_value());
}

TEST(Ratio, EveryFormIsReducedAndExact) {
  EXPECT_EQ(*parse_ratio("25 %"), (Ratio{1, 4}));
  EXPECT_EQ(*parse_ratio("25%"), (Ratio{1, 4}));
  EXPECT_EQ(*parse_ratio("0.25"), (Ratio{1, 4}));
  EXPECT_EQ(*parse_ratio("2/8"), (Ratio{1, 4}));
  EXPECT_EQ(*parse_ratio("4:1"), (Ratio{4, 1}));
  EXPECT_EQ(*parse_ratio("4"), (Ratio{4, 1}));
  EXPECT_EQ(*parse_ratio("0.1 %"), (Ratio{1, 1000}));
  EXPECT_EQ(*parse_ratio("250 ppm"), (Ratio{1, 4000}));
  EXPECT_EQ(*parse_ratio("0"), (Ratio{0, 1}));
  for (const char* bad :
       {"1/0", "1/-2", "a/b", "25 %%", "1:2:3", "", "50 apples", "0.00000000000001"})
    EXPECT_FALSE(parse_ratio(bad).has_value()) << bad;
}

TEST(Amount, BytesOrPackets) {
  EXPECT_EQ(*parse_amount("30 packets"), DataAmount::packets(30));
  EXPECT_EQ(*parse_amount("1 packet"), DataAmount::packets(1));
  EXPECT_EQ(*parse_amount("120 KiB"), DataAmount::bytes(122'880));
  EXPECT_EQ(DataAmount::packets(30).in_bytes(4'096), 122'880);
  EXPECT_EQ(DataAmount::packets(INT64_MAX).in_bytes(4'096), INT64_MAX);
  EXPECT_FALSE(parse_amount("1.5 packets").has_value());
  EXPECT_NE(error_of(parse_amount("30")).find("`30 packets`"), std::string::npos);
}

TEST(IntegerAndBool, ReadOnlyWhatTheyAre) {
  EXPECT_EQ(parse_integer("1_024").value(), 1024);
  EXPECT_EQ(parse_integer("-5").value(), -5);
  EXPECT_EQ(parse_integer("-9223372036854775808").value(), std::numeric_limits<int64_t>::min());
  for (const char* bad : {"1.5", "12 packets", "", "0x10", "9223372036854775808", "1e", "--1"})
    EXPECT_FALSE(parse_integer(bad).has_value()) << bad;
  EXPECT_TRUE(parse_bool("true").value());
  EXPECT_FALSE(parse_bool("false").value());
  EXPECT_NE(error_of(parse_bool("yes")).find("write `true`"), std::string::npos);
  EXPECT_FALSE(parse_bool("2").has_value());
}

TEST(Format, ReadsWell) {
  EXPECT_EQ(format(Duration::us(1)), "1 us");
  EXPECT_EQ(format(Duration::ps(12'499'200)), "12499200 ps");
  EXPECT_EQ(format(Duration::s(900)), "900 s");
  EXPECT_EQ(format(Duration::zero()), "0 ps");
  EXPECT_EQ(format(Bytes(4'096)), "4 KiB");
  EXPECT_EQ(format(Bytes(2'000'000)), "2 MB");
  EXPECT_EQ(format(Bytes(4'150)), "4150 B");
  EXPECT_EQ(format(Rate::gbps(400)), "400 Gbps");
  EXPECT_EQ(format(Ratio{1, 4}), "25 %");
  EXPECT_EQ(format(Ratio{4, 1}), "4");
  EXPECT_EQ(format(Ratio{3, 2}), "3:2");
  EXPECT_EQ(format(Ratio{1, 1000}), "1/1000");
  EXPECT_EQ(format(DataAmount::packets(1)), "1 packet");
}

// What is written reads back, for values of every size.
TEST(Format, RoundTrips) {
  constexpr uint64_t kSeed = 20'260'501;
  base::RandomStream random(kSeed, "quantity round trip");
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  for (int i = 0; i < 20'000; ++i) {
    const auto raw = static_cast<int64_t>(random.bits() >> (1 + random.below(63)));
    const int64_t zeros = std::array<int64_t, 4>{1, 1'000, 1'024, 1'000'000}[random.below(4)];
    int64_t value = 0;
    if (__builtin_mul_overflow(raw, zeros, &value)) value = raw;
    EXPECT_EQ(parse_duration(format(Duration::ticks(value))).value().ticks(), value);
    EXPECT_EQ(parse_bytes(format(Bytes(value))).value().count(), value);
    EXPECT_EQ(parse_rate(format(Rate::bits_per_second(value))).value().bits_per_second(), value);
    EXPECT_EQ(parse_amount(format(DataAmount::packets(value))).value(), DataAmount::packets(value));
    EXPECT_EQ(parse_ticks(format_ticks(value, 1'000'000), 1'000'000).value(), value);
    const auto whole = static_cast<int64_t>(1 + random.below(1'000'000'000));
    const auto ratio = parse_ratio(std::to_string(value) + "/" + std::to_string(whole));
    ASSERT_TRUE(ratio.has_value());
    EXPECT_EQ(parse_ratio(format(*ratio)).value(), *ratio) << format(*ratio);
  }
}

// The decimal reader against 128-bit arithmetic done another way.
TEST(Decimal, AgreesWithSlowReference) {
  constexpr uint64_t kSeed = 7;
  base::RandomStream random(kSeed, "decimal reference");
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  for (int i = 0; i < 20'000; ++i) {
    const auto whole = static_cast<int64_t>(random.below(5'000'000));
    const int digits = 1 + static_cast<int>(random.below(8));
    std::string fraction;
    for (int d = 0; d < digits; ++d) fraction += static_cast<char>('0' + random.below(10));
    // In microseconds: six decimals are picoseconds, the rest must be zero.
    const std::string padded = (fraction + "000000").substr(0, 6);
    const bool exact =
        fraction.size() <= 6 || fraction.find_first_not_of('0', 6) == std::string::npos;
    const auto read = parse_duration(std::to_string(whole) + "." + fraction + " us");
    ASSERT_EQ(read.has_value(), exact) << whole << "." << fraction;
    if (exact) {
      EXPECT_EQ(read->ps(), whole * 1'000'000 + std::stoll(padded));
    }
  }
}

}  // namespace
}  // namespace windtunnel::scenario
