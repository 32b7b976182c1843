// Money and power, read exactly like all quantities (quantity.h).
//
//   money  `1200`, `0.8`, `1200 CNY`: to the thousandth; the currency is a word that the caller
//          compares with the one of the bill
//   power  mW W kW MW
#pragma once

#include <string>
#include <string_view>

#include "base/money.h"
#include "base/result.h"

namespace windtunnel::scenario {

base::Result<base::Money> parse_money(std::string_view text);
// The word behind an amount of money; empty when there is none.
std::string_view currency_of(std::string_view text);
base::Result<base::Power> parse_power(std::string_view text);

std::string format(base::Money money);
std::string format(base::Power power);

}  // namespace windtunnel::scenario
