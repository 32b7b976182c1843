#include "braid/sender.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace windtunnel::braid {

namespace {

uint32_t next_length(const SenderState& s, const Profile& profile) {
  return static_cast<uint32_t>(std::min<uint64_t>(s.left, profile.payload));
}

bool may_begin(const SenderState& s, const WorkElement& work, const SenderLimits& limits) {
  if (work.kind == WorkKind::kWriteImm) return s.imm_in_flight < limits.imm;
  if (work.kind == WorkKind::kRead) return s.reads_in_flight < limits.reads;
  return true;
}

void begin(SenderState& s, WorkPool& pool, uint32_t index, const Profile& profile) {
  WorkElement& work = pool[index];
  s.sent.push(pool, index);
  s.packets = 0;
  s.left = work.kind == WorkKind::kRead ? 0 : work.length;
  s.next_size = profile.overhead + next_length(s, profile);
  work.end_psn = s.next;
  if (work.kind == WorkKind::kReadResponse) return;  // keeps the number of the read
  work.message = s.message++;
  if (work.kind == WorkKind::kWriteImm) ++s.imm_in_flight;
  if (work.kind == WorkKind::kRead) ++s.reads_in_flight;
}

// A waiting packet turned out to have arrived: it was taken out of in_flight when it was declared
// lost and is counted by the receiver as well.
void found_received(SenderState& s, const Block& block, const WorkPool& pool, uint32_t psn,
                    const Profile& profile) {
  const PacketSpan span = sender_locate(s, pool, psn, profile);
  const uint32_t bytes = span_bytes(span, pool, profile);
  block.waiting().clear(psn);
  --s.waiting_count;
  s.waiting_bytes -= bytes;
  s.in_flight += bytes;
}

void find_waiting_received(SenderState& s, const Block& block, const WorkPool& pool, uint32_t from,
                           uint32_t count, const Profile& profile) {
  for (uint32_t at = 0; s.waiting_count > 0; ++at) {
    at += block.waiting().find(psn_add(from, at), count - at);
    if (at >= count) return;
    found_received(s, block, pool, psn_add(from, at), profile);
  }
}

void advance(SenderState& s, const Block& block, const WorkPool& pool, uint32_t count,
             const Profile& profile) {
  if (s.waiting_count > 0) find_waiting_received(s, block, pool, s.una, count, profile);
  block.acked().clear_range(s.una, count);
  s.una = psn_add(s.una, count);
  s.una_stamp = block.stamp(s.una);  // of its group: late rather than early
  if (psn_before(s.waiting_from, s.una)) s.waiting_from = s.una;
  if (psn_before(s.asked_psn, s.una)) s.asked_psn = s.una;  // or it would seem ahead one day
}

// Bits of the SACK that fall into [una, next), and where the first of them lies.
struct Bits {
  uint32_t base;
  uint64_t bits;
};
Bits clip(const SenderState& s, const SackFields& sack) {
  const int32_t ahead = psn_distance(sack.base_psn, s.una);
  if (ahead <= -64 || ahead >= static_cast<int32_t>(s.outstanding_span())) return {s.una, 0};
  const uint64_t bits = ahead < 0 ? sack.bitmap >> -ahead : sack.bitmap;
  const uint32_t base = ahead < 0 ? s.una : sack.base_psn & kPsnMask;
  const auto room = static_cast<uint32_t>(psn_distance(s.next, base));
  return {base, bits & PsnMap::ones(room)};
}

}  // namespace

uint64_t packet_count(const WorkElement& work, const Profile& profile) {
  if (work.kind == WorkKind::kRead || work.length == 0) return 1;
  return (work.length + profile.payload - 1) / profile.payload;
}

int64_t backlog_of(const WorkElement& work, const Profile& profile) {
  const auto headers = static_cast<int64_t>(packet_count(work, profile) * profile.overhead);
  return work.kind == WorkKind::kRead ? headers : headers + static_cast<int64_t>(work.length);
}

void sender_queue(SenderState& s, WorkPool& pool, uint32_t index, const Profile& profile) {
  s.backlog += backlog_of(pool[index], profile);
  const bool response = pool[index].kind == WorkKind::kReadResponse;
  (response ? s.responses : s.queued).push(pool, index);
}

void sender_begin(SenderState& s, WorkPool& pool, const SenderLimits& limits,
                  const Profile& profile) {
  if (s.next_size > 0) return;
  if (!s.responses.empty()) {
    begin(s, pool, s.responses.pop(pool), profile);
  } else if (!s.queued.empty() && may_begin(s, pool[s.queued.head], limits)) {
    begin(s, pool, s.queued.pop(pool), profile);
  }
}

