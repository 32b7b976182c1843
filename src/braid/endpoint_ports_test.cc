// What a queue pair learns of the ports at the other end.
#include "braid/test_pipe.h"

namespace windtunnel::braid {
namespace {

using testing::Fate;
using testing::Pipe;

constexpr int64_t kUs = 1'000'000;

void post(Pipe& pipe, uint64_t id, QpId qp = QpId(0)) {
  WriteWork work;
  work.work_id = id;
  work.local = work.remote = Pipe::kBase;
  work.rkey = pipe.region[1].rkey;
  work.length = 100'000;
  ASSERT_TRUE(pipe.ends[0].post_write(qp, work).has_value());
}

// The announcement is lost and acknowledgements take 36 us, so a tail probe goes out. Its answer is
// the only word of the dead port, and it comes when the work is done and nothing is under way.
TEST(Ports, AnAnswerToALateQuestionTellsOfADeadPort) {
  EndpointConfig config;
  config.max_qps = 1;
  config.planes = 2;
  Pipe pipe(config, 1);
  pipe.set_up(1, 1 << 20);
  bool dead = false;
  int by_dead_port = 0;
  pipe.hook = [&](int from, const Packet& packet, Fate& fate) {
    if (packet.opcode == Opcode::kPortStatus) fate.copies = 0;
    if (packet.opcode == Opcode::kSack) fate.extra_delay = 30 * kUs;
    if (dead && from == 0 && is_numbered(packet.opcode) && packet.port == 1) ++by_dead_port;
  };
  post(pipe, 1);
  pipe.run(10 * kUs);
  pipe.ends[1].port_status(1, false);
  pipe.run(500 * kUs);
  ASSERT_EQ(pipe.poll(0).size(), 1u);
  ASSERT_GT(pipe.ends[0].counters().probes_sent, 0u);
  ASSERT_EQ(pipe.ends[0].blocks_in_use(), 0u);
  dead = true;
  post(pipe, 2);
  pipe.run(1000 * kUs);
  EXPECT_EQ(pipe.poll(0).size(), 1u);
  EXPECT_EQ(by_dead_port, 0);
}

// The announcement went out before this queue pair existed.
TEST(Ports, APeerThatConnectsLaterIsToldOfADeadPort) {
  EndpointConfig config;
  config.max_qps = 2;
  config.planes = 2;
  Pipe pipe(config, 1);
  pipe.set_up(2, 1 << 20);
  pipe.ends[1].port_status(1, false);
  pipe.run(10 * kUs);
  ASSERT_FALSE(pipe.ends[1].has_control());
  PeerAttributes told[2];
  for (int e = 0; e < 2; ++e) {
    ASSERT_TRUE(pipe.ends[e].destroy_qp(QpId(1)).has_value());
    ASSERT_EQ(*pipe.ends[e].create_qp(pipe.pd[e]), QpId(1));
    told[1 - e] = pipe.ends[e].attributes(QpId(1));
  }
  for (int e = 0; e < 2; ++e) ASSERT_TRUE(pipe.ends[e].connect(QpId(1), told[e]).has_value());
  pipe.run(pipe.now + 10 * kUs);
  int by_dead_port = 0;
  pipe.hook = [&](int from, const Packet& packet, Fate&) {
    by_dead_port += from == 0 && packet.port == 1 ? 1 : 0;
  };
  post(pipe, 1, QpId(1));
  pipe.run(pipe.now + 500 * kUs);
  EXPECT_EQ(pipe.poll(0).size(), 1u);
  EXPECT_EQ(by_dead_port, 0);
}

}  // namespace
}  // namespace windtunnel::braid
