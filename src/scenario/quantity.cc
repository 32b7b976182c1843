#include "scenario/quantity.h"

#include <fmt/format.h>

#include <array>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "scenario/decimal.h"
#include "scenario/suggest.h"

namespace windtunnel::scenario {
namespace {

using base::Int128;
using base::Result;
using detail::Decimal;
using detail::find_unit;
using detail::format_units;
using detail::Inexact;
using detail::parse_quantity;
using detail::refuse;
using detail::Sort;
using detail::take_number;
using detail::trimmed;
using detail::Unit;
using detail::whole;

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

constexpr Sort kTime = {"a time such as `1.5 us` (ps, ns, us, ms, s, min, h, d)", kTimeUnits};
constexpr Sort kSize = {"a size such as `4 KiB` or `2 MB` (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)",
                        kSizeUnits};
constexpr Sort kRate = {"a rate such as `400 Gbps` (bps, kbps, Mbps, Gbps, Tbps, or GB/s)",
                        kRateUnits};
constexpr std::string_view kRatioExpected = "a share such as `25 %`, `0.25`, `1/4` or `1:4`";

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
