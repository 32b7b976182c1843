// Times of people and machines rather than of packets: lengths in microseconds, lengths as chance
// gives them, times of day, days of the week. Read exactly, like all quantities (quantity.h).
//
//   length        us ms s min h d w                   `15 min`, `365 d`
//   distribution  `45 s`, `exponential 2 h`, `erlang 3 10 min`, `uniform 4 min 6 min`,
//                 `triangular 1 min 2 min 4 min`, `normal 10 min cv 0.2`, `lognormal 10 min cv
//                 0.5`, `gamma 10 min cv 2`, `weibull 20 h shape 1.5`, `hyperexponential 1 min
//                 cv 2`, `geometric 10 min slot 1 min`; the time is the mean, where there is one
//   time of day   `06:00`, `22:30:15`, up to `24:00`
//   days          `mon-fri`, `sat`, `mon-sun`
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time_distribution.h"
#include "base/units.h"

namespace windtunnel::scenario {

using Span = base::BasicDuration<base::Microseconds>;

// Since midnight.
struct TimeOfDay {
  Span since_midnight;
  bool operator==(const TimeOfDay&) const = default;
};

// 1 Monday to 7 Sunday, first <= last.
struct Weekdays {
  int64_t first = 1;
  int64_t last = 7;
  bool operator==(const Weekdays&) const = default;
};

base::Result<Span> parse_span(std::string_view text);
// Every time of a distribution is from zero to a hundred years, and no parameter is so far out that
// a draw could leave the clock.
base::Result<base::TimeDistribution> parse_distribution(std::string_view text);
base::Result<TimeOfDay> parse_time_of_day(std::string_view text);
base::Result<Weekdays> parse_weekdays(std::string_view text);

// The shortest text that reads back as the same value.
std::string format(Span span);
std::string format(const base::TimeDistribution& distribution);
std::string format(TimeOfDay time);
std::string format(Weekdays days);

}  // namespace windtunnel::scenario
