// Numbers as people read them: "1.23 ms", "400 Gb/s", "2.0 MB", "62 %", "1,024".
//
// The one place that knows prefixes and rounding; every writer for people goes through it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace windtunnel::report {

// `value` in `unit` (see report::unit) with a fitting prefix. `digits` significant digits (2 to
// 15), of which trailing zeros are dropped down to `least`; whole numbers of things are written
// out. Seconds beyond two minutes become "2 min 30 s", "3 h 5 min", "2 d 4 h". NaN is "–".
std::string human(double value, std::string_view unit, int digits = 3, int least = 2);

// Whole numbers with thousands separated: "1,048,576".
std::string human_count(uint64_t count);

// One scale for a whole column or axis: divide by `factor` and label with `unit`.
struct Scale {
  double factor = 1;
  std::string unit;
};
// The scale in which `largest` (by magnitude) reads best: {1e-6, "µs"} for 20e-6 s.
Scale scale_for(double largest, std::string_view unit);

// A bare number with `digits` significant digits, plain or grouped, for columns under a Scale.
std::string human_number(double value, int digits = 4);

}  // namespace windtunnel::report
