#include "factory/machine_clock.h"

#include <utility>

namespace windtunnel::factory {
namespace {

constexpr int64_t kHour = int64_t{3600} * Tick::kPerSecond;

}  // namespace

void BarBook::add(Bar bar) {
  if (bars_.size() >= bars_max_) return;
  bar.begin = std::max(bar.begin, Time::at(Duration::ticks(begin_)));
  bar.end = std::min(bar.end, Time::at(Duration::ticks(end_)));
  if (bar.begin < bar.end) bars_.push_back(bar);
}

void StationClock::restart() {
  total_ = {};
  by_hour_ = {};
}

StateShares StationClock::shares_of(const StateTicks& ticks) {
  int64_t all = 0;
  for (const int64_t t : ticks) all += t;
  StateShares shares{};
  if (all == 0) return shares;
  for (size_t i = 0; i < ticks.size(); ++i) {
    shares[i] = static_cast<double>(ticks[i]) / static_cast<double>(all);
  }
  return shares;
}

StationProfile StationClock::profile() const {
  StationProfile profile;
  for (size_t hour = 0; hour < by_hour_.size(); ++hour) {
    profile.by_hour_of_day[hour] = shares_of(by_hour_[hour]);
  }
  profile.stretch = Duration::ticks(stretch_);
  for (const StateTicks& ticks : by_stretch_) profile.by_stretch.push_back(shares_of(ticks));
  return profile;
}

int64_t StationClock::cell_end(int64_t now) const {
  return std::min((now / kHour + 1) * kHour, (now / stretch_ + 1) * stretch_);
}

void StationClock::add(int64_t since, const StateTicks& ticks) {
  StateTicks& hour = by_hour_[static_cast<size_t>(since / kHour % 24)];
  const auto stretch = static_cast<size_t>(since / stretch_);
  for (size_t i = 0; i < ticks.size(); ++i) {
    total_[i] += ticks[i];
    hour[i] += ticks[i];
    if (stretch < by_stretch_.size()) by_stretch_[stretch][i] += ticks[i];
  }
}

void MachineClock::add_bar(int64_t now) {
  if (state_ == MachineState::kStarved || state_ == MachineState::kOff) return;
  bars_->add({station_index_, machine_, state_, item_, Time::at(Duration::ticks(bar_begin_)),
              Time::at(Duration::ticks(now))});
}

void MachineClock::flush() {
  station_->add(cell_begin_, cell_);
  cell_ = {};
}

// Books what lies in cells that have ended.
void MachineClock::fill_cells(int64_t now) {
  while (now > cell_end_) {
    cell_[static_cast<size_t>(state_)] += cell_end_ - changed_;
    flush();
    changed_ = cell_begin_ = cell_end_;
    cell_end_ = station_->cell_end(changed_);
  }
}

void MachineClock::settle(Time now) {
  spend(now.ticks());
  flush();
  cell_begin_ = now.ticks();
  cell_end_ = station_->cell_end(now.ticks());
  if (bar_begin_ < now.ticks()) bar(now.ticks());
  bar_begin_ = now.ticks();
}

}  // namespace windtunnel::factory
