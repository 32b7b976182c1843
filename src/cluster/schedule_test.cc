#include "cluster/schedule.h"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "cluster/bounds.h"
#include "cluster/case_fixture.h"
#include "cluster/fixed_latency_machine.h"

namespace windtunnel::cluster {
namespace {

using base::Duration;

std::vector<Rank> first_ranks(uint32_t count) {
  std::vector<Rank> out(count);
  std::iota(out.begin(), out.end(), 0u);
  return out;
}
CollectiveSpec ring_of(const std::vector<Rank>& group, int64_t bytes) {
  CollectiveSpec spec;
  spec.group = group;
  spec.bytes = base::Bytes(bytes);
  return spec;
}
ScheduleItem compute(const char* name, Duration time, std::vector<ItemIndex> after = {}) {
  ScheduleItem item;
  item.name = name;
  item.time = time;
  item.after = std::move(after);
  return item;
}
ScheduleItem collect(const char* name, const CollectiveSpec& spec,
                     std::vector<ItemIndex> after = {}) {
  ScheduleItem item;
  item.name = name;
  item.collective = std::move(*make_collective(spec));
  item.after = std::move(after);
  return item;
}

FixedLatencyOptions network() {
  FixedLatencyOptions options;
  options.network = {Duration::us(1), base::Rate::gbps(400)};
  return options;
}
// All-reduce of `bytes` over `ranks` alone.
Duration alone(uint32_t ranks, int64_t bytes) {
  auto collective = make_collective(ring_of(first_ranks(ranks), bytes));
  return run_fixed_latency(**collective, network()).last_arrival.since_start();
}

// The step that data-parallel training hides its gradients behind: layer by layer backwards, the
// gradients of a layer reduced while the next is computed.
std::vector<ScheduleItem> backward(uint32_t ranks, uint32_t layers, Duration slice,
                                   int64_t bucket) {
  std::vector<ScheduleItem> items;
  for (uint32_t layer = 0; layer < layers; ++layer) {
    const ItemIndex before = 2 * layer;
    items.push_back(compute("backward", slice,
                            layer == 0 ? std::vector<ItemIndex>{} : std::vector{before - 2}));
    items.push_back(collect("gradients", ring_of(first_ranks(ranks), bucket), {before}));
  }
  return items;
}

struct Outcome {
  std::unique_ptr<Schedule> schedule;
  FixedLatencyResult result;
};
Outcome run(uint32_t ranks, std::vector<ScheduleItem> items) {
  auto schedule = Schedule::make(ranks, std::move(items), {.keep_times = true});
  EXPECT_TRUE(schedule.has_value()) << schedule.error().to_string();
  Outcome out;
  out.schedule = std::move(*schedule);
  out.result = run_fixed_latency(*out.schedule, network());
  EXPECT_TRUE(out.result.complete(ranks));
  return out;
}

TEST(Schedule, HidesGradientsBehindComputing) {
  const int64_t bucket = 4 * 1024 * 1024;
  const Duration slice = Duration::ms(1);
  ASSERT_LT(alone(8, bucket), slice);
  const Outcome out = run(8, backward(8, 4, slice, bucket));
  // Only the last bucket is not hidden.
  EXPECT_EQ(out.result.last_arrival.since_start(), slice * 4 + alone(8, bucket));
  EXPECT_EQ(out.schedule->computing(3), slice * 4);
  // The gradients of a layer are under way while the next is computed.
  const ItemTimes gradients = out.schedule->times(1, 3);
  const ItemTimes next = out.schedule->times(2, 3);
  EXPECT_EQ(gradients.begin, next.begin);
  EXPECT_LT(gradients.end, next.end);
}

TEST(Schedule, IsAsSlowAsTheNetworkWhenThereIsLittleToCompute) {
  const int64_t bucket = 16 * 1024 * 1024;
  const Duration slice = Duration::us(20);
  const Outcome out = run(8, backward(8, 4, slice, bucket));
  const Duration measured = out.result.last_arrival.since_start();
  // Four buckets through the same ports; side by side they share their waits.
  EXPECT_GE(measured, slice + alone(8, bucket) * 4 - Duration::us(60));
  EXPECT_LE(measured, slice + alone(8, bucket) * 4 + Duration::us(60));
}

TEST(Schedule, UrgentMessagesAndComputingGoFirst) {
  const int64_t bytes = 64 * 1024 * 1024;
  for (const bool urgent : {false, true}) {
    std::vector<ScheduleItem> items;
    items.push_back(collect("bulk", ring_of(first_ranks(4), bytes)));
    items.push_back(compute("wait", Duration::us(100)));
    items.push_back(collect("small", ring_of(first_ranks(4), 1024 * 1024), {1}));
    items[0].priority = 5;
    items[2].priority = urgent ? 0 : 5;
    const Outcome out = run(4, std::move(items));
    const Duration took = out.schedule->times(2, 0).end - out.schedule->times(2, 0).begin;
    if (urgent) {
      EXPECT_LT(took, alone(4, 1024 * 1024) * 2);
    } else {
      EXPECT_GT(took, alone(4, 1024 * 1024) * 2);
    }
  }
  std::vector<ScheduleItem> items;
  items.push_back(compute("first", Duration::us(1)));
  items.push_back(compute("later", Duration::us(10)));
  items.push_back(compute("sooner", Duration::us(10), {0}));
  items[1].priority = 3;
  items[2].priority = 1;
  // `sooner` may begin only when `first` has ended, and overtakes `later` then.
  const Outcome out = run(1, std::move(items));
  EXPECT_EQ(out.schedule->times(2, 0).begin.since_start(), Duration::us(1));
  EXPECT_EQ(out.schedule->times(1, 0).begin.since_start(), Duration::us(11));
}

// Tensor parallel within servers, data parallel along rails, and a stage handing on to the next.
TEST(Schedule, RunsCollectivesOnOverlappingGroups) {
  CollectiveSpec spec;
  spec.bytes = base::Bytes::mib(1);
  std::vector<ScheduleItem> items;
  items.push_back(compute("forward", Duration::us(50)));
  ScheduleItem tensor;
  tensor.name = "tensor";
  tensor.collective = std::move(*make_collective_on(spec, {{0, 1, 2, 3}, {4, 5, 6, 7}}));
  tensor.after = {0};
  items.push_back(std::move(tensor));
  ScheduleItem data;
  data.name = "data";
  data.collective = std::move(*make_collective_on(spec, {{0, 4}, {1, 5}, {2, 6}, {3, 7}}));
  data.after = {1};
  items.push_back(std::move(data));
  spec.operation = Operation::kSend;
  spec.algorithm = Algorithm::kDirect;
  ScheduleItem hand_on;
  hand_on.name = "hand on";
  hand_on.collective = std::move(*make_collective_on(spec, {{0, 4}, {3, 7}}));
  hand_on.after = {2};
  items.push_back(std::move(hand_on));
  ScheduleItem second = compute("second", Duration::us(10), {0, 3});
  second.computes = {1, 4};
  items.push_back(std::move(second));
  const Outcome out = run(8, std::move(items));
  const Schedule& s = *out.schedule;
  EXPECT_GE(s.times(2, 5).begin, s.times(1, 5).end);
  EXPECT_EQ(s.times(4, 4).begin, s.times(3, 4).end);
  // Rank 1 has no part in handing on and computes as soon as the forward pass is over.
  EXPECT_EQ(s.times(4, 1).begin, s.times(0, 1).end);
  EXPECT_FALSE(s.takes_part(4, 2));
  EXPECT_EQ(s.computing(1), Duration::us(60));
  EXPECT_EQ(s.computing(2), Duration::us(50));
}

TEST(Schedule, RanksMayTakeDifferentTimes) {
  std::vector<ScheduleItem> items;
  items.push_back(compute("uneven", Duration::zero()));
  items[0].time_of = {Duration::us(1), Duration::us(90)};
  items.push_back(collect("sum", ring_of({0, 1}, 1000), {0}));
  const Outcome out = run(2, std::move(items));
  EXPECT_GT(out.schedule->times(1, 0).end.since_start(), Duration::us(90));  // waits for rank 1
  EXPECT_EQ(out.schedule->ended(0), out.schedule->times(1, 0).end);
}

TEST(Schedule, ItemsOfOneRankEndAtOnce) {
  std::vector<ScheduleItem> items;
  for (ItemIndex i = 0; i < 100; ++i) {
    items.push_back(collect("alone", ring_of({0}, 1000),
                            i == 0 ? std::vector<ItemIndex>{} : std::vector{i - 1}));
  }
  items.push_back(compute("end", Duration::us(1), {99}));
  const Outcome out = run(1, std::move(items));
  EXPECT_EQ(out.result.last_arrival.since_start(), Duration::us(1));
}

// ---- every contribution, in collectives that run side by side

// One ledger for each collective of a schedule.
class Ledgers final : public Book {
 public:
  explicit Ledgers(const Schedule& schedule) {
    for (ItemIndex item = 0; item < schedule.items(); ++item) {
      const Collective* const collective = schedule.collective(item);
      books_.push_back(collective == nullptr ? nullptr : std::make_unique<Ledger>(*collective));
    }
  }
  std::vector<uint64_t> read(const Message& message) override {
    return books_[Tag::item(message.tag)]->read(message);
  }
  void write(const Message& message, const std::vector<uint64_t>& carried) override {
    books_[Tag::item(message.tag)]->write(message, carried);
  }
  std::string judge() override {
    for (const auto& book : books_) {
      if (book == nullptr) continue;
      if (std::string complaint = book->judge(); !complaint.empty()) return complaint;
    }
    return {};
  }

