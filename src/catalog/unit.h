// Figures with units, for data sheets and the arithmetic on them: `400 Gbps`, `1599 USD`, `115 ns`,
// `400 Mpps`, `150 USD/TB`, `30 %`.
//
// A figure is a double in base units and a dimension, because a data sheet's figure ends in a sum
// or a verdict and never decides what a simulation does next (scenario/quantity.h reads what does,
// in integers). Dimensions follow a figure through arithmetic, so that dollars are not added to
// watts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace windtunnel::catalog {

// What a figure can be made of. Data is counted in bits, energy as watts times seconds and not in
// terms of mass and length; each currency stands for itself, because exchange rates are prices and
// belong among the inputs.
enum class Base : uint8_t { kSecond, kBit, kWatt, kMetre, kKilogram, kUsd, kEur, kGbp, kCny };
inline constexpr size_t kBases = 9;
inline constexpr std::array<Base, kBases> kAllBases = {Base::kSecond, Base::kBit,      Base::kWatt,
                                                       Base::kMetre,  Base::kKilogram, Base::kUsd,
                                                       Base::kEur,    Base::kGbp,      Base::kCny};

// Powers of the bases; all zero: a plain number, a count or a share.
struct Dimension {
  std::array<int8_t, kBases> power{};

  constexpr int8_t of(Base base) const { return power[static_cast<size_t>(base)]; }
  constexpr Dimension with(Base base, int8_t to) const {
    Dimension d = *this;
    d.power[static_cast<size_t>(base)] = to;
    return d;
  }
  constexpr Dimension over(const Dimension& other) const {
    Dimension d = *this;
    for (size_t i = 0; i < kBases; ++i) {
      d.power[i] = static_cast<int8_t>(d.power[i] - other.power[i]);
    }
    return d;
  }
  constexpr bool plain() const { return *this == Dimension{}; }
  constexpr auto operator<=>(const Dimension&) const = default;
};

namespace dimension {
inline constexpr Dimension kPlain{};
inline constexpr Dimension kTime = Dimension{}.with(Base::kSecond, 1);
inline constexpr Dimension kData = Dimension{}.with(Base::kBit, 1);
inline constexpr Dimension kRate = kData.over(kTime);
inline constexpr Dimension kPerSecond = kPlain.over(kTime);
inline constexpr Dimension kPower = Dimension{}.with(Base::kWatt, 1);
inline constexpr Dimension kEnergy = kPower.with(Base::kSecond, 1);
inline constexpr Dimension kLength = Dimension{}.with(Base::kMetre, 1);
inline constexpr Dimension kMass = Dimension{}.with(Base::kKilogram, 1);
}  // namespace dimension

// One of the currencies, and nothing else.
bool is_money(const Dimension& dimension);

struct Figure {
  double value = 0;  // in base units: s, bit, W, USD...
  Dimension dimension;
};

// A unit as it is written: so many base units of a dimension.
struct Unit {
  double factor = 1;
  Dimension dimension;
};

// Units: ps ns us ms s min h d; b kb Mb Gb, B kB MB GB TB PB, KiB MiB GiB TiB; bps kbps Mbps Gbps
// Tbps; pps Kpps Mpps, IOPS kIOPS MIOPS, Hz kHz MHz GHz, FLOPS GFLOPS TFLOPS PFLOPS, GT
// (transfers); % ppm; W kW MW J kJ kWh; m km kg, Ns (newton seconds); USD EUR GBP CNY; each alone
// or over another, as in GB/s and USD/TB. `1` and `times` are plain numbers.
base::Result<Unit> parse_unit(std::string_view text);

// A decimal number with its unit; the blank between them is optional, and a plain number has none.
// Errors carry no place: the caller knows it.
base::Result<Figure> parse_figure(std::string_view text);

// "bit/s", "USD", "s"; "1" for plain numbers. For messages.
std::string to_string(const Dimension& dimension);

// How report/ names the unit of a figure of this dimension, and what to multiply its value with:
// data are bytes there (B, factor 1/8), rates bit/s, plain numbers 1.
struct ReportUnit {
  std::string name;
  double factor = 1;
};
ReportUnit report_unit(const Dimension& dimension);

// "400 Gb/s", "1,599 USD".
std::string to_string(const Figure& figure);

}  // namespace windtunnel::catalog
