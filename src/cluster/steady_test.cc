// What collectives promise those who run them: once built they allocate nothing, their memory grows
// with the ranks and with nothing else, and ranks may run on different threads. Every operator new
// of this test program is counted.
#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

#include "cluster/collectives.h"
#include "cluster/schedule.h"
#include "tests/support/counted_new.h"

namespace windtunnel::cluster {
namespace {

using ::windtunnel::testing::allocated_bytes;
using ::windtunnel::testing::allocations;

CollectiveSpec spec_of(Operation operation, Algorithm algorithm, Algorithm inner, uint32_t ranks) {
  CollectiveSpec spec;
  spec.operation = operation;
  spec.algorithm = algorithm;
  spec.inner = inner;
  spec.group.resize(operation == Operation::kSend ? 2 : ranks);
  std::iota(spec.group.begin(), spec.group.end(), 0u);
  spec.bytes = base::Bytes::mib(4);
  spec.placement.per_server = 8;
  return spec;
}

// Every operation by every algorithm.
std::vector<CollectiveSpec> every_spec(uint32_t ranks) {
  std::vector<CollectiveSpec> out;
  for (int operation = 0; operation < 6; ++operation) {
    const auto op = static_cast<Operation>(operation);
    for (const Algorithm algorithm : algorithms_of(op)) {
      for (const Algorithm inner :
           {Algorithm::kRing, Algorithm::kTree, Algorithm::kHalvingDoubling}) {
        out.push_back(spec_of(op, algorithm, inner, ranks));
      }
    }
  }
  return out;
}

// First come, first served; room is made beforehand.
class QueueMachine final : public Machine {
 public:
  explicit QueueMachine(size_t room) : ring_(room) {}
  base::Time now() const override { return {}; }
  void send(const Message& message) override {
    WT_CHECK(end_ - first_ < ring_.size(), "more messages under way than there is room for");
    ring_[end_++ % ring_.size()] = message;
  }
  void compute(Rank, base::Duration, uint64_t) override {}
  void run(Program& program) {
    for (Rank rank = 0; rank < program.ranks(); ++rank) program.start(rank, *this);
    while (first_ != end_) {
      const Message message = ring_[first_++ % ring_.size()];
      program.arrived(message, *this);
      program.sent(message, *this);
    }
  }

