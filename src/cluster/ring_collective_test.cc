#include "cluster/ring_collective.h"

#include <gtest/gtest.h>

#include <numeric>

#include "cluster/fixed_latency_machine.h"
#include "cluster/ledger_fixture.h"
#include "cluster/ring_order.h"

namespace windtunnel::cluster {
namespace {

Shape shape_of(Operation operation, uint32_t ranks, int64_t bytes) {
  std::vector<Rank> group(ranks);
  std::iota(group.begin(), group.end(), 0u);
  Shape shape;
  shape.partition = *Partition::make({group});
  shape.extents = {{base::Bytes(0), base::Bytes(bytes)}};
  shape.goal = {.operation = operation, .bytes = base::Bytes(bytes)};
  return shape;
}

TEST(Ring, AllReduceReachesEveryRankOnce) {
  Shape shape = shape_of(Operation::kAllReduce, 5, 103);
  shape.chunk = base::Bytes(7);
  shape.channels = 2;
  shape.window = 3;
  const auto ring = make_ring(shape);
  Ledger ledger(*ring);
  ShuffleMachine machine(*ring, ledger, {});
  EXPECT_EQ(machine.run(), "");
  EXPECT_EQ(machine.messages(), 5 * ring->messages(0));
}

TEST(Ring, TakesTheTextbookTimeOfWholeBlocks) {
  const auto ring = make_ring(shape_of(Operation::kAllReduce, 8, 8 * 1000));
  FixedLatencyOptions options;
  options.network = {base::Duration::us(2), base::Rate::gbps(8)};  // 1 ns a byte
  const FixedLatencyResult result = run_fixed_latency(*ring, options);
  EXPECT_TRUE(result.complete(8));
  EXPECT_EQ(result.messages, 8 * 14);
  // Thakur et al. 2005: 2 (n - 1) (alpha + bytes / n * beta).
  EXPECT_EQ(result.last_arrival.since_start(), base::Duration::us(14 * 3));
}

TEST(RingOrder, VisitsEveryPositionOnceAndStaysOnRails) {
  for (uint32_t channel = 0; channel < 9; ++channel) {
    const RingOrder order{.size = 32, .per_server = 8};
    std::set<uint32_t> seen;
    for (uint32_t i = 0; i < order.size; ++i) {
      const uint32_t position = order.position(channel, i);
      EXPECT_EQ(order.index(channel, position), i);
      seen.insert(position);
      const uint32_t next = order.next(channel, position);
      if (next / 8 != position / 8) {
        EXPECT_EQ(next % 8, position % 8) << channel << " " << i;
      }
    }
    EXPECT_EQ(seen.size(), order.size);
  }
}

}  // namespace
}  // namespace windtunnel::cluster
