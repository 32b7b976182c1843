// Every contribution reaches every rank exactly once: all operations and algorithms, random groups,
// sizes, chunks, windows and delays, ranks that start late. Replay one case with
//   WT_SEED=<seed> cluster_test --gtest_filter='Collectives.RandomCases*'
#include <gtest/gtest.h>

#include <cstdlib>

#include "cluster/case_fixture.h"
#include "tests/support/episodes.h"

namespace windtunnel::cluster {
namespace {

void check_case(const CollectiveCase& c) {
  const std::string complaint = complaint_of(c);
  if (complaint.empty()) return;
  const CollectiveCase smaller = shrink(c);
  FAIL() << complaint << "\n  in " << c.words() << "\n  smaller: " << complaint_of(smaller)
         << "\n  in " << smaller.words() << "\n  replay: WT_SEED=" << c.machine.seed
         << " cluster_test --gtest_filter='Collectives.RandomCases*'";
}

TEST(Collectives, RandomCasesReachEveryRankOnce) {
  const char* const wanted = std::getenv("WT_SEED");
  const uint64_t first = wanted == nullptr ? 1 : std::strtoull(wanted, nullptr, 10);
  const uint64_t count = wanted == nullptr ? 1500 : 1;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    check_case(draw_collective(seed));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(NightlyCollectives, ManyMoreRandomCases) {
  const auto count = static_cast<uint64_t>(windtunnel::testing::episodes(50'000));
  for (uint64_t seed = 1'000'000; seed < 1'000'000 + count; ++seed) {
    check_case(draw_collective(seed));
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// Every algorithm on every count that is special to one of them.
class EveryAlgorithm : public ::testing::TestWithParam<uint32_t> {};

TEST_P(EveryAlgorithm, ReachesEveryRankOnce) {
  const uint32_t ranks = GetParam();
  for (int operation = 0; operation < 6; ++operation) {
    CollectiveCase c;
    c.operation = static_cast<Operation>(operation);
    for (const Algorithm algorithm : algorithms_of(c.operation)) {
      for (const uint32_t per_server : {1u, 2u, 4u, 8u}) {
        if (ranks % per_server != 0) continue;
        for (const Algorithm inner :
             {Algorithm::kRing, Algorithm::kTree, Algorithm::kHalvingDoubling}) {
          const bool on_grid =
              algorithm == Algorithm::kHierarchical || algorithm == Algorithm::kRailAligned;
          if (!on_grid && inner != Algorithm::kRing) continue;  // has none
          c.algorithm = algorithm;
          c.inner = inner;
          c.servers = ranks / per_server;
          c.per_server = per_server;
          c.bytes = ranks > 32 ? 2 * ranks + 3 : 307;  // divides by nothing in sight
          c.chunk = 19;
          c.slices = 2;
          c.root = ranks / 2;
          c.machine.seed = ranks;
          check_case(c);
          if (::testing::Test::HasFatalFailure()) return;
        }
      }
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Ranks, EveryAlgorithm,
                         ::testing::Values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
                                           17, 24, 31, 32, 64, 100));

// ---- sabotage: what the ledger must notice

CollectiveCase draw_with_data(uint64_t seed) {
  CollectiveCase c = draw_collective(seed);
  c.servers += 2;  // at least three ranks
  c.bytes += 300;  // no empty blocks
  return c;
}
int64_t messages_of(const CollectiveCase& c) {
  const auto collective = make_collective(c.spec());
  int64_t out = 0;
  for (Rank rank = 0; rank < (*collective)->ranks(); ++rank) out += (*collective)->messages(rank);
  return out;
}

TEST(Ledger, NoticesOneMessageLostEmptiedOrCountedTwice) {
  using Harm = ShuffleOptions::Harm;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    CollectiveCase c = draw_with_data(seed);
    base::RandomStream random(seed, "harm");
    c.machine.harm_at = static_cast<int64_t>(random.below(static_cast<uint64_t>(messages_of(c))));
    for (const Harm harm : {Harm::kLost, Harm::kEmptied, Harm::kTwiceAdded}) {
      c.machine.harm = harm;
      ASSERT_NE(complaint_of(c), "") << c.words();
    }
  }
}

// A plan with one mistake in what one message carries.
class WrongPlan final : public Collective {
 public:
  enum class Mistake : uint8_t { kSource, kTarget, kReduce, kShort };
  WrongPlan(Collective& right, Mistake mistake, uint64_t at)
      : right_(right), mistake_(mistake), at_(at) {}

  const Goal& goal() const override { return right_.goal(); }
  const Partition& groups() const override { return right_.groups(); }
  uint32_t ranks() const override { return right_.ranks(); }
  void start(Rank rank, Machine& machine) override { right_.start(rank, machine); }
  void sent(const Message& m, Machine& machine) override { right_.sent(m, machine); }
  void arrived(const Message& m, Machine& machine) override { right_.arrived(m, machine); }
  void computed(Rank r, uint64_t tag, Machine& machine) override {
    right_.computed(r, tag, machine);
  }
  void failed(const Message& m, Machine& machine) override { right_.failed(m, machine); }
  bool ready(Rank rank) const override { return right_.ready(rank); }
  bool done(Rank rank) const override { return right_.done(rank); }
  int64_t messages(Rank rank) const override { return right_.messages(rank); }
  std::vector<Piece> describe(const Message& message) const override {
    std::vector<Piece> out = right_.describe(message);
    if (base::hash_combine(message.tag, message.from) % 7 != at_ || out.empty()) return out;
    Piece& piece = out.back();
    if (mistake_ == Mistake::kSource) piece.source_offset += base::Bytes(1);
    if (mistake_ == Mistake::kTarget) piece.target_offset += base::Bytes(1);
    if (mistake_ == Mistake::kReduce) piece.reduce = !piece.reduce;
    if (mistake_ == Mistake::kShort && piece.bytes.count() > 0) piece.bytes -= base::Bytes(1);
    return out;
  }

 private:
  Collective& right_;
  Mistake mistake_;
  uint64_t at_;
};

TEST(Ledger, NoticesAWrongPlan) {
  using Mistake = WrongPlan::Mistake;
  int noticed[4] = {0, 0, 0, 0};
  int tried = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    const CollectiveCase c = draw_with_data(seed);
    if (messages_of(c) < 40) continue;  // one in seven messages goes wrong
    ++tried;
    for (const Mistake mistake :
         {Mistake::kSource, Mistake::kTarget, Mistake::kReduce, Mistake::kShort}) {
      const auto right = make_collective(c.spec());
      WrongPlan wrong(**right, mistake, seed % 7);
      Ledger ledger(wrong);
      ShuffleMachine machine(wrong, ledger, c.machine);
      noticed[static_cast<int>(mistake)] += machine.run().empty() ? 0 : 1;
    }
  }
  EXPECT_GT(tried, 50);
  EXPECT_EQ(noticed[0], tried);
  EXPECT_EQ(noticed[1], tried);
  EXPECT_EQ(noticed[2], tried);
  EXPECT_EQ(noticed[3], tried);
}

TEST(Collectives, AFailedMessageEndsTheRunAndIsReported) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    CollectiveCase c = draw_with_data(seed);
    base::RandomStream random(seed, "harm");
    c.machine.harm = ShuffleOptions::Harm::kFails;
    c.machine.judges = false;
    c.machine.harm_at = static_cast<int64_t>(random.below(static_cast<uint64_t>(messages_of(c))));
    const auto collective = make_collective(c.spec());
    Ledger ledger(**collective);
    ShuffleMachine machine(**collective, ledger, c.machine);
    EXPECT_EQ(machine.run(), "") << c.words();  // the run has ended
    EXPECT_EQ(ledger.judge_ready(), "") << c.words();
    EXPECT_NE(ledger.judge(), "") << c.words();  // somebody lacks something
    EXPECT_EQ(machine.gave_up(), 1u) << c.words();
    uint32_t undone = 0;
    for (Rank rank = 0; rank < (*collective)->ranks(); ++rank) {
      EXPECT_TRUE(!(*collective)->gave_up(rank) || (*collective)->done(rank)) << c.words();
      undone += (*collective)->done(rank) ? 0u : 1u;
    }
    EXPECT_GT(undone, 0u) << c.words();  // the receiver at least waits for ever
  }
}

}  // namespace
}  // namespace windtunnel::cluster
