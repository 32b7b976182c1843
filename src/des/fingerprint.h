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
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0;
};

}  // namespace windtunnel::des
