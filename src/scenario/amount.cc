#include "scenario/amount.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scenario/decimal.h"
#include "scenario/suggest.h"

namespace windtunnel::scenario {
namespace {

using base::Money;
using base::Power;
using base::Result;
using detail::Unit;

constexpr int64_t kPerWhole = 1'000;  // thousandths
constexpr std::array kPowerUnits = {Unit{"mW", 1, 1'000}, Unit{"W", 1, 1}, Unit{"kW", 1'000, 1},
                                    Unit{"MW", 1'000'000, 1}};
constexpr detail::Sort kPower = {"a power such as `3 kW` (mW, W, kW, MW)", kPowerUnits};
constexpr std::string_view kMoney = "an amount of money such as `1200` or `0.8 CNY`";

// Currencies are words: `CNY`, `EUR`, `yuan`. Anything else behind a number is a mistake.
bool is_word(std::string_view text) {
  constexpr size_t kLettersMax = 8;
  return !text.empty() && text.size() <= kLettersMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

Result<Money> parse_money(std::string_view text) {
  text = detail::trimmed(text);
  std::string_view rest = text;
  const auto value = detail::take_number(rest);
  if (!value) return detail::refuse(text, kMoney);
  const std::string_view currency = detail::trimmed(rest);
  if (!currency.empty() && !is_word(currency)) return detail::refuse(text, kMoney);
  const auto thousandths = detail::whole(*value, kPerWhole, 1);
  if (!thousandths)
    return base::fail(fmt::format("found {}, which is {}", quoted(text),
                                  detail::reason(thousandths.error(), "thousandths")));
  return Money::thousandths(*thousandths);
}

std::string_view currency_of(std::string_view text) {
  text = detail::trimmed(text);
  std::string_view rest = text;
  const auto value = detail::take_number(rest);
  return value ? detail::trimmed(rest) : std::string_view();
}

Result<Power> parse_power(std::string_view text) {
  return detail::parse_quantity(text, kPower, kPerWhole, "milliwatts").map([](int64_t milliwatts) {
    return Power::milliwatts(milliwatts);
  });
}

std::string format(Money money) {
  const int64_t n = money.thousandths();
  const int64_t part = n < 0 ? -(n % kPerWhole) : n % kPerWhole;
  std::string text = fmt::format("{}{}", n < 0 && n > -kPerWhole ? "-" : "", n / kPerWhole);
  if (part == 0) return text;
  std::string places = fmt::format("{:03}", part);
  while (places.back() == '0') places.pop_back();
  return text + "." + places;
}

std::string format(Power power) {
  if (power.milliwatts() == 0) return "0 W";
  return detail::format_units(power.milliwatts(), kPowerUnits, kPerWhole);
}

}  // namespace windtunnel::scenario
