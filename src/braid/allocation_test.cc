// After set-up the engine allocates nothing: every operator new of this test program is counted.
#include "braid/test_pipe.h"
#include "tests/support/counted_new.h"

namespace windtunnel::braid {
namespace {

using ::windtunnel::testing::allocations;

base::Time at(int64_t ps) { return base::Time::at(base::Duration::ps(ps)); }

// A ring of packets between two endpoints, without a container that could allocate: losses, trims,
// marks and reordering included, messages posted and polled for as they end.
void run_steps(Endpoint& a, Endpoint& b, uint32_t rkey, int steps, base::RandomStream& stream,
               int64_t& now) {
  constexpr uint32_t kRing = 64;
  Packet ring[2][kRing];
  bool full[2][kRing] = {};
  Endpoint* ends[2] = {&a, &b};
  for (int step = 0; step < steps; ++step) {
    now += 81'920;
    for (int e = 0; e < 2; ++e) {
      const uint32_t slot = stream.below_fast(kRing);
      if (full[e][slot]) {
        Arrival how;
        how.ecn = stream.chance(1, 20);
        how.trimmed = has_payload(ring[e][slot].opcode) && stream.chance(1, 50);
        if (!stream.chance(1, 100)) ends[1 - e]->receive(at(now), ring[e][slot], how);
      }
      full[e][slot] = ends[e]->transmit(at(now), ring[e][slot]);
      if (ends[e]->next_timeout() <= at(now)) ends[e]->expire(at(now));
      Completion done[4];
      while (ends[e]->poll(done) > 0) {
      }
    }
    if (a.work_requests_free() > 2) {
      WriteWork work;
      work.rkey = rkey;
      work.length = 50'000;
      if (step % 3 == 0) work.immediate = 5;
      if (!a.post_write(QpId(0), work)) return;
    }
  }
}

TEST(Allocation, NoneAfterSetUp) {
  for (const PathSelection paths :
       {PathSelection::kBraid, PathSelection::kReps, PathSelection::kMixed}) {
    EndpointConfig config;
    config.max_qps = 1;
    config.path_selection = paths;
    config.congestion = CongestionControl::kNsccAndRccc;
    config.control_queue = 256;
    // Round trips through the ring are as short as one step; the window is not to follow them.
    config.maximum_window = base::Bytes(500'000);
    Endpoint a(config, base::RandomStream(1, "a"));
    Endpoint b(config, base::RandomStream(1, "b"));
    const PdId pd[2] = {a.create_pd(), b.create_pd()};
    const MemoryRegion region = *b.register_memory(pd[1], 0, 1 << 20, Access::kRemoteWrite);
    ASSERT_TRUE(a.create_qp(pd[0]).has_value());
    ASSERT_TRUE(b.create_qp(pd[1]).has_value());
    ASSERT_TRUE(a.connect(QpId(0), b.attributes(QpId(0))).has_value());
    ASSERT_TRUE(b.connect(QpId(0), a.attributes(QpId(0))).has_value());
    base::RandomStream stream(3, "steps");
    int64_t now = 0;
    const int64_t before = allocations;
    run_steps(a, b, region.rkey, 20'000, stream, now);
    EXPECT_EQ(allocations - before, 0);
    EXPECT_EQ(a.qp_state(QpId(0)), QpState::kReady);
    EXPECT_GT(a.counters().packets_sent, 2'000u);
    EXPECT_GT(a.counters().retransmissions, 20u);
  }
}

// Queue pairs that end with packets under way, and others with the same index.
TEST(Allocation, NoneForQueuePairsThatComeAndGo) {
  EndpointConfig config;
  config.max_qps = 1;
  config.congestion = CongestionControl::kNsccAndRccc;
  config.control_queue = 256;
  Endpoint ends[2] = {Endpoint(config, base::RandomStream(1, "a")),
                      Endpoint(config, base::RandomStream(1, "b"))};
  const PdId pd[2] = {ends[0].create_pd(), ends[1].create_pd()};
  const MemoryRegion region = *ends[1].register_memory(pd[1], 0, 1 << 20, Access::kRemoteWrite);
  for (int e = 0; e < 2; ++e) ASSERT_TRUE(ends[e].create_qp(pd[e]).has_value());
  base::RandomStream stream(4, "lives");
  int64_t now = 0;
  const int64_t before = allocations;
  bool good = true;
  for (int life = 0; life < 2'000; ++life) {
    for (int e = 0; e < 2; ++e) {
      good &= ends[e].destroy_qp(QpId(0)).has_value() && ends[e].create_qp(pd[e]).has_value();
    }
    const PeerAttributes a = ends[0].attributes(QpId(0));
    good &= ends[0].connect(QpId(0), ends[1].attributes(QpId(0))).has_value();
    good &= ends[1].connect(QpId(0), a).has_value();
    run_steps(ends[0], ends[1], region.rkey, 40, stream, now);
  }
  EXPECT_EQ(allocations - before, 0);
  EXPECT_TRUE(good);
  EXPECT_GT(ends[1].counters().packets_delivered, 2'000u);
}

// 16,384 endpoints of two queue pairs each run in one process.
TEST(Footprint, FitsItsBudget) {
  EndpointConfig config;
  config.max_qps = 2;
  const Endpoint endpoint(config, base::RandomStream(1, "footprint"));
  const Endpoint::Footprint f = endpoint.footprint();
  EXPECT_EQ(f.per_qp, 512u);
  EXPECT_LE(f.per_active_qp, 1088u);
  EXPECT_LE(f.endpoint, 720u);
  RecordProperty("endpoint_bytes", static_cast<int>(f.endpoint));
}

}  // namespace
}  // namespace windtunnel::braid