// HOT
PacketSpan sender_take_new(SenderState& s, WorkPool& pool, const SenderLimits& limits,
                           const Profile& profile) {
  WorkElement& work = pool[s.sent.tail];
  PacketSpan span{s.sent.tail, s.packets, next_length(s, profile), false};
  s.left -= span.length;
  span.last = s.left == 0;
  ++s.packets;
  s.backlog -= s.next_size;
  s.in_flight += s.next_size;
  s.sent_bytes += s.next_size;
  s.next = psn_add(s.next, 1);
  work.end_psn = s.next;
  if (span.last) {
    s.next_size = 0;
    sender_begin(s, pool, limits, profile);
  } else {
    s.next_size = profile.overhead + next_length(s, profile);
  }
  return span;
}

PacketSpan sender_locate(const SenderState& s, const WorkPool& pool, uint32_t psn,
                         const Profile& profile) {
  for (uint32_t at = s.sent.head; at != kNoWork; at = pool[at].next) {
    const WorkElement& work = pool[at];
    if (work.acked) continue;
    const int32_t behind = psn_distance(work.end_psn, psn);
    if (behind <= 0) continue;
    const bool current = at == s.sent.tail && s.next_size > 0;
    const uint64_t sent = current ? s.packets : packet_count(work, profile);
    const uint64_t index = sent - static_cast<uint32_t>(behind);
    PacketSpan span{at, static_cast<uint32_t>(index), 0, false};
    span.last = index + 1 == packet_count(work, profile);
    if (work.kind == WorkKind::kRead) return span;
    const uint64_t rest = work.length - index * profile.payload;
    span.length = static_cast<uint32_t>(std::min<uint64_t>(rest, profile.payload));
    return span;
  }
  WT_CHECK(false, "a tracked PSN belongs to no message");
  return {};
}

uint32_t span_bytes(const PacketSpan& span, const WorkPool& pool, const Profile& profile) {
  WT_DCHECK(pool[span.work].kind != WorkKind::kFree, "span of a freed request");
  return profile.overhead + span.length;
}

uint32_t sender_oldest_waiting(SenderState& s, const Block& block) {
  const auto span = static_cast<uint32_t>(psn_distance(s.next, s.waiting_from));
  const uint32_t ahead = block.waiting().find(s.waiting_from, span);
  WT_CHECK(ahead < span, "waiting packets are counted but not marked");
  s.waiting_from = psn_add(s.waiting_from, ahead);
  return s.waiting_from;
}

void sender_take_waiting(SenderState& s, const Block& block, uint32_t psn, uint32_t bytes) {
  block.waiting().clear(psn);
  block.resent().set(psn);
  --s.waiting_count;
  s.waiting_bytes -= bytes;
  s.in_flight += bytes;
}

void sender_lose(SenderState& s, const Block& block, uint32_t psn, uint32_t bytes) {
  if (s.waiting_count == 0 || psn_before(psn, s.waiting_from)) s.waiting_from = psn;
  block.waiting().set(psn);
  ++s.waiting_count;
  s.waiting_bytes += bytes;
  s.in_flight -= bytes;
  if (psn_add(psn, 1) == s.asked_psn) s.asked_psn = s.una;  // what asked will bring no answer
}

bool sender_sack_is_sane(const SenderState& s, const SackFields& sack) {
  return psn_distance(sack.cumulative_psn, s.next) <= 0 &&
         counter_distance(sack.received_bytes, s.sent_bytes) <= 0;
}

// HOT
AckResult sender_acknowledge(SenderState& s, const Block& block, WorkPool& pool,
                             const SackFields& sack, const Profile& profile) {
  AckResult result;
  const int32_t ahead = psn_distance(sack.cumulative_psn, s.una);
  const int32_t bytes = counter_distance(sack.received_bytes, s.received_bytes);
  if (ahead >= 0 && bytes > 0) {
    result.newly = static_cast<uint32_t>(bytes);
    s.received_bytes = sack.received_bytes;
    s.in_flight -= bytes;
  }
  if (ahead > 0) {
    advance(s, block, pool, static_cast<uint32_t>(ahead), profile);
    result.advanced = true;
  }
  const Bits said = clip(s, sack);
  const uint64_t fresh = said.bits == 0 ? 0 : said.bits & ~block.acked().read(said.base);
  if (fresh != 0) {
    block.acked().write(said.base, fresh);
    if (s.waiting_count > 0) {
      for (uint64_t rest = fresh & block.waiting().read(said.base); rest != 0; rest &= rest - 1) {
        const auto offset = static_cast<uint32_t>(std::countr_zero(rest));
        found_received(s, block, pool, psn_add(said.base, offset), profile);
      }
    }
  }
  if (s.una == s.next) {  // nothing is under way, whatever counters were lost on the way
    s.in_flight = 0;
    s.received_bytes = s.sent_bytes;
  }
  result.progress = result.advanced || fresh != 0;
  return result;
}

}  // namespace windtunnel::braid
