// Independent repetitions of a run, on as many threads as wanted, with the same results for any
// number of threads: a replication depends on its number alone, and results are kept by number.
//
//   const auto runs = replicate({.count = 20, .seed = 7, .threads = 2}, [&](Replication r) {
//     World world(model, r.seed);
//     return world.run();
//   });
//
// Replication i of two systems under one seed gets the same seed, so both draw common random
// numbers from streams of the same names; compare them with paired_difference (confidence.h).
//
// The callable runs on several threads at once: it shares only what is const.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "des/confidence.h"

namespace windtunnel::des {

struct Replication {
  int64_t index = 0;
  uint64_t seed = 0;
};

constexpr uint64_t replication_seed(uint64_t seed, int64_t index) {
  return base::hash_combine(base::mix64(seed), static_cast<uint64_t>(index));
}

struct ReplicationOptions {
  int64_t count = 10;
  uint64_t seed = 1;
  int threads = 1;
  int64_t first = 0;  // number of the first replication
};

// The results of `run` in order of their numbers.
template <class Run>
auto replicate(const ReplicationOptions& options, const Run& run) {
  using Result = std::invoke_result_t<const Run&, Replication>;
  WT_CHECK(options.count >= 0 && options.threads >= 1, "count >= 0 and threads >= 1");
  std::vector<std::optional<Result>> slots(static_cast<size_t>(options.count));
  std::atomic<int64_t> next{0};
  const auto work = [&] {
    for (int64_t i = next++; i < options.count; i = next++) {
      const int64_t index = options.first + i;
      slots[static_cast<size_t>(i)].emplace(run({index, replication_seed(options.seed, index)}));
    }
  };
  {
    std::vector<std::jthread> helpers;
    const int64_t wanted = std::min<int64_t>(options.threads, options.count);
    for (int64_t i = 1; i < wanted; ++i) helpers.emplace_back(work);
    work();
  }
  std::vector<Result> results;
  results.reserve(slots.size());
  for (std::optional<Result>& slot : slots) results.push_back(std::move(*slot));
  return results;
}

// When to stop adding replications: as soon as the half width of the interval is small enough, in
// proportion to the mean. Looking again and again makes the interval cover a little less often than
// its level says (Law and Kelton 1982: 0.90 to 0.94 for 0.95), less so with a larger count_min.
struct Precision {
  double relative = 0.01;  // wanted half_width / |mean|
  double level = 0.95;
  int64_t count_min = 10;
  int64_t count_max = 1000;
};

template <class Result>
struct SequentialRun {
  std::vector<Result> results;
  Interval interval;
  bool reached = false;  // false: count_max came first
};

// Adds replications until the mean of measure(result) is known to `wanted`. options.count is not
// used. Rounds grow by what the interval so far asks for, at most doubling, so their sizes do not
// depend on the number of threads.
template <class Run, class Measure>
auto replicate_until(ReplicationOptions options, const Precision& wanted, const Run& run,
                     const Measure& measure) {
  using Result = std::invoke_result_t<const Run&, Replication>;
  WT_CHECK(wanted.count_min >= 2 && wanted.count_max >= wanted.count_min, "2 <= min <= max");
  SequentialRun<Result> out;
  Tally tally;
  int64_t goal = wanted.count_min;
  for (;;) {
    options.first = tally.count();
    options.count = goal - tally.count();
    for (Result& result : replicate(options, run)) {
      tally.add(measure(std::as_const(result)));
      out.results.push_back(std::move(result));
    }
    out.interval = confidence_interval(tally, wanted.level);
    out.reached = out.interval.half_width <= wanted.relative * std::abs(tally.mean());
    if (out.reached || goal == wanted.count_max) return out;
    // The half width falls with the square root of the count.
    const double ratio = out.interval.relative() / wanted.relative;
    const double needed = std::min(ratio * ratio, 2.0) * static_cast<double>(goal);
    goal = std::clamp(static_cast<int64_t>(needed), goal + 1, wanted.count_max);
  }
}

}  // namespace windtunnel::des