 private:
  std::vector<Message> ring_;
  size_t first_ = 0;
  size_t end_ = 0;
};

TEST(Steady, CollectivesAllocateNothingOnceBuilt) {
  for (const CollectiveSpec& spec : every_spec(64)) {
    auto collective = make_collective(spec);
    QueueMachine machine(1 << 16);
    const int64_t before = allocations.load();
    machine.run(**collective);
    EXPECT_EQ(allocations.load(), before)
        << name_of(spec.operation) << " by " << name_of(spec.algorithm);
    for (Rank rank = 0; rank < 64; ++rank) EXPECT_TRUE((*collective)->done(rank));
  }
}

int64_t bytes_to_build(const CollectiveSpec& spec) {
  const int64_t before = allocated_bytes.load();
  const auto collective = make_collective(spec);
  return allocated_bytes.load() - before;
}

TEST(Steady, MemoryGrowsWithTheRanksAlone) {
  const std::vector<CollectiveSpec> small = every_spec(1024);
  const std::vector<CollectiveSpec> large = every_spec(8192);
  for (size_t i = 0; i < small.size(); ++i) {
    const int64_t of_small = bytes_to_build(small[i]);
    const int64_t of_large = bytes_to_build(large[i]);
    EXPECT_LE(of_large, of_small * 8 + 65'536)
        << name_of(small[i].operation) << " by " << name_of(small[i].algorithm);
    EXPECT_LE(of_large / 8192, 1536)
        << name_of(small[i].operation) << " by " << name_of(small[i].algorithm);
  }
}

// ---- threads

// Each thread runs every n-th rank. Messages go by way of locked mailboxes, in order.
class ThreadedMachine {
 public:
  ThreadedMachine(Program& program, uint32_t threads) : program_(program), boxes_(threads) {}
  // Whether every rank was done in the end.
  bool run() {
    std::vector<std::thread> threads;
    for (uint32_t t = 0; t < boxes_.size(); ++t) threads.emplace_back([this, t] { work(t); });
    for (std::thread& thread : threads) thread.join();
    for (Rank rank = 0; rank < program_.ranks(); ++rank) {
      if (!program_.done(rank)) return false;
    }
    return true;
  }

 private:
  enum class Kind : uint8_t { kArrived, kSent, kComputed };
  struct Letter {
    Message message;
    Kind kind;
  };
  struct Box {
    std::mutex mutex;
    std::deque<Letter> letters;
  };
  struct Hand final : Machine {
    explicit Hand(ThreadedMachine& machine) : owner(machine) {}
    base::Time now() const override { return {}; }
    void send(const Message& message) override {
      owner.post(message.to, {message, Kind::kArrived});
    }
    void compute(Rank rank, base::Duration, uint64_t tag) override {
      Message note;
      note.from = rank;
      note.tag = tag;
      owner.post(rank, {note, Kind::kComputed});
    }
    ThreadedMachine& owner;
  };

  void post(Rank rank, const Letter& letter) {
    under_way_.fetch_add(1);
    Box& box = boxes_[rank % boxes_.size()];
    const std::lock_guard<std::mutex> lock(box.mutex);
    box.letters.push_back(letter);
  }
  bool take(Box& box, Letter& letter) {
    const std::lock_guard<std::mutex> lock(box.mutex);
    if (box.letters.empty()) return false;
    letter = box.letters.front();
    box.letters.pop_front();
    return true;
  }
  void work(uint32_t thread) {
    Hand hand(*this);
    for (Rank rank = thread; rank < program_.ranks();
         rank += static_cast<uint32_t>(boxes_.size())) {
      program_.start(rank, hand);
    }
    started_.fetch_add(1);
    Letter letter{};
    while (started_.load() < boxes_.size() || under_way_.load() > 0) {
      if (!take(boxes_[thread], letter)) {
        std::this_thread::yield();
        continue;
      }
      open(letter, hand);
      under_way_.fetch_sub(1);
    }
  }
  void open(const Letter& letter, Hand& hand) {
    switch (letter.kind) {
      case Kind::kArrived:
        post(letter.message.from, {letter.message, Kind::kSent});
        return program_.arrived(letter.message, hand);
      case Kind::kSent:
        return program_.sent(letter.message, hand);
      default:
        return program_.computed(letter.message.from, letter.message.tag, hand);
    }
  }

  Program& program_;
  std::vector<Box> boxes_;
  std::atomic<int64_t> under_way_{0};
  std::atomic<uint32_t> started_{0};
};

TEST(Threads, RanksOfACollectiveRunOnAny) {
  for (const CollectiveSpec& spec : every_spec(32)) {
    const auto collective = make_collective(spec);
    ThreadedMachine machine(**collective, 4);
    EXPECT_TRUE(machine.run()) << name_of(spec.operation) << " by " << name_of(spec.algorithm);
  }
}

TEST(Threads, RanksOfAScheduleRunOnAny) {
  std::vector<ScheduleItem> items;
  for (uint32_t layer = 0; layer < 4; ++layer) {
    ScheduleItem compute;
    compute.time = base::Duration::us(1);
    if (layer > 0) compute.after = {2 * layer - 2};
    items.push_back(std::move(compute));
    ScheduleItem gradients;
    gradients.collective = std::move(*make_collective(
        spec_of(Operation::kAllReduce, Algorithm::kHierarchical, Algorithm::kTree, 32)));
    gradients.after = {2 * layer};
    items.push_back(std::move(gradients));
  }
  const auto schedule = Schedule::make(32, std::move(items), {});
  ASSERT_TRUE(schedule.has_value());
  ThreadedMachine machine(**schedule, 4);
  EXPECT_TRUE(machine.run());
}

}  // namespace
}  // namespace windtunnel::cluster
