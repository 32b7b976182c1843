#include "factory/calendar.h"

#include <gtest/gtest.h>

#include <array>

#include "base/random.h"
#include "tests/support/episodes.h"

namespace windtunnel::factory {
namespace {

constexpr int64_t kMinutes = 7 * 24 * 60;

constexpr Duration minutes(int64_t n) { return Duration::s(60 * n); }
constexpr Duration hours(int64_t n) { return minutes(60 * n); }
constexpr Time day_at(int64_t day, int64_t hour) { return Time::at(hours(24 * (day - 1) + hour)); }

TEST(OpenHours, AlwaysWithoutACalendarAndNeverWithoutShifts) {
  const OpenHours always;
  EXPECT_TRUE(always.always());
  EXPECT_TRUE(always.open(day_at(3, 3)));
  EXPECT_EQ(always.next_change(Time::zero()), Time::max());
  EXPECT_EQ(always.left(day_at(3, 3)), Duration::max());
  EXPECT_EQ(always.open_between(day_at(2, 0), day_at(9, 5)), hours(24 * 7 + 5));
  const OpenHours never{Calendar{}};
  EXPECT_TRUE(never.never());
  EXPECT_FALSE(never.open(day_at(3, 3)));
  EXPECT_EQ(never.next_change(Time::zero()), Time::max());
  EXPECT_EQ(never.open_per_week(), Duration::zero());
}

TEST(OpenHours, OneShiftOnWeekdays) {
  const OpenHours day({"day", {{1, 5, hours(8), hours(16)}}});
  EXPECT_FALSE(day.open(day_at(1, 7)));
  EXPECT_TRUE(day.open(day_at(1, 8)));
  EXPECT_FALSE(day.open(day_at(1, 16)));
  EXPECT_FALSE(day.open(day_at(6, 10)));
  EXPECT_EQ(day.next_change(day_at(1, 8)), day_at(1, 16));
  EXPECT_EQ(day.next_change(day_at(5, 16)), day_at(8, 8));
  EXPECT_EQ(day.left(day_at(2, 13)), hours(3));
  EXPECT_EQ(day.open_per_week(), hours(40));
  // Two hours of Friday, and Monday and Tuesday of the next week.
  EXPECT_EQ(day.open_between(day_at(5, 14), day_at(10, 0)), hours(18));
}

// The night from Sunday to Monday belongs to both weeks and has no change at their border.
TEST(OpenHours, NightsThatCrossTheWeek) {
  const OpenHours night({"night", {{1, 7, hours(22), hours(6)}}});
  EXPECT_TRUE(night.open(Time::zero()));
  EXPECT_EQ(night.next_change(Time::zero()), day_at(1, 6));
  EXPECT_EQ(night.next_change(day_at(7, 22)), day_at(8, 6));
  EXPECT_EQ(night.open_per_week(), hours(56));
}

TEST(OpenHours, ShiftsThatTouchAreOneStretch) {
  const OpenHours three(
      {"three",
       {{1, 7, hours(6), hours(14)}, {1, 7, hours(14), hours(22)}, {1, 7, hours(22), hours(6)}}});
  EXPECT_TRUE(three.always());
  const OpenHours whole({"whole", {{1, 7, hours(0), hours(24)}}});
  EXPECT_TRUE(whole.always());
  const OpenHours week_end({"week end", {{6, 1, hours(0), hours(0)}}});
  EXPECT_EQ(week_end.next_change(Time::zero()), day_at(2, 0));
  EXPECT_EQ(week_end.next_change(day_at(6, 0)), day_at(9, 0));
}

// Against a week written out minute by minute.
TEST(OpenHours, AgreesWithAWeekOfMinutes) {
  constexpr uint64_t kSeed = 11;
  SCOPED_TRACE(kSeed);
  base::RandomStream random(kSeed, "calendars");
  for (int64_t episode = 0; episode < windtunnel::testing::episodes(300); ++episode) {
    Calendar calendar{"any", {}};
    std::array<bool, kMinutes> open{};
    for (uint64_t shifts = random.below(5); shifts > 0; --shifts) {
      Shift shift;
      shift.first_day = 1 + static_cast<int64_t>(random.below(7));
      shift.last_day = 1 + static_cast<int64_t>(random.below(7));
      const auto from = static_cast<int64_t>(30 * random.below(48));
      const auto until = static_cast<int64_t>(30 * random.below(49));
      shift.from = minutes(from);
      shift.until = minutes(until);
      calendar.shifts.push_back(shift);
      for (int64_t day = shift.first_day;; day = day % 7 + 1) {
        const int64_t length = until > from ? until - from : until + 1440 - from;
        for (int64_t m = 0; m < length; ++m)
          open[static_cast<size_t>(((day - 1) * 1440 + from + m) % kMinutes)] = true;
        if (day == shift.last_day) break;
      }
    }
    const OpenHours hours_of(calendar);
    const auto is_open = [&](int64_t minute) {
      return open[static_cast<size_t>(minute % kMinutes)];
    };
    const auto begin = static_cast<int64_t>(random.below(3 * kMinutes));
    const auto end = begin + static_cast<int64_t>(random.below(2 * kMinutes));
    int64_t sum = 0;
    for (int64_t m = begin; m < end; ++m) sum += is_open(m) ? 1 : 0;
    ASSERT_EQ(hours_of.open_between(Time::at(minutes(begin)), Time::at(minutes(end))),
              minutes(sum));
    ASSERT_EQ(hours_of.open(Time::at(minutes(begin))), is_open(begin));
    int64_t change = begin + 1;
    while (change < begin + 2 * kMinutes && is_open(change) == is_open(begin)) ++change;
    ASSERT_EQ(hours_of.next_change(Time::at(minutes(begin))),
              change == begin + 2 * kMinutes ? Time::max() : Time::at(minutes(change)));
  }
}

}  // namespace
}  // namespace windtunnel::factory
