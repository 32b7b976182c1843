// Conservative parallel execution in windows.
//
// A model is cut into partitions along links. Nothing one partition does can reach another sooner
// than the lookahead (the shortest link latency), so all partitions may run the window
// [k * lookahead, (k + 1) * lookahead) independently, in any order, on any thread; what they send
// arrives in a later window. Results therefore do not depend on the number of threads. With one
// thread the same windows run one partition after the other, which is also what makes a partition's
// working set fit the cache.
//
// Windows in which nothing happens are skipped. The last window is cut off where the run is to end.
#pragma once

#include <cstdint>
#include <functional>

#include "base/units.h"

namespace windtunnel::des {

// [begin, end), index = begin / lookahead. end = begin + lookahead, or the end of the run if that
// is sooner.
struct Window {
  int64_t index = 0;
  base::Time begin;
  base::Time end;
};

// What the executor needs of a model. Virtual calls happen per partition and window, never per
// event.
class WindowedModel {
 public:
  virtual ~WindowedModel() = default;
  virtual uint32_t partition_count() const = 0;
  virtual base::Duration lookahead() const = 0;
  // Whether `partition` has messages or work of its own inside the window.
  virtual bool has_work(uint32_t partition, const Window& window) const = 0;
  // Runs everything of `partition` inside the window. `worker` numbers the calling thread from 0;
  // the same partition is never run by two workers in one window.
  virtual void run(uint32_t partition, uint32_t worker, const Window& window) = 0;
  // Earliest time at or after `window.end` at which anything happens; Time::max() when nothing
  // will. Called between windows, by one thread, while no partition runs. A time that is too early
  // but in the right window will do.
  virtual base::Time next_time(const Window& window) = 0;
  // The run is over and the clock stands at `end`: what is measured over time can be closed. Called
  // once, unless the run failed.
  virtual void finish(base::Time end) { (void)end; }
};

struct WindowedOptions {
  uint32_t threads = 1;
  base::Time until = base::Time::max();  // what happens at this time or later is not run
  // Called between windows, by one thread (any of the workers) while no partition runs; returning
  // false stops the run.
  std::function<bool(base::Time now)> on_window;
};

struct WindowedOutcome {
  // `until` when that was reached, else the end of the last window run.
  base::Time end;
  int64_t windows = 0;
  bool stopped = false;    // on_window said so
  bool exhausted = false;  // nothing was left to do, at whatever time
};

// Runs `model` from time zero. Shape: threads >= 1; lookahead > 0 (checked).
WindowedOutcome run_windowed(WindowedModel& model, const WindowedOptions& options);

}  // namespace windtunnel::des
