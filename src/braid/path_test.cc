#include "braid/path.h"

#include <array>
#include <set>

namespace windtunnel::braid {
namespace {

constexpr PlaneChoice kOnly = {1, 1, 0};

struct Paths {
  explicit Paths(PathSelection selection, uint32_t paths = 16, uint32_t planes = 1) {
    EndpointConfig config;
    config.path_selection = selection;
    config.paths = paths;
    config.planes = planes;
    profile = make_profile(config);
    path_init(state, *profile, stream);
  }
  int next(PlaneChoice planes = kOnly) { return path_next(state, *profile, planes, stream); }
  void feed(int path, PathFeedback feedback, int64_t now = 0) {
    path_feedback(state, *profile, static_cast<uint8_t>(path), feedback, now);
  }
  std::shared_ptr<const Profile> profile;
  base::RandomStream stream{5, "paths"};
  PathState state;
};

TEST(OnePath, IsOnePath) {
  Paths p(PathSelection::kOnePath);
  const int path = p.next();
  p.feed(path, PathFeedback::kLost);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(p.next(), path);
}

TEST(Oblivious, VisitsEveryPathOncePerRoundInOrdersThatChange) {
  Paths p(PathSelection::kOblivious, 64);
  std::set<std::vector<int>> orders;
  for (int round = 0; round < 50; ++round) {
    std::vector<int> order;
    for (int i = 0; i < 64; ++i) order.push_back(p.next());
    EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), 64u);
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 20u);
}

TEST(Oblivious, AvoidsPlanesThatAreDown) {
  Paths p(PathSelection::kOblivious, 64, 4);
  std::array<int, 4> per_plane{};
  for (int i = 0; i < 6400; ++i) ++per_plane[static_cast<size_t>(p.next({0xb, 0xb, 0}) & 3)];
  EXPECT_EQ(per_plane[2], 0);
  EXPECT_EQ(per_plane[0], 1600);
  EXPECT_EQ(per_plane[1], 1600);
  EXPECT_EQ(per_plane[3], 3200) << "takes over for plane 2";
}

TEST(Bitmap, PassesOverAPenalisedPathAsOftenAsItHasPenalties) {
  Paths p(PathSelection::kBitmap, 8);
  p.feed(3, PathFeedback::kTrimmed);  // four penalties
  int rounds_without = 0;
  for (int round = 0; round < 8; ++round) {
    bool seen = false;
    // A pass over path 3 lengthens the round for nobody: seven or eight packets make one.
    const int packets = rounds_without < 4 ? 7 : 8;
    for (int i = 0; i < packets; ++i) seen |= p.next() == 3;
    if (seen) break;
    ++rounds_without;
  }
  EXPECT_EQ(rounds_without, 4);
}

TEST(Bitmap, StillAnswersWhenEverythingIsPenalised) {
  Paths p(PathSelection::kBitmap, 8);
  for (int path = 0; path < 8; ++path) p.feed(path, PathFeedback::kLost);
  std::set<int> seen;
  for (int i = 0; i < 200; ++i) seen.insert(p.next());
  EXPECT_GT(seen.size(), 4u);
}

TEST(Reps, RecyclesTheLastEightInTheirOrderOnce) {
  Paths p(PathSelection::kReps, 256);
  for (int path = 100; path < 112; ++path) p.feed(path, PathFeedback::kClean);
  for (int path = 104; path < 112; ++path) EXPECT_EQ(p.next(), path);
  std::set<int> random;
  for (int i = 0; i < 64; ++i) random.insert(p.next());
  EXPECT_GT(random.size(), 40u) << "dry: random paths";
}

TEST(Reps, MarkedAndTrimmedPathsAreNotRecycled) {
  Paths p(PathSelection::kReps, 256);
  p.feed(7, PathFeedback::kMarked);
  p.feed(8, PathFeedback::kTrimmed);
  p.feed(9, PathFeedback::kClean);
  EXPECT_EQ(p.next(), 9);
}

TEST(Reps, FreezesOnLossAndCyclesTheRing) {
  Paths p(PathSelection::kReps, 256);
  for (const int path : {5, 6, 7}) p.feed(path, PathFeedback::kClean, 1);
  p.feed(0, PathFeedback::kLost, 1);
  for (int i = 0; i < 30; ++i) EXPECT_EQ(p.next(), 5 + i % 3);
  const int64_t later = 1 + p.profile->freeze + 1;
  p.feed(9, PathFeedback::kClean, later);  // thaws, forgets, explores sixteen times
  std::set<int> explored;
  for (int i = 0; i < 16; ++i) explored.insert(p.next());
  EXPECT_GT(explored.size(), 10u);
  EXPECT_EQ(p.next(), 9);
}

TEST(RepsRing, PurgeLeavesNoTraceAndKeepsTheOrder) {
  RepsRing ring;
  for (const int path : {1, 2, 3, 2, 4}) ring.add(static_cast<uint8_t>(path));
  EXPECT_EQ(ring.take_oldest(1, 0), 1);
  ring.purge(2);
  EXPECT_EQ(ring.filled, 3);
  EXPECT_EQ(ring.take_oldest(1, 0), 3);
  EXPECT_EQ(ring.take_oldest(1, 0), 4);
  EXPECT_EQ(ring.take_oldest(1, 0), -1);
  std::set<int> frozen;
  for (int i = 0; i < 6; ++i) frozen.insert(ring.take_frozen(1, 0));
  EXPECT_EQ(frozen, (std::set<int>{1, 3, 4}));
}

TEST(Mixed, RecyclesFirstThenWalks) {
  Paths p(PathSelection::kMixed, 16);
  p.feed(3, PathFeedback::kClean);
  p.feed(4, PathFeedback::kMarked);
  p.feed(5, PathFeedback::kClean);
  EXPECT_EQ(p.next(), 3);
  EXPECT_EQ(p.next(), 5);
  for (int i = 0; i < 15; ++i) EXPECT_NE(p.next(), 4) << "one penalty: passed over once";
}

TEST(RecycleQueue, ForgetsTheOldestWhenFull) {
  RecycleQueue queue;
  for (uint32_t i = 0; i < RecycleQueue::kSize + 3; ++i) queue.push(static_cast<uint8_t>(i));
  for (uint32_t i = 3; i < RecycleQueue::kSize + 3; ++i) {
    EXPECT_EQ(queue.pop(), static_cast<int>(i));
  }
  EXPECT_EQ(queue.pop(), -1);
}

}  // namespace
}  // namespace windtunnel::braid
