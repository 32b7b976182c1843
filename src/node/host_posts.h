// What hosts tell each other past the network: triggers, the opening and closing of channels, what
// moves within a server. A post takes one lookahead (the shortest link latency) or longer, so the
// receiver's window is never one that has begun.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

#include "base/check.h"
#include "fabric/link.h"

namespace windtunnel::node {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

enum class PostKind : uint32_t {
  kFire,        // flow book: a trigger
  kStart,       // flow book: a flow is due
  kOpen,        // channels: a sender will use this label
  kClose,       // channels: nothing more will come
  kServerHead,  // servers: the first byte of a message has come through the fabric inside
  kServerDone,  // servers: the message is in place
  kRankDone,    // messages: the ranks of a host are done
  kRound,       // messages: the next round begins
};

class HostPosts {
 public:
  static constexpr uint8_t kFlag = fabric::ParcelFlags::kUser;

  // Network partitions by position; set once, before the run.
  void set_partitions(std::vector<uint32_t> partitions) { partitions_ = std::move(partitions); }

  // `parcel` brings flow, cargo[1] and cargo[2]; arrive_ps is at least one lookahead ahead.
  void post_at(PostKind kind, uint32_t to, fabric::Parcel parcel, int64_t arrive_ps,
               fabric::Emitter& out) const {
    WT_CHECK(to < partitions_.size(), "a message to a host the network does not know");
    parcel.set_class(fabric::ParcelClass::kControl);
    parcel.set(kFlag);
    parcel.cargo[0] = static_cast<uint32_t>(kind);
    out.send_direct(fabric::Inlet(to, fabric::Inlet::kPortsMax - 1), partitions_[to], parcel,
                    arrive_ps);
  }
  void post(PostKind kind, uint32_t to, const fabric::Parcel& parcel, int64_t now_ps,
            fabric::Emitter& out) const {
    post_at(kind, to, parcel, now_ps + out.lookahead_ps(), out);
  }

  static bool is_post(const fabric::Parcel& parcel) { return parcel.has(kFlag); }
  static PostKind kind(const fabric::Parcel& parcel) {
    return static_cast<PostKind>(parcel.cargo[0]);
  }
  // All posts come in by one inlet, so those of one instant have no order of their own: they are
  // taken in the order of what they say.
  static bool before(const fabric::Parcel& a, const fabric::Parcel& b) {
    return std::tie(a.cargo[0], a.flow, a.cargo[2], a.cargo[1]) <
           std::tie(b.cargo[0], b.flow, b.cargo[2], b.cargo[1]);
  }

 private:
  std::vector<uint32_t> partitions_;
};

}  // namespace windtunnel::node
