// A tap on chosen flows: every parcel of theirs that leaves a link is noted. Off, it costs one
// predictable branch per packet-hop; on, memory grows with what the chosen flows send, up to a
// bound after which later hops are counted and not kept (Network closes the logs between windows).
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "fabric/parcel.h"

namespace windtunnel::fabric {

// One parcel that crossed one link.
struct HopRecord {
  int64_t done_ps = 0;  // its last bit left the sending end
  Parcel parcel;        // `at` names the receiving end of the link
  bool operator<(const HopRecord& other) const {
    const auto key = [](const HopRecord& r) {
      const Parcel& p = r.parcel;
      return std::tuple(r.done_ps, p.at.bits(), p.dst_and_flags, p.flow, p.entropy, p.bytes);
    };
    return key(*this) < key(other);
  }
};

// Which flow labels are noted. A label's top bit tells the way back from the way there.
class TraceFilter {
 public:
  static constexpr uint32_t kLabelMask = 0x7fffffff;
  explicit TraceFilter(std::vector<uint32_t> flows) : flows_(std::move(flows)) {
    std::sort(flows_.begin(), flows_.end());
  }
  bool wants(const Parcel& parcel) const {
    if (parcel.parcel_class() == ParcelClass::kPause) return false;
    return std::binary_search(flows_.begin(), flows_.end(), parcel.flow & kLabelMask);
  }

 private:
  std::vector<uint32_t> flows_;
};

// One worker's notes.
struct TraceLog {
  const TraceFilter* filter = nullptr;  // null: off
  std::vector<HopRecord> records;
  bool full = false;
  int64_t not_kept = 0;

  void note(const Parcel& parcel, int64_t done_ps) {
    if (!filter->wants(parcel)) return;
    if (full) {
      ++not_kept;
    } else {
      records.push_back({done_ps, parcel});
    }
  }
};

}  // namespace windtunnel::fabric
