// Queue pairs that are made and destroyed while the NIC runs.
#include "braid/test_pipe.h"

namespace windtunnel::braid {
namespace {

using testing::Fate;
using testing::Pipe;

constexpr int64_t kUs = 1'000'000;

EndpointConfig config_of(CongestionControl congestion) {
  EndpointConfig config;
  config.max_qps = 2;
  config.max_active_qps = 2;
  config.work_requests = 4;
  config.congestion = congestion;
  return config;
}

void post(Pipe& pipe, QpId qp, uint64_t id, uint64_t bytes) {
  WriteWork work;
  work.work_id = id;
  work.local = work.remote = Pipe::kBase;
  work.rkey = pipe.region[1].rkey;
  work.length = bytes;
  ASSERT_TRUE(pipe.ends[0].post_write(qp, work).has_value());
}

// A fresh pair of queue pairs, one at each end, connected.
QpId connect_fresh(Pipe& pipe) {
  QpId qp[2];
  for (int e = 0; e < 2; ++e) qp[e] = *pipe.ends[e].create_qp(pipe.pd[e]);
  EXPECT_EQ(qp[0], qp[1]);
  const PeerAttributes a = pipe.ends[0].attributes(qp[0]);
  const PeerAttributes b = pipe.ends[1].attributes(qp[1]);
  EXPECT_TRUE(pipe.ends[0].connect(qp[0], b).has_value());
  EXPECT_TRUE(pipe.ends[1].connect(qp[1], a).has_value());
  return qp[0];
}

class Lifetime : public ::testing::TestWithParam<CongestionControl> {};

TEST_P(Lifetime, ADestroyedQueuePairFlushesItsWorkAndHearsNothing) {
  Pipe pipe(config_of(GetParam()), 1);
  pipe.set_up(2, 1 << 20);
  post(pipe, QpId(0), 1, 500'000);
  post(pipe, QpId(1), 2, 500'000);
  pipe.run(14 * kUs);
  const uint64_t before = pipe.ends[1].counters().packets_delivered;
  ASSERT_GT(before, 0u);
  ASSERT_TRUE(pipe.ends[0].destroy_qp(QpId(0)).has_value());
  ASSERT_TRUE(pipe.ends[1].destroy_qp(QpId(0)).has_value());
  EXPECT_FALSE(pipe.ends[0].destroy_qp(QpId(0)).has_value());
  EXPECT_FALSE(pipe.ends[0].post_write(QpId(0), {}).has_value());
  EXPECT_EQ(pipe.ends[0].qp_state(QpId(0)), QpState::kDestroyed);
  EXPECT_FALSE(pipe.ends[0].deny_path(QpId(0), 0, true).has_value());
  EXPECT_FALSE(pipe.ends[0].view(QpId(0)).frozen);
  EXPECT_EQ(pipe.ends[0].path_health(QpId(0), 0), PathHealth::kDenied);
  EXPECT_EQ(pipe.ends[0].active_paths(QpId(0), 0), 0u);
  pipe.run(3'000 * kUs);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].work_id, 1u);
  EXPECT_EQ(done[0].status, CompletionStatus::kFlushed);
  EXPECT_EQ(done[1].work_id, 2u);
  EXPECT_EQ(done[1].status, CompletionStatus::kSuccess);
  EXPECT_GT(pipe.ends[1].counters().ignored, 0u);  // what was on its way to the destroyed one
  EXPECT_EQ(pipe.ends[0].blocks_in_use(), 0u);
  EXPECT_EQ(pipe.ends[1].blocks_in_use(), 0u);
}

TEST_P(Lifetime, NumbersAreUsedAgainAndMoreDataMovesThanQueuePairsExist) {
  Pipe pipe(config_of(GetParam()), 2);
  pipe.set_up(2, 1 << 20);
  pipe.hook = [](int, const Packet&, Fate& fate) { fate.copies = 1; };
  for (uint64_t round = 0; round < 20; ++round) {
    ASSERT_TRUE(pipe.ends[0].destroy_qp(QpId(round % 2)).has_value());
    ASSERT_TRUE(pipe.ends[1].destroy_qp(QpId(round % 2)).has_value());
    const QpId qp = connect_fresh(pipe);
    EXPECT_EQ(qp, QpId(round % 2));
    EXPECT_FALSE(pipe.ends[0].create_qp(pipe.pd[0]).has_value());
    post(pipe, qp, round, 100'000);
    pipe.run(pipe.now + 500 * kUs);
    const auto done = pipe.poll(0);
    ASSERT_EQ(done.size(), 1u) << round;
    EXPECT_EQ(done[0].work_id, round);
    EXPECT_EQ(done[0].status, CompletionStatus::kSuccess);
  }
  EXPECT_EQ(pipe.ends[0].counters().timeouts, 0u);
}

TEST_P(Lifetime, RoomForMoreQueuePairsBringsBlocksAndWorkRequests) {
  Pipe pipe(config_of(GetParam()), 3);
  pipe.set_up(2, 1 << 20);
  post(pipe, QpId(0), 0, 300'000);
  post(pipe, QpId(1), 1, 300'000);
  pipe.run(15 * kUs);  // blocks hold packets under way when they move
  for (Endpoint& end : pipe.ends) end.make_room(8);
  EXPECT_EQ(pipe.ends[0].room(), 8u);
  EXPECT_EQ(pipe.ends[0].work_requests_free(), 2u + 12u);
  for (uint64_t i = 2; i < 8; ++i) post(pipe, connect_fresh(pipe), i, 300'000);
  EXPECT_FALSE(pipe.ends[0].create_qp(pipe.pd[0]).has_value());
  EXPECT_EQ(pipe.ends[0].blocks_in_use(), 8u);
  pipe.run(3'000 * kUs);
  EXPECT_EQ(pipe.poll(0).size(), 8u);
  EXPECT_EQ(pipe.ends[0].counters().timeouts, 0u);
  EXPECT_EQ(pipe.ends[0].blocks_in_use(), 0u);
}

// The same first PSN, so that nothing but the life in the number tells the packets apart.
TEST_P(Lifetime, PacketsOfAnEarlierLifeAreIgnored) {
  EndpointConfig config = config_of(GetParam());
  config.initial_psn = kPsnMask - 5;
  Pipe pipe(config, 4);
  pipe.set_up(1, 1 << 20);
  std::vector<Packet> old[2];
  pipe.hook = [&](int from, const Packet& packet, Fate& fate) {
    old[1 - from].push_back(packet);
    fate.arrival.trimmed = packet.opcode == Opcode::kWrite && old[1].size() % 7 == 3;
  };
  post(pipe, QpId(0), 1, 100'000);
  pipe.run(200 * kUs);
  ASSERT_EQ(pipe.poll(0).size(), 1u);
  const uint32_t number = pipe.ends[0].attributes(QpId(0)).qp;
  for (Endpoint& end : pipe.ends) ASSERT_TRUE(end.destroy_qp(QpId(0)).has_value());
  ASSERT_EQ(connect_fresh(pipe), QpId(0));
  EXPECT_NE(pipe.ends[0].attributes(QpId(0)).qp, number);
  post(pipe, QpId(0), 2, 100'000);
  pipe.hook = nullptr;
  pipe.run(pipe.now + 9 * kUs);  // under way: NACKs and acknowledgements could do harm
  for (int e = 0; e < 2; ++e) {
    ASSERT_FALSE(old[e].empty());
    for (const Packet& packet : old[e]) {
      const auto now = base::Time::at(base::Duration::ps(pipe.now));
      EXPECT_EQ(pipe.ends[e].receive(now, packet, {}).disposition, Disposition::kIgnored);
    }
    EXPECT_EQ(pipe.ends[e].counters().ignored, old[e].size());
  }
  pipe.run(pipe.now + 500 * kUs);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].status, CompletionStatus::kSuccess);
  EXPECT_EQ(pipe.ends[0].counters().timeouts, 0u);
}

TEST_P(Lifetime, AfterManyLivesTheNumberIsNeverZeroAndComesRound) {
  Endpoint end(config_of(GetParam()), base::RandomStream(5, "end"));
  const PdId pd = end.create_pd();
  const uint32_t first = end.attributes(*end.create_qp(pd)).qp;
  for (int i = 1; i < 255; ++i) {
    ASSERT_TRUE(end.destroy_qp(QpId(0)).has_value());
    const uint32_t number = end.attributes(*end.create_qp(pd)).qp;
    EXPECT_NE(number, first);
    EXPECT_NE(number >> kQpIndexBits, 0u);
    EXPECT_LE(number, kPsnMask);
  }
  ASSERT_TRUE(end.destroy_qp(QpId(0)).has_value());
  EXPECT_EQ(end.attributes(*end.create_qp(pd)).qp, first);
}

INSTANTIATE_TEST_SUITE_P(Congestion, Lifetime,
                         ::testing::Values(CongestionControl::kNscc, CongestionControl::kRccc,
                                           CongestionControl::kNsccAndRccc),
                         [](const auto& one) {
                           switch (one.param) {
                             case CongestionControl::kNscc:
                               return "Nscc";
                             case CongestionControl::kRccc:
                               return "Rccc";
                             default:
                               return "Both";
                           }
                         });

}  // namespace
}  // namespace windtunnel::braid
