// Lines against the recursion of their departure times, piece by piece, to the microsecond. Piece n
// leaves machine k when it is done there and there is room behind: in front of machine k + 1 wait b
// at most, so piece n - b - 1 has to have left it.
//   begun(n, k) = max(left(n, k - 1), left(n - 1, k))
//   left(n, k)  = max(begun(n, k) + time(n, k), left(n - b - 1, k + 1))
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"
#include "factory/plant_fixture.h"
#include "tests/support/episodes.h"

namespace windtunnel::factory {
namespace {

struct Line {
  std::vector<TimeDistribution> times;
  int64_t buffer = 0;
};

Line random_line(uint64_t seed) {
  base::RandomStream random(seed, "line");
  Line line;
  const size_t stations = 1 + random.below(6);
  for (size_t k = 0; k < stations; ++k) {
    const double mean = 1 + static_cast<double>(random.below(20));
    line.times.push_back(random.chance(1, 3) ? constant(mean) : exponential(mean));
  }
  line.buffer = static_cast<int64_t>(random.below(4));
  return line;
}

// When each piece leaves the line, with the draws that the engine makes for it.
std::vector<int64_t> departures(const Line& line, uint64_t seed, int64_t until) {
  const size_t stations = line.times.size();
  std::vector<base::RandomStream> streams;
  for (size_t k = 0; k < stations; ++k) {
    streams.push_back(base::RandomStream(seed, "piece").child(k).child("time"));
  }
  std::vector<std::vector<int64_t>> left(stations);
  std::vector<int64_t> out;
  for (size_t n = 0; out.empty() || out.back() < until; ++n) {
    for (size_t k = 0; k < stations; ++k) {
      int64_t begun = n > 0 ? left[k][n - 1] : 0;
      if (k > 0) begun = std::max(begun, left[k - 1][n]);
      int64_t leaves = begun + base::draw(line.times[k], streams[k]).ticks();
      const auto behind = static_cast<size_t>(line.buffer) + 1;
      if (k + 1 < stations && n >= behind) leaves = std::max(leaves, left[k + 1][n - behind]);
      left[k].push_back(leaves);
    }
    out.push_back(left[stations - 1][n]);
  }
  return out;
}

TEST(TandemOracle, EveryPieceLeavesWhenTheRecursionSays) {
  const auto count = static_cast<uint64_t>(testing::episodes(200));
  for (uint64_t seed = 1; seed <= count; ++seed) {
    SCOPED_TRACE(seed);
    const Line line = random_line(seed);
    Plant plant = line_of(line.times, line.buffer);
    plant.releases.push_back(endless("piece"));
    const Model model = Model::build(plant);
    RunOptions options;
    options.seed = seed;
    options.measured = seconds(5'000);
    const Outcome out = run_plant(model, options);
    // The engine says how many have left by the end of each stretch.
    const std::vector<int64_t> expected = departures(line, seed, options.measured.ticks());
    int64_t finished = 0;
    for (size_t i = 0; i < out.finished_by_stretch[0].size(); ++i) {
      finished += out.finished_by_stretch[0][i];
      const int64_t end =
          std::min(options.measured.ticks(), static_cast<int64_t>(i + 1) * out.stretch.ticks());
      const int64_t left = std::ranges::lower_bound(expected, end) - expected.begin();
      ASSERT_EQ(finished, left) << "by " << end;
    }
  }
}

}  // namespace
}  // namespace windtunnel::factory
