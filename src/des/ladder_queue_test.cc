#include "des/ladder_queue.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "base/random.h"
#include "des/event_queue.h"

namespace windtunnel::des {
namespace {

struct Record {
  EventKey key;
  uint64_t payload = 0;
  bool operator==(const Record&) const = default;
};

// Buckets with hardly anything in them, so that small cases reach every part.
using SmallLadder = LadderQueue<Record, 4>;

// The oracle: an unsorted list searched from end to end.
class SlowQueue {
 public:
  size_t size() const { return records_.size(); }
  void push(const Record& record) { records_.push_back(record); }
  Record pop() {
    const auto first =
        std::min_element(records_.begin(), records_.end(),
                         [](const Record& a, const Record& b) { return a.key < b.key; });
    const Record record = *first;
    records_.erase(first);
    return record;
  }
  size_t remove_if(bool (*dead)(const Record&)) { return std::erase_if(records_, dead); }

 private:
  std::vector<Record> records_;
};

bool payload_is_odd(const Record& record) { return record.payload % 2 == 1; }

// A step: what to do and, for a push, how far from the last popped time: 2^exponent ticks, so that
// near, bucketed and far events all occur, and sometimes before it.
using Step = std::pair<uint8_t, uint8_t>;

RC_GTEST_PROP(LadderQueue, AgreesWithTheSlowQueue, (std::vector<Step> steps)) {
  SmallLadder fast;
  SlowQueue slow;
  uint64_t sequence = 0;
  int64_t now = 1 << 20;
  for (const auto& [action, exponent] : steps) {
    if (action % 16 < 9) {
      const int64_t ahead = (int64_t{1} << exponent % 40) - 1;
      const int64_t time = exponent % 5 == 0 ? std::max<int64_t>(0, now - ahead) : now + ahead;
      const Record record{{time, sequence * 0x9e3779b97f4a7c15ULL}, sequence};
      ++sequence;
      fast.push(record);
      slow.push(record);
    } else if (action % 16 < 15) {
      RC_ASSERT(fast.empty() == (slow.size() == 0));
      if (fast.empty()) continue;
      const Record expected = slow.pop();
      RC_ASSERT(fast.top() == expected);
      RC_ASSERT(fast.pop() == expected);
      now = expected.key.time;
    } else {
      RC_ASSERT(fast.remove_if(payload_is_odd) == slow.remove_if(payload_is_odd));
    }
    RC_ASSERT(fast.size() == slow.size());
  }
  while (slow.size() > 0) RC_ASSERT(fast.pop() == slow.pop());
  RC_ASSERT(fast.empty());
}

// Holds thousands of events through many cuttings, in the order of the heap.
void hold_like_the_heap(uint64_t seed, int pending, int64_t delay_max, int spread) {
  SCOPED_TRACE(testing::Message() << "seed " << seed << " pending " << pending << " delay_max "
                                  << delay_max << " spread " << spread);
  base::RandomStream random(seed, "ladder");
  LadderQueue<Record> ladder;
  EventQueue<Record> heap;
  uint64_t sequence = 0;
  const auto push = [&](int64_t now) {
    const int64_t delay = static_cast<int64_t>(random.below(static_cast<uint64_t>(delay_max)) >>
                                               random.below(static_cast<uint64_t>(spread)));
    const Record record{{now + delay, random.below(16) << 60 | sequence}, sequence};
    ++sequence;
    ladder.push(record);
    heap.push(record);
  };
  for (int i = 0; i < pending; ++i) push(0);
  for (int i = 0; i < 10 * pending; ++i) {
    const Record expected = heap.pop();
    ASSERT_EQ(ladder.pop(), expected) << "at hold " << i;
    // Swell and shrink, so that the ladder goes back to a heap and out again.
    if (random.chance(i < 5 * pending ? 45 : 55, 100)) push(expected.key.time);
    if (random.chance(1, 2)) push(expected.key.time);
    if (heap.empty()) push(expected.key.time);
  }
  ASSERT_EQ(ladder.size(), heap.size());
}

TEST(LadderQueue, HoldsLikeTheHeap) {
  for (const int pending : {100, 1000, 20000}) {
    hold_like_the_heap(1, pending, 1'000'000, 1);
    hold_like_the_heap(2, pending, 1'000'000'000'000, 40);  // delays over twelve decades
    hold_like_the_heap(3, pending, 3, 1);                   // hardly any distinct times
  }
}

TEST(LadderQueue, TakesTheWholeRangeOfTime) {
  LadderQueue<Record, 2> queue;
  const int64_t forever = std::numeric_limits<int64_t>::max();
  uint64_t sequence = 0;
  for (const int64_t time :
       {forever, int64_t{0}, forever - 1, int64_t{5}, forever, int64_t{1} << 62}) {
    queue.push({{time, sequence++}, 0});
  }
  for (const int64_t time :
       {int64_t{0}, int64_t{5}, int64_t{1} << 62, forever - 1, forever, forever}) {
    EXPECT_EQ(queue.pop().key.time, time);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(LadderQueue, AheadShowsWhatComes) {
  LadderQueue<Record> queue;
  for (int64_t time = 0; time < 10000; ++time) queue.push({{time, 0}, 0});
  queue.pop();
  int shown = 0;
  for (int64_t time = 1; time < 10000; ++time) {
    const Record* const ahead = queue.ahead(3);
    if (ahead != nullptr) {
      EXPECT_EQ(ahead->key.time, time + 3);
      ++shown;
    }
    ASSERT_EQ(queue.pop().key.time, time);
  }
  EXPECT_GT(shown, 9000);
}

}  // namespace
}  // namespace windtunnel::des
