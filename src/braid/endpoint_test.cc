// Two endpoints and a pipe: A --(400 Gbit/s, 6 us)-- B. Virtual-time budget per test: 1 s.
#include "braid/endpoint.h"

#include <fmt/core.h>

#include "braid/test_pipe.h"

namespace windtunnel::braid {
namespace {

using testing::Fate;
using testing::Pipe;

constexpr int64_t kSecond = 1'000'000'000'000;

EndpointConfig small_config() {
  EndpointConfig config;
  config.max_qps = 4;
  config.base_rtt = base::Duration::ps(12'200'000);
  return config;
}

void fill(std::vector<uint8_t>& memory, uint64_t seed) {
  base::RandomStream stream(seed, "fill");
  for (uint8_t& byte : memory) byte = static_cast<uint8_t>(stream.bits());
}

WriteWork write_of(const Pipe& pipe, uint64_t id, uint64_t offset, uint64_t length) {
  WriteWork work;
  work.work_id = id;
  work.local = Pipe::kBase + offset;
  work.remote = Pipe::kBase + offset;
  work.rkey = pipe.region[1].rkey;
  work.length = length;
  return work;
}

void post(Pipe& pipe, const WriteWork& work, uint32_t qp = 0) {
  const base::Status posted = pipe.ends[0].post_write(QpId(qp), work);
  ASSERT_TRUE(posted.has_value()) << posted.error().to_string();
}

void expect_at_rest(const Pipe& pipe) {
  for (const Endpoint& end : pipe.ends) {
    EXPECT_EQ(end.blocks_in_use(), 0u);
    const QpView view = end.view(QpId(0));
    EXPECT_EQ(view.in_flight.count(), 0);
    EXPECT_EQ(view.backlog.count(), 0);
    EXPECT_EQ(view.waiting_retransmission, 0u);
    EXPECT_EQ(view.oldest_unacked_psn, view.next_psn);
    EXPECT_EQ(view.out_of_order, 0u);
  }
}

TEST(Endpoint, OneWriteArrivesWholeAndCompletes) {
  Pipe pipe(small_config(), 1);
  pipe.set_up(1, 1 << 20);
  fill(pipe.memory[0], 7);
  post(pipe, write_of(pipe, 42, 0, 1'000'000));
  pipe.run(kSecond);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].work_id, 42u);
  EXPECT_EQ(done[0].length, 1'000'000u);
  EXPECT_EQ(done[0].status, CompletionStatus::kSuccess);
  EXPECT_TRUE(std::equal(pipe.memory[0].begin(), pipe.memory[0].begin() + 1'000'000,
                         pipe.memory[1].begin()));
  EXPECT_EQ(pipe.memory[1][1'000'000], 0);
  EXPECT_EQ(pipe.ends[0].counters().retransmissions, 0u);
  EXPECT_EQ(pipe.ends[0].counters().packets_sent, 249u);
  expect_at_rest(pipe);
}

TEST(Endpoint, ManyMessagesFillTheLink) {
  EndpointConfig config = small_config();
  config.work_requests = 64;
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 22);
  fill(pipe.memory[0], 7);
  for (uint64_t i = 0; i < 64; ++i) post(pipe, write_of(pipe, i, i << 16, 1 << 16));
  pipe.run(kSecond);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 64u);
  for (uint64_t i = 0; i < 64; ++i) EXPECT_EQ(done[i].work_id, i);
  EXPECT_EQ(pipe.memory[0], pipe.memory[1]);
  // 64 messages of 16 full packets and one of 1,024 B: 4,264,576 B at 50 B/ns.
  EXPECT_LT(pipe.busy_until[0], 87'000'000);
  expect_at_rest(pipe);
}

TEST(Endpoint, ZeroLengthAndOddLengths) {
  Pipe pipe(small_config(), 1);
  pipe.set_up(1, 1 << 16);
  fill(pipe.memory[0], 7);
  uint64_t id = 0;
  for (const uint64_t length : {0u, 1u, 4031u, 4032u, 4033u, 8064u}) {
    post(pipe, write_of(pipe, id, id * 8192, length));
    ++id;
  }
  pipe.run(kSecond);
  EXPECT_EQ(pipe.poll(0).size(), 6u);
  EXPECT_EQ(pipe.ends[0].counters().packets_sent, 1u + 1 + 1 + 1 + 2 + 2);
  for (uint64_t i = 1; i < 6; ++i) EXPECT_EQ(pipe.memory[0][i * 8192], pipe.memory[1][i * 8192]);
  expect_at_rest(pipe);
}

