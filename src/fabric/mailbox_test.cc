#include "fabric/mailbox.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "base/random.h"

namespace windtunnel::fabric {
namespace {

constexpr uint64_t kSeed = 20261122;

Parcel parcel(uint32_t number) {
  Parcel p;
  p.cargo[0] = number;
  return p;
}

std::vector<uint32_t> numbers(const Chunk* list) {
  std::vector<uint32_t> all;
  for (const Chunk* c = list; c != nullptr; c = c->next) {
    EXPECT_LE(c->count, Chunk::kCapacity);
    for (uint32_t i = 0; i < c->count; ++i) all.push_back(c->parcels[i].cargo[0]);
  }
  std::sort(all.begin(), all.end());
  return all;
}
void give_all(ChunkPool& pool, Chunk* list) {
  while (list != nullptr) {
    Chunk* const next = list->next;
    pool.give(list);
    list = next;
  }
}

TEST(ChunkPool, HandsOutEmptyChunksEachOnce) {
  ChunkPool pool;
  EXPECT_EQ(pool.allocated(), 0);
  std::set<Chunk*> taken;
  for (int i = 0; i < 200; ++i) {
    Chunk* const chunk = pool.take();
    EXPECT_EQ(chunk->next, nullptr);
    EXPECT_EQ(chunk->count, 0u);
    EXPECT_TRUE(taken.insert(chunk).second);
    chunk->count = 7;
  }
  const int64_t allocated = pool.allocated();
  EXPECT_EQ(allocated, 256) << "slabs of 64";
  for (Chunk* const chunk : taken) pool.give(chunk);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(pool.take()->count, 0u);
  EXPECT_EQ(pool.allocated(), allocated);
}

// One worker sends and the other receives: without balancing the first would grow for ever.
TEST(ChunkPool, BalancingKeepsAOneWayStreamFromGrowing) {
  ChunkPool sender, receiver;
  int64_t settled = 0;
  for (int window = 0; window < 1000; ++window) {
    std::vector<Chunk*> under_way;
    for (int i = 0; i < 50; ++i) under_way.push_back(sender.take());
    for (Chunk* const chunk : under_way) receiver.give(chunk);
    sender.balance_with(receiver);
    receiver.balance_with(sender);
    if (window == 10) settled = sender.allocated();
  }
  EXPECT_EQ(sender.allocated(), settled);
  EXPECT_LE(settled, 256);
  EXPECT_EQ(receiver.allocated(), 0);
}

TEST(ChunkPool, BalancingLosesNothing) {
  ChunkPool a, b;
  a.give(a.take());  // 64 free
  a.balance_with(b);
  std::set<Chunk*> all;
  for (int i = 0; i < 32; ++i) all.insert(a.take());
  for (int i = 0; i < 32; ++i) all.insert(b.take());
  EXPECT_EQ(all.size(), 64u);
  EXPECT_EQ(a.allocated() + b.allocated(), 64);
  b.balance_with(a);  // nothing to give
  EXPECT_EQ(a.allocated() + b.allocated(), 64);
}

// Against a map of lists, with the window going round the slots many times.
TEST(Outbox, KeepsEachWindowAndPartitionApart) {
  constexpr uint32_t kSlots = 8, kPartitions = 5;
  base::RandomStream stream(kSeed, "outbox");
  Outbox outbox(kSlots, kPartitions);
  std::map<std::pair<int64_t, uint32_t>, std::vector<uint32_t>> expected;
  uint32_t number = 0;
  for (int64_t window = 0; window < 200; ++window) {
    const uint64_t pushes = stream.below(stream.chance(1, 5) ? 1000 : 8);
    for (uint64_t i = 0; i < pushes; ++i) {
      const int64_t ahead = static_cast<int64_t>(1 + stream.below(kSlots - 1));
      const auto partition = static_cast<uint32_t>(stream.below(kPartitions));
      outbox.push(window + ahead, partition, parcel(number));
      expected[{window + ahead, partition}].push_back(number++);
    }
    for (int64_t ahead = 1; ahead < kSlots; ++ahead) {
      bool any = false;
      for (uint32_t p = 0; p < kPartitions; ++p)
        any = any || expected.contains({window + ahead, p});
      ASSERT_EQ(outbox.any(window + ahead), any) << "seed " << kSeed;
    }
    for (uint32_t p = 0; p < kPartitions; ++p) {
      const Chunk* const seen = outbox.peek(window, p);
      Chunk* const list = outbox.take(window, p);
      ASSERT_EQ(seen, list);
      ASSERT_EQ(numbers(list), (expected[{window, p}])) << "seed " << kSeed;
      EXPECT_EQ(outbox.peek(window, p), nullptr);
      give_all(outbox.pool(), list);
      expected.erase({window, p});
    }
    outbox.finish(window);
    EXPECT_FALSE(outbox.any(window));
  }
}

TEST(Outbox, FillsChunksBeforeItTakesAnother) {
  Outbox outbox(4, 1);
  for (uint32_t n = 0; n < 3 * Chunk::kCapacity; ++n) outbox.push(1, 0, parcel(n));
  int chunks = 0;
  for (const Chunk* c = outbox.peek(1, 0); c != nullptr; c = c->next) ++chunks;
  EXPECT_EQ(chunks, 3);
  outbox.push(1, 0, parcel(0));
  EXPECT_EQ(outbox.peek(1, 0)->count, 1u);
}

}  // namespace
}  // namespace windtunnel::fabric
