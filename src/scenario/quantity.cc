#include "scenario/quantity.h"

#include <fmt/format.h>

#include <array>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "scenario/suggest.h"

namespace windtunnel::scenario {
namespace {

using base::Int128;
using base::Result;

// mantissa x 10^exponent. A mantissa below 10^20 and thirty powers of ten keep every product below
// inside 128 bits.
struct Decimal {
  Int128 mantissa = 0;
  int exponent = 0;
};
constexpr int kExponentMax = 30;

// One unit is numerator/denominator of the base unit.
struct Unit {
  std::string_view name;
  int64_t numerator = 1;
  int64_t denominator = 1;
};

constexpr int64_t kKilo = 1'000;
constexpr int64_t kMega = 1'000'000;
constexpr int64_t kGiga = 1'000'000'000;
constexpr int64_t kTera = 1'000'000'000'000;
constexpr int64_t kKibi = 1'024;
constexpr int64_t kMebi = kKibi * 1'024;
constexpr int64_t kGibi = kMebi * 1'024;
constexpr int64_t kTebi = kGibi * 1'024;

// In seconds; the first eight are the canonical ones, largest last.
constexpr std::array kTimeUnits = {
    Unit{"ps", 1, kTera},
    Unit{"ns", 1, kGiga},
    Unit{"us", 1, kMega},
    Unit{"ms", 1, kKilo},
    Unit{"s", 1, 1},
    Unit{"min", 60, 1},
    Unit{"h", 3'600, 1},
    Unit{"d", 86'400, 1},
    Unit{"sec", 1, 1},
    Unit{"day", 86'400, 1},
    Unit{"days", 86'400, 1},
    Unit{"\xc2\xb5s", 1, kMega},  // micro sign
    Unit{"\xce\xbcs", 1, kMega},  // Greek mu
};
constexpr std::array kSizeUnits = {
    Unit{"B", 1, 1},       Unit{"kB", kKilo, 1},  Unit{"MB", kMega, 1},  Unit{"GB", kGiga, 1},
    Unit{"TB", kTera, 1},  Unit{"KiB", kKibi, 1}, Unit{"MiB", kMebi, 1}, Unit{"GiB", kGibi, 1},
    Unit{"TiB", kTebi, 1}, Unit{"KB", kKilo, 1},  Unit{"byte", 1, 1},    Unit{"bytes", 1, 1},
};
constexpr std::array kRateUnits = {
    Unit{"bps", 1, 1},           Unit{"kbps", kKilo, 1},      Unit{"Mbps", kMega, 1},
    Unit{"Gbps", kGiga, 1},      Unit{"Tbps", kTera, 1},      Unit{"b/s", 1, 1},
    Unit{"kb/s", kKilo, 1},      Unit{"Mb/s", kMega, 1},      Unit{"Gb/s", kGiga, 1},
    Unit{"Tb/s", kTera, 1},      Unit{"bit/s", 1, 1},         Unit{"kbit/s", kKilo, 1},
    Unit{"Mbit/s", kMega, 1},    Unit{"Gbit/s", kGiga, 1},    Unit{"Tbit/s", kTera, 1},
    Unit{"B/s", 8, 1},           Unit{"kB/s", 8 * kKilo, 1},  Unit{"MB/s", 8 * kMega, 1},
    Unit{"GB/s", 8 * kGiga, 1},  Unit{"TB/s", 8 * kTera, 1},  Unit{"KiB/s", 8 * kKibi, 1},
    Unit{"MiB/s", 8 * kMebi, 1}, Unit{"GiB/s", 8 * kGibi, 1},
};
constexpr std::array kPacketUnits = {Unit{"packets", 1, 1}, Unit{"packet", 1, 1},
                                     Unit{"pkts", 1, 1}};

// What a value of some kind is called and looks like, for the message.
struct Sort {
  std::string_view expected;
  std::span<const Unit> units;
};
constexpr Sort kTime = {"a time such as `1.5 us` (ps, ns, us, ms, s, min, h, d)", kTimeUnits};
constexpr Sort kSize = {"a size such as `4 KiB` or `2 MB` (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)",
                        kSizeUnits};
constexpr Sort kRate = {"a rate such as `400 Gbps` (bps, kbps, Mbps, Gbps, Tbps, or GB/s)",
                        kRateUnits};
constexpr std::string_view kRatioExpected = "a share such as `25 %`, `0.25`, `1/4` or `1:4`";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

tl::unexpected<base::Error> refuse(std::string_view text, std::string_view expected,
                                   std::string hint = {}) {
  const std::string found = text.empty() ? std::string("nothing") : quoted(text);
  return base::fail(fmt::format("found {}, expected {}", found, expected), std::move(hint));
}

// Reads digits of the mantissa, one of them per call. False when there are too many.
bool append_digit(Decimal& value, char digit, bool fraction) {
  if (value.mantissa > std::numeric_limits<int64_t>::max()) return false;
  value.mantissa = value.mantissa * 10 + (digit - '0');
  if (fraction) --value.exponent;
  return true;
}

// Takes the exponent (`e6`, `E-3`) off the front of `rest`. `2 EB`-like units are not mistaken for
// one: a digit must follow.
bool take_exponent(std::string_view& rest, Decimal& value) {
  size_t i = 1;
  if (rest.empty() || (rest[0] != 'e' && rest[0] != 'E')) return true;
  const bool negative = rest.size() > 1 && rest[1] == '-';
  if (rest.size() > 1 && (rest[1] == '-' || rest[1] == '+')) ++i;
  if (i >= rest.size() || !is_digit(rest[i])) return true;
  int exponent = 0;
  for (; i < rest.size() && is_digit(rest[i]); ++i) {
    exponent = exponent * 10 + (rest[i] - '0');
    if (exponent > 2 * kExponentMax) return false;
  }
  value.exponent += negative ? -exponent : exponent;
  rest.remove_prefix(i);
  return true;
}

// Trailing zeros carry no meaning and would spend digits: `1.500000000000000000000 us`.
void normalise(Decimal& value) {
  while (value.mantissa != 0 && value.mantissa % 10 == 0) {
    value.mantissa /= 10;
    ++value.exponent;
  }
  if (value.mantissa == 0) value.exponent = 0;
}

// Takes a decimal number off the front of `rest`; nothing when there is none or it is too long.
std::optional<Decimal> take_number(std::string_view& rest) {
  Decimal value;
  size_t i = 0;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (negative || (!rest.empty() && rest[0] == '+')) ++i;
  bool fraction = false;
  int digits = 0;
  int zeros = 0;  // zeros not yet appended: dropped when the fraction ends with them
  for (; i < rest.size(); ++i) {
    const char c = rest[i];
    const bool joins = digits > 0 && i + 1 < rest.size() && is_digit(rest[i + 1]);
    if (c == '.' && !fraction) {
      for (; zeros > 0; --zeros)
        if (!append_digit(value, '0', false)) return std::nullopt;
      fraction = true;
    } else if (c == '_' && joins) {
      continue;
    } else if (c == '0') {
      ++digits;
      ++zeros;
    } else if (is_digit(c)) {
      ++digits;
      for (; zeros > 0; --zeros)
        if (!append_digit(value, '0', fraction)) return std::nullopt;
      if (!append_digit(value, c, fraction)) return std::nullopt;
    } else {
      break;
    }
  }
  if (digits == 0) return std::nullopt;
  if (!fraction) value.exponent += zeros;
  rest.remove_prefix(i);
  if (!take_exponent(rest, value)) return std::nullopt;
  normalise(value);
  if (negative) value.mantissa = -value.mantissa;
  return value;
}

Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

enum class Inexact { kFraction, kOverflow };

// value x numerator / denominator as a whole number.
tl::expected<int64_t, Inexact> whole(const Decimal& value, Int128 numerator, Int128 denominator) {
  if (value.mantissa == 0) return 0;
  if (value.exponent > kExponentMax) return tl::unexpected(Inexact::kOverflow);
  if (value.exponent < -kExponentMax) return tl::unexpected(Inexact::kFraction);
  Int128 top = value.mantissa;
  Int128 bottom = 1;
  if (value.exponent < 0) bottom = power_of_ten(-value.exponent);
  // Cancel before multiplying, so that nothing below overflows without the result doing so too.
  const auto cancel = [](Int128& a, Int128& b) {
    Int128 x = a < 0 ? -a : a;
    Int128 y = b;
    while (y != 0) {
      const Int128 rest = x % y;
      x = y;
      y = rest;
    }
    a /= x;
    b /= x;
  };
  Int128 scale = value.exponent > 0 ? power_of_ten(value.exponent) : 1;
  for (Int128* factor : {&top, &numerator, &scale}) {
    cancel(*factor, bottom);
    cancel(*factor, denominator);
  }
  if (bottom != 1 || denominator != 1) return tl::unexpected(Inexact::kFraction);
  Int128 product = 0;
  if (__builtin_mul_overflow(top, numerator, &product) ||
      __builtin_mul_overflow(product, scale, &product) ||
      product > std::numeric_limits<int64_t>::max() ||
      product < std::numeric_limits<int64_t>::min()) {
    return tl::unexpected(Inexact::kOverflow);
  }
  return static_cast<int64_t>(product);
}

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return &unit;
  return nullptr;
}

std::string unit_hint(std::span<const Unit> units, std::string_view name) {
  std::vector<std::string> names;
  for (const Unit& unit : units) names.emplace_back(unit.name);
  return suggestion(name, names);
}

std::string missing_unit_hint(std::string_view number, const Sort& sort) {
  return fmt::format("say the unit, as in `{} {}`", number, sort.units[0].name);
}

std::string reason(Inexact inexact, std::string_view base_unit) {
  if (inexact == Inexact::kOverflow) return "too large";
  return fmt::format("not a whole number of {}", base_unit);
}

// The common road of times, sizes and rates; base_per_one: base units in the unit whose numerator
// and denominator are 1.
Result<int64_t> parse_quantity(std::string_view text, const Sort& sort, Int128 base_per_one,
                               std::string_view base_unit) {
  text = trimmed(text);
  std::string_view rest = text;
  const std::optional<Decimal> value = take_number(rest);
  if (!value) return refuse(text, sort.expected);
  const std::string_view name = trimmed(rest);
  if (name.empty() && value->mantissa == 0) return 0;
  if (name.empty()) return refuse(text, sort.expected, missing_unit_hint(text, sort));
  const Unit* unit = find_unit(sort.units, name);
  if (unit == nullptr) return refuse(text, sort.expected, unit_hint(sort.units, name));
  const auto count = whole(*value, base_per_one * unit->numerator, unit->denominator);
  if (!count)
    return base::fail(
        fmt::format("found {}, which is {}", quoted(text), reason(count.error(), base_unit)));
  return *count;
}

// A whole number of the last unit in the list that divides `value` without rest.
std::string format_units(int64_t value, std::span<const Unit> units, Int128 base_per_one) {
  if (value == 0) return fmt::format("0 {}", units[0].name);
  for (size_t i = units.size(); i-- > 0;) {
    const Int128 numerator = base_per_one * units[i].numerator;
    if (numerator % units[i].denominator != 0) continue;
    const Int128 step = numerator / units[i].denominator;
    if (value % step != 0) continue;
    return fmt::format("{} {}", static_cast<int64_t>(value / step), units[i].name);
  }
  return fmt::format("{} {}", value, units[0].name);
}

Result<base::Ratio> reduced(std::string_view text, int64_t part, int64_t whole_count) {
  if (whole_count <= 0) return refuse(text, kRatioExpected, "the second number must be positive");
  const int64_t divisor = std::gcd(part, whole_count);
  return base::Ratio{part / divisor, whole_count / divisor};
}

Result<base::Ratio> parse_pair(std::string_view text, size_t separator) {
  const auto part = parse_integer(text.substr(0, separator));
  const auto whole_count = parse_integer(text.substr(separator + 1));
  if (!part || !whole_count) return refuse(text, kRatioExpected);
  return reduced(text, *part, *whole_count);
}

}  // namespace

Result<int64_t> parse_integer(std::string_view text) {
  text = trimmed(text);
  std::string_view rest = text;
  const std::optional<Decimal> value = take_number(rest);
  if (!value || !rest.empty()) return refuse(text, "a whole number");
  const auto count = whole(*value, 1, 1);
  if (count) return *count;
  if (count.error() == Inexact::kFraction) return refuse(text, "a whole number");
  return base::fail(fmt::format("found {}, which is too large", quoted(text)));
}

Result<bool> parse_bool(std::string_view text) {
  text = trimmed(text);
  if (text == "true") return true;
  if (text == "false") return false;
  const bool yes = text == "yes" || text == "on" || text == "True" || text == "1";
  const bool no = text == "no" || text == "off" || text == "False" || text == "0";
  return refuse(text, "`true` or `false`",
                yes || no ? fmt::format("write `{}`", yes) : std::string());
}

Result<int64_t> parse_ticks(std::string_view text, int64_t ticks_per_second) {
  const bool fine = ticks_per_second == base::Picoseconds::kPerSecond;
  const bool coarse = ticks_per_second == base::Microseconds::kPerSecond;
  return parse_quantity(text, kTime, ticks_per_second,
                        fine ? "picoseconds" : (coarse ? "microseconds" : "clock ticks"));
}

Result<base::Duration> parse_duration(std::string_view text) {
  return parse_ticks(text, base::Picoseconds::kPerSecond).map([](int64_t ticks) {
    return base::Duration::ticks(ticks);
  });
}

Result<base::Bytes> parse_bytes(std::string_view text) {
  return parse_quantity(text, kSize, 1, "bytes").map([](int64_t n) { return base::Bytes(n); });
}

Result<base::Rate> parse_rate(std::string_view text) {
  return parse_quantity(text, kRate, 1, "bits per second").map([](int64_t n) {
    return base::Rate::bits_per_second(n);
  });
}

Result<base::Ratio> parse_ratio(std::string_view text) {
  text = trimmed(text);
  const size_t separator = text.find_first_of("/:");
  if (separator != std::string_view::npos) return parse_pair(text, separator);
  std::string_view rest = text;
  const std::optional<Decimal> value = take_number(rest);
  if (!value) return refuse(text, kRatioExpected);
  const std::string_view unit = trimmed(rest);
  int64_t whole_count = 1;
  if (unit == "%") whole_count = 100;
  if (unit == "ppm") whole_count = kMega;
  if (!unit.empty() && whole_count == 1) return refuse(text, kRatioExpected);
  // Twelve places behind the point of the bare number are more than any share needs.
  constexpr int64_t kPlaces = kTera;
  const auto part = whole(*value, kPlaces, 1);
  if (!part) return base::fail(fmt::format("found {}, which has too many digits", quoted(text)));
  return reduced(text, *part, kPlaces * whole_count);
}

Result<DataAmount> parse_amount(std::string_view text) {
  text = trimmed(text);
  std::string_view rest = text;
  const std::optional<Decimal> value = take_number(rest);
  const std::string_view name = trimmed(rest);
  if (value && find_unit(kPacketUnits, name) != nullptr) {
    const auto count = whole(*value, 1, 1);
    if (count) return DataAmount::packets(*count);
    return refuse(text, "a whole number of packets");
  }
  const auto bytes = parse_bytes(text);
  if (bytes) return DataAmount::bytes(bytes->count());
  const std::string hint = value && name.empty() ? fmt::format(
                                                       "say the unit, as in `{} B` or "
                                                       "`{} packets`",
                                                       text, text)
                                                 : bytes.error().hint;
  return refuse(text, "an amount such as `120 KiB` or `30 packets`", hint);
}

std::string format_ticks(int64_t ticks, int64_t ticks_per_second) {
  constexpr size_t kCanonical = 8;
  // Canonical texts stop at seconds: `7200 s` reads better in a dump than a mixture of h and d.
  constexpr size_t kUpToSeconds = 5;
  static_assert(kTimeUnits[kCanonical - 1].name == "d" && kTimeUnits[kUpToSeconds - 1].name == "s");
  std::span<const Unit> units(kTimeUnits.data(), kUpToSeconds);
  while (units.size() > 1 && ticks_per_second % units.front().denominator != 0)
    units = units.subspan(1);
  return format_units(ticks, units, ticks_per_second);
}

std::string format(base::Duration duration) {
  return format_ticks(duration.ticks(), base::Picoseconds::kPerSecond);
}

std::string format(base::Bytes bytes) {
  // Round decimal sizes as MB, round binary ones as MiB, anything else in bytes.
  constexpr std::array kBest = {Unit{"B", 1, 1},       Unit{"KiB", kKibi, 1}, Unit{"MiB", kMebi, 1},
                                Unit{"GiB", kGibi, 1}, Unit{"kB", kKilo, 1},  Unit{"MB", kMega, 1},
                                Unit{"GB", kGiga, 1}};
  return format_units(bytes.count(), kBest, 1);
}

std::string format(base::Rate rate) {
  return format_units(rate.bits_per_second(), std::span(kRateUnits.data(), 5), 1);
}

std::string format(base::Ratio ratio) {
  if (ratio.whole == 1) return fmt::format("{}", ratio.part);
  const Int128 part = ratio.part;
  if (part * 100 % ratio.whole == 0 && part < ratio.whole && part > -ratio.whole)
    return fmt::format("{} %", static_cast<int64_t>(part * 100 / ratio.whole));
  return fmt::format("{}{}{}", ratio.part, ratio.part > ratio.whole ? ':' : '/', ratio.whole);
}

std::string format(DataAmount amount) {
  if (amount.unit == DataAmount::Unit::kBytes) return format(base::Bytes(amount.count));
  return fmt::format("{} {}", amount.count, amount.count == 1 ? "packet" : "packets");
}

bool less(base::Ratio a, base::Ratio b) {
  return static_cast<Int128>(a.part) * b.whole < static_cast<Int128>(b.part) * a.whole;
}

}  // namespace windtunnel::scenario
