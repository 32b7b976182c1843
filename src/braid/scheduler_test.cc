#include "braid/scheduler.h"

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace windtunnel::braid {
namespace {

TEST(ControlQueue, KeepsItsOrderWhileItGrows) {
  ControlQueue queue(2, 8);
  std::vector<uint32_t> model;
  base::RandomStream stream(1, "control queue");
  uint32_t next = 0;
  for (int step = 0; step < 2000; ++step) {
    if (stream.chance(11, 20)) {
      ControlNote note;
      note.psn = next & kPsnMask;
      const bool fits = queue.push(note);
      EXPECT_EQ(fits, model.size() < 8);
      if (fits) model.push_back(next);
      ++next;
    } else if (!model.empty()) {
      const auto i = stream.below_fast(static_cast<uint32_t>(model.size()));
      EXPECT_EQ(queue.at(i).psn, model[i]);
      i == 0 ? queue.pop() : queue.remove(i);
      model.erase(model.begin() + i);
    }
    ASSERT_EQ(queue.count(), model.size());
    for (uint32_t i = 0; i < model.size(); ++i) ASSERT_EQ(queue.at(i).psn, model[i]);
  }
}

TEST(ReadyList, TakesTurnsAndForgetsDeficits) {
  std::vector<QueuePair> qps(3);
  ReadyList list;
  for (const uint32_t i : {2u, 0u, 1u, 0u}) list.push(qps, i);
  EXPECT_EQ(list.count(), 3u);
  std::vector<uint32_t> order;
  for (int i = 0; i < 6; ++i) {
    order.push_back(list.head());
    list.rotate(qps);
  }
  EXPECT_EQ(order, (std::vector<uint32_t>{2, 0, 1, 2, 0, 1}));
  qps[2].deficit = 99;
  list.remove_head(qps);
  EXPECT_EQ(qps[2].deficit, 0u);
  EXPECT_FALSE(qps[2].ready);
  list.remove_head(qps);
  list.rotate(qps);
  EXPECT_EQ(list.head(), 1u);
  list.remove_head(qps);
  EXPECT_TRUE(list.empty());
  list.push(qps, 2);
  EXPECT_EQ(list.head(), 2u);
}

TEST(ReadyList, AnyoneMayLeave) {
  std::vector<QueuePair> qps(6);
  ReadyList list;
  std::vector<uint32_t> model;
  base::RandomStream stream(2, "ready list");
  for (int step = 0; step < 3000; ++step) {
    const uint32_t i = stream.below_fast(6);
    const auto at = std::find(model.begin(), model.end(), i);
    if (at == model.end()) {
      list.push(qps, i);
      model.push_back(i);
    } else if (stream.chance(1, 2)) {
      list.remove(qps, i);
      model.erase(at);
    } else {
      list.rotate(qps);
      std::rotate(model.begin(), model.begin() + 1, model.end());
    }
    ASSERT_EQ(list.count(), model.size());
    ASSERT_EQ(qps[i].ready, std::find(model.begin(), model.end(), i) != model.end());
    uint32_t link = list.head();
    for (const uint32_t expected : model) {
      ASSERT_EQ(link, expected);
      link = qps[link].ready_next;
    }
  }
}

TEST(ControlTurn, OneInElevenIsData) {
  ControlTurn turn;
  int data = 0;
  for (int i = 0; i < 110; ++i) data += turn.data_next() ? 1 : 0;
  EXPECT_EQ(data, 10);
}

// The heap against a plain array: earliest deadline, arming only ever earlier.
TEST(TimerHeap, AgreesWithAnArray) {
  constexpr uint32_t kOwners = 20;
  TimerHeap heap;
  std::vector<int64_t> model(kOwners, kNever);
  for (uint32_t i = 0; i < kOwners; ++i) heap.add_owner();
  base::RandomStream stream(2, "timers");
  int64_t now = 0;
  for (int step = 0; step < 20'000; ++step) {
    const uint32_t owner = stream.below_fast(kOwners);
    const int64_t deadline = now + stream.below_fast(100);
    heap.arm(owner, deadline);
    model[owner] = std::min(model[owner], deadline);
    ASSERT_EQ(heap.earliest(), *std::min_element(model.begin(), model.end()));
    if (!stream.chance(1, 4)) continue;
    now += stream.below_fast(20);
    for (;;) {
      const uint32_t due = heap.take_due(now);
      const auto earliest = std::min_element(model.begin(), model.end());
      if (due == TimerHeap::kAbsent) {
        ASSERT_GT(*earliest, now);
        break;
      }
      ASSERT_EQ(due, static_cast<uint32_t>(earliest - model.begin())) << "equal: lowest number";
      *earliest = kNever;
    }
  }
}

}  // namespace
}  // namespace windtunnel::braid
