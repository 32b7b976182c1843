// Numbers with units, read exactly: `400 Gbps`, `1.5 us`, `4 KiB`, `85 %`, `30 packets`.
//
// A text becomes a decimal fraction and then an integer count of the base unit (ticks, bytes,
// bit/s). What is not a whole number of base units, or does not fit, is refused rather than
// rounded. No floating point is involved. Errors carry no source mark; the caller knows the place.
//
//   time   ps ns us ms s min h d                    (µs is read as us)
//   size   B kB MB GB TB (powers of 1000), KiB MiB GiB TiB (powers of 1024); KB means kB
//   rate   bps kbps Mbps Gbps Tbps, also b/s kb/s Mb/s Gb/s Tb/s, and in bytes B/s MB/s GB/s GiB/s
//   ratio  `85 %`, `0.85`, `3/1000`, `4:1`, `250 ppm`
//
// A number may have a sign, underscores between digits, a decimal point and an exponent; the space
// before the unit is optional. Only zero may come without its unit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "scenario/value_types.h"

namespace windtunnel::scenario {

base::Result<int64_t> parse_integer(std::string_view text);
base::Result<bool> parse_bool(std::string_view text);
// Ticks of a clock with `ticks_per_second` (base::Picoseconds::kPerSecond and so on).
base::Result<int64_t> parse_ticks(std::string_view text, int64_t ticks_per_second);
base::Result<base::Duration> parse_duration(std::string_view text);
base::Result<base::Bytes> parse_bytes(std::string_view text);
base::Result<base::Rate> parse_rate(std::string_view text);
base::Result<base::Ratio> parse_ratio(std::string_view text);  // reduced to lowest terms
base::Result<DataAmount> parse_amount(std::string_view text);

// The shortest text that reads back as the same value.
std::string format_ticks(int64_t ticks, int64_t ticks_per_second);
std::string format(base::Duration duration);
std::string format(base::Bytes bytes);
std::string format(base::Rate rate);
std::string format(base::Ratio ratio);
std::string format(DataAmount amount);

// a < b, exactly. Denominators are positive.
bool less(base::Ratio a, base::Ratio b);

}  // namespace windtunnel::scenario
