// What single harms do: each test lets one thing go wrong and counts what follows.
#include <set>

#include "braid/test_pipe.h"

namespace windtunnel::braid {
namespace {

using testing::Fate;
using testing::Pipe;

constexpr int64_t kSecond = 1'000'000'000'000;
constexpr int64_t kUs = 1'000'000;

EndpointConfig config_with(PathSelection paths = PathSelection::kBraid) {
  EndpointConfig config;
  config.max_qps = 2;
  config.path_selection = paths;
  config.base_rtt = base::Duration::ps(12'200'000);
  return config;
}

void post(Pipe& pipe, uint64_t length, uint64_t id = 1) {
  WriteWork work;
  work.work_id = id;
  work.local = work.remote = Pipe::kBase;
  work.rkey = pipe.region[1].rkey;
  work.length = length;
  ASSERT_TRUE(pipe.ends[0].post_write(QpId(0), work).has_value());
}

// The n-th numbered packet of A (from 0) meets `fate`, once.
void harm_one(Pipe& pipe, int n, Fate harm) {
  pipe.hook = [n, harm, count = 0](int from, const Packet& packet, Fate& fate) mutable {
    if (from == 0 && is_numbered(packet.opcode) && count++ == n) fate = harm;
  };
}

Fate lost() { return {.copies = 0, .arrival = {}, .extra_delay = 0}; }
Fate trimmed(bool last_hop = false) {
  return {.copies = 1,
          .arrival = {.ecn = false, .trimmed = true, .last_hop_trim = last_hop},
          .extra_delay = 0};
}

TEST(Harm, ATrimCostsOneRetransmissionAndNoTimeout) {
  Pipe pipe(config_with(), 1);
  pipe.set_up(1, 1 << 20);
  harm_one(pipe, 5, trimmed());
  post(pipe, 400'000);
  pipe.run(kSecond);
  ASSERT_EQ(pipe.poll(0).size(), 1u);
  const EndpointCounters& a = pipe.ends[0].counters();
  EXPECT_EQ(a.retransmissions, 1u);
  EXPECT_EQ(a.nacks_received, 1u);
  EXPECT_EQ(a.timeouts, 0u);
  EXPECT_EQ(a.paths_suspected, 0u) << "a trim is congestion, not a dead path";
  EXPECT_EQ(pipe.ends[1].counters().trimmed_received, 1u);
}

TEST(Harm, ANackTwiceIsObeyedOnce) {
  Pipe pipe(config_with(), 1);
  pipe.set_up(1, 1 << 20);
  int data = 0;
  pipe.hook = [&](int from, const Packet& packet, Fate& fate) {
    if (from == 0 && is_numbered(packet.opcode) && data++ == 5) fate = trimmed();
    if (packet.opcode == Opcode::kNack) fate.copies = 3;
  };
  post(pipe, 400'000);
  pipe.run(kSecond);
  EXPECT_EQ(pipe.ends[0].counters().retransmissions, 1u);
  EXPECT_EQ(pipe.ends[0].counters().nacks_received, 1u);
}

TEST(Harm, ALossInTheMiddleIsFoundByOrderOrTimeoutAndBlamesItsPath) {
  Pipe pipe(config_with(), 1);
  pipe.set_up(1, 1 << 20);
  harm_one(pipe, 5, lost());
  post(pipe, 1'000'000);
  pipe.run(kSecond);
  ASSERT_EQ(pipe.poll(0).size(), 1u);
  const EndpointCounters& a = pipe.ends[0].counters();
  EXPECT_EQ(a.retransmissions, 1u);
  EXPECT_EQ(a.losses, 1u);
  EXPECT_EQ(a.paths_suspected, 1u);
}

TEST(Harm, TheLastPacketIsFoundByATailProbeLongBeforeTheTimeout) {
  EndpointConfig config = config_with();
  config.rto_min = base::Duration::ms(5);
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 20);
  harm_one(pipe, 9, lost());
  post(pipe, 4032 * 10);
  pipe.run(kSecond);
  EXPECT_EQ(pipe.ends[0].counters().retransmissions, 1u);
  EXPECT_EQ(pipe.ends[0].counters().timeouts, 0u);
  int64_t done_by = 0;
  Pipe slow(config, 1);
  config.loss_recovery = LossRecovery::kTimeoutOnly;
  Pipe timed(config, 1);
  for (Pipe* p : {&slow, &timed}) {
    p->set_up(1, 1 << 20);
    harm_one(*p, 9, lost());
    post(*p, 4032 * 10);
    while (p->poll(0).empty() && p->now < kSecond) p->run(p->now + 10 * kUs), p->now += 10 * kUs;
    if (done_by == 0) done_by = p->now;
  }
  EXPECT_LT(done_by, 100 * kUs);
  EXPECT_GT(timed.now, 5'000 * kUs);
}

TEST(Harm, DuplicatesAreAnsweredAndPlaceNothing) {
  Pipe pipe(config_with(), 1);
  pipe.set_up(1, 1 << 20);
  pipe.hook = [](int from, const Packet& packet, Fate& fate) {
    if (from == 0 && is_numbered(packet.opcode)) fate.copies = 2;
  };
  post(pipe, 400'000);
  pipe.run(kSecond);
  EXPECT_EQ(pipe.ends[1].counters().packets_delivered, 100u);
  EXPECT_EQ(pipe.ends[1].counters().duplicates, 100u);
  EXPECT_EQ(pipe.dispositions[static_cast<size_t>(Disposition::kPlaced)], 100u);
  EXPECT_EQ(pipe.ends[0].counters().retransmissions, 0u);
}

TEST(Harm, MarksNarrowTheWindowOnlyWhereEcnIsOn) {
  int64_t window[2];
  for (const bool ecn : {true, false}) {
    EndpointConfig config = config_with();
    config.ecn = ecn;
    Pipe pipe(config, 1);
    pipe.set_up(1, 1 << 24);
    pipe.hook = [](int from, const Packet& packet, Fate& fate) {
      if (from != 0 || !is_numbered(packet.opcode)) return;
      fate.arrival.ecn = true;
      fate.extra_delay = 30 * kUs;  // a long queue
    };
    post(pipe, 8'000'000);
    pipe.run(400 * kUs);
    window[ecn ? 1 : 0] = pipe.ends[0].cwnd(QpId(0)).count();
  }
  EXPECT_LT(window[1], window[0] / 2);
}

TEST(Harm, ARegionInvalidatedInMidFlightEndsTheWrite) {
  Pipe pipe(config_with(), 1);
  pipe.set_up(1, 1 << 22);
  post(pipe, 4'000'000);
  pipe.run(20 * kUs);
  ASSERT_TRUE(pipe.ends[1].invalidate(pipe.region[1].id).has_value());
  const uint64_t placed = pipe.dispositions[static_cast<size_t>(Disposition::kPlaced)];
  pipe.run(kSecond);
  EXPECT_EQ(pipe.dispositions[static_cast<size_t>(Disposition::kPlaced)], placed);
  const auto done = pipe.poll(0);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].status, CompletionStatus::kRemoteAccess);
}

TEST(Harm, ADeadPlaneIsLeftAndADownPortIsNeverUsed) {
  EndpointConfig config = config_with();
  config.planes = 4;
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 24);
  int64_t last_on_dead = 0;
  uint64_t down_used = 0;
  pipe.hook = [&](int from, const Packet& packet, Fate& fate) {
    if (pipe.now > 50 * kUs && packet.port == 2) {
      fate.copies = 0;
      if (from == 0 && is_numbered(packet.opcode)) last_on_dead = pipe.now;
    }
    if (pipe.now > 400 * kUs && packet.port == 1) ++down_used;
  };
  post(pipe, 16'000'000);
  pipe.run(400 * kUs);
  for (Endpoint& end : pipe.ends) end.port_status(1, false);
  pipe.run(kSecond);
  ASSERT_EQ(pipe.poll(0).size(), 1u);
  EXPECT_EQ(down_used, 0u);
  EXPECT_LT(last_on_dead, 400 * kUs) << "every path of the dead plane has been found out";
}

TEST(Harm, APeerIsToldOfADownPortAndLeavesItsPlane) {
  EndpointConfig config = config_with();
  config.planes = 2;
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 24);
  post(pipe, 8'000'000);
  pipe.run(50 * kUs);
  pipe.ends[1].port_status(0, false);
  const int64_t told = pipe.now + pipe.delay + kUs;
  uint64_t late = 0;
  pipe.hook = [&](int from, const Packet& packet, Fate&) {
    if (from == 0 && pipe.now > told && packet.port == 0) ++late;
  };
  pipe.run(kSecond);
  EXPECT_EQ(pipe.poll(0).size(), 1u);
  EXPECT_EQ(late, 0u);
  pipe.ends[1].port_status(0, true);
  post(pipe, 1'000'000, 2);
  pipe.run(2 * kSecond);
  EXPECT_GT(late, 50u) << "up again: used again";
}

TEST(Harm, BackPressureShrinksTheWindow) {
  EndpointConfig config = config_with();
  config.congestion = CongestionControl::kDctcp;  // grows slower than the penalty cuts
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 24);
  pipe.ends[1].set_receiver_penalty(255);
  post(pipe, 4'000'000);
  pipe.run(200 * kUs);
  EXPECT_LT(pipe.ends[0].cwnd(QpId(0)).count(), 100'000);
}

TEST(Harm, CreditsPaceASender) {
  EndpointConfig config = config_with(PathSelection::kOblivious);
  config.congestion = CongestionControl::kRccc;
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 24);
  pipe.hook = [&](int from, const Packet& packet, Fate& fate) {
    if (from == 1 && packet.opcode == Opcode::kCredit) fate.copies = pipe.now > 300 * kUs ? 1 : 0;
  };
  post(pipe, 8'000'000);
  pipe.run(290 * kUs);
  const uint64_t speculative = pipe.ends[0].counters().packets_sent;
  EXPECT_LE(speculative, 180u) << "a first window and no more without credit";
  EXPECT_LE(pipe.ends[0].view(QpId(0)).credit.count(), 0);
  EXPECT_GE(pipe.ends[0].counters().credit_requests_sent, 1u);
  pipe.run(kSecond);
  EXPECT_EQ(pipe.poll(0).size(), 1u);
  EXPECT_EQ(pipe.ends[0].next_timeout(), base::Time::max());
}

