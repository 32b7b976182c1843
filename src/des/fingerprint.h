// A running hash of what a run did. Two runs with the same fingerprint executed the same events in
// the same order; a change of behaviour changes it. The kernel adds the ingredients chosen at
// construction for every event; a model may add results of its own.
//
// 64 bits of base::hash_combine: a checksum against accidents, not against an adversary.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace windtunnel::des {

class Fingerprint {
 public:
  void add(uint64_t ingredient) { value_ = base::hash_combine(value_, ingredient); }
  // Four at the price of one: what the kernel adds per event. The factors are odd and unrelated
  // (from the golden ratio and the finalisers of MurmurHash3 and SplitMix64).
  void add(uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    value_ = base::mix64(value_ + 0x9e3779b97f4a7c15ULL * (a + 1) + 0xff51afd7ed558ccdULL * b +
                         0xc4ceb9fe1a85ec53ULL * c + 0xbf58476d1ce4e5b9ULL * d);
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0;
};

}  // namespace windtunnel::des
