#include "des/windowed_run.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <exception>
#include <thread>
#include <vector>

#include "base/check.h"

namespace windtunnel::des {
namespace {

Window window_at(base::Time t, base::Duration lookahead, base::Time until) {
  Window window;
  window.index = t.ticks() / lookahead.ticks();
  window.begin = base::Time::at(lookahead * window.index);
  window.end = std::min(window.begin + lookahead, until);
  return window;
}

// What the workers share. The barrier's completion step, run by exactly one thread while the others
// wait, chooses the next window.
class Crew {
 public:
  Crew(WindowedModel& model, const WindowedOptions& options)
      : model_(model),
        options_(options),
        partitions_(model.partition_count()),
        gate_(static_cast<ptrdiff_t>(options.threads), Advance{this}) {
    go_to(base::Time::zero());
  }

  WindowedOutcome run() {
    std::vector<std::jthread> helpers;
    for (uint32_t worker = 1; worker < options_.threads; ++worker) {
      helpers.emplace_back([this, worker, context = base::check_context()] {
        base::check_context() = context;
        work(worker);
      });
    }
    work(0);
    helpers.clear();
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    model_.finish(outcome_.end);
    return outcome_;
  }

 private:
  struct Advance {
    Crew* crew;
    void operator()() noexcept { crew->advance_or_fail(); }
  };

  void work(uint32_t worker) {
    while (!done_) {
      for (uint32_t p = next_.fetch_add(1, std::memory_order_relaxed); p < partitions_;
           p = next_.fetch_add(1, std::memory_order_relaxed)) {
        run_partition(p, worker);
      }
      if (options_.threads == 1) {
        advance_or_fail();
      } else {
        gate_.arrive_and_wait();
      }
    }
  }

  // Memory may run out on any thread; whoever called run() hears of it.
  void fail() {
    if (!failed_.exchange(true)) failure_ = std::current_exception();
  }
  void run_partition(uint32_t partition, uint32_t worker) {
    if (failed_.load(std::memory_order_relaxed)) return;
    try {
      if (model_.has_work(partition, window_)) model_.run(partition, worker, window_);
    } catch (...) {
      fail();
    }
  }
  void advance_or_fail() noexcept {
    try {
      if (!failed_.load()) advance();
    } catch (...) {
      fail();
    }
    done_ = done_ || failed_.load();
  }

  void advance() {
    ++outcome_.windows;
    outcome_.end = window_.end;
    next_.store(0, std::memory_order_relaxed);
    if (options_.on_window && !options_.on_window(window_.end)) {
      outcome_.stopped = true;
      done_ = true;
      return;
    }
    const base::Time next = model_.next_time(window_);
    WT_CHECK(next >= window_.end, "a partition left work behind in a finished window");
    if (next == base::Time::max()) {
      outcome_.exhausted = true;
      done_ = true;
    } else {
      go_to(next);
    }
  }
  // The window of something that happens at `next`, or the end.
  void go_to(base::Time next) {
    if (next >= options_.until) {
      outcome_.end = options_.until;
      done_ = true;
    } else {
      window_ = window_at(next, model_.lookahead(), options_.until);
    }
  }

  WindowedModel& model_;
  const WindowedOptions& options_;
  const uint32_t partitions_;
  Window window_;
  WindowedOutcome outcome_;
  bool done_ = false;
  std::atomic<uint32_t> next_{0};
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;
  std::barrier<Advance> gate_;
};

}  // namespace

WindowedOutcome run_windowed(WindowedModel& model, const WindowedOptions& options) {
  WT_CHECK(options.threads >= 1, "a run needs a thread");
  WT_CHECK(model.lookahead() > base::Duration::zero(), "a windowed run needs a positive lookahead");
  Crew crew(model, options);
  return crew.run();
}

}  // namespace windtunnel::des
