#include "scenario/span.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "scenario/amount.h"

namespace windtunnel::scenario {
namespace {

using base::Money;
using base::Power;
using base::TimeDistribution;
using testing::HasSubstr;

template <class T>
std::string error_of(const base::Result<T>& result) {
  return result ? std::string("no error") : result.error().to_string();
}

constexpr int64_t kMinute = 60'000'000;

TEST(Span, ReadsEveryUnitExactly) {
  const std::vector<std::pair<std::string, int64_t>> cases = {
      {"7 us", 7},
      {"1 ms", 1'000},
      {"1 s", 1'000'000},
      {"15 min", 15 * kMinute},
      {"1.5h", 90 * kMinute},
      {"365 d", int64_t{365} * 1'440 * kMinute},
      {"2 w", int64_t{14} * 1'440 * kMinute},
      {"-3 min", -3 * kMinute},
      {"0", 0},
  };
  for (const auto& [text, ticks] : cases) {
    const auto span = parse_span(text);
    ASSERT_TRUE(span.has_value()) << text << ": " << error_of(span);
    EXPECT_EQ(span->ticks(), ticks) << text;
    EXPECT_EQ(parse_span(format(*span)).value(), *span) << format(*span);
  }
  EXPECT_THAT(error_of(parse_span("15")), HasSubstr("say the unit"));
  EXPECT_THAT(error_of(parse_span("15 minn")), HasSubstr("did you mean `min`?"));
  EXPECT_THAT(error_of(parse_span("1 ns")), HasSubstr("expected a time such as `15 min`"));
  EXPECT_THAT(error_of(parse_span("0.5 us")), HasSubstr("not a whole number of microseconds"));
  EXPECT_THAT(error_of(parse_span("1e15 d")), HasSubstr("too large"));
}

TEST(Distribution, ReadsWhatItWrites) {
  const std::vector<std::string> texts = {
      "45 s",
      "0 s",
      "exponential 2 h",
      "erlang 3 10 min",
      "uniform 4 min 6 min",
      "triangular 1 min 2 min 4 min",
      "normal 10 min cv 0.2",
      "lognormal 10 min cv 0.5",
      "gamma 10 min cv 2",
      "weibull 20 h shape 1.5",
      "hyperexponential 1 min cv 2",
      "geometric 10 min slot 1 min",
      "lognormal 10 min cv 1/3",
      "weibull 1 d shape 50",
  };
  for (const std::string& text : texts) {
    const auto distribution = parse_distribution(text);
    ASSERT_TRUE(distribution.has_value()) << text << ": " << error_of(distribution);
    EXPECT_EQ(format(*distribution), text);
  }
}

TEST(Distribution, ReadsOtherSpellings) {
  const auto same = [](const std::string& a, const std::string& b) {
    const auto first = parse_distribution(a);
    const auto second = parse_distribution(b);
    ASSERT_TRUE(first && second) << error_of(first) << error_of(second);
    EXPECT_EQ(*first, *second) << a << " and " << b;
  };
  same("constant 45 s", "45s");
  same("0", "0 min");
  same("  exponential\t2h ", "exponential 120 min");
  same("uniform 0 6 min", "uniform 0 s 6min");
  same("lognormal 10 min cv 50 %", "lognormal 10 min cv 0.5");
  same("lognormal 0 cv 1", "lognormal 0 s cv 1");
}

TEST(Distribution, SaysWhatIsWrong) {
  const auto error = [](const std::string& text) { return error_of(parse_distribution(text)); };
  EXPECT_THAT(error("expo 2 h"), HasSubstr("did you mean `exponential`?"));
  EXPECT_THAT(error("poisson 2 h"), HasSubstr("shapes: constant, exponential, erlang"));
  EXPECT_THAT(error(""), HasSubstr("found nothing, expected a time such as `45 s`"));
  EXPECT_THAT(error("-45 s"), HasSubstr("found `-45 s`, expected a time from 0 s"));
  EXPECT_THAT(error("exponential -2 h"), HasSubstr("found `-2 h`, expected a time from 0 s"));
  EXPECT_THAT(error("exponential"), HasSubstr("found nothing, expected a time"));
  EXPECT_THAT(error("exponential 2"), HasSubstr("say the unit"));
  EXPECT_THAT(error("exponential 2 h 3"), HasSubstr("found `3`, expected nothing more"));
  EXPECT_THAT(error("erlang 0 10 min"), HasSubstr("found `0`, expected a number of stages from 1"));
  EXPECT_THAT(error("erlang 10 min"), HasSubstr("found `min`, expected a time"));
  EXPECT_THAT(error("uniform 6 min 4 min"), HasSubstr("found 4 min after 6 min"));
  EXPECT_THAT(error("triangular 1 min 5 min 4 min"), HasSubstr("expected ascending times"));
  EXPECT_THAT(error("lognormal 10 min"), HasSubstr("found nothing, expected `cv`"));
  EXPECT_THAT(error("lognormal 10 min 0.5"), HasSubstr("found `0.5`, expected `cv`"));
  EXPECT_THAT(error("lognormal 10 min cv -1"), HasSubstr("expected a cv from 0 to 10"));
  EXPECT_THAT(error("hyperexponential 1 min cv 0.5"), HasSubstr("expected a cv from 1 to 10"));
  EXPECT_THAT(error("weibull 1 h shape 0"), HasSubstr("expected a shape from 0.2 to 50"));
  EXPECT_THAT(error("geometric 1 min slot 2 min"), HasSubstr("a mean of at least one slot"));
  EXPECT_THAT(error("geometric 1 min slot 0"), HasSubstr("a slot above zero"));
  EXPECT_THAT(error("exponential 40000 d"), HasSubstr("expected a time from 0 s to 36500 d"));
}

// Whatever is accepted can be drawn from without leaving the clock.
TEST(Distribution, ExtremesCanBeDrawn) {
  for (const char* text :
       {"lognormal 36500 d cv 10", "gamma 36500 d cv 10", "weibull 36500 d shape 0.2",
        "hyperexponential 36500 d cv 10", "geometric 36500 d slot 1 us", "exponential 36500 d",
        "normal 36500 d cv 10", "erlang 10000 36500 d", "gamma 1 us cv 0.001"}) {
    const auto distribution = parse_distribution(text);
    ASSERT_TRUE(distribution.has_value()) << text << error_of(distribution);
    base::RandomStream stream(7, text);
    for (int i = 0; i < 10'000; ++i) {
      const Span span = base::draw(*distribution, stream);
      ASSERT_GE(span, Span::zero()) << text;
      ASSERT_LE(span, Span::s(int64_t{365} * 86'400 * 10'000)) << text;
    }
  }
}

TEST(TimeOfDay, ReadsWhatItWrites) {
  for (const char* text : {"00:00", "06:00", "22:30:15", "24:00"}) {
    const auto time = parse_time_of_day(text);
    ASSERT_TRUE(time.has_value()) << text << error_of(time);
    EXPECT_EQ(format(*time), text);
  }
  for (const char* text : {"6:00", "24:01", "12:60", "25:00", "noon", "", "-1:00", "12:00:60"})
    EXPECT_THAT(error_of(parse_time_of_day(text)), HasSubstr("expected a time of day")) << text;
}

TEST(Weekdays, ReadsWhatItWrites) {
  for (const char* text : {"mon-fri", "sat", "mon-sun"}) {
    const auto days = parse_weekdays(text);
    ASSERT_TRUE(days.has_value()) << text << error_of(days);
    EXPECT_EQ(format(*days), text);
  }
  EXPECT_EQ(parse_weekdays("monday - friday").value(), parse_weekdays("mon-fri").value());
  EXPECT_THAT(error_of(parse_weekdays("fri-mon")), HasSubstr("write two shifts"));
  for (const char* text : {"", "mo", "mon-", "-", "mon-fri-sun", "1-5"})
    EXPECT_THAT(error_of(parse_weekdays(text)), HasSubstr("expected a day or days")) << text;
}

TEST(Money, ReadsWhatItWrites) {
  for (const char* text : {"0", "1200", "0.8", "-0.005", "-3.25", "1000000"}) {
    const auto money = parse_money(text);
    ASSERT_TRUE(money.has_value()) << text << error_of(money);
    EXPECT_EQ(format(*money), text);
  }
  EXPECT_EQ(parse_money("1200 CNY").value(), Money::whole(1200));
  EXPECT_EQ(currency_of(" 1200 CNY "), "CNY");
  EXPECT_EQ(currency_of("1200"), "");
  EXPECT_THAT(error_of(parse_money("0.0001")), HasSubstr("not a whole number of thousandths"));
  EXPECT_THAT(error_of(parse_money("12 CNY/h")), HasSubstr("expected an amount of money"));
  EXPECT_THAT(error_of(parse_money("cheap")), HasSubstr("expected an amount of money"));
  EXPECT_THAT(error_of(parse_money("1e30")), HasSubstr("too large"));
}

TEST(Power, ReadsWhatItWrites) {
  for (const char* text : {"0 W", "3 kW", "250 W", "7 mW", "2 MW"}) {
    const auto power = parse_power(text);
    ASSERT_TRUE(power.has_value()) << text << error_of(power);
    EXPECT_EQ(format(*power), text);
  }
  EXPECT_EQ(parse_power("1.5 kW").value(), Power::watts(1500));
  EXPECT_THAT(error_of(parse_power("3 kw")), HasSubstr("did you mean `kW`?"));
  EXPECT_THAT(error_of(parse_power("3")), HasSubstr("say the unit"));
}

}  // namespace
}  // namespace windtunnel::scenario
