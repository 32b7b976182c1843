#include "node/side_store.h"

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace windtunnel::node {
namespace {

TEST(SideStore, EachRecordHasOneHolder) {
  SideStore<uint64_t> store(2);
  std::set<uint32_t> held;
  for (uint32_t n = 0; n < 5000; ++n) {
    const uint32_t index = store.take(n % 2);
    EXPECT_TRUE(held.insert(index).second);
    store[index] = n;
  }
  EXPECT_EQ(store.allocated(), 6 * 1024);
  std::set<uint64_t> values;
  for (const uint32_t index : held) values.insert(store[index]);
  EXPECT_EQ(values.size(), 5000u) << "growing moves no record";
}

TEST(SideStore, TakesAgainWhatWasGiven) {
  SideStore<uint64_t> store(1);
  for (int round = 0; round < 100; ++round) {
    std::vector<uint32_t> held(1000);
    for (uint32_t& index : held) index = store.take(0);
    for (const uint32_t index : held) store.give(0, index);
  }
  EXPECT_EQ(store.allocated(), 1024);
}

// All records wander from worker 0 to the others; balancing brings them back.
TEST(SideStore, BalancingKeepsOneWayTrafficFromGrowing) {
  SideStore<uint64_t> store(3);
  int64_t settled = 0;
  for (int window = 0; window < 2000; ++window) {
    std::vector<uint32_t> held(500);
    for (uint32_t& index : held) index = store.take(0);
    for (size_t n = 0; n < held.size(); ++n) {
      store.give(1 + static_cast<uint32_t>(n) % 2, held[n]);
    }
    store.balance();
    if (window == 20) settled = store.allocated();
  }
  EXPECT_EQ(store.allocated(), settled);
  EXPECT_LE(settled, 4 * 1024);
}

TEST(SideStore, WorkersMayGrowItAtOnce) {
  constexpr uint32_t kWorkers = 4, kEach = 20'000;
  SideStore<uint64_t> store(kWorkers);
  std::vector<std::vector<uint32_t>> held(kWorkers);
  {
    std::vector<std::jthread> threads;
    for (uint32_t worker = 0; worker < kWorkers; ++worker) {
      threads.emplace_back([&, worker] {
        for (uint32_t n = 0; n < kEach; ++n) {
          held[worker].push_back(store.take(worker));
          store[held[worker].back()] = worker;
        }
      });
    }
  }
  std::set<uint32_t> all;
  for (uint32_t worker = 0; worker < kWorkers; ++worker) {
    for (const uint32_t index : held[worker]) {
      EXPECT_EQ(store[index], worker);
      all.insert(index);
    }
  }
  EXPECT_EQ(all.size(), size_t{kWorkers} * kEach);
}

}  // namespace
}  // namespace windtunnel::node
