// How long a machine was in which state: exact sums of ticks, for a station since the last restart,
// by hour of the day, and by stretch of the run. Bars of a Gantt chart fall out of it.
//
// Two hands write it. Whoever works the machine sets its state; whoever looks after it covers that
// with kDown or kOff while it lasts. What counts is the cover if there is one.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/check.h"
#include "factory/model.h"
#include "factory/outcome.h"

namespace windtunnel::factory {

using StateTicks = std::array<int64_t, kMachineStates>;

// The Gantt chart of all machines.
class BarBook {
 public:
  BarBook() = default;
  BarBook(const std::optional<GanttWindow>& window, size_t bars_max) : bars_max_(bars_max) {
    if (!window) return;
    begin_ = window->begin.ticks();
    end_ = window->end.ticks();
    bars_.reserve(std::min<size_t>(bars_max, 4096));
  }
  // Some of a bar from `begin` to `end` ticks lies in the window.
  bool shows(int64_t begin, int64_t end) const { return begin < end_ && end > begin_; }
  // A bar cut to the window; dropped outside it and beyond the maximum.
  void add(Bar bar);
  std::vector<Bar> take() { return std::move(bars_); }

 private:
  int64_t begin_ = 0;  // of the window, in ticks; nothing lies in an empty one
  int64_t end_ = 0;
  size_t bars_max_ = 0;
  std::vector<Bar> bars_;
};

// The sums of all machines of a station.
class StationClock {
 public:
  StationClock() = default;
  // The run ends at `end`, cut into stretches of that length.
  StationClock(Duration stretch, Time end)
      : stretch_(stretch.ticks()),
        by_stretch_(static_cast<size_t>((end.ticks() + stretch_ - 1) / stretch_)) {}

  // Forgets all but the stretches.
  void restart();
  const StateTicks& total() const { return total_; }
  StateShares shares() const { return shares_of(total_); }
  StationProfile profile() const;

 private:
  friend class MachineClock;
  static StateShares shares_of(const StateTicks& ticks);
  // When the hour or the stretch that `now` lies in ends.
  int64_t cell_end(int64_t now) const;
  void add(int64_t since, const StateTicks& ticks);

  int64_t stretch_ = 1;
  StateTicks total_{};
  std::array<StateTicks, 24> by_hour_{};
  std::vector<StateTicks> by_stretch_;
};

class MachineClock {
 public:
  MachineClock(StationClock& station, BarBook& bars, uint32_t station_index, uint32_t machine)
      : station_(&station), bars_(&bars), station_index_(station_index), machine_(machine) {
    cell_end_ = station.cell_end(0);
  }

  // What it does, and on which item.
  void set(Time now, MachineState state, int32_t item = -1) {
    if (!covered_) change(now.ticks(), state, item);
    own_ = state;
    own_item_ = item;
  }
  void cover(Time now, MachineState state) {
    change(now.ticks(), state, own_item_);
    covered_ = true;
  }
  void uncover(Time now) {
    covered_ = false;
    change(now.ticks(), own_, own_item_);
  }
  MachineState own() const { return own_; }
  MachineState state() const { return state_; }

  // Books the time up to now: before the station's clock is read or restarted.
  void settle(Time now);

 private:
  // HOT: at most twice per operation. A new cell begins every hour at most.
  void change(int64_t now, MachineState state, int32_t item) {
    spend(now);
    if (state == state_ && item == item_) return;
    if (bar_begin_ < now) bar(now);
    bar_begin_ = now;
    state_ = state;
    item_ = item;
  }
  void spend(int64_t now) {
    if (now > cell_end_) [[unlikely]]
      fill_cells(now);
    cell_[static_cast<size_t>(state_)] += now - changed_;
    changed_ = now;
  }
  void fill_cells(int64_t now);
  void flush();
  void bar(int64_t now) {
    if (bars_->shows(bar_begin_, now)) [[unlikely]]
      add_bar(now);
  }
  void add_bar(int64_t now);

  StationClock* station_;
  BarBook* bars_;
  int64_t changed_ = 0;     // up to where the time is booked
  int64_t cell_begin_ = 0;  // of what is in cell_
  int64_t cell_end_ = 0;
  StateTicks cell_{};
  int64_t bar_begin_ = 0;
  uint32_t station_index_;
  uint32_t machine_;
  int32_t item_ = -1;
  int32_t own_item_ = -1;
  MachineState state_ = MachineState::kStarved;
  MachineState own_ = MachineState::kStarved;
  bool covered_ = false;
};

}  // namespace windtunnel::factory
