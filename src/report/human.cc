#include "report/human.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "report/measurements.h"

namespace windtunnel::report {
namespace {

struct Prefix {
  double factor;
  std::string_view text;
};
constexpr std::array<Prefix, 10> kPrefixes{{{1e-12, "p"},
                                            {1e-9, "n"},
                                            {1e-6, "µ"},
                                            {1e-3, "m"},
                                            {1, ""},
                                            {1e3, "k"},
                                            {1e6, "M"},
                                            {1e9, "G"},
                                            {1e12, "T"},
                                            {1e15, "P"}}};
constexpr size_t kUnity = 4;

// How a unit is scaled: its symbol, and the range of prefixes that people use with it.
struct Symbol {
  std::string_view unit;
  std::string_view symbol;
  size_t first_prefix;
  size_t last_prefix;
};
constexpr std::array<Symbol, 9> kSymbols{{{unit::kSeconds, "s", 0, kUnity},
                                          {unit::kBitsPerSecond, "b/s", kUnity, 9},
                                          {unit::kBytes, "B", kUnity, 9},
                                          {unit::kBytesPerSecond, "B/s", kUnity, 9},
                                          {unit::kJoules, "J", 1, 9},
                                          {unit::kWatts, "W", 1, 9},
                                          {unit::kHertz, "Hz", kUnity, 9},
                                          {unit::kPerSecond, "/s", kUnity, 9},
                                          {unit::kEventsPerSecond, "events/s", kUnity, 9}}};

const Symbol* symbol_of(std::string_view unit) {
  const auto* const found = std::ranges::find(kSymbols, unit, &Symbol::unit);
  return found == kSymbols.end() ? nullptr : found;
}

double rounded(double value, int digits) {
  // Through decimal text, so that 9.995 and its neighbours round as they are printed.
  const std::string text = fmt::format("{:.{}e}", value, digits - 1);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

const Prefix& prefix_for(double magnitude, const Symbol& symbol) {
  size_t chosen = symbol.first_prefix;
  if (magnitude == 0) return kPrefixes[kUnity];
  for (size_t i = symbol.first_prefix; i <= symbol.last_prefix; ++i) {
    // The tolerance keeps 1e-6 in "1.0 µs" although 1e-6 / 1e-6 may not be exactly 1.
    if (magnitude >= kPrefixes[i].factor * (1 - 1e-12)) chosen = i;
  }
  return kPrefixes[chosen];
}

// "ms", "Gb/s", but "M events/s": a word keeps its distance.
std::string with_prefix(const Prefix& prefix, const Symbol& symbol) {
  const bool word = !prefix.text.empty() && symbol.symbol.size() > 4;
  return fmt::format("{}{}{}", prefix.text, word ? " " : "", symbol.symbol);
}

std::string grouped(std::string digits) {
  const size_t start = digits.starts_with('-') ? 1 : 0;
  size_t end = digits.find('.');
  if (end == std::string::npos) end = digits.size();
  for (size_t i = end; i > start + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

// Fixed notation with `digits` significant digits; trailing zeros go until `least` are left.
std::string significant(double value, int digits, int least) {
  value = rounded(value, digits);
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::fabs(value))));
  const int decimals = std::max(0, digits - 1 - magnitude);
  std::string text = fmt::format("{:.{}f}", value, decimals);
  int removable = std::min(decimals, digits - least);
  while (removable-- > 0 && text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return grouped(text);
}

// "2 min 30 s": two neighbouring units, the smaller one rounded.
std::string long_time(double seconds) {
  struct Step {
    double seconds;
    double small;
    std::string_view large_unit, small_unit;
  };
  static constexpr std::array<Step, 3> kSteps{
      {{86'400, 3'600, "d", "h"}, {3'600, 60, "h", "min"}, {60, 1, "min", "s"}}};
  const double magnitude = std::fabs(seconds);
  for (const Step& step : kSteps) {
    if (magnitude < 2 * step.seconds) continue;
    const double smalls = std::round(magnitude / step.small);
    const double per_large = step.seconds / step.small;
    const double large = std::floor(smalls / per_large);
    const double rest = smalls - large * per_large;
    std::string text = fmt::format("{}{} {}", seconds < 0 ? "-" : "",
                                   grouped(fmt::format("{:.0f}", large)), step.large_unit);
    if (rest > 0) text += fmt::format(" {:.0f} {}", rest, step.small_unit);
    return text;
  }
  WT_CHECK(false, "long_time starts at two minutes");
}

bool is_long(double value, std::string_view unit) {
  return unit == unit::kSeconds && std::fabs(value) >= 120;
}

}  // namespace

std::string human_count(uint64_t count) { return grouped(fmt::to_string(count)); }

std::string human_number(double value, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value < 0 ? "-∞" : "∞";
  // Whole numbers up to 2^53 are exact in a double and are written out.
  if (value == std::floor(value) && std::fabs(value) < 9.0e15) {
    return grouped(fmt::format("{:.0f}", value + 0.0));
  }
  if (std::fabs(value) < 1e-6 || std::fabs(value) >= 1e15) {
    return fmt::format("{:.{}e}", value, digits - 1);
  }
  return significant(value, digits, 1);
}

std::string human(double value, std::string_view unit, int digits, int least) {
  WT_CHECK(digits >= 2 && digits <= 15, "two to fifteen significant digits");
  if (!std::isfinite(value)) return human_number(value);
  if (is_long(value, unit)) return long_time(value);
  if (unit == unit::kShare) return significant(value * 100, digits, 1) + " %";
  if (unit == unit::kCount) return human_number(value, digits);
  const Symbol* symbol = symbol_of(unit);
  if (symbol == nullptr) {
    return unit.empty() ? human_number(value, digits)
                        : fmt::format("{} {}", human_number(value, digits), unit);
  }
  const double shown = rounded(value, digits);
  const Prefix& prefix = prefix_for(std::fabs(shown), *symbol);
  const std::string number = significant(shown / prefix.factor, digits, least);
  // Without a prefix, bytes and the like are whole: "12 B", not "12.0 B".
  const bool whole = prefix.text.empty() && shown == std::floor(shown) && shown != 0;
  return fmt::format("{} {}", whole ? human_number(shown) : number, with_prefix(prefix, *symbol));
}

Scale scale_for(double largest, std::string_view unit) {
  const double magnitude = std::isfinite(largest) ? std::fabs(largest) : 0;
  if (unit == unit::kShare) return {0.01, "%"};
  if (unit == unit::kSeconds && magnitude >= 2 * 86'400) return {86'400, "d"};
  if (unit == unit::kSeconds && magnitude >= 2 * 3'600) return {3'600, "h"};
  if (unit == unit::kSeconds && magnitude >= 120) return {60, "min"};
  const Symbol* symbol = symbol_of(unit);
  if (symbol == nullptr) return {1, unit == unit::kCount ? "" : std::string(unit)};
  const Prefix& prefix = prefix_for(magnitude, *symbol);
  return {prefix.factor, with_prefix(prefix, *symbol)};
}

}  // namespace windtunnel::report