TEST(Harm, ForgedAndStrayPacketsChangeNothing) {
  Pipe pipe(config_with(), 9);
  pipe.set_up(1, 1 << 16);
  post(pipe, 100'000 / 2);
  pipe.run(3 * kUs);
  const QpView before = pipe.ends[0].view(QpId(0));
  base::RandomStream stream(4, "forger");
  const base::Time now = base::Time::at(base::Duration::ps(pipe.now));
  Packet packet;
  packet.dest_qp = 7;  // no such queue pair
  EXPECT_EQ(pipe.ends[0].receive(now, packet, {}).disposition, Disposition::kIgnored);
  packet.dest_qp = 0;
  packet.psn = 1u << 24;
  EXPECT_EQ(pipe.ends[0].receive(now, packet, {}).disposition, Disposition::kIgnored);
  for (int i = 0; i < 1000; ++i) {  // acknowledgements of what was never sent
    Packet ack;
    ack.opcode = Opcode::kSack;
    ack.sack = SackFields{};
    ack.sack.cumulative_psn = psn_add(before.next_psn, 1 + stream.below_fast(1000));
    ack.sack.received_bytes = static_cast<uint32_t>(stream.bits());
    EXPECT_EQ(pipe.ends[0].receive(now, ack, {}).disposition, Disposition::kIgnored);
  }
  const QpView after = pipe.ends[0].view(QpId(0));
  EXPECT_EQ(before.oldest_unacked_psn, after.oldest_unacked_psn);
  EXPECT_EQ(before.in_flight, after.in_flight);
  EXPECT_EQ(before.window, after.window);
  pipe.run(kSecond);
  EXPECT_EQ(pipe.poll(0).size(), 1u);
}

TEST(Limits, WorkRequestsAndQueuePairsRunOutWithAReason) {
  EndpointConfig config = config_with();
  config.max_qps = 1;
  config.work_requests = 2;
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 16);
  EXPECT_FALSE(pipe.ends[0].create_qp(pipe.pd[0]).has_value());
  post(pipe, 10, 1);
  post(pipe, 10, 2);
  WriteWork third;
  third.rkey = pipe.region[1].rkey;
  EXPECT_FALSE(pipe.ends[0].post_write(QpId(0), third).has_value());
  EXPECT_EQ(pipe.ends[0].work_requests_free(), 0u);
  pipe.run(kSecond);
  EXPECT_FALSE(pipe.ends[0].post_write(QpId(0), third).has_value()) << "poll() frees them";
  EXPECT_EQ(pipe.poll(0).size(), 2u);
  EXPECT_EQ(pipe.ends[0].work_requests_free(), 2u);
}

