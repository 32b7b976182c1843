// Values a scenario can hold that base/units.h does not know: an amount of data counted either in
// bytes or in packets, and the name of a file.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace windtunnel::scenario {

// `30 packets` or `120 KiB`. Which of the two is kept, because the size of a packet is not known
// where the text is read.
struct DataAmount {
  enum class Unit : uint8_t { kBytes, kPackets };
  int64_t count = 0;
  Unit unit = Unit::kBytes;

  static constexpr DataAmount bytes(int64_t n) { return {n, Unit::kBytes}; }
  static constexpr DataAmount packets(int64_t n) { return {n, Unit::kPackets}; }
  // Bytes this amounts to when a packet has `packet_bytes`. Saturates at the largest int64_t.
  constexpr int64_t in_bytes(int64_t packet_bytes) const {
    int64_t product = 0;
    if (unit == Unit::kBytes) return count;
    return __builtin_mul_overflow(count, packet_bytes, &product) ? INT64_MAX : product;
  }
  constexpr bool operator==(const DataAmount&) const = default;
};

// The name of a file as the user wrote it, and where it is: relative names count from the folder
// of the scenario file, or from the working directory when they come from a command-line flag.
struct FilePath {
  std::string text;  // empty: none given
  std::string resolved;
  bool given() const { return !text.empty(); }
  bool operator==(const FilePath&) const = default;
};

}  // namespace windtunnel::scenario
