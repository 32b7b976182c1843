// The judges can fail: one thing is told or done wrongly at a time (tests/braid_tap.h), and the
// judge whose business it is must say so. And shrinking finds the few items that matter.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/braid_drama.h"
#include "tests/braid_shrink.h"

namespace windtunnel::braid_hostile {
namespace {

using testing::ElementsAre;

struct Case {
  const char* name = "";
  Sabotage sabotage = Sabotage::kNone;
  Invariant expected = Invariant::kContract;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class BraidJudges : public testing::TestWithParam<Case> {};

// Every episode is drawn; a fault that an episode has no occasion for shows in another one.
constexpr int kEpisodesMax = 400;

// A lie may be found out by whoever looks first, but the judge of the matter must do so in some
// episode, and within a few.
TEST_P(BraidJudges, FindTheFault) {
  base::RandomStream seeds(11, "sabotage");
  std::string others;
  for (int i = 0; i < kEpisodesMax; ++i) {
    const Episode episode = draw_episode(seeds.bits());
    const Outcome outcome = play(episode, {.sabotage = GetParam().sabotage});
    if (!outcome.violation) continue;
    if (outcome.violation->invariant == GetParam().expected) return;
    others += fmt::format("{:#x} {}\n", episode.seed, describe(*outcome.violation));
  }
  FAIL() << "judge of invariant " << static_cast<int>(GetParam().expected) << " ("
         << name_of(GetParam().expected) << ") found nothing in " << kEpisodesMax
         << " episodes; others said:\n"
         << others;
}

INSTANTIATE_TEST_SUITE_P(
    Each, BraidJudges,
    testing::Values(Case{"PlaceElsewhere", Sabotage::kPlaceElsewhere, Invariant::kPlacement},
                    Case{"PlaceGarbage", Sabotage::kPlaceGarbage, Invariant::kCompletions},
                    Case{"PlaceDuplicates", Sabotage::kPlaceDuplicates, Invariant::kPlacement},
                    Case{"RefusedPlaced", Sabotage::kRefusedPlaced, Invariant::kPlacement},
                    Case{"LoseCompletion", Sabotage::kLoseCompletion, Invariant::kCompletions},
                    Case{"RepeatCompletion", Sabotage::kRepeatCompletion, Invariant::kCompletions},
                    Case{"SwapCompletions", Sabotage::kSwapCompletions, Invariant::kCompletions},
                    Case{"EarlyImmediate", Sabotage::kEarlyImmediate, Invariant::kCompletions},
                    Case{"NextTooFar", Sabotage::kNextTooFar, Invariant::kPsnWindow},
                    Case{"Unacknowledge", Sabotage::kUnacknowledge, Invariant::kPsnWindow},
                    Case{"InFlightOff", Sabotage::kInFlightOff, Invariant::kInFlight},
                    Case{"WindowTooSmall", Sabotage::kWindowTooSmall, Invariant::kWindow},
                    Case{"WindowAboveMaximum", Sabotage::kWindowAboveMaximum, Invariant::kWindow},
                    Case{"ClearBitIsLoss", Sabotage::kClearBitIsLoss, Invariant::kSackBits},
                    Case{"ReplayHeard", Sabotage::kReplayHeard, Invariant::kStale},
                    Case{"EarlierLifeHeard", Sabotage::kEarlierLifeHeard, Invariant::kStale},
                    Case{"BadPathUsed", Sabotage::kBadPathUsed, Invariant::kBadPaths},
                    Case{"PlanesUneven", Sabotage::kPlanesUneven, Invariant::kPlanes},
                    Case{"WrongPort", Sabotage::kWrongPort, Invariant::kPlanes},
                    Case{"DownPortUsed", Sabotage::kDownPortUsed, Invariant::kPlanes},
                    Case{"FrozenLie", Sabotage::kFrozenLie, Invariant::kFrozen},
                    Case{"TooManyImmediates", Sabotage::kTooManyImmediates, Invariant::kImmediates},
                    Case{"DeafTimer", Sabotage::kDeafTimer, Invariant::kLiveness},
                    Case{"RepeatTransmission", Sabotage::kRepeatTransmission,
                         Invariant::kRetransmissions},
                    Case{"CodecSlip", Sabotage::kCodecSlip, Invariant::kCodec},
                    Case{"ForgeryHeard", Sabotage::kForgeryHeard, Invariant::kCodec},
                    Case{"BlockLeak", Sabotage::kBlockLeak, Invariant::kPool}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(BraidJudgesOfRuns, FindARunThatDiffers) {
  const Episode episode = draw_episode(5);
  const Outcome one = play(episode, {.sabotage = Sabotage::kDice, .dice = 1});
  const Outcome two = play(episode, {.sabotage = Sabotage::kDice, .dice = 2});
  EXPECT_NE(one.trace, two.trace);
  EXPECT_EQ(play(episode).trace, play(episode).trace);
}

// Fails when items 3 and 17 are both there.
bool needs_two(const Episode& episode) {
  const std::set<uint32_t> left(episode.numbers.begin(), episode.numbers.end());
  return left.count(3) > 0 && left.count(17) > 0;
}

TEST(BraidShrink, KeepsOnlyWhatMatters) {
  Episode episode;
  for (uint32_t i = 0; i < 40; ++i) {
    episode.items.emplace_back(WorkItem{});
    episode.numbers.push_back(i);
  }
  const Episode small = without(episode, shrink(episode, needs_two));
  EXPECT_THAT(small.numbers, ElementsAre(3, 17));
}

TEST(BraidShrink, WritesAndReadsNumbers) {
  const std::vector<uint32_t> numbers{9, 3, 5, 6, 7, 21};
  EXPECT_EQ(write_numbers(numbers), "3,5-7,9,21");
  EXPECT_THAT(read_numbers("3,5-7,9,21"), ElementsAre(3, 5, 6, 7, 9, 21));
  EXPECT_THAT(read_numbers(""), ElementsAre());
}

TEST(BraidShrink, SeesAChildFallOver) {
  EXPECT_TRUE(fails_in_child([] { return std::abort(), false; }));
  EXPECT_TRUE(fails_in_child([] { return true; }));
  EXPECT_FALSE(fails_in_child([] { return false; }));
}

// A fault in a whole story ends up as a story of a few lines.
TEST(BraidShrink, MakesAFaultSmall) {
  base::RandomStream seeds(3, "shrink");
  const auto fails = [](const Episode& episode) {
    const Outcome outcome = play(episode, {.sabotage = Sabotage::kInFlightOff});
    return outcome.violation && outcome.violation->invariant == Invariant::kInFlight;
  };
  for (int i = 0; i < 100; ++i) {
    const Episode episode = draw_episode(seeds.bits());
    if (!fails(episode)) continue;
    const Episode small = without(episode, shrink(episode, fails));
    EXPECT_TRUE(fails(small));
    EXPECT_LE(small.items.size(), 4u) << describe(small);
    return;
  }
  FAIL() << "the fault never showed";
}

}  // namespace
}  // namespace windtunnel::braid_hostile