 private:
  std::vector<std::unique_ptr<Ledger>> books_;
};

std::vector<ScheduleItem> draw_items(uint64_t seed, uint32_t ranks) {
  base::RandomStream random(seed, "schedule");
  std::vector<ScheduleItem> items;
  const uint64_t count = 1 + random.below(12);
  for (ItemIndex i = 0; i < count; ++i) {
    ScheduleItem item;
    item.name = "drawn";
    item.priority = static_cast<uint8_t>(random.below(kItemPriorities));
    for (ItemIndex before = 0; before < i; ++before) {
      if (random.chance(1, 3)) item.after.push_back(before);
    }
    const CollectiveCase c = draw_collective(random.bits());
    if (random.chance(2, 3) && c.spec().group.size() <= ranks && !c.shuffled) {
      item.collective = std::move(*make_collective(c.spec()));
    } else {
      item.time = Duration::ticks(static_cast<int64_t>(random.below(300)));
    }
    items.push_back(std::move(item));
  }
  return items;
}

TEST(Schedule, RandomSchedulesEndWithEveryContribution) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    const uint32_t ranks = 12;
    auto schedule = Schedule::make(ranks, draw_items(seed, ranks), {.keep_times = true});
    ASSERT_TRUE(schedule.has_value()) << schedule.error().to_string();
    Ledgers ledgers(**schedule);
    ShuffleOptions options;
    options.seed = seed;
    ShuffleMachine machine(**schedule, ledgers, options);
    ASSERT_EQ(machine.run(), "") << "seed " << seed;
    for (Rank rank = 0; rank < ranks; ++rank) {
      ASSERT_TRUE((*schedule)->done(rank)) << "seed " << seed << " rank " << rank;
    }
  }
}

