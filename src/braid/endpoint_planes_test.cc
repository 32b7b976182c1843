// A port dies, at either end and without a word: how much still flows, and when.
#include "braid/test_pipe.h"

namespace windtunnel::braid {
namespace {

using testing::Fate;
using testing::Pipe;

constexpr int64_t kUs = 1'000'000;
constexpr uint64_t kLength = 8 << 20;

// A long transfer through a pipe that carries the whole line whatever the port, so what it falls
// short of is the transport's own doing. Acknowledgements come back in 4 us, and the window is a
// bandwidth-delay product: 53 packets, so that a dead plane of 128 paths is not met all at once.
struct LongTransfer {
  explicit LongTransfer(uint32_t planes, uint64_t seed) : pipe(config_of(planes), seed) {
    pipe.delay = 2 * kUs;
    pipe.set_up(1, kLength);
    pipe.hook = [this](int from, const Packet& packet, Fate& fate) {
      if (harm(from, packet)) fate.copies = 0;
    };
  }
  static EndpointConfig config_of(uint32_t planes) {
    EndpointConfig config;
    config.max_qps = 1;
    config.planes = planes;
    config.base_rtt = base::Duration::ps(4'200'000);
    config.network_rtt = config.base_rtt;
    config.maximum_window = base::Bytes(220'000);
    return config;
  }
  void post() {
    WriteWork work;
    work.local = work.remote = Pipe::kBase;
    work.rkey = pipe.region[1].rkey;
    work.length = kLength;
    ASSERT_TRUE(pipe.ends[0].post_write(QpId(0), work).has_value());
  }
  void run(int64_t until) {
    while (pipe.now < until) {
      pipe.poll(0);
      while (pipe.ends[0].work_requests_free() > 4) post();
      const int64_t next = std::min(until, pipe.now + 50 * kUs);
      pipe.run(next);
      pipe.now = next;
    }
  }
  // Share of the line that arrives until then.
  double share(int64_t until) {
    const uint64_t before = pipe.ends[1].counters().bytes_delivered;
    const int64_t from = pipe.now;
    run(until);
    const auto bits = static_cast<double>(pipe.ends[1].counters().bytes_delivered - before) * 8;
    return bits / (400e9 * static_cast<double>(until - from) * 1e-12);
  }
  const EndpointCounters& sender() const { return pipe.ends[0].counters(); }

  Pipe pipe;
  std::function<bool(int from, const Packet&)> harm = [](int, const Packet&) { return false; };
};

bool by_port(const Packet& packet, uint32_t port) { return packet.port == port; }

// 200 us: a timeout, and a window that grows again.
TEST(Planes, WithinTwoHundredMicrosecondsOfADeadPortTheOthersCarryTheLoad) {
  for (const uint32_t planes : {2u, 4u, 8u}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      SCOPED_TRACE(planes * 100 + seed);
      LongTransfer t(planes, seed);
      t.run(400 * kUs);
      t.harm = [](int, const Packet& packet) { return by_port(packet, 1); };
      t.run(600 * kUs);
      EXPECT_GT(t.share(1000 * kUs), 0.9);
      EXPECT_LT(t.sender().losses, 120u) << "two windows, not one packet for each path";
      EXPECT_EQ(t.sender().planes_suspected, 1u);
    }
  }
}

TEST(Planes, OneDirectionOfTheCableIsEnough) {
  LongTransfer t(2, 1);
  t.run(400 * kUs);
  t.harm = [](int from, const Packet& packet) { return from == 0 && by_port(packet, 0); };
  t.run(600 * kUs);
  EXPECT_GT(t.share(1000 * kUs), 0.9);
}

TEST(Planes, APortThatComesBackIsUsedAgain) {
  LongTransfer t(2, 1);
  t.run(400 * kUs);
  t.harm = [](int, const Packet& packet) { return by_port(packet, 1); };
  t.run(700 * kUs);
  uint64_t there = 0;
  uint64_t all = 0;
  t.harm = [&](int from, const Packet& packet) {
    if (from == 0 && is_numbered(packet.opcode)) ++all, there += by_port(packet, 1) ? 1u : 0u;
    return false;
  };
  t.run(1500 * kUs);
  all = there = 0;
  EXPECT_GT(t.share(2000 * kUs), 0.9);
  EXPECT_NEAR(static_cast<double>(there) / static_cast<double>(all), 0.5, 0.05);
  EXPECT_EQ(t.pipe.ends[0].path_health(QpId(0), 1), PathHealth::kGood);
}

// What kills some paths of a plane does not kill the plane.
TEST(Planes, DeadPathsOfAPlaneAreNotADeadPlane) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    LongTransfer t(2, seed);
    t.run(400 * kUs);
    t.harm = [](int, const Packet& packet) { return (packet.entropy & 15) == 3; };
    t.run(3000 * kUs);
    EXPECT_EQ(t.sender().planes_suspected, 0u) << "seed " << seed;
    EXPECT_GT(t.sender().paths_suspected, 10u);
  }
}

TEST(Planes, LossEverywhereIsNotADeadPlane) {
  for (const uint32_t one_in : {1000u, 100u}) {
    for (const uint32_t planes : {2u, 4u, 8u}) {
      SCOPED_TRACE(one_in + planes);
      LongTransfer t(planes, 1);
      base::RandomStream coin(planes, "loss");
      t.harm = [&](int from, const Packet&) { return from == 0 && coin.below_fast(one_in) == 0; };
      t.run(5000 * kUs);
      EXPECT_GT(t.sender().losses, 50u);
      EXPECT_EQ(t.sender().planes_suspected, 0u);
    }
  }
}

// A peer that says nothing at all for a while, and then goes on.
TEST(Planes, SilenceOfThePeerIsNotADeadPlane) {
  LongTransfer t(2, 1);
  t.run(400 * kUs);
  t.harm = [](int, const Packet&) { return true; };
  t.run(800 * kUs);
  t.harm = [](int, const Packet&) { return false; };
  t.run(2000 * kUs);
  EXPECT_EQ(t.sender().planes_suspected, 0u);
}

}  // namespace
}  // namespace windtunnel::braid
