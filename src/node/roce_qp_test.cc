#include "node/roce_qp.h"

#include <deque>
#include <vector>

#include "base/random.h"

namespace windtunnel::node {
namespace {

using Verdict = RoceResponder::Verdict;

constexpr RoceQpOptions kOptions{.timeout_ps = 1000, .retry_limit = 7, .ack_every = 4};
constexpr int64_t kNone = RoceRequester::kNoDeadline;

TEST(RoceRequester, NumbersPacketsAcrossTheEndOfThePsnSpace) {
  RoceRequester requester(0xfffffe, 4, kOptions);
  std::vector<uint32_t> psns;
  bool last_asks = false;
  while (requester.has_data()) {
    const RoceRequester::Segment segment = requester.transmit(0, kOptions);
    psns.push_back(segment.psn);
    last_asks = segment.ack_request;
    EXPECT_FALSE(segment.again);
  }
  EXPECT_EQ(psns, (std::vector<uint32_t>{0xfffffe, 0xffffff, 0, 1}));
  EXPECT_TRUE(last_asks);
  requester.acknowledge(0, 10, kOptions);
  EXPECT_EQ(requester.acknowledged(), 3);
  requester.acknowledge(1, 10, kOptions);
  EXPECT_TRUE(requester.done());
  EXPECT_EQ(requester.deadline_ps(), kNone);
}

TEST(RoceRequester, TakesNoNoticeOfStaleOrImpossibleAnswers) {
  RoceRequester requester(100, 10, kOptions);
  for (int i = 0; i < 6; ++i) requester.transmit(0, kOptions);
  requester.acknowledge(103, 5, kOptions);
  EXPECT_EQ(requester.acknowledged(), 4);
  for (const uint32_t psn : {99u, 100u, 103u, 106u, 109u, 5000u}) {
    requester.acknowledge(psn, 6, kOptions);
    EXPECT_EQ(requester.acknowledged(), 4) << psn;
  }
  for (const uint32_t psn : {99u, 103u, 106u, 109u}) {
    requester.refuse(psn, 6, kOptions);
    EXPECT_EQ(requester.transmit(6, kOptions).again, false) << psn;
    requester = RoceRequester(100, 10, kOptions);
    for (int i = 0; i < 6; ++i) requester.transmit(0, kOptions);
    requester.acknowledge(103, 5, kOptions);
  }
}

TEST(RoceRequester, GoesBackToWhatIsRefused) {
  RoceRequester requester(0, 10, kOptions);
  for (int i = 0; i < 8; ++i) requester.transmit(0, kOptions);
  requester.refuse(3, 5, kOptions);
  EXPECT_EQ(requester.acknowledged(), 3);
  for (int64_t index = 3; index < 10; ++index) {
    const RoceRequester::Segment segment = requester.transmit(6, kOptions);
    EXPECT_EQ(segment.index, index);
    EXPECT_EQ(segment.again, index < 8);
  }
  EXPECT_FALSE(requester.has_data());
}

TEST(RoceRequester, RunsItsTimerWhileSomethingIsOutstanding) {
  RoceRequester requester(0, 3, kOptions);
  EXPECT_EQ(requester.deadline_ps(), kNone);
  requester.transmit(10, kOptions);
  requester.transmit(20, kOptions);
  EXPECT_EQ(requester.deadline_ps(), 1010);
  requester.acknowledge(0, 500, kOptions);
  EXPECT_EQ(requester.deadline_ps(), 1500);
  requester.expire(1499);
  EXPECT_EQ(requester.deadline_ps(), 1500);
  requester.expire(1500);
  EXPECT_EQ(requester.deadline_ps(), kNone);
  EXPECT_EQ(requester.transmit(1600, kOptions).index, 1);
  EXPECT_EQ(requester.deadline_ps(), 2600);
}

TEST(RoceRequester, FailsAfterTheRetriesWithoutProgress) {
  RoceRequester requester(0, 2, kOptions);
  int64_t now_ps = 0;
  uint32_t timeouts = 0;
  requester.transmit(now_ps, kOptions);
  requester.acknowledge(0, now_ps, kOptions);
  while (!requester.failed()) {
    requester.transmit(now_ps, kOptions);
    now_ps = requester.deadline_ps();
    requester.expire(now_ps);
    ++timeouts;
  }
  EXPECT_EQ(timeouts, kOptions.retry_limit + 1);
  EXPECT_FALSE(requester.has_data());
  EXPECT_FALSE(requester.done());
  EXPECT_EQ(requester.deadline_ps(), kNone);
}

TEST(RoceRequester, ProgressRefillsTheRetries) {
  RoceRequester requester(0, 1000, kOptions);
  for (int64_t round = 0; round < 100; ++round) {
    requester.transmit(round, kOptions);
    requester.transmit(round, kOptions);
    requester.refuse(static_cast<uint32_t>(round) + 1, round, kOptions);
    ASSERT_FALSE(requester.failed()) << round;
    ASSERT_EQ(requester.acknowledged(), round + 1);
  }
}

TEST(RoceResponder, AcknowledgesEveryFewPacketsAndWhenAsked) {
  RoceResponder responder(0xffffff);
  EXPECT_EQ(responder.receive(0xffffff, false, kOptions), Verdict::kAccepted);
  EXPECT_EQ(responder.receive(0, false, kOptions), Verdict::kAccepted);
  EXPECT_EQ(responder.receive(1, false, kOptions), Verdict::kAccepted);
  EXPECT_FALSE(responder.has_reply());
  EXPECT_EQ(responder.receive(2, false, kOptions), Verdict::kAccepted);
  ASSERT_TRUE(responder.has_reply());
  const RoceResponder::Reply reply = responder.reply();
  EXPECT_FALSE(reply.refusal);
  EXPECT_EQ(reply.psn, 2u);
  EXPECT_FALSE(responder.has_reply());
  responder.receive(3, true, kOptions);
  ASSERT_TRUE(responder.has_reply());
  EXPECT_EQ(responder.reply().psn, 3u);
}

TEST(RoceResponder, RefusesOnceAGapAndThenKeepsSilent) {
  RoceResponder responder(0);
  responder.receive(0, false, kOptions);
  EXPECT_EQ(responder.receive(2, false, kOptions), Verdict::kOutOfOrder);
  ASSERT_TRUE(responder.has_reply());
  const RoceResponder::Reply reply = responder.reply();
  EXPECT_TRUE(reply.refusal);
  EXPECT_EQ(reply.psn, 1u);
  EXPECT_EQ(responder.receive(3, true, kOptions), Verdict::kOutOfOrder);
  EXPECT_FALSE(responder.has_reply());
  EXPECT_EQ(responder.receive(1, false, kOptions), Verdict::kAccepted);
  EXPECT_EQ(responder.receive(5, false, kOptions), Verdict::kOutOfOrder);
  ASSERT_TRUE(responder.has_reply());
  EXPECT_EQ(responder.reply().psn, 2u);
}

TEST(RoceResponder, AnswersDuplicatesThatAsk) {
  RoceResponder responder(0);
  for (uint32_t psn = 0; psn < 3; ++psn) responder.receive(psn, true, kOptions);
  responder.reply();
  EXPECT_EQ(responder.receive(1, false, kOptions), Verdict::kDuplicate);
  EXPECT_FALSE(responder.has_reply());
  EXPECT_EQ(responder.receive(2, true, kOptions), Verdict::kDuplicate);
  ASSERT_TRUE(responder.has_reply());
  EXPECT_EQ(responder.reply().psn, 2u);
}

// Both ends over a pipe of constant delay in each direction that loses packets and answers.
struct Pipe {
  template <class T>
  struct Flying {
    int64_t at;
    T what;
  };
  struct Data {
    uint32_t psn;
    bool ack_request;
  };
  Pipe(uint64_t seed, uint32_t first_psn, int64_t packets)
      : random(seed, "pipe"), requester(first_psn, packets, options), responder(first_psn) {}

