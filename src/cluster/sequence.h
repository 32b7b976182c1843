// Counts messages that arrive in order. Where one failed, those behind it may still arrive: they
// are of no use without it and are not counted, so nothing is built on a sum that lacks a part.
#pragma once

#include <cstdint>

#include "base/check.h"

namespace windtunnel::cluster {

class Sequence {
 public:
  // Message number `index` arrived. A machine that changes the order is a fault of ours.
  void arrived(uint32_t index) {
    WT_CHECK(index >= count_ && (index > count_ || !hole_), "messages arrived out of order");
    if (index == count_) {
      ++count_;
    } else {
      hole_ = true;
    }
  }
  // Messages that arrived with all before them.
  uint32_t count() const { return count_; }

 private:
  uint32_t count_ = 0;
  bool hole_ = false;
};

}  // namespace windtunnel::cluster
