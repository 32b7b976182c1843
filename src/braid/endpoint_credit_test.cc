// What a receiver grants, whatever it is asked for.
#include "braid/test_pipe.h"

namespace windtunnel::braid {
namespace {

using testing::Pipe;

constexpr int64_t kMs = 1'000'000'000;

EndpointConfig with_credits() {
  EndpointConfig config;
  config.max_qps = 1;
  config.congestion = CongestionControl::kRccc;
  return config;
}

Packet wish(uint32_t target) {
  Packet packet;
  packet.opcode = Opcode::kCreditRequest;
  packet.credit = target;
  return packet;
}

// Two windows at most for the wish, and one more that is granted to idle senders.
TEST(Credit, AnEndlessWishIsGrantedThreeWindows) {
  for (const uint32_t target : {0x7fffffffu, 0x01000000u, 0x00100000u}) {
    Pipe pipe(with_credits(), 1);
    pipe.set_up(1, 4096);
    const auto at = base::Time::at(base::Duration::ps(pipe.now));
    EXPECT_EQ(pipe.ends[1].receive(at, wish(target), {}).disposition, Disposition::kControl);
    pipe.run(20 * kMs);
    const Profile& profile = pipe.ends[1].profile();
    const int64_t windows = 3 * profile.credit_maximum + profile.mtu;
    const int64_t per_credit = int64_t{profile.credit_quanta_per_pull} << kCreditQuantumBits;
    const uint64_t most = static_cast<uint64_t>(windows / per_credit) + 2;
    EXPECT_LE(pipe.ends[1].counters().credits_sent, most) << target;
    EXPECT_GT(pipe.ends[1].counters().credits_sent, most / 2) << target;
  }
}

}  // namespace
}  // namespace windtunnel::braid
