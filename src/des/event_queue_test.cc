#include "des/event_queue.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>
#include <optional>
#include <vector>

#include "base/random.h"

namespace windtunnel::des {
namespace {

struct Record {
  EventKey key;
  uint64_t payload = 0;
  bool operator==(const Record&) const = default;
};

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

TEST(EventKey, OrdersByTimeThenClassThenOriginThenSequence) {
  const auto key = [](int64_t time, EventClass event_class, uint32_t origin, uint64_t sequence) {
    return EventKey{time, EventOrder::pack(event_class, origin, sequence)};
  };
  const EventKey first = key(1, EventClass::kLast, 9, 9);
  const EventKey second = key(2, EventClass::kFirst, 9, 9);
  const EventKey third = key(2, EventClass::kNormal, 3, 9);
  const EventKey fourth = key(2, EventClass::kNormal, 4, 1);
  const EventKey fifth = key(2, EventClass::kNormal, 4, 2);
  EXPECT_TRUE(first < second && second < third && third < fourth && fourth < fifth);
  EXPECT_FALSE(fifth < fourth);
  EXPECT_EQ(EventOrder::origin(fifth.order), 4u);
  EXPECT_EQ(EventOrder::sequence(fifth.order), 2u);
  EXPECT_EQ(EventOrder::event_class(fifth.order), EventClass::kNormal);
  const uint64_t extreme =
      EventOrder::pack(EventClass::kLast, EventOrder::kOriginEnd - 1, EventOrder::kSequenceEnd - 1);
  EXPECT_EQ(extreme, UINT64_MAX);
}

bool payload_is_odd(const Record& record) { return record.payload % 2 == 1; }

// Any mix of pushes, pops and sweeps gives what the oracle gives, ties included.
RC_GTEST_PROP(EventQueue, AgreesWithTheSlowQueue, (std::vector<uint16_t> steps)) {
  EventQueue<Record> fast;
  SlowQueue slow;
  uint64_t sequence = 0;
  for (const uint16_t step : steps) {
    if (step % 8 < 4) {
      // Few distinct times, so that ties are common.
      const Record record{{step / 8 % 16, sequence * 0x9e3779b97f4a7c15ULL}, sequence};
      ++sequence;
      fast.push(record);
      slow.push(record);
    } else if (step % 8 < 7) {
      RC_ASSERT(fast.empty() == (slow.size() == 0));
      if (!fast.empty()) RC_ASSERT(fast.pop() == slow.pop());
    } else {
      RC_ASSERT(fast.remove_if(payload_is_odd) == slow.remove_if(payload_is_odd));
    }
    RC_ASSERT(fast.size() == slow.size());
  }
  while (slow.size() > 0) RC_ASSERT(fast.pop() == slow.pop());
  RC_ASSERT(fast.empty());
}

// The pattern of a simulation, at a size where all levels of the heap take part.
TEST(EventQueue, HoldsInOrder) {
  constexpr uint64_t kSeed = 20261122;
  SCOPED_TRACE(kSeed);
  base::RandomStream random(kSeed, "hold");
  EventQueue<Record> queue;
  uint64_t sequence = 0;
  for (int i = 0; i < 5000; ++i) {
    queue.push({{static_cast<int64_t>(random.below(1000)), sequence++}, 0});
  }
  EventKey last{-1, 0};
  for (int i = 0; i < 100000; ++i) {
    const Record record = queue.pop();
    ASSERT_TRUE(i == 0 || last < record.key) << "at hold " << i;
    last = record.key;
    queue.push({{last.time + static_cast<int64_t>(random.below(1000)), sequence++}, 0});
  }
  EXPECT_EQ(queue.size(), 5000u);
}

}  // namespace
}  // namespace windtunnel::des
