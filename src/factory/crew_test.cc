#include "factory/crew.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/random.h"
#include "tests/support/episodes.h"

namespace windtunnel::factory {
namespace {

constexpr Duration hours(int64_t n) { return Duration::s(3600 * n); }
constexpr Time day_at(int64_t day, int64_t hour) { return Time::at(hours(24 * (day - 1) + hour)); }
OpenHours day_shift() { return OpenHours({"day", {{1, 5, hours(8), hours(16)}}}); }

struct Call {
  Time at;
  Duration length;
  Duty terms;
  Time done = Time::max();
};

des::Process make_call(Sim& sim, Roster& crew, Call& call) {
  co_await sim.until(call.at);
  co_await crew.serve(call.length, call.terms);
  call.done = sim.now();
}

void run(Sim& sim, Roster& crew, std::vector<Call>& calls, Time end) {
  for (Call& call : calls) sim.spawn(make_call(sim, crew, call));
  sim.run_until(end);
}

TEST(Roster, WorkWaitsForTheShiftAndGoesOnInTheNext) {
  Sim sim;
  Roster crew(sim, 1, day_shift());
  std::vector<Call> calls = {{day_at(5, 14), hours(10), {}}, {day_at(1, 2), hours(3), {}}};
  run(sim, crew, calls, day_at(15, 0));
  EXPECT_EQ(calls[0].done, day_at(8, 16));  // two hours of Friday, all of Monday
  EXPECT_EQ(calls[1].done, day_at(1, 11));
}

TEST(Roster, WorkThatEndsWithTheShiftEndsToday) {
  Sim sim;
  Roster crew(sim, 1, day_shift());
  std::vector<Call> calls = {{day_at(1, 8), hours(8), {}}};
  run(sim, crew, calls, day_at(3, 0));
  EXPECT_EQ(calls[0].done, day_at(1, 16));
}

TEST(Roster, WhoFinishesKeepsTheHeadAfterTheShift) {
  Sim sim;
  Roster crew(sim, 1, day_shift());
  std::vector<Call> calls = {{day_at(1, 15), hours(20), {.finishes = true}},
                             {day_at(1, 20), hours(1), {}}};
  run(sim, crew, calls, day_at(3, 0));
  EXPECT_EQ(calls[0].done, day_at(2, 11));  // still at work when the next shift begins
  EXPECT_EQ(calls[1].done, day_at(2, 12));
}

TEST(Roster, APreemptedRepairGoesOnWhereItWasAndBeforeItsEquals) {
  Sim sim;
  Roster crew(sim, 1, {});
  std::vector<Call> calls = {{day_at(1, 0), hours(10), {.priority = 5}},
                             {day_at(1, 1), hours(1), {.priority = 5}},
                             {day_at(1, 4), hours(2), {.priority = 1, .preempts = true}},
                             {day_at(1, 5), hours(1), {.priority = 2}}};
  run(sim, crew, calls, day_at(3, 0));
  EXPECT_EQ(calls[2].done, day_at(1, 6));
  EXPECT_EQ(calls[3].done, day_at(1, 7));   // better priority, but it takes nothing from others
  EXPECT_EQ(calls[0].done, day_at(1, 13));  // 4 h before, 6 h after
  EXPECT_EQ(calls[1].done, day_at(1, 14));
}

TEST(Roster, DoesNotPreemptItsEquals) {
  Sim sim;
  Roster crew(sim, 1, {});
  std::vector<Call> calls = {{day_at(1, 0), hours(4), {.priority = 1, .preempts = true}},
                             {day_at(1, 1), hours(4), {.priority = 1, .preempts = true}}};
  run(sim, crew, calls, day_at(3, 0));
  EXPECT_EQ(calls[0].done, day_at(1, 4));
  EXPECT_EQ(calls[1].done, day_at(1, 8));
}

TEST(Roster, ThoseCalledAwayGoOnInTheOrderTheyBegan) {
  Sim sim;
  Roster crew(sim, 2, day_shift());
  std::vector<Call> calls = {{day_at(1, 14), hours(8), {}},
                             {day_at(1, 15), hours(4), {}},
                             {day_at(1, 17), hours(1), {.priority = -1}}};
  run(sim, crew, calls, day_at(4, 0));
  EXPECT_EQ(calls[2].done, day_at(2, 9));
  EXPECT_EQ(calls[0].done, day_at(2, 14));
  EXPECT_EQ(calls[1].done, day_at(2, 12));  // the head that came free at nine, and three hours left
}

// One head, all pre-empt: whoever is best by priority and arrival is served whenever the shift is
// on. Walked from event to event.
std::vector<Time> serve_slowly(const std::vector<Call>& calls, const OpenHours& open, Time end) {
  std::vector<Duration> left;
  std::vector<Time> done(calls.size(), Time::max());
  for (const Call& call : calls) left.push_back(call.length);
  for (Time now; now < end;) {
    Time next = std::min(end, open.next_change(now));
    std::optional<size_t> best;
    for (size_t i = 0; i < calls.size(); ++i) {
      if (calls[i].at > now) next = std::min(next, calls[i].at);
      if (calls[i].at > now || left[i] == Duration::zero()) continue;
      const auto rank = [&](size_t c) { return std::pair(calls[c].terms.priority, calls[c].at); };
      if (!best || rank(i) < rank(*best)) best = i;
    }
    if (best && open.open(now)) {
      next = std::min(next, now + left[*best]);
      left[*best] -= next - now;
      if (left[*best] == Duration::zero()) done[*best] = next;
    }
    now = next;
  }
  return done;
}

TEST(Roster, AgreesWithASlowServerOfPriorities) {
  constexpr uint64_t kSeed = 5;
  SCOPED_TRACE(kSeed);
  base::RandomStream random(kSeed, "calls");
  const OpenHours open({"odd", {{1, 5, hours(8), hours(16)}, {2, 4, hours(20), hours(3)}}});
  const Time end = day_at(29, 0);
  for (int64_t episode = 0; episode < windtunnel::testing::episodes(100); ++episode) {
    std::vector<Call> calls(20);
    for (Call& call : calls) {
      call.at = Time::at(Duration::ticks(static_cast<int64_t>(random.below(14 * 86'400'000'000))));
      call.length = Duration::ticks(static_cast<int64_t>(1 + random.below(30'000'000'000)));
      call.terms = {.priority = static_cast<int64_t>(random.below(4)), .preempts = true};
    }
    const std::vector<Time> expected = serve_slowly(calls, open, end);
    Sim sim;
    Roster crew(sim, 1, open);
    run(sim, crew, calls, end);
    for (size_t i = 0; i < calls.size(); ++i) {
      ASSERT_EQ(calls[i].done, expected[i]) << "episode " << episode << ", call " << i;
    }
  }
}

// Several heads: no work is lost or done twice, none is done off shift, and no head rests while
// somebody waits for it.
TEST(Roster, KeepsItsHeadsBusyAndLosesNoWork) {
  constexpr uint64_t kSeed = 6;
  SCOPED_TRACE(kSeed);
  base::RandomStream random(kSeed, "calls");
  for (int64_t episode = 0; episode < windtunnel::testing::episodes(100); ++episode) {
    Sim sim;
    const auto count = static_cast<int64_t>(1 + random.below(4));
    Roster crew(sim, count, day_shift());
    std::vector<Call> calls(40);
    Duration work;
    for (Call& call : calls) {
      call.length = Duration::ticks(static_cast<int64_t>(1 + random.below(40'000'000'000)));
      call.terms = {.priority = static_cast<int64_t>(random.below(3)),
                    .preempts = random.below(2) == 0};
      work += call.length;
    }
    run(sim, crew, calls, day_at(15, 0));
    const auto done = static_cast<int64_t>(crew.busy().area(sim.now_ticks()));
    // Two weeks of five shifts of eight hours, unless there was too little to do.
    const Duration offered = hours(80) * count;
    Duration longest;
    for (const Call& call : calls) longest = std::max(longest, call.length);
    ASSERT_LE(done, std::min(work, offered).ticks());
    ASSERT_GE(done, std::min(work, offered - longest * count).ticks());
    if (std::all_of(calls.begin(), calls.end(),
                    [](const Call& call) { return call.done < Time::max(); })) {
      ASSERT_EQ(done, work.ticks());
    }
  }
}

}  // namespace
}  // namespace windtunnel::factory
