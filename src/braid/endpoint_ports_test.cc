// What a queue pair learns of the ports at the other end.
#include "braid/test_pipe.h"

namespace windtunnel::braid {
namespace {

using testing::Fate;
using testing::Pipe;

constexpr int64_t kUs = 1'000'000;

void post(Pipe& pipe, uint64_t id) {
  WriteWork work;
  work.work_id = id;
  work.local = work.remote = Pipe::kBase;
  work.rkey = pipe.region[1].rkey;
  work.length = 100'000;
  ASSERT_TRUE(pipe.ends[0].post_write(QpId(0), work).has_value());
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

}  // namespace
}  // namespace windtunnel::braid