TEST(Endpoint, ImmediatesCompleteInOrderAfterAllBytes) {
  EndpointConfig config = small_config();
  config.work_requests = 64;
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 20);
  fill(pipe.memory[0], 7);
  base::RandomStream stream(5, "reorder");
  uint32_t in_flight_most = 0;
  pipe.hook = [&](int from, const Packet&, Fate& fate) {
    if (from == 0) fate.extra_delay = stream.below_fast(3'000'000);
    in_flight_most = std::max(in_flight_most, pipe.ends[0].view(QpId(0)).write_imm_in_flight);
  };
  for (uint32_t i = 0; i < 32; ++i) {
    WriteWork work = write_of(pipe, i, uint64_t{i} * 16'384, 16'384);
    work.immediate = 1000 + i;
    post(pipe, work);
  }
  pipe.run(kSecond);
  EXPECT_EQ(pipe.poll(0).size(), 32u);
  const auto received = pipe.poll(1);
  ASSERT_EQ(received.size(), 32u);
  for (uint32_t i = 0; i < 32; ++i) {
    EXPECT_EQ(received[i].immediate, 1000 + i);
    EXPECT_EQ(received[i].kind, CompletionKind::kReceiveImm);
    EXPECT_EQ(received[i].length, 16'384u);
  }
  EXPECT_EQ(in_flight_most, config.write_imm_limit);
  expect_at_rest(pipe);
}

