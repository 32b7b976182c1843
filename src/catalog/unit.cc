#include "catalog/unit.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "scenario/suggest.h"

namespace windtunnel::catalog {
namespace {

using namespace dimension;  // NOLINT(google-build-using-namespace): the words of figures

constexpr Dimension kImpulse = kMass.with(Base::kMetre, 1).with(Base::kSecond, -1);
constexpr Dimension currency(Base base) { return Dimension{}.with(base, 1); }

constexpr double kKibi = 1024;

struct NamedUnit {
  std::string_view name;
  Unit unit;
};

constexpr NamedUnit kUnits[] = {
    {"ps", {1e-12, kTime}},
    {"ns", {1e-9, kTime}},
    {"us", {1e-6, kTime}},
    {"µs", {1e-6, kTime}},
    {"ms", {1e-3, kTime}},
    {"s", {1, kTime}},
    {"min", {60, kTime}},
    {"h", {3600, kTime}},
    {"d", {86'400, kTime}},
    {"b", {1, kData}},
    {"kb", {1e3, kData}},
    {"Mb", {1e6, kData}},
    {"Gb", {1e9, kData}},
    {"Tb", {1e12, kData}},
    {"B", {8, kData}},
    {"kB", {8e3, kData}},
    {"KB", {8e3, kData}},
    {"MB", {8e6, kData}},
    {"GB", {8e9, kData}},
    {"TB", {8e12, kData}},
    {"PB", {8e15, kData}},
    {"KiB", {8 * kKibi, kData}},
    {"MiB", {8 * kKibi * kKibi, kData}},
    {"GiB", {8 * kKibi * kKibi * kKibi, kData}},
    {"TiB", {8 * kKibi * kKibi * kKibi * kKibi, kData}},
    {"bps", {1, kRate}},
    {"kbps", {1e3, kRate}},
    {"Mbps", {1e6, kRate}},
    {"Gbps", {1e9, kRate}},
    {"Tbps", {1e12, kRate}},
    {"pps", {1, kPerSecond}},
    {"kpps", {1e3, kPerSecond}},
    {"Mpps", {1e6, kPerSecond}},
    {"IOPS", {1, kPerSecond}},
    {"kIOPS", {1e3, kPerSecond}},
    {"MIOPS", {1e6, kPerSecond}},
    {"Hz", {1, kPerSecond}},
    {"kHz", {1e3, kPerSecond}},
    {"MHz", {1e6, kPerSecond}},
    {"GHz", {1e9, kPerSecond}},
    {"FLOPS", {1, kPerSecond}},
    {"GFLOPS", {1e9, kPerSecond}},
    {"TFLOPS", {1e12, kPerSecond}},
    {"PFLOPS", {1e15, kPerSecond}},
    {"1", {1, kPlain}},
    {"times", {1, kPlain}},
    {"share", {1, kPlain}},
    {"%", {0.01, kPlain}},
    {"ppm", {1e-6, kPlain}},
    {"W", {1, kPower}},
    {"kW", {1e3, kPower}},
    {"MW", {1e6, kPower}},
    {"J", {1, kEnergy}},
    {"kJ", {1e3, kEnergy}},
    {"kWh", {3.6e6, kEnergy}},
    {"m", {1, kLength}},
    {"km", {1e3, kLength}},
    {"kg", {1, kMass}},
    {"Ns", {1, kImpulse}},
    {"USD", {1, currency(Base::kUsd)}},
    {"EUR", {1, currency(Base::kEur)}},
    {"GBP", {1, currency(Base::kGbp)}},
    {"CNY", {1, currency(Base::kCny)}},
};

constexpr std::array<std::string_view, kBases> kBaseNames = {"s",   "bit", "W",   "m",  "kg",
                                                             "USD", "EUR", "GBP", "CNY"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

base::Result<Unit> find_unit(std::string_view name) {
  std::vector<std::string> names;
  for (const NamedUnit& unit : kUnits) {
    if (unit.name == name) return unit.unit;
    names.emplace_back(unit.name);
  }
  return base::fail(fmt::format("found unit {}, expected one such as Gbps, GB/s, ns, W, USD or %",
                                scenario::quoted(name)),
                    scenario::suggestion(name, names));
}

std::string power_text(std::string_view name, int power) {
  return power == 1 ? std::string(name) : fmt::format("{}^{}", name, power);
}

}  // namespace

bool is_money(const Dimension& dimension) {
  for (const Base base : {Base::kUsd, Base::kEur, Base::kGbp, Base::kCny}) {
    if (dimension == currency(base)) return true;
  }
  return false;
}

base::Result<Unit> parse_unit(std::string_view text) {
  text = trimmed(text);
  const size_t slash = text.find('/');
  base::Result<Unit> unit = find_unit(trimmed(text.substr(0, slash)));
  if (!unit || slash == std::string_view::npos) return unit;
  const base::Result<Unit> per = find_unit(trimmed(text.substr(slash + 1)));
  if (!per) return per;
  return Unit{unit->factor / per->factor, unit->dimension.over(per->dimension)};
}

base::Result<Figure> parse_figure(std::string_view text) {
  text = trimmed(text);
  double number = 0;
  const char* end = text.data() + text.size();
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [stop, code] = std::from_chars(begin, end, number);
  if (code != std::errc() || !std::isfinite(number)) {
    return base::fail(fmt::format("found {}, expected a number with its unit, such as 400 Gbps",
                                  scenario::quoted(text)));
  }
  const std::string_view rest = trimmed({stop, static_cast<size_t>(end - stop)});
  if (rest.empty()) return Figure{number, {}};
  const base::Result<Unit> unit = parse_unit(rest);
  if (!unit) return tl::unexpected(unit.error());
  return Figure{number * unit->factor, unit->dimension};
}

std::string to_string(const Dimension& dimension) {
  std::string above;
  std::string below;
  for (size_t i = 0; i < kBases; ++i) {
    const int power = +dimension.power[i];
    std::string& text = power > 0 ? above : below;
    if (power != 0) text += (text.empty() ? "" : " ") + power_text(kBaseNames[i], std::abs(power));
  }
  if (above.empty()) above = "1";
  return below.empty() ? above : above + "/" + below;
}

ReportUnit report_unit(const Dimension& dimension) {
  if (dimension == kData) return {"B", 1.0 / 8};
  if (dimension == kEnergy) return {"J", 1};
  return {to_string(dimension), 1};
}

std::string to_string(const Figure& figure) {
  const ReportUnit unit = report_unit(figure.dimension);
  return fmt::format("{:.6g} {}", figure.value * unit.factor, unit.name);
}

}  // namespace windtunnel::catalog
