#include "braid/path_braid.h"

#include <array>
#include <limits>
#include <set>

namespace windtunnel::braid {
namespace {

constexpr int64_t kUs = 1'000'000;
constexpr int64_t kNoDeadline = std::numeric_limits<int64_t>::max();

struct Braid {
  explicit Braid(uint32_t paths = 16, uint32_t planes = 1, uint32_t backups = 0) {
    EndpointConfig config;
    config.paths = paths;
    config.planes = planes;
    config.backup_paths = backups;
    config.rto_min = base::Duration::us(40);
    profile = make_profile(config);
    all = {(1u << planes) - 1, (1u << planes) - 1, 0};
    braid_path_init(state, *profile, {});
  }
  int next() { return next(all); }
  int next(PlaneChoice planes) { return braid_path_next(state, *profile, planes, stream); }
  void feed(int path, PathFeedback feedback, int64_t now) {
    braid_path_feedback(state, *profile, static_cast<uint8_t>(path), feedback, now);
  }
  PathHealth health(uint32_t path) const { return braid_path_health(state, *profile, path); }
  std::shared_ptr<const Profile> profile;
  PlaneChoice all;
  base::RandomStream stream{5, "braid paths"};
  BraidPathState state;
};

TEST(BraidPaths, RecycledFirstThenEveryPathOncePerRound) {
  Braid b;
  b.feed(9, PathFeedback::kClean, 0);
  EXPECT_EQ(b.next(), 9);
  std::set<int> seen;
  for (int i = 0; i < 16; ++i) seen.insert(b.next());
  EXPECT_EQ(seen.size(), 16u);
}

TEST(BraidPaths, CongestionSkipsOnceLossIsRemembered) {
  Braid b;
  b.feed(3, PathFeedback::kMarked, 0);
  b.feed(4, PathFeedback::kTrimmed, 0);
  b.feed(5, PathFeedback::kLost, 0);
  EXPECT_EQ(b.health(3), PathHealth::kSkip);
  EXPECT_EQ(b.health(4), PathHealth::kSkip);
  EXPECT_EQ(b.health(5), PathHealth::kBad);
  std::array<int, 16> count{};
  for (int i = 0; i < 13 + 15 * 9; ++i) ++count[static_cast<size_t>(b.next())];
  EXPECT_EQ(count[0], 10);
  EXPECT_EQ(count[3], 9);
  EXPECT_EQ(count[4], 9);
  EXPECT_EQ(count[5], 0);
}

TEST(BraidPaths, ACachedPathThatIsMarkedIsSkippedOnceToo) {
  Braid b;
  b.feed(3, PathFeedback::kClean, 0);
  b.feed(4, PathFeedback::kClean, 0);
  b.feed(3, PathFeedback::kMarked, 0);
  EXPECT_EQ(b.next(), 4);
  EXPECT_EQ(b.health(3), PathHealth::kGood);
}

TEST(BraidPaths, ABadPathComesBackAfterEnoughAnswers) {
  Braid b;
  b.feed(5, PathFeedback::kClean, 0);
  b.feed(5, PathFeedback::kLost, 0);
  EXPECT_NE(b.next(), 5) << "purged from the ring";
  EXPECT_EQ(braid_probe_due(b.state, *b.profile, 0), -1);
  int64_t now = braid_probe_deadline(b.state, 0);
  EXPECT_NEAR(static_cast<double>(now), 24.0 * kUs, 0.1 * kUs) << "two base RTTs";
  EXPECT_EQ(braid_probe_due(b.state, *b.profile, now), 5);
  EXPECT_EQ(braid_probe_due(b.state, *b.profile, now), -1);
  const int64_t second = braid_probe_deadline(b.state, now);
  EXPECT_NEAR(static_cast<double>(second - now), 48.0 * kUs, 0.1 * kUs) << "no answer: doubled";
  now = second;
  for (int answer = 0; answer < 3; ++answer) {
    EXPECT_EQ(b.health(5), PathHealth::kBad);
    EXPECT_EQ(braid_probe_due(b.state, *b.profile, now), 5);
    EXPECT_EQ(braid_probe_answered(b.state, *b.profile, 5, now), answer == 2);
  }
  EXPECT_EQ(b.health(5), PathHealth::kGood);
  EXPECT_EQ(braid_probe_deadline(b.state, now), kNoDeadline);
  EXPECT_FALSE(braid_probe_answered(b.state, *b.profile, 5, now)) << "late answers change nothing";
}

TEST(BraidPaths, MoreBadPathsThanProbesTakeTurns) {
  Braid b;
  for (int path = 0; path < 12; ++path) b.feed(path, PathFeedback::kLost, 0);
  int64_t now = 100 * kUs;
  std::set<int> restored;
  for (int step = 0; step < 200 && restored.size() < 12; ++step) {
    const int path = braid_probe_due(b.state, *b.profile, now);
    if (path < 0) {
      now = braid_probe_deadline(b.state, now);
    } else if (braid_probe_answered(b.state, *b.profile, static_cast<uint8_t>(path), now)) {
      restored.insert(path);
    }
  }
  EXPECT_EQ(restored.size(), 12u);
}

TEST(BraidPaths, BackupsKeepPlanesEven) {
  Braid b(8, 2, 4);
  EXPECT_EQ(braid_active_paths(b.state, *b.profile, 0), 4u);
  for (const int lost : {0, 2, 4}) b.feed(lost, PathFeedback::kLost, 0);
  EXPECT_EQ(braid_active_paths(b.state, *b.profile, 0), 4u);
  EXPECT_EQ(braid_active_paths(b.state, *b.profile, 1), 4u);
  std::set<int> used;
  std::array<int, 2> per_plane{};
  for (int i = 0; i < 400; ++i) {
    const int path = b.next();
    used.insert(path);
    ++per_plane[static_cast<size_t>(path & 1)];
  }
  EXPECT_EQ(used, (std::set<int>{1, 3, 5, 6, 7, 8, 10})) << "8 and 10 stand in for two of three";
  EXPECT_EQ(per_plane[0], 200) << "load stays even whatever the number of paths";
}

TEST(BraidPaths, TwoLossesWithinOneTimeoutFreezeExploration) {
  Braid b(64);
  for (const int path : {10, 11, 12}) b.feed(path, PathFeedback::kClean, 0);
  b.feed(1, PathFeedback::kLost, 10 * kUs);
  EXPECT_FALSE(b.state.frozen);
  b.feed(2, PathFeedback::kLost, 20 * kUs);
  EXPECT_TRUE(b.state.frozen);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(b.next(), 10 + i % 3);
  EXPECT_FALSE(braid_thaw(b.state, 119 * kUs));
  EXPECT_TRUE(braid_thaw(b.state, 121 * kUs)) << "100 us";
  std::set<int> seen;
  for (int i = 0; i < 100; ++i) seen.insert(b.next());
  EXPECT_GT(seen.size(), 30u);
}

TEST(BraidPaths, LossesFarApartDoNotFreeze) {
  Braid b(64);
  b.feed(10, PathFeedback::kClean, 0);
  b.feed(1, PathFeedback::kLost, 0);
  b.feed(2, PathFeedback::kLost, 50 * kUs);
  EXPECT_FALSE(b.state.frozen);
}

TEST(BraidPaths, AFreezeEndsWithItsLastCachedPath) {
  Braid b(64);
  b.feed(10, PathFeedback::kClean, 0);
  b.feed(1, PathFeedback::kLost, 0);
  b.feed(2, PathFeedback::kLost, 0);
  ASSERT_TRUE(b.state.frozen);
  b.feed(10, PathFeedback::kLost, 1);
  EXPECT_FALSE(b.state.frozen);
  EXPECT_GE(b.next(), 0);
}

TEST(BraidPaths, WaitsForAPlaneWithGoodPaths) {
  Braid b(4, 2);
  b.feed(0, PathFeedback::kLost, 0);
  b.feed(2, PathFeedback::kLost, 0);
  EXPECT_EQ(b.next({1, 3, 0}), -1) << "plane 0 asks, only plane 1 is good";
  EXPECT_EQ(b.next({2, 3, 0}) & 1, 1);
  EXPECT_EQ(b.next({3, 3, 0}) & 1, 1);
  b.feed(1, PathFeedback::kLost, 0);
  b.feed(3, PathFeedback::kLost, 0);
  std::set<int> all;
  for (int i = 0; i < 40; ++i) all.insert(b.next());
  EXPECT_EQ(all.size(), 4u) << "all bad: rotate";
}

TEST(BraidPaths, ALostPacketAvoidsItsPlaneWhileOthersAreGood) {
  Braid b(4, 2);
  EXPECT_EQ(b.next({3, 3, 1}) & 1, 1);
  EXPECT_EQ(b.next({1, 3, 1}), -1);
  b.feed(1, PathFeedback::kLost, 0);
  b.feed(3, PathFeedback::kLost, 0);
  EXPECT_EQ(b.next({1, 3, 1}) & 1, 0);
}

TEST(BraidPaths, DeniedPathsCarryNothingWhileOthersCan) {
  Braid b(4);
  for (const uint32_t path : {0u, 1u, 2u}) braid_deny(b.state, *b.profile, path, true, 0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(b.next(), 3);
  b.feed(3, PathFeedback::kLost, 0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(b.next(), 3) << "bad before denied";
  braid_deny(b.state, *b.profile, 1, false, 0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(b.next(), 1);
}

// Plane 1 of two is silent for two timeouts, in which it loses four packets.
Braid with_dead_plane() {
  Braid b(16, 2);
  b.feed(5, PathFeedback::kClean, 0);
  b.feed(7, PathFeedback::kLost, 0);
  EXPECT_FALSE(braid_plane_lost(b.state, *b.profile, 1, 3, 80 * kUs));
  EXPECT_TRUE(braid_plane_lost(b.state, *b.profile, 1, 1, 80 * kUs));
  return b;
}

TEST(BraidPlanes, ADeadPlaneCarriesNothing) {
  Braid b = with_dead_plane();
  for (uint32_t path = 0; path < 16; ++path) {
    EXPECT_EQ(b.health(path), path % 2 == 1 ? PathHealth::kBad : PathHealth::kGood);
  }
  for (int i = 0; i < 40; ++i) EXPECT_EQ(b.next() & 1, 0);
  EXPECT_EQ(b.next({2, 3, 0}), -1) << "its port waits";
  EXPECT_FALSE(braid_plane_is_spare(b.state, 1, 3)) << "given up already";
  EXPECT_FALSE(braid_plane_is_spare(b.state, 0, 3)) << "the last one";
}

TEST(BraidPlanes, LossesSoonAfterASignOfLifeProveNothing) {
  Braid b(16, 2);
  b.feed(5, PathFeedback::kMarked, 100 * kUs);
  EXPECT_FALSE(braid_plane_lost(b.state, *b.profile, 1, 10, 130 * kUs)) << "a timeout is 40 us";
  EXPECT_TRUE(braid_plane_is_spare(b.state, 1, 3));
  EXPECT_TRUE(braid_plane_lost(b.state, *b.profile, 1, 1, 145 * kUs));
}

TEST(BraidPlanes, AnAnswerFromAnyOfItsPathsBringsBackThoseThatWereGood) {
  Braid b = with_dead_plane();
  b.feed(9, PathFeedback::kMarked, 90 * kUs);
  for (const uint32_t path : {1u, 3u, 5u, 11u, 13u, 15u}) {
    EXPECT_EQ(b.health(path), PathHealth::kGood);
  }
  EXPECT_EQ(b.health(7), PathHealth::kBad) << "lost a packet before";
}

TEST(BraidPlanes, ProbesGoRoundTheGoodPathsOfADeadPlane) {
  Braid b = with_dead_plane();
  int64_t now = 80 * kUs;
  std::set<int> probed;
  while (probed.size() < 8) {
    now = braid_probe_deadline(b.state, now);
    ASSERT_LT(now, 500'000 * kUs);
    const int path = braid_probe_due(b.state, *b.profile, now);
    ASSERT_EQ(path & 1, 1);
    probed.insert(path);
  }
  int path = 0;
  for (int answers = 0; b.health(3) == PathHealth::kBad; ++answers) {
    ASSERT_LT(answers, 20);
    now = braid_probe_deadline(b.state, now);
    path = braid_probe_due(b.state, *b.profile, now);
    braid_probe_answered(b.state, *b.profile, static_cast<uint8_t>(path), now);
  }
  EXPECT_EQ(b.next({2, 3, 0}) & 1, 1);
}

TEST(BraidPlanes, BadPathsDoNotKeepTheProbesFromADeadPlane) {
  Braid b(64, 4);
  for (int path = 0; path < 48; path += 4) b.feed(path, PathFeedback::kLost, 0);
  for (const uint32_t plane : {1u, 2u, 3u}) {
    EXPECT_TRUE(braid_plane_lost(b.state, *b.profile, plane, 4, 80 * kUs));
  }
  std::set<int> planes;
  int64_t now = 80 * kUs;
  for (int i = 0; i < 40; ++i) {
    now = braid_probe_deadline(b.state, now);
    planes.insert(braid_probe_due(b.state, *b.profile, now) & 3);
  }
  EXPECT_EQ(planes, (std::set<int>{0, 1, 2, 3}));
  b.feed(1, PathFeedback::kClean, now);
  EXPECT_EQ(b.health(1), PathHealth::kGood);
}

}  // namespace
}  // namespace windtunnel::braid