TEST(Endpoint, AnImmediateWaitsForTheHoleBeforeIt) {
  Pipe pipe(small_config(), 1);
  pipe.set_up(1, 1 << 20);
  bool dropped = false;
  pipe.hook = [&](int from, const Packet& packet, Fate& fate) {
    if (from != 0 || dropped || packet.data.index != 1) return;
    dropped = true;
    fate.copies = 0;
  };
  post(pipe, write_of(pipe, 1, 0, 20'000));
  WriteWork second = write_of(pipe, 2, 20'000, 10);
  second.immediate = 9;
  post(pipe, second);
  pipe.run(10'000'000);
  ASSERT_TRUE(dropped);
  EXPECT_TRUE(pipe.poll(1).empty());
  pipe.run(kSecond);
  EXPECT_EQ(pipe.poll(1).size(), 1u);
  expect_at_rest(pipe);
}

TEST(Endpoint, ReadsFetchRemoteMemory) {
  Pipe pipe(small_config(), 3);
  pipe.set_up(1, 1 << 20);
  fill(pipe.memory[1], 9);
  for (uint64_t i = 0; i < 20; ++i) {
    ReadWork read;
    read.work_id = i;
    read.local = Pipe::kBase + i * 40'000;
    read.lkey = pipe.region[0].lkey;
    read.remote = Pipe::kBase + i * 40'000;
    read.rkey = pipe.region[1].rkey;
    read.length = 40'000;
    ASSERT_TRUE(pipe.ends[0].post_read(QpId(0), read).has_value());
  }
  pipe.run(kSecond);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 20u);
  for (uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(done[i].work_id, i);
    EXPECT_EQ(done[i].kind, CompletionKind::kRead);
    EXPECT_EQ(done[i].status, CompletionStatus::kSuccess);
  }
  EXPECT_TRUE(
      std::equal(pipe.memory[1].begin(), pipe.memory[1].begin() + 800'000, pipe.memory[0].begin()));
  EXPECT_TRUE(pipe.poll(1).empty());
  expect_at_rest(pipe);
}

TEST(Endpoint, AReadSeesTheWriteBeforeIt) {
  Pipe pipe(small_config(), 3);
  pipe.set_up(1, 1 << 20);
  fill(pipe.memory[0], 9);
  bool dropped = false;
  pipe.hook = [&](int from, const Packet& packet, Fate& fate) {
    if (from != 0 || dropped || packet.opcode != Opcode::kWrite) return;
    dropped = true;
    fate.copies = 0;
  };
  post(pipe, write_of(pipe, 1, 0, 30'000));
  ReadWork read;
  read.work_id = 2;
  read.local = Pipe::kBase + 100'000;
  read.lkey = pipe.region[0].lkey;
  read.remote = Pipe::kBase;
  read.rkey = pipe.region[1].rkey;
  read.length = 30'000;
  ASSERT_TRUE(pipe.ends[0].post_read(QpId(0), read).has_value());
  pipe.run(kSecond);
  EXPECT_EQ(pipe.poll(0).size(), 2u);
  EXPECT_TRUE(std::equal(pipe.memory[0].begin(), pipe.memory[0].begin() + 30'000,
                         pipe.memory[0].begin() + 100'000));
  expect_at_rest(pipe);
}

TEST(Endpoint, RefusedKeysFailTheQueuePairAndTouchNothing) {
  Pipe pipe(small_config(), 3);
  pipe.set_up(1, 1 << 16);
  WriteWork bad = write_of(pipe, 1, 0, 9000);
  bad.rkey ^= 1u << 25;
  fill(pipe.memory[0], 9);
  post(pipe, bad);
  post(pipe, write_of(pipe, 2, 0, 9000));
  pipe.run(kSecond);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].status, CompletionStatus::kRemoteAccess);
  EXPECT_EQ(done[1].status, CompletionStatus::kFlushed);
  EXPECT_EQ(pipe.ends[0].qp_state(QpId(0)), QpState::kError);
  EXPECT_EQ(pipe.ends[1].qp_state(QpId(0)), QpState::kReady);
  post(pipe, write_of(pipe, 3, 0, 10));
  const auto after = pipe.poll(0);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_EQ(after[0].status, CompletionStatus::kFlushed);
  EXPECT_GE(pipe.ends[1].counters().refused, 1u);
}

TEST(Endpoint, BoundsAreCheckedToTheByte) {
  Pipe pipe(small_config(), 3);
  pipe.set_up(2, 10'000);
  pipe.memory[0].resize(20'000);
  WriteWork exact = write_of(pipe, 1, 5'000, 5'000);
  post(pipe, exact);
  WriteWork over = write_of(pipe, 2, 5'001, 5'000);
  post(pipe, over, 1);
  pipe.run(kSecond);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 2u);
  for (const Completion& c : done) {
    EXPECT_EQ(c.status,
              c.work_id == 1 ? CompletionStatus::kSuccess : CompletionStatus::kRemoteAccess);
  }
}

TEST(Endpoint, ADeadPathEndsInAnErrorWithinTheRetryLimit) {
  EndpointConfig config = small_config();
  config.retry_limit = 4;
  Pipe pipe(config, 3);
  pipe.set_up(1, 1 << 20);
  pipe.hook = [](int from, const Packet&, Fate& fate) { fate.copies = from == 0 ? 0 : 1; };
  for (uint64_t i = 0; i < 3; ++i) post(pipe, write_of(pipe, i, 0, 300'000));
  pipe.run(kSecond);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 3u);
  EXPECT_EQ(done[0].status, CompletionStatus::kRetryExceeded);
  EXPECT_EQ(done[1].status, CompletionStatus::kFlushed);
  EXPECT_EQ(done[2].status, CompletionStatus::kFlushed);
  EXPECT_EQ(pipe.ends[0].blocks_in_use(), 0u);
  EXPECT_EQ(pipe.ends[0].next_timeout(), base::Time::max());
  EXPECT_EQ(pipe.ends[0].in_flight(QpId(0)).count(), 0);
}

TEST(Endpoint, AReaderNoticesThatTheResponderIsGone) {
  EndpointConfig config = small_config();
  config.retry_limit = 4;
  Pipe pipe(config, 3);
  pipe.set_up(1, 1 << 20);
  ReadWork read;
  read.local = read.remote = Pipe::kBase;
  read.lkey = pipe.region[0].lkey;
  read.rkey = pipe.region[1].rkey;
  read.length = 100;
  // The request is acknowledged, then B falls silent.
  pipe.hook = [](int from, const Packet& packet, Fate& fate) {
    if (from == 1 && (packet.opcode != Opcode::kSack || packet.has(PacketFlag::kProbeAck))) {
      fate.copies = 0;
    }
  };
  ASSERT_TRUE(pipe.ends[0].post_read(QpId(0), read).has_value());
  pipe.run(kSecond);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].status, CompletionStatus::kRetryExceeded);
  EXPECT_EQ(pipe.ends[1].qp_state(QpId(0)), QpState::kError);
}

struct Hostile {
  CongestionControl congestion;
  PathSelection paths;
  uint32_t planes;
  bool trimming;
};

class HostileChannel : public ::testing::TestWithParam<Hostile> {};

// Every packet, both ways: 1 % lost, 1 % twice, 5 % marked, 2 % trimmed, up to 20 us late.
TEST_P(HostileChannel, MovesEveryByteOnce) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    EndpointConfig config = small_config();
    config.congestion = GetParam().congestion;
    config.path_selection = GetParam().paths;
    config.planes = GetParam().planes;
    config.trimming = GetParam().trimming;
    config.initial_psn = 0xffff80;
    config.work_requests = 40;
    config.loss_recovery = seed % 2 == 0 ? LossRecovery::kFast : LossRecovery::kTimeoutOnly;
    Pipe pipe(config, seed);
    pipe.set_up(2, 3 << 20);
    fill(pipe.memory[0], seed);
    base::RandomStream stream(seed, "channel");
    pipe.hook = [&](int, const Packet& packet, Fate& fate) {
      fate.copies = stream.chance(1, 100) ? 0 : stream.chance(1, 100) ? 2 : 1;
      fate.arrival.ecn = stream.chance(5, 100);
      fate.arrival.trimmed = config.trimming && has_payload(packet.opcode) && stream.chance(2, 100);
      fate.arrival.last_hop_trim = fate.arrival.trimmed && stream.chance(1, 2);
      fate.extra_delay = stream.below_fast(20'000'000);
      const QpView view = pipe.ends[0].view(QpId(0));
      EXPECT_LE(psn_distance(view.next_psn, view.oldest_unacked_psn), 512);
    };
    for (uint32_t i = 0; i < 10; ++i) {
      WriteWork work = write_of(pipe, i, uint64_t{i} * 300'000, 300'000);
      if (i % 3 == 0) work.immediate = i;
      post(pipe, work, i % 2);
    }
    ReadWork read;
    read.work_id = 10;
    read.local = Pipe::kBase + 3'000'000;
    read.lkey = pipe.region[0].lkey;
    read.remote = Pipe::kBase;
    read.rkey = pipe.region[1].rkey;
    read.length = 145'000;
    ASSERT_TRUE(pipe.ends[0].post_read(QpId(0), read).has_value());
    pipe.run(kSecond);
    const auto done = pipe.poll(0);
    ASSERT_EQ(done.size(), 11u) << "at " << pipe.now;
    for (const Completion& c : done) EXPECT_EQ(c.status, CompletionStatus::kSuccess);
    EXPECT_TRUE(std::equal(pipe.memory[0].begin(), pipe.memory[0].begin() + 3'000'000,
                           pipe.memory[1].begin()));
    EXPECT_TRUE(std::equal(pipe.memory[1].begin(), pipe.memory[1].begin() + 145'000,
                           pipe.memory[0].begin() + 3'000'000));
    EXPECT_EQ(pipe.poll(1).size(), 4u);
    expect_at_rest(pipe);
    EXPECT_EQ(pipe.ends[0].view(QpId(1)).in_flight.count(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileChannel,
    ::testing::Values(Hostile{CongestionControl::kNscc, PathSelection::kBraid, 1, true},
                      Hostile{CongestionControl::kNscc, PathSelection::kBraid, 4, true},
                      Hostile{CongestionControl::kNscc, PathSelection::kBraid, 2, false},
                      Hostile{CongestionControl::kNscc, PathSelection::kOnePath, 1, true},
                      Hostile{CongestionControl::kNscc, PathSelection::kOblivious, 1, true},
                      Hostile{CongestionControl::kNscc, PathSelection::kBitmap, 2, true},
                      Hostile{CongestionControl::kNscc, PathSelection::kReps, 1, true},
                      Hostile{CongestionControl::kNscc, PathSelection::kMixed, 8, true},
                      Hostile{CongestionControl::kRccc, PathSelection::kOblivious, 1, true},
                      Hostile{CongestionControl::kRccc, PathSelection::kBraid, 1, false},
                      Hostile{CongestionControl::kNsccAndRccc, PathSelection::kReps, 1, true},
                      Hostile{CongestionControl::kDctcp, PathSelection::kOblivious, 1, false},
                      Hostile{CongestionControl::kConstant, PathSelection::kOblivious, 1, true}));

}  // namespace
}  // namespace windtunnel::braid
