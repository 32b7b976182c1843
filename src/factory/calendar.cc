#include "factory/calendar.h"

#include <algorithm>

namespace windtunnel::factory {
namespace {

struct Stretch {
  Duration begin;
  Duration end;
};

Duration within_week(Time at) { return Duration::ticks(at.ticks() % OpenHours::kWeek.ticks()); }

// The shift on one day, in at most two parts of one week.
void add_day(const Shift& shift, int64_t day, std::vector<Stretch>& stretches) {
  const Duration begin = OpenHours::kDay * (day - 1) + shift.from;
  Duration end = OpenHours::kDay * (day - 1) + shift.until;
  if (shift.until <= shift.from) end += OpenHours::kDay;
  stretches.push_back({begin, std::min(end, OpenHours::kWeek)});
  if (end > OpenHours::kWeek) stretches.push_back({Duration::zero(), end - OpenHours::kWeek});
}

std::vector<Stretch> week_of(const Calendar& calendar) {
  std::vector<Stretch> stretches;
  for (const Shift& shift : calendar.shifts) {
    const int64_t days = (shift.last_day - shift.first_day + 7) % 7 + 1;
    for (int64_t i = 0; i < days; ++i) {
      add_day(shift, (shift.first_day - 1 + i) % 7 + 1, stretches);
    }
  }
  std::sort(stretches.begin(), stretches.end(),
            [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
  return stretches;
}

}  // namespace

OpenHours::OpenHours(const Calendar& calendar) {
  std::vector<Stretch> merged;
  for (const Stretch& stretch : week_of(calendar)) {
    if (merged.empty() || merged.back().end < stretch.begin) {
      merged.push_back(stretch);
    } else {
      merged.back().end = std::max(merged.back().end, stretch.end);
    }
  }
  open_at_first_ = !merged.empty() && merged.back().end == kWeek;
  for (const Stretch& stretch : merged) {
    changes_.push_back(stretch.begin);
    changes_.push_back(stretch.end);
  }
  // Sunday's last minute and Monday's first belong together: the end of the week is no change of
  // its own, and a stretch that ends there ends at the begin of the next.
  if (!open_at_first_) return;
  changes_.pop_back();
  if (changes_.front() == Duration::zero()) {
    changes_.erase(changes_.begin());
  } else {
    changes_.insert(changes_.begin(), Duration::zero());
  }
}

// Changes of this week that are over at `in_week`.
size_t OpenHours::passed(Duration in_week) const {
  return static_cast<size_t>(std::upper_bound(changes_.begin(), changes_.end(), in_week) -
                             changes_.begin());
}

bool OpenHours::open(Time at) const { return (passed(within_week(at)) % 2 == 0) == open_at_first_; }

Time OpenHours::next_change(Time after) const {
  if (changes_.empty()) return Time::max();
  const Duration in_week = within_week(after);
  const Time week = after - in_week;
  const size_t next = passed(in_week);
  return next < changes_.size() ? week + changes_[next] : week + kWeek + changes_.front();
}

Duration OpenHours::left(Time at) const {
  if (!open(at)) return Duration::zero();
  const Time closing = next_change(at);
  return closing == Time::max() ? Duration::max() : closing - at;
}

Duration OpenHours::open_until(Time end) const {
  const auto within = [this](Duration in_week) {
    Duration sum;
    bool open = open_at_first_;
    Duration begin;
    for (const Duration change : changes_) {
      if (change >= in_week) break;
      if (open) sum += change - begin;
      begin = change;
      open = !open;
    }
    return open ? sum + (in_week - begin) : sum;
  };
  const int64_t weeks = end.since_start() / kWeek;
  return within(kWeek) * weeks + within(within_week(end));
}

Duration OpenHours::open_between(Time begin, Time end) const {
  return open_until(end) - open_until(begin);
}

}  // namespace windtunnel::factory
