// When a queue pair gives up although its peer is alive, and when it does not.
#include "braid/test_pipe.h"

namespace windtunnel::braid {
namespace {

using testing::Fate;
using testing::Pipe;

constexpr int64_t kMs = 1'000'000'000;

// Timeouts of 100 to 600 us: a silent peer is given up after 2.1 ms.
EndpointConfig impatient(LossRecovery recovery) {
  EndpointConfig config;
  config.max_qps = 1;
  config.retry_limit = 4;
  config.loss_recovery = recovery;
  config.base_rtt = base::Duration::us(50);
  return config;
}

void post(Pipe& pipe, uint64_t length) {
  WriteWork work;
  work.local = work.remote = Pipe::kBase;
  work.rkey = pipe.region[1].rkey;
  work.length = length;
  ASSERT_TRUE(pipe.ends[0].post_write(QpId(0), work).has_value());
}

CompletionStatus only_status(Pipe& pipe) {
  const std::vector<Completion> done = pipe.poll(0);
  EXPECT_EQ(done.size(), 1u);
  return done.empty() ? CompletionStatus::kFlushed : done[0].status;
}

class Stuck : public ::testing::TestWithParam<LossRecovery> {};

TEST_P(Stuck, DataThatNeverArrivesEndsInAnErrorThoughProbesAreAnswered) {
  Pipe pipe(impatient(GetParam()), 1);
  pipe.set_up(1, 1 << 20);
  pipe.hook = [](int, const Packet& packet, Fate& fate) {
    fate.copies = is_numbered(packet.opcode) ? 0 : 1;
  };
  post(pipe, 100'000);
  pipe.run(100 * kMs);
  EXPECT_EQ(only_status(pipe), CompletionStatus::kRetryExceeded);
}

TEST_P(Stuck, DataThatIsTrimmedForEverEndsInAnError) {
  Pipe pipe(impatient(GetParam()), 1);
  pipe.set_up(1, 1 << 20);
  pipe.hook = [](int, const Packet& packet, Fate& fate) {
    fate.arrival.trimmed = has_payload(packet.opcode);
  };
  post(pipe, 100'000);
  pipe.run(100 * kMs);
  EXPECT_EQ(only_status(pipe), CompletionStatus::kRetryExceeded);
}

// At 1 Gbit/s a packet takes 33 us, so the packets behind the first keep arriving for 17 ms.
TEST_P(Stuck, AnUnluckyPacketMayTakeLongerWhileOthersArrive) {
  EndpointConfig config = impatient(GetParam());
  config.line_rate = base::Rate::gbps(1);
  config.congestion = CongestionControl::kConstant;  // else the first packet alone has the window
  config.initial_window = base::Bytes(100'000);
  Pipe pipe(config, 1);
  pipe.set_up(1, 4 << 20);
  const uint32_t first = pipe.ends[0].attributes(QpId(0)).initial_psn;
  pipe.hook = [&pipe, first](int from, const Packet& packet, Fate& fate) {
    const bool unlucky = from == 0 && is_numbered(packet.opcode) && packet.psn == first;
    if (unlucky && pipe.now < 5 * kMs) fate.copies = 0;
  };
  post(pipe, 2 << 20);
  pipe.run(100 * kMs);
  EXPECT_EQ(only_status(pipe), CompletionStatus::kSuccess);
}

// The receiver's own acknowledgements lie far apart here and the window falls below what is under
// way, of which no packet asked for an answer.
EndpointConfig taciturn(LossRecovery recovery) {
  EndpointConfig config = impatient(recovery);
  config.base_rtt = base::Duration::us(15);
  config.line_rate = base::Rate::gbps(10);
  config.maximum_window = base::Bytes(13 * 4096);
  config.target_delay = base::Duration::ns(1);  // any delay is too long
  config.ack_threshold = base::Bytes(1 << 20);
  return config;
}

void expect_no_timeout(Pipe& pipe, uint64_t resent) {
  EXPECT_EQ(only_status(pipe), CompletionStatus::kSuccess);
  const EndpointCounters& counters = pipe.ends[0].counters();
  EXPECT_EQ(counters.timeouts, 0u);
  EXPECT_EQ(counters.retransmissions, resent);
}

TEST_P(Stuck, AWindowThatShrinksUnderThePacketsUnderWayAsksHowTheyAre) {
  Pipe pipe(taciturn(GetParam()), 1);
  pipe.set_up(1, 1 << 20);
  uint32_t seen = 0;
  pipe.hook = [&](int from, const Packet&, Fate& fate) {
    if (from == 1 || ++seen == 1) return;
    fate.extra_delay = 5'000'000;
    fate.arrival.ecn = seen == 4;  // a marked packet is acknowledged at once
  };
  post(pipe, 400'000);
  pipe.run(100 * kMs);
  expect_no_timeout(pipe, 0);
}

TEST_P(Stuck, ATrimThatClosesTheWindowAsksHowTheOthersAre) {
  Pipe pipe(taciturn(GetParam()), 1);
  pipe.set_up(1, 1 << 20);
  uint32_t seen = 0;
  pipe.hook = [&](int from, const Packet&, Fate& fate) {
    if (from == 1 || ++seen == 1) return;
    fate.extra_delay = 5'000'000;
    fate.arrival.ecn = seen == 3;
    fate.arrival.trimmed = seen == 4;
  };
  post(pipe, 400'000);
  pipe.run(100 * kMs);
  expect_no_timeout(pipe, 1);
}

INSTANTIATE_TEST_SUITE_P(Recovery, Stuck,
                         ::testing::Values(LossRecovery::kTimeoutOnly, LossRecovery::kFast),
                         [](const auto& one) {
                           return one.param == LossRecovery::kFast ? "Fast" : "TimeoutOnly";
                         });

}  // namespace
}  // namespace windtunnel::braid
