// Decimal numbers with units, exactly: what every reader of quantities (quantity.h, span.h) is made
// of. No floating point is involved.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace windtunnel::scenario::detail {

// mantissa x 10^exponent. A mantissa below 10^20 and thirty powers of ten keep every product below
// inside 128 bits.
struct Decimal {
  base::Int128 mantissa = 0;
  int exponent = 0;
};
inline constexpr int kExponentMax = 30;

// One unit is numerator/denominator of the base unit.
struct Unit {
  std::string_view name;
  int64_t numerator = 1;
  int64_t denominator = 1;
};

// What a value of some kind is called and looks like, for the message.
struct Sort {
  std::string_view expected;
  std::span<const Unit> units;
};
bool is_digit(char c);
std::string_view trimmed(std::string_view text);

// "found TEXT, expected ...".
tl::unexpected<base::Error> refuse(std::string_view text, std::string_view expected,
                                   std::string hint = {});

// Takes a decimal number off the front of `rest`; nothing when there is none or it is too long.
std::optional<Decimal> take_number(std::string_view& rest);

enum class Inexact { kFraction, kOverflow };
// value x numerator / denominator as a whole number.
tl::expected<int64_t, Inexact> whole(const Decimal& value, base::Int128 numerator,
                                     base::Int128 denominator);
// "too large", "not a whole number of microseconds".
std::string reason(Inexact inexact, std::string_view base_unit);

const Unit* find_unit(std::span<const Unit> units, std::string_view name);
std::string unit_hint(std::span<const Unit> units, std::string_view name);

// The common road of times, sizes and rates; base_per_one: base units in the unit whose numerator
// and denominator are 1.
base::Result<int64_t> parse_quantity(std::string_view text, const Sort& sort,
                                     base::Int128 base_per_one, std::string_view base_unit);

// A whole number of the last unit in the list that divides `value` without rest.
std::string format_units(int64_t value, std::span<const Unit> units, base::Int128 base_per_one);

}  // namespace windtunnel::scenario::detail
