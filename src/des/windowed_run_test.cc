#include "des/windowed_run.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/random.h"

namespace windtunnel::des {
namespace {

constexpr uint64_t kSeed = 20261122;

base::Time at(int64_t ps) { return base::Time::at(base::Duration::ps(ps)); }

// Partitions hold a number each. A message adds itself to it, folds the result, and sends on one or
// two messages that take at least the lookahead: the order of messages is visible in every number.
struct Message {
  int64_t at_ps = 0;
  uint64_t value = 0;
  int depth = 0;
  bool operator<(const Message& o) const {
    return std::tuple(at_ps, value, depth) < std::tuple(o.at_ps, o.value, o.depth);
  }
};

struct State {
  uint64_t number = 0;
  int64_t handled = 0;
  int64_t last_ps = -1;
  bool operator==(const State&) const = default;
};

struct Reaction {
  uint32_t to;
  Message message;
};

// What a message does, the same in both executors.
std::vector<Reaction> handle(State& state, const Message& m, uint32_t partitions,
                             int64_t lookahead_ps) {
  state.number = base::mix64(state.number * 31 + m.value);
  ++state.handled;
  state.last_ps = m.at_ps;
  std::vector<Reaction> reactions;
  base::RandomStream r(state.number, "reaction");
  const uint64_t count = m.depth == 0 ? 0 : r.below(8) == 0 ? 2 : 1;
  for (uint64_t i = 0; i < count; ++i) {
    const auto extra = static_cast<int64_t>(r.chance(1, 20) ? r.below(100'000) : r.below(500));
    reactions.push_back({static_cast<uint32_t>(r.below(partitions)),
                         {m.at_ps + lookahead_ps + extra, r.bits(), m.depth - 1}});
  }
  return reactions;
}

class Toy final : public WindowedModel {
 public:
  Toy(uint32_t partitions, int64_t lookahead_ps)
      : lookahead_ps_(lookahead_ps), states_(partitions), inboxes_(partitions) {}

  void send(uint32_t to, const Message& m) {
    const std::lock_guard lock(mutex_);
    inboxes_[to].insert(m);
  }
  uint32_t partition_count() const override { return static_cast<uint32_t>(states_.size()); }
  base::Duration lookahead() const override { return base::Duration::ps(lookahead_ps_); }
  bool has_work(uint32_t p, const Window& w) const override {
    const std::lock_guard lock(mutex_);
    return !inboxes_[p].empty() && inboxes_[p].begin()->at_ps < w.end.ps();
  }
  void run(uint32_t p, uint32_t worker, const Window& w) override {
    EXPECT_FALSE(running_[p].exchange(true)) << "one partition twice at once";
    ++runs_;
    {
      const std::lock_guard lock(mutex_);
      workers_seen.insert(worker);
      windows_seen.insert(w.index);
    }
    for (;;) {
      Message m;
      {
        const std::lock_guard lock(mutex_);
        if (inboxes_[p].empty() || inboxes_[p].begin()->at_ps >= w.end.ps()) break;
        m = *inboxes_[p].begin();
        inboxes_[p].erase(inboxes_[p].begin());
      }
      EXPECT_GE(m.at_ps, w.begin.ps());
      for (const Reaction& r : handle(states_[p], m, partition_count(), lookahead_ps_)) {
        EXPECT_GE(r.message.at_ps, w.end.ps());
        send(r.to, r.message);
      }
    }
    running_[p] = false;
  }
  base::Time next_time(const Window&) override {
    for (const auto& r : running_) EXPECT_FALSE(r.second) << "between windows nothing runs";
    int64_t next = INT64_MAX;
    for (const auto& inbox : inboxes_) {
      if (!inbox.empty()) next = std::min(next, inbox.begin()->at_ps);
    }
    return next == INT64_MAX ? base::Time::max() : at(next);
  }

  const std::vector<State>& states() const { return states_; }
  int64_t runs() const { return runs_; }
  void finish(base::Time end) override { finished.push_back(end.ps()); }
  std::vector<int64_t> finished;
  std::set<uint32_t> workers_seen;
  std::set<int64_t> windows_seen;

 private:
  int64_t lookahead_ps_;
  std::vector<State> states_;
  std::vector<std::multiset<Message>> inboxes_;
  std::map<uint32_t, std::atomic<bool>> running_ = flags();
  std::atomic<int64_t> runs_{0};
  mutable std::mutex mutex_;

  std::map<uint32_t, std::atomic<bool>> flags() const {
    std::map<uint32_t, std::atomic<bool>> all;
    for (uint32_t p = 0; p < states_.size(); ++p) all[p] = false;
    return all;
  }
};

// One message after the other in order of time, without windows.
std::vector<State> sequential(uint32_t partitions, int64_t lookahead_ps,
                              const std::vector<Reaction>& first) {
  std::vector<State> states(partitions);
  std::multiset<std::pair<Message, uint32_t>> queue;
  for (const Reaction& r : first) queue.insert({r.message, r.to});
  while (!queue.empty()) {
    const auto [m, to] = *queue.begin();
    queue.erase(queue.begin());
    for (const Reaction& r : handle(states[to], m, partitions, lookahead_ps)) {
      queue.insert({r.message, r.to});
    }
  }
  return states;
}

std::vector<Reaction> seeds_of(base::RandomStream& r, uint32_t partitions) {
  std::vector<Reaction> first;
  for (uint64_t n = 1 + r.below(30); n-- > 0;) {
    first.push_back({static_cast<uint32_t>(r.below(partitions)),
                     {static_cast<int64_t>(r.below(20'000)), r.bits(), 20}});
  }
  return first;
}

TEST(WindowedRun, AnyNumberOfThreadsGivesTheSequentialResult) {
  base::RandomStream r(kSeed, "toy");
  for (int round = 0; round < 40; ++round) {
    const auto partitions = static_cast<uint32_t>(1 + r.below(12));
    const auto lookahead = static_cast<int64_t>(1 + r.below(3000));
    const std::vector<Reaction> first = seeds_of(r, partitions);
    const std::vector<State> expected = sequential(partitions, lookahead, first);
    for (const uint32_t threads : {1u, 2u, 3u, 16u}) {
      Toy toy(partitions, lookahead);
      for (const Reaction& f : first) toy.send(f.to, f.message);
      WindowedOptions options;
      options.threads = threads;
      const WindowedOutcome outcome = run_windowed(toy, options);
      EXPECT_TRUE(outcome.exhausted);
      EXPECT_FALSE(outcome.stopped);
      ASSERT_EQ(toy.states(), expected)
          << threads << " threads, round " << round << ", seed " << kSeed;
      EXPECT_LT(*toy.workers_seen.rbegin(), threads);
    }
  }
}

TEST(WindowedRun, SkipsWindowsInWhichNothingHappens) {
  Toy toy(3, 100);
  for (const int64_t when :
       {int64_t{50}, int64_t{99}, int64_t{1'000'000}, int64_t{1'000'150}, int64_t{5'000'000'000}}) {
    toy.send(static_cast<uint32_t>(when % 3), {when, 1, 0});
  }
  const WindowedOutcome outcome = run_windowed(toy, {});
  EXPECT_EQ(toy.windows_seen, (std::set<int64_t>{0, 10'000, 10'001, 50'000'000}));
  EXPECT_EQ(outcome.windows, 4);
  EXPECT_EQ(outcome.end, at(5'000'000'100));
  EXPECT_EQ(toy.finished, std::vector<int64_t>{5'000'000'100});
  EXPECT_EQ(toy.runs(), 4 + 1) << "50 and 99 ps are two partitions' work";
  EXPECT_TRUE(outcome.exhausted);
}

// The first window begins at zero even when there is nothing in it.
TEST(WindowedRun, NothingToDoIsOneEmptyWindow) {
  Toy toy(2, 100);
  const WindowedOutcome outcome = run_windowed(toy, {});
  EXPECT_EQ(outcome.windows, 1);
  EXPECT_EQ(outcome.end, at(100));
  EXPECT_TRUE(outcome.exhausted);
  EXPECT_EQ(toy.runs(), 0);
}

TEST(WindowedRun, StopsWhenAskedBetweenWindows) {
  for (const uint32_t threads : {1u, 2u}) {
    Toy toy(2, 100);
    for (int64_t when = 10; when < 10'000; when += 100) toy.send(0, {when, 1, 0});
    std::vector<int64_t> asked;
    WindowedOptions options;
    options.threads = threads;
    options.on_window = [&](base::Time now) {
      asked.push_back(now.ps());
      return asked.size() < 7;
    };
    const WindowedOutcome outcome = run_windowed(toy, options);
    EXPECT_TRUE(outcome.stopped);
    EXPECT_FALSE(outcome.exhausted);
    EXPECT_EQ(outcome.windows, 7);
    EXPECT_EQ(outcome.end, at(700));
    EXPECT_EQ(asked, (std::vector<int64_t>{100, 200, 300, 400, 500, 600, 700}));
    EXPECT_EQ(toy.states()[0].handled, 7);
  }
}

// The last window is cut off at `until`: what happens then or later is not run.
TEST(WindowedRun, EndsExactlyAtUntil) {
  struct Limit {
    int64_t until, handled, windows;
  };
  for (const Limit l :
       {Limit{0, 0, 0}, Limit{1, 0, 1}, Limit{50, 0, 1}, Limit{51, 1, 1}, Limit{100, 1, 1},
        Limit{101, 1, 1}, Limit{200, 2, 2}, Limit{940, 9, 9}, Limit{951, 10, 10}}) {
    for (const uint32_t threads : {1u, 2u}) {
      Toy toy(1, 100);
      for (int64_t when = 50; when < 2000; when += 100) toy.send(0, {when, 1, 0});
      WindowedOptions options;
      options.threads = threads;
      options.until = at(l.until);
      const WindowedOutcome outcome = run_windowed(toy, options);
      EXPECT_EQ(toy.states()[0].handled, l.handled) << "until " << l.until;
      EXPECT_EQ(outcome.windows, l.windows) << "until " << l.until;
      EXPECT_EQ(outcome.end, at(l.until));
      EXPECT_EQ(toy.finished, std::vector<int64_t>{l.until});
      EXPECT_FALSE(outcome.exhausted);
      EXPECT_FALSE(outcome.stopped);
    }
  }
}

// Nothing happens between the last window and `until`: the run ends there all the same.
TEST(WindowedRun, EndsAtUntilEvenInAGap) {
  Toy toy(1, 100);
  toy.send(0, {10, 1, 0});
  toy.send(0, {5'000, 1, 0});
  std::vector<int64_t> asked;
  WindowedOptions options;
  options.until = at(3'330);
  options.on_window = [&](base::Time now) {
    asked.push_back(now.ps());
    return true;
  };
  const WindowedOutcome outcome = run_windowed(toy, options);
  EXPECT_EQ(outcome.end, at(3'330));
  EXPECT_EQ(outcome.windows, 1);
  EXPECT_EQ(asked, std::vector<int64_t>{100});
  EXPECT_FALSE(outcome.exhausted);
}

// Whether a message after `until` is handled must not depend on another one earlier in its window.
TEST(WindowedRun, AMessageAfterUntilIsLeftWhateverElseItsWindowHolds) {
  for (const bool early : {false, true}) {
    Toy toy(1, 100);
    if (early) toy.send(0, {510, 1, 0});
    toy.send(0, {590, 1, 0});
    WindowedOptions options;
    options.until = at(550);
    const WindowedOutcome outcome = run_windowed(toy, options);
    EXPECT_EQ(toy.states()[0].handled, early ? 1 : 0);
    EXPECT_EQ(outcome.end, at(550));
    EXPECT_FALSE(outcome.exhausted);
  }
}

// on_window is told of the cut-off window as well, and whoever stops there has stopped the run.
TEST(WindowedRun, StoppingInTheLastWindowIsStopping) {
  Toy toy(1, 100);
  for (int64_t when = 50; when < 2000; when += 100) toy.send(0, {when, 1, 0});
  std::vector<int64_t> asked;
  WindowedOptions options;
  options.until = at(260);
  options.on_window = [&](base::Time now) {
    asked.push_back(now.ps());
    return now < at(260);
  };
  const WindowedOutcome outcome = run_windowed(toy, options);
  EXPECT_EQ(asked, (std::vector<int64_t>{100, 200, 260}));
  EXPECT_TRUE(outcome.stopped);
  EXPECT_EQ(outcome.end, at(260));
}

TEST(WindowedRun, MoreThreadsThanPartitionsIsFine) {
  Toy toy(1, 100);
  for (int64_t when = 0; when < 1000; when += 100) toy.send(0, {when, 1, 0});
  WindowedOptions options;
  options.threads = 8;
  EXPECT_EQ(run_windowed(toy, options).windows, 10);
  EXPECT_EQ(toy.states()[0].handled, 10);
}

// A failed check in any worker says the seed and the time that the caller's thread registered.
TEST(WindowedRun, HelpersShareTheCheckContextOfTheirCaller) {
  class Asking final : public WindowedModel {
   public:
    uint32_t partition_count() const override { return 64; }
    base::Duration lookahead() const override { return base::Duration::ps(10); }
    bool has_work(uint32_t, const Window&) const override { return true; }
    void run(uint32_t, uint32_t worker, const Window&) override {
      const std::lock_guard lock(mutex_);
      seeds[worker] = base::check_context().seed;
    }
    base::Time next_time(const Window& w) override {
      return w.index > 2000 || seeds.size() == 3 ? base::Time::max() : w.end;
    }
    std::map<uint32_t, const unsigned long long*> seeds;

   private:
    std::mutex mutex_;
  } model;
  const unsigned long long seed = kSeed;
  base::check_context().seed = &seed;
  WindowedOptions options;
  options.threads = 3;
  run_windowed(model, options);
  base::check_context().seed = nullptr;
  for (const auto& [worker, seen] : model.seeds) EXPECT_EQ(seen, &seed) << "worker " << worker;
}

TEST(WindowedRunDeathTest, RefusesWhatCannotRun) {
  Toy toy(1, 0);
  EXPECT_DEATH(run_windowed(toy, {}), "positive lookahead");
  Toy fine(1, 10);
  WindowedOptions none;
  none.threads = 0;
  EXPECT_DEATH(run_windowed(fine, none), "a run needs a thread");
  class Forgetful final : public WindowedModel {
   public:
    uint32_t partition_count() const override { return 1; }
    base::Duration lookahead() const override { return base::Duration::ps(10); }
    bool has_work(uint32_t, const Window&) const override { return false; }
    void run(uint32_t, uint32_t, const Window&) override {}
    base::Time next_time(const Window& w) override { return w.begin; }
  } forgetful;
  EXPECT_DEATH(run_windowed(forgetful, {}), "left work behind");
}

// Runs out of memory in its third window, on whichever thread that is.
class Starving final : public WindowedModel {
 public:
  uint32_t partition_count() const override { return 4; }
  base::Duration lookahead() const override { return base::Duration::ps(10); }
  bool has_work(uint32_t, const Window&) const override { return true; }
  void run(uint32_t partition, uint32_t, const Window& w) override {
    if (w.index == 2 && partition == 3) throw std::bad_alloc();
  }
  base::Time next_time(const Window& w) override { return w.end; }
};

TEST(WindowedRun, MemoryThatRunsOutIsHeardOfByTheCaller) {
  for (const uint32_t threads : {1u, 3u}) {
    Starving model;
    WindowedOptions options;
    options.threads = threads;
    EXPECT_THROW(run_windowed(model, options), std::bad_alloc) << threads;
  }
}

}  // namespace
}  // namespace windtunnel::des
