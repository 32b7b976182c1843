// The transport engine against every invariant of its specification, on a hostile network.
//
// An episode is drawn from one seed (tests/braid_episode.h): settings, work, harm, deeds. Two
// engines play it (tests/braid_drama.h) while judges look after each call (tests/braid_judges.h).
//
//   WT_EPISODES=100000      how many episodes; 3,000 otherwise
//   WT_EPISODE_BASE=7       other episodes: seeds are drawn from this number (1)
//   WT_EPISODE_SEED=0x12..  only this episode
//   WT_EPISODE_DROP=3,5-9   without these of its items: what a failure prints
//   WT_EPISODE_TRACE=1      and a line on stderr for each packet
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/check.h"
#include "tests/braid_drama.h"
#include "tests/braid_shrink.h"
#include "tests/support/episodes.h"

namespace windtunnel::braid_hostile {
namespace {

constexpr int64_t kOrdinaryEpisodes = 3000;
// From here on every rare branch must have been reached.
constexpr int64_t kEnoughForAllBranches = 2500;
constexpr int64_t kReplayEvery = 16;

uint64_t number_from(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

std::string text_from(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? "" : text;
}

std::string command_for(uint64_t seed, const std::vector<uint32_t>& dropped) {
  const std::string drop =
      dropped.empty() ? "" : fmt::format("WT_EPISODE_DROP={} ", write_numbers(dropped));
  return fmt::format(
      "WT_EPISODE_SEED={:#018x} {}build/release/bin/cross_test "
      "--gtest_filter=BraidProperty.OneEpisode",
      seed, drop);
}

// The smallest story that breaks the same invariant, told in full.
std::string small_story(const Episode& episode, Invariant broken) {
  const auto dropped = shrink(episode, [broken](const Episode& smaller) {
    const Outcome outcome = play(smaller);
    return outcome.violation && outcome.violation->invariant == broken;
  });
  const Episode small = without(episode, dropped);
  return fmt::format("{}\nreplay: {}\n{}", describe(*play(small).violation),
                     command_for(episode.seed, dropped), describe(small));
}

// WT_CHECK and the sanitizers print this seed when the engine brings the process down.
class CrashNote {
 public:
  explicit CrashNote(uint64_t seed) : seed_(seed) { base::check_context().seed = &seed_; }
  ~CrashNote() { base::check_context() = {}; }
  CrashNote(const CrashNote&) = delete;
  CrashNote& operator=(const CrashNote&) = delete;

 private:
  unsigned long long seed_;
};

void expect_deterministic(const Episode& episode, const Outcome& first) {
  const Outcome second = play(episode);
  EXPECT_EQ(first.trace, second.trace)
      << "invariant 15: the same story told twice differs\nreplay: "
      << command_for(episode.seed, {});
}

TEST(BraidProperty, EveryInvariantOnAHostileNetwork) {
  const int64_t count = testing::episodes(kOrdinaryEpisodes);
  base::RandomStream seeds(number_from("WT_EPISODE_BASE", 1), "braid episodes");
  Coverage coverage;
  uint64_t packets = 0;
  int failures = 0;
  for (int64_t i = 0; i < count && failures < 3; ++i) {
    const Episode episode = draw_episode(seeds.bits());
    const CrashNote note(episode.seed);
    const Outcome outcome = play(episode);
    coverage += outcome.coverage;
    packets += outcome.packets;
    if (outcome.violation) {
      ++failures;
      ADD_FAILURE() << "episode " << i << ": "
                    << small_story(episode, outcome.violation->invariant);
    } else if (i % kReplayEvery == 0) {
      expect_deterministic(episode, outcome);
    }
  }
  std::printf("%lld episodes, %llu packets\n%s", static_cast<long long>(count),
              static_cast<unsigned long long>(packets), coverage.table().c_str());
  if (count < kEnoughForAllBranches || failures > 0) return;
  for (const std::string_view name : coverage.never()) ADD_FAILURE() << "never happened: " << name;
}

TEST(BraidProperty, OneEpisode) {
  const std::string wanted = text_from("WT_EPISODE_SEED");
  if (wanted.empty()) GTEST_SKIP() << "set WT_EPISODE_SEED to replay an episode";
  const uint64_t seed = number_from("WT_EPISODE_SEED", 0);
  const Episode whole = draw_episode(seed);
  const Episode episode = without(whole, read_numbers(text_from("WT_EPISODE_DROP")));
  const CrashNote note(seed);
  const bool narrate = !text_from("WT_EPISODE_TRACE").empty();
  std::printf("%s", describe(episode).c_str());
  if (!narrate && fails_in_child([&] { return play(episode), false; })) {
    const auto dropped = shrink(episode, [](const Episode& smaller) {
      return fails_in_child([&] { return play(smaller), false; });
    });
    FAIL() << "the engine aborts\nreplay: " << command_for(seed, dropped) << "\n"
           << describe(without(episode, dropped));
  }
  const Outcome outcome = play(episode, {.narrate = narrate});
  if (outcome.violation) ADD_FAILURE() << describe(*outcome.violation);
  if (outcome.violation && !narrate && episode.items.size() == whole.items.size()) {
    ADD_FAILURE() << small_story(episode, outcome.violation->invariant);
  }
}

}  // namespace
}  // namespace windtunnel::braid_hostile
