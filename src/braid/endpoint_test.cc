#include "braid/endpoint.h"

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
  return {.work_id = id,
          .local = Pipe::kBase + offset,
          .remote = Pipe::kBase + offset,
          .rkey = pipe.region[1].rkey,
          .length = length,
          .immediate = {}};
}

TEST(Endpoint, OneWriteArrivesWholeAndCompletes) {
  Pipe pipe(small_config(), 1);
  pipe.set_up(1, 1 << 20);
  fill(pipe.memory[0], 7);
  ASSERT_TRUE(pipe.ends[0].post_write(QpId(0), write_of(pipe, 42, 0, 1'000'000)).has_value());
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
  EXPECT_EQ(pipe.ends[0].in_flight(QpId(0)).count(), 0);
  EXPECT_EQ(pipe.ends[0].blocks_in_use(), 0u);
  EXPECT_EQ(pipe.ends[1].blocks_in_use(), 0u);
}

}  // namespace
}  // namespace windtunnel::braid
