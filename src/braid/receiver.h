// The receiving half of a queue pair: which PSNs have arrived, when to acknowledge, and what falls
// due when the PSN line is complete up to somewhere.
//
// Acknowledgements follow the reference simulator: at once for the first packet, for marked and
// duplicate ones and on request; once more when a hole closes after a request; else per
// ack_threshold received bytes.
#pragma once

#include <cstdint>

#include "braid/blocks.h"
#include "braid/packet.h"
#include "braid/profile.h"
#include "braid/psn.h"
#include "braid/work.h"

namespace windtunnel::braid {

// Invariants: expected <= every PSN marked in Block::arrived < expected + range;
// out_of_order = number of marks.
struct ReceiverState {
  uint32_t expected = 0;        // every PSN before it has arrived
  uint32_t highest = 0;         // one past the highest that has
  uint32_t received_bytes = 0;  // wire bytes of distinct packets, modulo 2^32
  uint32_t unacknowledged = 0;  // of these since the last SACK
  uint32_t out_of_order = 0;
  uint32_t stash = kNoWork;      // what waits for the line to close, by due PSN
  bool any = false;              // a packet has arrived
  bool ack_when_closed = false;  // a requested SACK is due again when the hole closes
};

// Where a PSN stands.
enum class PsnClass : uint8_t { kNext, kAhead, kSeen, kOutside };
inline PsnClass receiver_classify(const ReceiverState& state, uint32_t psn, uint32_t range) {
  const int32_t ahead = psn_distance(psn, state.expected);
  if (ahead == 0) return PsnClass::kNext;
  if (ahead < 0) return PsnClass::kSeen;
  return static_cast<uint32_t>(ahead) < range ? PsnClass::kAhead : PsnClass::kOutside;
}

// Takes the PSN in (kNext, or kAhead and not marked before) and decides whether a SACK is due.
// `block` may be null for kNext while nothing is out of order.
bool receiver_accept(ReceiverState& state, const Block* block, uint32_t psn, uint32_t bytes,
                     bool ack_request, bool marked, const Profile& profile);

// First PSN of the SACK's bitmap for reference `psn`: the reference itself for marked and
// requested ones, else as low as 63 before it, but past the expected one.
inline uint32_t sack_base(const ReceiverState& state, uint32_t psn, bool at_reference) {
  if (at_reference) return psn;
  const uint32_t low = psn_add(psn, kPsnMask + 1 - 63);
  const uint32_t past = psn_add(state.expected, 1);
  return psn_before(low, past) ? past : low;
}
// The state part of a SACK at this moment.
void receiver_fill_sack(const ReceiverState& state, const Block* block, SackFields& sack,
                        uint32_t base);

// Puts a request into the stash in order of its due_psn.
void stash_insert(ReceiverState& state, WorkPool& pool, uint32_t work);
// Takes out the first that is due, or returns kNoWork.
inline uint32_t stash_take_due(ReceiverState& state, WorkPool& pool) {
  const uint32_t first = state.stash;
  if (first == kNoWork || !psn_before(pool[first].due_psn, state.expected)) return kNoWork;
  state.stash = pool[first].stash_next;
  return first;
}

}  // namespace windtunnel::braid
