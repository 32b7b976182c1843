// What an outsider can tell about a queue pair from its packets alone: a slow, obvious second
// bookkeeping of both directions, against which the judges hold the engine's own.
#pragma once

#include <bitset>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "base/units.h"
#include "braid/endpoint.h"

namespace windtunnel::braid_hostile {

using base::Time;

// a - b on 24-bit numbers, in [-2^23, 2^23).
constexpr int32_t psn_gap(uint32_t a, uint32_t b) {
  return static_cast<int32_t>((a - b) << 8) >> 8;
}
constexpr uint32_t psn_plus(uint32_t psn, uint32_t n) { return (psn + n) & braid::kPsnMask; }

// The sending half. `una` is the highest cumulative PSN that any acknowledgement brought.
class SenderModel {
 public:
  void start(uint32_t first_psn, uint32_t range);

  // A numbered packet left. Sizes are accounted wire bytes.
  void sent_first(const braid::Packet& packet, int64_t size);
  void sent_again(const braid::Packet& packet);
  // A true acknowledgement arrived; returns how many packets it acknowledged for the first time.
  // The receiver's byte count is ahead of the map, which covers 64 packets only.
  uint32_t acknowledged(const braid::SackFields& sack);
  // Notes an acknowledgement that arrived; whether the same one had arrived before. A replay may
  // outlive its original.
  bool heard_again(const braid::Packet& sack);
  // Whether the NACK speaks of the last transmission of a packet that is not acknowledged and that
  // no earlier NACK has spoken of.
  bool refused(const braid::Packet& nack);
  // Whether a NACK of an earlier transmission looks like one of the last: sent again by the same
  // path. The engine keeps no time per packet, so it cannot tell these apart.
  bool looks_current(const braid::Packet& nack) const;

  bool outstanding(uint32_t psn) const;  // sent and not acknowledged
  // Whether feedback that refers to `psn` is the first about a packet sent once and still open.
  bool first_word(uint32_t psn);
  uint32_t transmissions(uint32_t psn) const { return slot(psn).transmissions; }
  int64_t size(uint32_t psn) const { return slot(psn).size; }
  // Whether some transmission of `psn` carried this entropy and timestamp.
  bool echoes(uint32_t psn, uint16_t entropy, uint32_t timestamp) const;

  uint32_t una() const { return una_; }
  uint32_t next() const { return next_; }
  uint32_t range() const { return range_; }
  // Bytes of distinct packets sent, less what the receiver has counted according to the newest
  // acknowledgement: what is in flight, waits to be sent again, or is lost unnoticed.
  int64_t uncounted_bytes() const { return uncounted_; }
  uint32_t unacknowledged() const { return unacknowledged_; }
  int64_t smallest() const { return smallest_; }
  int64_t largest() const { return largest_; }

 private:
  struct Sent {
    uint32_t timestamp = 0;  // of the last transmission
    uint32_t transmissions = 0;
    int32_t size = 0;
    uint16_t entropy = 0;  // of the last transmission
    bool acknowledged = true;
    bool refused = false;  // the last transmission was
    bool spoken_of = false;
  };
  static constexpr uint32_t kSlots = 4096;
  Sent& slot(uint32_t psn) { return sent_[psn % kSlots]; }
  const Sent& slot(uint32_t psn) const { return sent_[psn % kSlots]; }
  bool acknowledge(uint32_t psn);
  void remember(const braid::Packet& packet);

  std::vector<Sent> sent_;
  std::unordered_set<uint64_t> echoes_;  // looked up, never walked
  std::unordered_set<uint64_t> heard_;   // the same
  uint32_t una_ = 0;
  uint32_t next_ = 0;
  uint32_t range_ = 0;
  uint32_t unacknowledged_ = 0;
  int64_t uncounted_ = 0;
  uint32_t counted_ = 0;  // SackFields::received_bytes of the newest acknowledgement
  int64_t smallest_ = 0;  // packet ever sent
  int64_t largest_ = 0;
};

// The receiving half.
class ReceiverModel {
 public:
  void start(uint32_t first_psn, uint32_t range);

  enum class Kind : uint8_t { kOld, kNew, kBeyond };
  Kind classify(uint32_t psn) const;
  // A new packet was taken in.
  void accept(uint32_t psn, int64_t size);
  bool has(uint32_t psn) const;

  uint32_t expected() const { return expected_; }
  uint32_t highest() const { return highest_; }
  uint32_t out_of_order() const { return out_of_order_; }
  uint32_t received_bytes() const { return received_bytes_; }
  uint32_t range() const { return range_; }

 private:
  static constexpr uint32_t kSlots = 4096;
  std::bitset<kSlots> arrived_;
  uint32_t expected_ = 0;
  uint32_t highest_ = 0;
  uint32_t range_ = 0;
  uint32_t out_of_order_ = 0;
  uint32_t received_bytes_ = 0;
};

}  // namespace windtunnel::braid_hostile
