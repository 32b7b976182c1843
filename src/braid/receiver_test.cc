#include "braid/receiver.h"

#include <set>

#include "base/random.h"

namespace windtunnel::braid {
namespace {

class Receiver : public ::testing::Test {
 protected:
  Receiver() {
    blocks.take();
    state.expected = state.highest = kFirst;
  }
  bool accept(uint32_t offset, bool ack_request = false, bool marked = false) {
    return receiver_accept(state, &block, psn_add(kFirst, offset), 4096, ack_request, marked,
                           *profile);
  }
  SackFields sack(uint32_t base) {
    SackFields s;
    receiver_fill_sack(state, &block, s, base);
    return s;
  }
  static constexpr uint32_t kFirst = 0xfffff0;
  std::shared_ptr<const Profile> profile = make_profile(EndpointConfig{});
  BlockPool blocks{1, 512};
  Block block = blocks[0];
  ReceiverState state;
};

TEST_F(Receiver, AcknowledgesTheFirstThenEveryFourth) {
  EXPECT_TRUE(accept(0));
  state.unacknowledged = 0;
  EXPECT_FALSE(accept(1));
  EXPECT_FALSE(accept(2));
  EXPECT_FALSE(accept(3));
  EXPECT_TRUE(accept(4)) << "16,384 bytes";
}

TEST_F(Receiver, AcknowledgesMarksAndRequestsAtOnce) {
  accept(0);
  state.unacknowledged = 0;
  EXPECT_TRUE(accept(1, false, true));
  state.unacknowledged = 0;
  EXPECT_TRUE(accept(2, true));
}

TEST_F(Receiver, ARequestIsAnsweredAgainWhenTheHoleCloses) {
  accept(0);
  state.unacknowledged = 0;
  EXPECT_TRUE(accept(3, true));
  state.unacknowledged = 0;
  EXPECT_FALSE(accept(1));
  EXPECT_TRUE(accept(2)) << "closed up to the request";
  EXPECT_EQ(state.expected, psn_add(kFirst, 4));
  EXPECT_EQ(state.out_of_order, 0u);
  state.unacknowledged = 0;
  EXPECT_FALSE(accept(4)) << "only once";
}

TEST_F(Receiver, ClassifiesAroundTheWrap) {
  accept(0);
  EXPECT_EQ(receiver_classify(state, kFirst, 512), PsnClass::kSeen);
  EXPECT_EQ(receiver_classify(state, psn_add(kFirst, 1), 512), PsnClass::kNext);
  EXPECT_EQ(receiver_classify(state, psn_add(kFirst, 512), 512), PsnClass::kAhead);
  EXPECT_EQ(receiver_classify(state, psn_add(kFirst, 513), 512), PsnClass::kOutside);
}

TEST_F(Receiver, BitmapBaseFollowsTheReference) {
  accept(0);
  const uint32_t reference = psn_add(kFirst, 100);
  EXPECT_EQ(sack_base(state, reference, true), reference);
  EXPECT_EQ(sack_base(state, reference, false), psn_add(kFirst, 37));
  EXPECT_EQ(sack_base(state, psn_add(kFirst, 10), false), psn_add(kFirst, 2))
      << "past the expected";
}

// Random arrival orders: the state and every bit of every SACK agree with a set of numbers.
TEST_F(Receiver, AgreesWithASet) {
  base::RandomStream stream(3, "receiver");
  std::set<uint32_t> arrived;  // offsets from kFirst
  uint32_t expected = 0;
  for (int step = 0; step < 5000; ++step) {
    const uint32_t offset = expected + stream.below_fast(stream.chance(1, 3) ? 1 : 300);
    if (arrived.count(offset) == 0) {
      accept(offset);
      arrived.insert(offset);
      while (arrived.count(expected) != 0) ++expected;
    }
    ASSERT_EQ(state.expected, psn_add(kFirst, expected));
    const auto held =
        static_cast<uint32_t>(std::distance(arrived.lower_bound(expected), arrived.end()));
    ASSERT_EQ(state.out_of_order, held);
    ASSERT_EQ(state.highest, psn_add(kFirst, *arrived.rbegin() + 1));
    const uint32_t base = offset > 40 ? offset - 40 : 0;
    const SackFields s = sack(psn_add(kFirst, base));
    ASSERT_EQ(s.cumulative_psn, psn_add(kFirst, expected));
    ASSERT_EQ(s.received_bytes, arrived.size() * 4096);
    for (uint32_t i = 0; i < 64; ++i) {
      const bool said = (s.bitmap >> i & 1) != 0;
      const bool true_beyond = base + i >= expected && arrived.count(base + i) != 0;
      ASSERT_EQ(said, true_beyond) << "step " << step << " bit " << i;
    }
  }
}

TEST(Stash, FallsDueInOrderOfItsPsns) {
  WorkPool pool(8, 0);
  ReceiverState state;
  state.expected = 0xfffffe;
  uint32_t work[4];
  const uint32_t due[4] = {5, 0xffffff, 2, 0xfffffe};
  for (int i = 0; i < 4; ++i) {
    work[i] = pool.take(WorkKind::kReceiveImm);
    pool[work[i]].due_psn = due[i];
    stash_insert(state, pool, work[i]);
  }
  EXPECT_EQ(stash_take_due(state, pool), kNoWork);
  state.expected = 0;
  EXPECT_EQ(stash_take_due(state, pool), work[3]);
  EXPECT_EQ(stash_take_due(state, pool), work[1]);
  EXPECT_EQ(stash_take_due(state, pool), kNoWork);
  state.expected = 6;
  EXPECT_EQ(stash_take_due(state, pool), work[2]);
  EXPECT_EQ(stash_take_due(state, pool), work[0]);
  EXPECT_EQ(state.stash, kNoWork);
}

}  // namespace
}  // namespace windtunnel::braid
