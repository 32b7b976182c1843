#include "braid/recovery.h"

#include <vector>

namespace windtunnel::braid {
namespace {

constexpr int64_t kUs = 1'000'000;

TEST(RetransmissionTimeout, GrowsLinearlyThenDoubles) {
  EndpointConfig config;
  config.rto_min = base::Duration::us(100);
  const auto p = make_profile(config);
  EXPECT_EQ(retransmission_timeout(*p, 0), 100 * kUs);
  EXPECT_EQ(retransmission_timeout(*p, 1), 200 * kUs);
  EXPECT_EQ(retransmission_timeout(*p, 7), 800 * kUs);
  EXPECT_EQ(retransmission_timeout(*p, 8), 1600 * kUs);
  EXPECT_EQ(retransmission_timeout(*p, 10), 6400 * kUs);
  EXPECT_EQ(retransmission_timeout(*p, 60), 4'000'000 * kUs) << "bounded";
}

TEST(TailProbe, WaitsAsLongAsTheQueueMayTake) {
  const auto p = make_profile(EndpointConfig{});
  const int64_t rtt = 12 * kUs;
  EXPECT_EQ(tail_probe_wait(*p, rtt, true, 0), 12 * kUs + 9 * kUs);
  EXPECT_EQ(tail_probe_wait(*p, rtt, false, 0), 36 * kUs);
  EXPECT_EQ(tail_probe_wait(*p, rtt, true, 1), 60 * kUs);
  EXPECT_EQ(tail_probe_wait(*p, rtt, true, 3), 240 * kUs);
}

TEST(LossThreshold, IsOneAndAHalfWindowsAndAtLeastFive) {
  const auto p = make_profile(EndpointConfig{});
  EXPECT_EQ(loss_threshold(*p, 40'320, 1'000'000), 15u);
  EXPECT_EQ(loss_threshold(*p, 4096, 1'000'000), 5u);
  EXPECT_EQ(loss_threshold(*p, 800'000, 900'000), 223u) << "not beyond the maximum window";
}

class Recovery : public ::testing::Test {
 protected:
  Recovery() {
    blocks.take();
    sender.una = 0xfffff5;  // not at the beginning of a group of stamps, and about to wrap
    sender.next = psn_add(sender.una, 40);
    sender.una_stamp = coarse_up(0);
    for (uint32_t i = 0; i < 40; ++i) block.stamp(psn_add(sender.una, i)) = coarse_up(0);
  }
  uint32_t at(uint32_t offset) const { return psn_add(sender.una, offset); }
  LossScan scan(int64_t now, int64_t once, int64_t again) {
    lost.clear();
    return recovery_scan(sender, block, now, {once, again}, [&](uint32_t psn) {
      lost.push_back(static_cast<uint32_t>(psn_distance(psn, sender.una)));
    });
  }
  BlockPool blocks{1, 512};
  Block block = blocks[0];
  SenderState sender;
  std::vector<uint32_t> lost;
};

TEST_F(Recovery, OnlyWhatIsOutstandingIsLost) {
  block.acked().set(at(3));
  block.waiting().set(at(7));
  const LossScan s = scan(101 * kUs, 100 * kUs, 200 * kUs);
  EXPECT_EQ(s.lost, 38u);
  EXPECT_TRUE(s.oldest_lost);
  EXPECT_EQ(lost.front(), 0u);
  EXPECT_EQ(lost.back(), 39u);
  EXPECT_TRUE(std::is_sorted(lost.begin(), lost.end()));
}

TEST_F(Recovery, WhatWasSentAgainWaitsLonger) {
  for (uint32_t i = 0; i < 40; ++i) block.resent().set(at(i));
  block.resent().clear(at(20));
  LossScan s = scan(150 * kUs, 100 * kUs, 200 * kUs);
  EXPECT_EQ(lost, std::vector<uint32_t>{20});
  EXPECT_FALSE(s.oldest_lost);
  EXPECT_EQ(s.next, 200 * kUs);
}

TEST_F(Recovery, NobodyIsLostEarlyAndTheDeadlineIsTheEarliest) {
  block.stamp(at(30)) = coarse_up(50 * kUs);
  const LossScan s = scan(99 * kUs, 100 * kUs, 100 * kUs);
  EXPECT_EQ(s.lost, 0u);
  EXPECT_EQ(s.next, 100 * kUs);
}

TEST_F(Recovery, NeighboursSentAgainDoNotPostponeTheOldest) {
  for (int round = 1; round <= 5; ++round) {
    block.stamp(sender.una) = coarse_up(round * 20 * kUs);  // one of its group was sent again
  }
  const LossScan s = scan(101 * kUs, 100 * kUs, 100 * kUs);
  EXPECT_TRUE(s.oldest_lost);
}

TEST_F(Recovery, ByOrderOnlyFarBelowTheHighestAndOnlyOnce) {
  const auto by_order = [&](uint32_t highest, uint32_t threshold) {
    lost.clear();
    recovery_by_order(sender, block, at(highest), threshold, [&](uint32_t psn) {
      lost.push_back(static_cast<uint32_t>(psn_distance(psn, sender.una)));
    });
    return lost;
  };
  for (uint32_t i = 1; i < 40; ++i) block.acked().set(at(i));
  block.acked().clear(at(10));
  block.acked().clear(at(36));
  EXPECT_EQ(by_order(39, 5), (std::vector<uint32_t>{0, 10}));
  EXPECT_EQ(by_order(39, 3), (std::vector<uint32_t>{0, 10, 36}));
  EXPECT_EQ(by_order(4, 5), std::vector<uint32_t>{});
  block.resent().set(at(0));
  block.waiting().set(at(10));
  EXPECT_EQ(by_order(39, 5), std::vector<uint32_t>{});
}

}  // namespace
}  // namespace windtunnel::braid
