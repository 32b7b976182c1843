#include "braid/sender.h"

#include <vector>

namespace windtunnel::braid {
namespace {

constexpr SenderLimits kLimits = {512, 2, 2};

class Sender : public ::testing::Test {
 protected:
  Sender() {
    state.una = state.next = 0xfffffe;  // wraps at once
    blocks.take();
  }
  uint32_t post(WorkKind kind, uint64_t length) {
    const uint32_t work = pool.take(kind);
    pool[work].length = length & 0xffffffffffff;
    sender_queue(state, pool, work, *profile);
    sender_begin(state, pool, kLimits, *profile);
    return work;
  }
  PacketSpan take() {
    block.resent().clear(state.next);
    return sender_take_new(state, pool, kLimits, *profile);
  }
  SackFields sack(uint32_t cumulative, uint32_t bytes, uint32_t base = 0, uint64_t map = 0) {
    SackFields s;
    s.cumulative_psn = cumulative & kPsnMask;
    s.received_bytes = bytes;
    s.base_psn = base & kPsnMask;
    s.bitmap = map;
    return s;
  }
  AckResult ack(const SackFields& s) { return sender_acknowledge(state, block, pool, s, *profile); }
  std::vector<uint32_t> retire() {
    std::vector<uint32_t> done;
    sender_retire(state, pool, [&](uint32_t work) { done.push_back(work); });
    return done;
  }

