#include "scenario/decimal.h"

#include <fmt/format.h>

#include <vector>

#include "scenario/suggest.h"

namespace windtunnel::scenario::detail {
namespace {

using base::Int128;
using base::Result;

bool is_space(char c) { return c == ' ' || c == '\t'; }

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

Int128 power_of_ten(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::string missing_unit_hint(std::string_view number, const Sort& sort) {
  return fmt::format("say the unit, as in `{} {}`", number, sort.units[0].name);
}

}  // namespace

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

tl::unexpected<base::Error> refuse(std::string_view text, std::string_view expected,
                                   std::string hint) {
  const std::string found = text.empty() ? std::string("nothing") : quoted(text);
  return base::fail(fmt::format("found {}, expected {}", found, expected), std::move(hint));
}

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

std::string reason(Inexact inexact, std::string_view base_unit) {
  if (inexact == Inexact::kOverflow) return "too large";
  return fmt::format("not a whole number of {}", base_unit);
}

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

}  // namespace windtunnel::scenario::detail
