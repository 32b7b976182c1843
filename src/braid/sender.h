// The sending half of a queue pair: work requests become numbered packets, acknowledgements retire
// them, losses put them in line again. What may be sent when (window, credit, port) is decided by
// the caller; here is what would be sent.
//
// Window of PSNs: una <= acknowledged < next <= una + range, modulo 2^24. Each PSN in it is one of
// acked, waiting (declared lost, to be sent again) or outstanding.
#pragma once

#include <cstdint>

#include "braid/blocks.h"
#include "braid/clock.h"
#include "braid/packet.h"
#include "braid/profile.h"
#include "braid/psn.h"
#include "braid/work.h"

namespace windtunnel::braid {

// Invariants: in_flight = bytes sent - received by the peer's count - declared lost (plus those of
// them found received); zero when una == next. next_size == 0 when no new packet can be formed.
struct SenderState {
  int64_t in_flight = 0;
  int64_t backlog = 0;  // wire bytes posted and never sent
  uint64_t left = 0;    // payload bytes of the current message never sent
  uint32_t una = 0;
  uint32_t next = 0;
  uint32_t sent_bytes = 0;      // of distinct PSNs, modulo 2^32
  uint32_t received_bytes = 0;  // of these the peer has counted so many
  WorkList sent;                // begun, in order of PSN; its tail is current while next_size > 0
  WorkList queued;              // our requests not begun
  WorkList responses;           // peer's reads not begun: they go first
  uint32_t packets = 0;         // of the current message, sent so far
  uint32_t next_size = 0;       // wire bytes of the next new packet
  uint32_t waiting_bytes = 0;
  uint32_t waiting_from = 0;  // no waiting PSN before this one
  // When una was last sent, coarse. The stamp of its group will not do: packets sent again beside
  // it would push its timeout ahead for ever.
  Coarse una_stamp = 0;
  uint32_t asked_psn = 0;  // one past the last under way that asks for an answer; <= una: none
  uint16_t waiting_count = 0;
  uint16_t message = 0;
  uint8_t imm_in_flight = 0;
  uint8_t reads_in_flight = 0;
  bool speculating = true;  // nothing heard from the receiver yet

  uint32_t outstanding_span() const { return static_cast<uint32_t>(psn_distance(next, una)); }
  bool has_unfinished_work() const {
    return !sent.empty() || !queued.empty() || !responses.empty();
  }
};

// What a connection allows, from both sides' attributes.
struct SenderLimits {
  uint32_t range = 0;
  uint16_t imm = 0;
  uint16_t reads = 0;
};

// One packet of a message: where its payload lies.
struct PacketSpan {
  uint32_t work = kNoWork;
  uint32_t index = 0;   // packets of the message before it
  uint32_t length = 0;  // payload bytes
  bool last = false;
};

// Number of packets and wire bytes of a request. 64 bits: 2^40 bytes are 2^28 packets and more.
uint64_t packet_count(const WorkElement& work, const Profile& profile);
int64_t backlog_of(const WorkElement& work, const Profile& profile);

// Adds a request to the line; sender_begin() afterwards.
void sender_queue(SenderState& state, WorkPool& pool, uint32_t work, const Profile& profile);
// Begins the next message if none is current and the limits allow one.
void sender_begin(SenderState& state, WorkPool& pool, const SenderLimits& limits,
                  const Profile& profile);
// Forms the next new packet (next_size > 0): takes its PSN, which is the old `next`.
PacketSpan sender_take_new(SenderState& state, WorkPool& pool, const SenderLimits& limits,
                           const Profile& profile);
// The span of a PSN in [una, next). Walks the list of begun messages: for the rare paths.
PacketSpan sender_locate(const SenderState& state, const WorkPool& pool, uint32_t psn,
                         const Profile& profile);
uint32_t span_bytes(const PacketSpan& span, const WorkPool& pool, const Profile& profile);

// Oldest waiting PSN; waiting_count > 0.
uint32_t sender_oldest_waiting(SenderState& state, const Block& block);
// Takes it out of the line, to be sent now.
void sender_take_waiting(SenderState& state, const Block& block, uint32_t psn, uint32_t bytes);
// An outstanding PSN is lost: puts it in the line.
void sender_lose(SenderState& state, const Block& block, uint32_t psn, uint32_t bytes);

// Whether PSN is in [una, next).
inline bool sender_tracks(const SenderState& state, uint32_t psn) {
  return static_cast<uint32_t>(psn_distance(psn, state.una)) < state.outstanding_span();
}
// Outstanding: tracked, neither acknowledged nor waiting.
inline bool sender_awaits(const SenderState& state, const Block& block, uint32_t psn) {
  return sender_tracks(state, psn) && !block.acked().test(psn) && !block.waiting().test(psn);
}

struct AckResult {
  uint32_t newly = 0;     // bytes by the receiver's count
  bool progress = false;  // something new was acknowledged
  bool advanced = false;  // una moved
};
// Applies a SACK that names sane PSNs. `stale` ones (older than una) can only add map bits.
AckResult sender_acknowledge(SenderState& state, const Block& block, WorkPool& pool,
                             const SackFields& sack, const Profile& profile);
// Whether the PSNs and the byte count of a SACK are possible at all.
bool sender_sack_is_sane(const SenderState& state, const SackFields& sack);

// Marks begun messages all of whose packets are acknowledged and takes out those that are complete:
// ours in the order of posting, responses at once (a peer may wait for their place). Calls
// done(index) for each, which then owns it.
template <class Done>
void sender_retire(SenderState& state, WorkPool& pool, Done done) {
  uint32_t before = kNoWork;
  bool in_order = true;
  for (uint32_t at = state.sent.head; at != kNoWork;) {
    WorkElement& work = pool[at];
    const uint32_t next = work.next;
    if (!work.acked) {
      const bool current = at == state.sent.tail && state.next_size > 0;
      if (current || psn_distance(state.una, work.end_psn) < 0) break;
      work.acked = true;
      if (work.kind == WorkKind::kWriteImm) --state.imm_in_flight;
    }
    const bool response = work.kind == WorkKind::kReadResponse;
    const bool complete = work.kind != WorkKind::kRead || work.answered;
    if (complete && (in_order || response)) {
      state.sent.remove_after(pool, before);
      done(at);
    } else {
      in_order = false;
      before = at;
    }
    at = next;
  }
}

}  // namespace windtunnel::braid
