// When a calendar is open, as arithmetic: a week of stretches that repeats, from Monday 00:00, when
// the run begins. No state and no events; who has to act at a change waits for next_change().
#pragma once

#include <cstddef>
#include <vector>

#include "factory/plant.h"

namespace windtunnel::factory {

class OpenHours {
 public:
  static constexpr Duration kDay = Duration::s(86'400);
  static constexpr Duration kWeek = Duration::s(7 * 86'400);

  OpenHours() = default;  // always open
  // Overlapping and touching shifts are one stretch. A shift that ends when it begins is 24 hours
  // long, and one from day 6 to day 1 is worked on Saturday, Sunday and Monday. Without shifts it
  // is never open.
  explicit OpenHours(const Calendar& calendar);

  bool always() const { return changes_.empty() && open_at_first_; }
  bool never() const { return changes_.empty() && !open_at_first_; }
  // At a change, what holds from then on.
  bool open(Time at) const;
  // The first change after `after`; Time::max() when there is none.
  Time next_change(Time after) const;
  // Until the next closing; zero when closed, Duration::max() when always open.
  Duration left(Time at) const;
  Duration open_between(Time begin, Time end) const;
  Duration open_per_week() const { return open_until(Time::at(kWeek)); }

 private:
  Duration open_until(Time end) const;  // since the start
  size_t passed(Duration in_week) const;

  std::vector<Duration> changes_;  // within a week, ascending, opening and closing in turn
  bool open_at_first_ = true;      // before the first change of the week
};

}  // namespace windtunnel::factory