TEST(Limits, PostingNeedsAConnectionAndSaneLengths) {
  EndpointConfig config = config_with();
  Endpoint end(config, base::RandomStream(1, "end"));
  const PdId pd = end.create_pd();
  const QpId qp = *end.create_qp(pd);
  EXPECT_FALSE(end.post_write(qp, {}).has_value()) << "not connected";
  PeerAttributes peer = end.attributes(qp);
  peer.payload = base::Bytes(1000);
  EXPECT_FALSE(end.connect(qp, peer).has_value());
  peer = end.attributes(qp);
  peer.initial_psn = 1u << 24;
  EXPECT_FALSE(end.connect(qp, peer).has_value());
  peer = end.attributes(qp);
  ASSERT_TRUE(end.connect(qp, peer).has_value());
  EXPECT_FALSE(end.connect(qp, peer).has_value()) << "twice";
  WriteWork work;
  work.length = (uint64_t{1} << 40) + 1;
  EXPECT_FALSE(end.post_write(qp, work).has_value());
  ReadWork read;
  EXPECT_FALSE(end.post_read(qp, read).has_value()) << "a read of nothing";
  read.length = 10;
  EXPECT_FALSE(end.post_read(qp, read).has_value()) << "no local key";
  EXPECT_FALSE(end.deny_path(qp, 256, true).has_value());
  EXPECT_TRUE(end.deny_path(qp, 255, true).has_value());
  EXPECT_EQ(end.path_health(qp, 255), PathHealth::kDenied);
}

// Many queue pairs share one port: full packets of equal work finish together.
TEST(Fairness, QueuePairsTakeTurns) {
  EndpointConfig config = config_with();
  config.max_qps = 8;
  Pipe pipe(config, 1);
  pipe.set_up(8, 1 << 20);
  std::vector<uint32_t> order;
  pipe.hook = [&](int from, const Packet& packet, Fate&) {
    if (from == 0 && is_numbered(packet.opcode)) order.push_back(packet.dest_qp);
  };
  for (uint32_t qp = 0; qp < 8; ++qp) {
    WriteWork work;
    work.local = work.remote = Pipe::kBase;
    work.rkey = pipe.region[1].rkey;
    work.length = 4032 * 20;
    ASSERT_TRUE(pipe.ends[0].post_write(QpId(qp), work).has_value());
  }
  pipe.run(kSecond);
  ASSERT_EQ(order.size(), 160u);
  for (size_t i = 0; i < 160; i += 8) {
    EXPECT_EQ(std::set<uint32_t>(order.begin() + static_cast<long>(i),
                                 order.begin() + static_cast<long>(i) + 8)
                  .size(),
              8u);
  }
}

}  // namespace
}  // namespace windtunnel::braid