  bool lost(uint32_t per_mille) { return random.chance(per_mille, 1000); }
  void step() {
    if (requester.deadline_ps() <= now) {
      requester.expire(now);
    } else if (requester.has_data()) {
      const RoceRequester::Segment s = requester.transmit(now, options);
      ++sent;
      if (!lost(data_loss)) data.push_back({now + 50, {s.psn, s.ack_request}});
    }
    if (!data.empty() && data.front().at <= now) {
      const Data d = data.front().what;
      data.pop_front();
      if (responder.receive(d.psn, d.ack_request, options) == Verdict::kAccepted) {
        accepted.push_back(d.psn);
      }
      if (responder.has_reply()) {
        const RoceResponder::Reply reply = responder.reply();
        if (!lost(answer_loss)) answers.push_back({now + 50, reply});
      }
    }
    if (!answers.empty() && answers.front().at <= now) {
      const RoceResponder::Reply reply = answers.front().what;
      answers.pop_front();
      if (reply.refusal) {
        requester.refuse(reply.psn, now, options);
      } else {
        requester.acknowledge(reply.psn, now, options);
      }
    }
    ++now;
  }

  RoceQpOptions options{.timeout_ps = 300, .retry_limit = 50, .ack_every = 4};
  uint32_t data_loss = 0;
  uint32_t answer_loss = 0;
  base::RandomStream random;
  RoceRequester requester;
  RoceResponder responder;
  std::deque<Flying<Data>> data;
  std::deque<Flying<RoceResponder::Reply>> answers;
  std::vector<uint32_t> accepted;
  int64_t now = 0;
  int64_t sent = 0;
};

TEST(RoceQueuePair, DeliversEverythingOnceAndInOrderOverALossyPipe) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    const uint32_t first_psn = static_cast<uint32_t>(0x1000000 - seed * 7) & 0xffffff;
    constexpr uint32_t kPackets = 400;
    Pipe pipe(seed, first_psn, kPackets);
    pipe.data_loss = static_cast<uint32_t>(seed % 5) * 20;
    pipe.answer_loss = static_cast<uint32_t>(seed % 3) * 50;
    while (!pipe.requester.done() && !pipe.requester.failed() && pipe.now < 1'000'000) pipe.step();
    ASSERT_TRUE(pipe.requester.done()) << "seed " << seed;
    ASSERT_EQ(pipe.accepted.size(), kPackets) << "seed " << seed;
    for (uint32_t i = 0; i < kPackets; ++i) {
      ASSERT_EQ(pipe.accepted[i], (first_psn + i) & 0xffffff) << "seed " << seed;
    }
    if (pipe.data_loss == 0 && pipe.answer_loss == 0) {
      EXPECT_EQ(pipe.sent, kPackets);
    }
    if (pipe.data_loss > 0) {
      // What go-back-N costs: a loss repeats a round trip, not a packet.
      EXPECT_GT(pipe.sent, kPackets + 10 * int64_t{kPackets} * pipe.data_loss / 1000);
    }
  }
}

TEST(RoceQueuePair, FailsWhenNothingArrives) {
  Pipe pipe(1, 0, 10);
  pipe.data_loss = 1000;
  while (!pipe.requester.failed() && pipe.now < 100'000) pipe.step();
  EXPECT_TRUE(pipe.requester.failed());
  EXPECT_TRUE(pipe.accepted.empty());
  EXPECT_NEAR(static_cast<double>(pipe.now), 51.0 * 300, 200);
}

}  // namespace
}  // namespace windtunnel::node
