#include "braid/receiver.h"

#include <algorithm>

namespace windtunnel::braid {

namespace {

// The line moves to the next hole.
void close_line(ReceiverState& s, const Block& block, const Profile& profile) {
  const uint32_t run = block.arrived().run(s.expected, profile.psn_range);
  block.arrived().clear_range(s.expected, run);
  s.expected = psn_add(s.expected, run);
  s.out_of_order -= run;
}

}  // namespace

// HOT
bool receiver_accept(ReceiverState& s, const Block* block, uint32_t psn, uint32_t bytes,
                     bool ack_request, bool marked, const Profile& profile) {
  bool due = !s.any || ack_request || marked;
  s.any = true;
  s.received_bytes += bytes;
  s.unacknowledged += bytes;
  if (ack_request) s.ack_when_closed = true;
  if (!psn_before(psn, s.highest)) s.highest = psn_add(psn, 1);
  if (psn == s.expected) {
    s.expected = psn_add(s.expected, 1);
    if (s.out_of_order > 0) close_line(s, *block, profile);
    if (s.out_of_order == 0 && s.ack_when_closed) {
      s.ack_when_closed = false;
      due = true;
    }
  } else {
    block->arrived().set(psn);
    ++s.out_of_order;
  }
  return due || s.unacknowledged >= profile.config.ack_threshold.count();
}

void receiver_fill_sack(const ReceiverState& s, const Block* block, SackFields& sack,
                        uint32_t base) {
  sack.cumulative_psn = s.expected;
  sack.received_bytes = s.received_bytes;
  sack.out_of_order = static_cast<uint16_t>(std::min<uint32_t>(s.out_of_order, 0xffff));
  sack.base_psn = base;
  sack.bitmap = 0;
  if (block == nullptr || s.out_of_order == 0) return;
  // Only [expected, highest) is meaningful: the ring holds nothing beyond, but wraps into it.
  const int32_t ahead = psn_distance(base, s.expected);
  const int32_t room = psn_distance(s.highest, base);
  if (room <= 0 || ahead <= -64) return;
  const uint32_t from = ahead < 0 ? s.expected : base;
  const uint32_t skipped = ahead < 0 ? static_cast<uint32_t>(-ahead) : 0;
  const uint64_t bits = block->arrived().read(from) << skipped;
  sack.bitmap = bits & PsnMap::ones(static_cast<uint32_t>(room));
}

void stash_insert(ReceiverState& s, WorkPool& pool, uint32_t work) {
  uint32_t* link = &s.stash;
  while (*link != kNoWork && !psn_before(pool[work].due_psn, pool[*link].due_psn)) {
    link = &pool[*link].stash_next;
  }
  pool[work].stash_next = *link;
  *link = work;
}

}  // namespace windtunnel::braid