TEST(Schedule, AFailedMessageEndsItsRanksPart) {
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    auto schedule = Schedule::make(8, backward(8, 3, Duration::ticks(50), 1000), {});
    Ledgers ledgers(**schedule);
    ShuffleOptions options;
    options.seed = seed;
    options.harm = ShuffleOptions::Harm::kFails;
    options.harm_at = static_cast<int64_t>(seed * 3 % 300);
    ShuffleMachine machine(**schedule, ledgers, options);
    EXPECT_NE(machine.run(), "");
    EXPECT_EQ(machine.gave_up(), 1u) << "seed " << seed;
  }
}

TEST(Schedule, SaysWhatDoesNotFit) {
  const auto error_of = [](std::vector<ScheduleItem> items) {
    const auto made = Schedule::make(4, std::move(items), {});
    return made.has_value() ? std::string() : made.error().to_string();
  };
  std::vector<ScheduleItem> items;
  items.push_back(compute("a", Duration::us(1), {0}));
  EXPECT_EQ(error_of(std::move(items)),
            "item 0 `a` comes after item 0 `a`, which does not stand before it");
  items.clear();
  items.push_back(compute("a", Duration::us(1), {7}));
  EXPECT_EQ(error_of(std::move(items)), "item 0 `a` comes after item 7, but there are 1");
  items.clear();
  items.push_back(collect("b", ring_of(first_ranks(5), 10)));
  EXPECT_EQ(error_of(std::move(items)), "item 0 `b` needs 5 ranks, but there are 4");
  items.clear();
  items.push_back(compute("c", Duration::us(-1)));
  EXPECT_EQ(error_of(std::move(items)), "item 0 `c` takes a negative time");
  items.clear();
  items.push_back(compute("d", Duration::us(1)));
  items[0].computes = {4};
  EXPECT_EQ(error_of(std::move(items)), "item 0 `d` computes on rank 4, but there are 4");
  items.clear();
  items.push_back(compute("e", Duration::us(1)));
  items[0].time_of = {Duration::us(1)};
  EXPECT_EQ(error_of(std::move(items)), "item 0 `e` has times for 1 ranks, but there are 4");
  items.clear();
  items.push_back(compute("f", Duration::us(1)));
  items[0].priority = 16;
  EXPECT_EQ(error_of(std::move(items)), "item 0 `f` has priority 16, expected 0 to 15");
  EXPECT_FALSE(Schedule::make(0, {}, {}).has_value());
}

}  // namespace
}  // namespace windtunnel::cluster
