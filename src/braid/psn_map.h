// One bit per packet sequence number of a window, as a ring of 64-bit words: bit of a PSN is
// PSN modulo the range, which is a power of two of at least 64 and divides 2^24.
#pragma once

#include <bit>
#include <cstdint>

namespace windtunnel::braid {

// A view; the words belong to a block (braid/blocks.h) and are zero when it is taken.
class PsnMap {
 public:
  PsnMap(uint64_t* words, uint32_t range) : words_(words), mask_(range - 1) {}

  bool test(uint32_t psn) const { return (words_[index(psn)] >> (psn & 63) & 1) != 0; }
  void set(uint32_t psn) { words_[index(psn)] |= bit(psn); }
  void clear(uint32_t psn) { words_[index(psn)] &= ~bit(psn); }

  // 64 bits beginning with the bit of `psn`.
  uint64_t read(uint32_t psn) const {
    const uint32_t shift = psn & 63;
    const uint64_t low = words_[index(psn)] >> shift;
    return shift == 0 ? low : low | words_[index(psn + 64)] << (64 - shift);
  }
  // Or-s 64 bits in, beginning with the bit of `psn`.
  void write(uint32_t psn, uint64_t bits) {
    const uint32_t shift = psn & 63;
    words_[index(psn)] |= bits << shift;
    if (shift != 0) words_[index(psn + 64)] |= bits >> (64 - shift);
  }
  // Clears `count` bits from `psn` on; count <= range.
  void clear_range(uint32_t psn, uint32_t count) {
    while (count > 0) {
      const uint32_t shift = psn & 63;
      const uint32_t here = count < 64 - shift ? count : 64 - shift;
      words_[index(psn)] &= ~(ones(here) << shift);
      psn += here;
      count -= here;
    }
  }
  // How many bits from `psn` on are set without a gap; at most `limit`.
  uint32_t run(uint32_t psn, uint32_t limit) const {
    uint32_t length = 0;
    while (length < limit) {
      const auto here = static_cast<uint32_t>(std::countr_one(read(psn + length)));
      length += here;
      if (here < 64) break;
    }
    return length < limit ? length : limit;
  }
  // Distance from `psn` to the first set bit, or `limit` if there is none before it.
  uint32_t find(uint32_t psn, uint32_t limit) const {
    for (uint32_t at = 0; at < limit; at += 64) {
      const uint64_t bits = read(psn + at);
      if (bits == 0) continue;
      const uint32_t found = at + static_cast<uint32_t>(std::countr_zero(bits));
      return found < limit ? found : limit;
    }
    return limit;
  }

  static constexpr uint64_t ones(uint32_t n) {
    return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
  }

 private:
  uint32_t index(uint32_t psn) const { return (psn & mask_) >> 6; }
  static constexpr uint64_t bit(uint32_t psn) { return uint64_t{1} << (psn & 63); }
  uint64_t* words_;
  uint32_t mask_;
};

}  // namespace windtunnel::braid