  std::shared_ptr<const Profile> profile = make_profile(EndpointConfig{});
  WorkPool pool{16, 8};
  BlockPool blocks{1, 512};
  Block block = blocks[0];
  SenderState state;
};

TEST_F(Sender, CutsMessagesIntoPacketsAndCountsThem) {
  post(WorkKind::kWrite, 4032 * 2 + 10);
  EXPECT_EQ(state.backlog, 4032 * 2 + 10 + 3 * 64);
  EXPECT_EQ(state.next_size, 4096u);
  EXPECT_FALSE(take().last);
  EXPECT_FALSE(take().last);
  EXPECT_EQ(state.next_size, 74u);
  const PacketSpan last = take();
  EXPECT_TRUE(last.last);
  EXPECT_EQ(last.index, 2u);
  EXPECT_EQ(last.length, 10u);
  EXPECT_EQ(state.backlog, 0);
  EXPECT_EQ(state.next_size, 0u);
  EXPECT_EQ(state.in_flight, 4096 * 2 + 74);
  EXPECT_EQ(state.next, 1u);
}

TEST_F(Sender, LocatesEveryPacketOfSeveralMessages) {
  struct Truth {
    uint32_t psn;
    PacketSpan span;
  };
  std::vector<Truth> truth;
  for (const uint64_t length : {4032u, 0u, 9000u, 1u, 20'000u}) post(WorkKind::kWrite, length);
  while (state.next_size > 0) {
    const uint32_t psn = state.next;
    truth.push_back({psn, take()});
  }
  EXPECT_EQ(truth.size(), 1u + 1 + 3 + 1 + 5);
  for (const Truth& t : truth) {
    const PacketSpan found = sender_locate(state, pool, t.psn, *profile);
    EXPECT_EQ(found.work, t.span.work);
    EXPECT_EQ(found.index, t.span.index);
    EXPECT_EQ(found.length, t.span.length);
    EXPECT_EQ(found.last, t.span.last);
  }
}

TEST_F(Sender, HugeMessagesDoNotConfuseTheirPackets) {
  const uint32_t work = post(WorkKind::kWrite, uint64_t{1} << 40);
  EXPECT_EQ(packet_count(pool[work], *profile), ((uint64_t{1} << 40) + 4031) / 4032);
  for (uint32_t i = 0; i < 300; ++i) {
    const uint32_t psn = state.next;
    take();
    EXPECT_EQ(sender_locate(state, pool, psn, *profile).index, i);
    ack(sack(psn_add(psn, 1), (i + 1) * 4096));
  }
  // As if 2^24 packets and more had gone by: the numbers have wrapped, the index has not.
  state.packets += 1u << 24;
  state.left -= uint64_t{4032} << 24;
  const uint32_t psn = state.next;
  take();
  EXPECT_EQ(sender_locate(state, pool, psn, *profile).index, 300u + (1u << 24));
}

TEST_F(Sender, SelectiveThenCumulative) {
  post(WorkKind::kWrite, 4032 * 8);
  for (int i = 0; i < 8; ++i) take();
  const uint32_t first = state.una;
  AckResult r = ack(sack(first, 4096 * 2, psn_add(first, 2), 0b101));
  EXPECT_TRUE(r.progress);
  EXPECT_FALSE(r.advanced);
  EXPECT_EQ(r.newly, 8192u);
  EXPECT_EQ(state.in_flight, 6 * 4096);
  EXPECT_FALSE(sender_awaits(state, block, psn_add(first, 2)));
  EXPECT_TRUE(sender_awaits(state, block, psn_add(first, 3)));
  r = ack(sack(first, 4096 * 2, psn_add(first, 2), 0b101));
  EXPECT_FALSE(r.progress) << "a replay";
  EXPECT_EQ(r.newly, 0u);
  r = ack(sack(psn_add(first, 3), 4096 * 4));
  EXPECT_TRUE(r.advanced);
  EXPECT_EQ(state.una, psn_add(first, 3));
  r = ack(sack(psn_add(first, 1), 4096 * 3));
  EXPECT_FALSE(r.progress) << "an older one";
  EXPECT_EQ(state.una, psn_add(first, 3));
  ack(sack(psn_add(first, 8), 4096 * 8));
  EXPECT_EQ(state.in_flight, 0);
  EXPECT_EQ(retire().size(), 1u);
}

TEST_F(Sender, BitsOutsideTheWindowAreNotBelieved) {
  post(WorkKind::kWrite, 4032 * 4);
  for (int i = 0; i < 2; ++i) take();
  const uint32_t first = state.una;
  ack(sack(first, 0, psn_add(first, 1), ~uint64_t{0}));
  EXPECT_TRUE(block.acked().test(psn_add(first, 1)));
  EXPECT_FALSE(block.acked().test(psn_add(first, 2))) << "not sent yet";
  EXPECT_FALSE(ack(sack(first, 0, psn_add(first, 0x800000), ~uint64_t{0})).progress);
  EXPECT_FALSE(ack(sack(first, 0, psn_add(first, 100), ~uint64_t{0})).progress);
  EXPECT_TRUE(sender_sack_is_sane(state, sack(psn_add(first, 2), 8192)));
  EXPECT_FALSE(sender_sack_is_sane(state, sack(psn_add(first, 3), 8192)));
  EXPECT_FALSE(sender_sack_is_sane(state, sack(psn_add(first, 2), 8193)));
}

TEST_F(Sender, ALossThatArrivedAfterAllIsCountedOnce) {
  post(WorkKind::kWrite, 4032 * 4);
  for (int i = 0; i < 4; ++i) take();
  const uint32_t first = state.una;
  sender_lose(state, block, psn_add(first, 1), 4096);
  sender_lose(state, block, first, 4096);
  EXPECT_EQ(state.in_flight, 2 * 4096);
  EXPECT_EQ(state.waiting_bytes, 2 * 4096u);
  EXPECT_EQ(sender_oldest_waiting(state, block), first);
  sender_take_waiting(state, block, first, 4096);
  EXPECT_TRUE(block.resent().test(first));
  EXPECT_EQ(sender_oldest_waiting(state, block), psn_add(first, 1));
  ack(sack(first, 4096, psn_add(first, 1), 1));  // the second had arrived
  EXPECT_EQ(state.waiting_count, 0u);
  EXPECT_EQ(state.in_flight, 3 * 4096);
  ack(sack(psn_add(first, 4), 4096 * 4));
  EXPECT_EQ(state.in_flight, 0);
  EXPECT_EQ(state.waiting_bytes, 0u);
}

TEST_F(Sender, KnowsWhetherWhatAskedForAnAnswerIsStillUnderWay) {
  post(WorkKind::kWrite, 4032 * 4);
  for (int i = 0; i < 4; ++i) take();
  const uint32_t first = state.una;
  state.asked_psn = psn_add(first, 3);
  sender_lose(state, block, first, 4096);
  EXPECT_EQ(state.asked_psn, psn_add(first, 3));
  sender_lose(state, block, psn_add(first, 2), 4096);
  EXPECT_EQ(state.asked_psn, first) << "the one that asked is lost";
  ack(sack(psn_add(first, 3), 4096 * 3));
  EXPECT_EQ(state.asked_psn, state.una) << "never so far behind that it seems ahead";
}

TEST_F(Sender, ImmediatesAndReadsWaitForTheirLimits) {
  for (int i = 0; i < 3; ++i) post(WorkKind::kWriteImm, 10);
  post(WorkKind::kWrite, 10);
  take();
  take();
  EXPECT_EQ(state.next_size, 0u) << "the third may not begin, nor what is behind it";
  EXPECT_EQ(state.imm_in_flight, 2);
  ack(sack(psn_add(state.una, 1), 74));
  EXPECT_EQ(retire().size(), 1u);
  sender_begin(state, pool, kLimits, *profile);
  EXPECT_EQ(state.next_size, 74u);
}

TEST_F(Sender, ResponsesGoFirstAndRetireAtOnce) {
  const uint32_t read = post(WorkKind::kRead, 5000);
  post(WorkKind::kWrite, 10);
  const uint32_t response = pool.take_reserved(WorkKind::kReadResponse);
  pool[response].length = 10;
  sender_queue(state, pool, response, *profile);
  take();  // the read was begun before
  EXPECT_EQ(pool[state.sent.tail].kind, WorkKind::kReadResponse);
  take();
  take();
  ack(sack(state.next, state.sent_bytes));
  EXPECT_EQ(retire(), std::vector<uint32_t>{response}) << "the write waits for the read";
  pool[read].answered = true;
  EXPECT_EQ(retire().size(), 2u);
  EXPECT_FALSE(state.has_unfinished_work());
}

TEST(WorkPool, TheReserveIsNotForPosting) {
  WorkPool pool(2, 1);
  const uint32_t a = pool.take(WorkKind::kWrite);
  const uint32_t b = pool.take(WorkKind::kWrite);
  EXPECT_EQ(pool.take(WorkKind::kWrite), kNoWork);
  const uint32_t r = pool.take_reserved(WorkKind::kReceiveImm);
  EXPECT_NE(r, kNoWork);
  EXPECT_EQ(pool.take_reserved(WorkKind::kReceiveImm), kNoWork);
  pool.give(r);
  EXPECT_EQ(pool.take(WorkKind::kWrite), kNoWork) << "what came from the reserve goes back there";
  pool.give(a);
  EXPECT_EQ(pool.open_count(), 1u);
  EXPECT_NE(pool.take(WorkKind::kRead), kNoWork);
  pool.give(b);
}

TEST(BlockPool, BlocksComeClearAndGoBack) {
  BlockPool pool(2, 128);
  const uint32_t a = pool.take();
  EXPECT_TRUE(pool[a].answered().test(77)) << "nothing awaits feedback";
  pool[a].acked().set(77);
  pool[a].path(77) = 9;
  pool[a].stamp(77) = 1234;
  EXPECT_EQ(pool[a].stamp(64), 1234u) << "sixteen PSNs share a stamp";
  EXPECT_EQ(pool[a].stamp(80), 0u);
  pool.take();
  EXPECT_TRUE(pool.full());
  EXPECT_EQ(pool.take(), kNoBlock);
  pool.give(a);
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_FALSE(pool[pool.take()].acked().test(77));
}

TEST(Pools, GrowAroundWhatIsInUse) {
  WorkPool work(1, 1);
  const uint32_t a = work.take(WorkKind::kWrite);
  work[a].length = 77;
  work.grow(2, 1);
  EXPECT_EQ(work[a].length, 77u);
  EXPECT_EQ(work.open_count(), 2u);
  EXPECT_NE(work.take_reserved(WorkKind::kReceiveImm), kNoWork);
  EXPECT_NE(work.take_reserved(WorkKind::kReceiveImm), kNoWork);
  EXPECT_EQ(work.take_reserved(WorkKind::kReceiveImm), kNoWork);
  BlockPool blocks(1, 128);
  const uint32_t b = blocks.take();
  blocks[b].waiting().set(5);
  blocks[b].path(5) = 3;
  blocks.grow(2);
  EXPECT_TRUE(blocks[b].waiting().test(5));
  EXPECT_EQ(blocks[b].path(5), 3);
  EXPECT_EQ(blocks.in_use(), 1u);
  const uint32_t c = blocks.take();
  const uint32_t d = blocks.take();
  EXPECT_TRUE(b != c && c != d && b != d);
  EXPECT_TRUE(blocks.full());
  EXPECT_FALSE(blocks[c].waiting().test(5));
}

}  // namespace
}  // namespace windtunnel::braid
