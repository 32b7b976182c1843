// Finding losses that no NACK reported: by time since the last transmission, by packets received
// far beyond a hole, and by a probe that came back while old packets did not.
//
// Timeouts: rto_min * (1 + k) for k <= 7 fruitless ones in a row, then doubling (MRC: linear, then
// exponential), for packets that were sent again; a packet sent once always waits rto_min.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "braid/blocks.h"
#include "braid/clock.h"
#include "braid/profile.h"
#include "braid/sender.h"
#include "braid/timers.h"

namespace windtunnel::braid {

struct RecoveryState {
  Coarse quiet_since = 0;     // last word from the peer, probe sent, or first packet after idling
  Coarse heard = 0;           // last word from the peer
  Coarse asked = 0;           // last probe or credit request that a timeout caused
  Coarse stuck_since = 0;     // when a timer first met the oldest packet under way; 0: not yet
  uint32_t probe_number = 0;  // 24 bits
  uint8_t timeouts_in_row = 0;
  uint8_t probe_tries = 0;  // tail probes without an answer
  bool restarted = false;   // work came after idling: silence counts from the next look
  bool credit_requested = false;
  bool awaiting = false;   // an answer to probe or credit request number `probe_number`
  bool only_news = false;  // that answer will not prove that older packets are lost
};

// Waiting time after k fruitless timeouts, in ps; at most 4 s or rto_min.
int64_t retransmission_timeout(const Profile& profile, uint32_t timeouts_in_row);

// How long a peer set up alike tries before it gives up, in ps; at most 100 s.
int64_t retry_time(const Profile& profile);

// How long the peer may be silent before a tail probe asks (kFast only).
int64_t tail_probe_wait(const Profile& profile, int64_t base_rtt, bool all_sent, uint32_t tries);

// Packets beyond a hole that prove it lost: 1.5 windows, at least five packets.
uint32_t loss_threshold(const Profile& profile, uint32_t window, uint32_t window_maximum);

// A packet outstanding since `once` (or `again` if it was sent more than once) is lost.
struct LossAges {
  int64_t once = 0;
  int64_t again = 0;
};
struct LossScan {
  int64_t next = kNever;  // when the next packet would be lost
  uint32_t lost = 0;
  bool oldest_lost = false;  // una itself
};

namespace recovery_detail {
// Outstanding PSNs among the 16 of a group, as bits from its first PSN on.
inline uint64_t outstanding_in_group(const SenderState& sender, const Block& block,
                                     uint32_t group) {
  uint64_t bits = ~block.acked().read(group) & ~block.waiting().read(group) & 0xffff;
  const int32_t before = psn_distance(sender.una, group);
  if (before > 0) bits &= ~PsnMap::ones(static_cast<uint32_t>(before));
  const int32_t after = psn_distance(sender.next, group);
  return bits & PsnMap::ones(static_cast<uint32_t>(after));
}
}  // namespace recovery_detail

// Calls lose(psn) for every packet that has been outstanding for too long, oldest first.
template <class Lose>
LossScan recovery_scan(const SenderState& sender, const Block& block, int64_t now,
                       const LossAges& ages, Lose lose) {
  LossScan scan;
  const uint32_t una = sender.una;
  uint32_t group = una & ~(kStampGroup - 1);
  for (; psn_before(group, sender.next); group = psn_add(group, kStampGroup)) {
    const uint64_t bits = recovery_detail::outstanding_in_group(sender, block, group);
    if (bits == 0) continue;
    const int64_t group_stamped = from_coarse(block.stamp(group), now);
    const uint64_t again = bits & block.resent().read(group);
    for (uint64_t rest = bits; rest != 0; rest &= rest - 1) {
      const auto offset = static_cast<uint32_t>(std::countr_zero(rest));
      const uint32_t psn = psn_add(group, offset);
      const int64_t stamped = psn == una ? from_coarse(sender.una_stamp, now) : group_stamped;
      const int64_t age = (again >> offset & 1) != 0 ? ages.again : ages.once;
      if (now < stamped + age) {
        scan.next = std::min(scan.next, stamped + age);
        continue;
      }
      scan.oldest_lost |= psn == una;
      ++scan.lost;
      lose(psn);
    }
  }
  return scan;
}

// Calls lose(psn) for every packet sent once that lies `threshold` or more below `highest`.
template <class Lose>
uint32_t recovery_by_order(const SenderState& sender, const Block& block, uint32_t highest,
                           uint32_t threshold, Lose lose) {
  const int32_t reach = psn_distance(highest, sender.una) - static_cast<int32_t>(threshold);
  uint32_t lost = 0;
  for (int32_t at = 0; at <= reach; at += 64) {
    const uint32_t base = psn_add(sender.una, static_cast<uint32_t>(at));
    uint64_t bits =
        ~(block.acked().read(base) | block.waiting().read(base) | block.resent().read(base));
    bits &= PsnMap::ones(static_cast<uint32_t>(reach - at + 1));
    for (; bits != 0; bits &= bits - 1) {
      ++lost;
      lose(psn_add(base, static_cast<uint32_t>(std::countr_zero(bits))));
    }
  }
  return lost;
}

}  // namespace windtunnel::braid
