#include "study/progress.h"

#include <gtest/gtest.h>

#include "report/text.h"

namespace windtunnel::study {
namespace {

constexpr Progress kHalf{.simulated_seconds = 12.34e-6, .done = 0.5, .events = 8'200'000};

TEST(ProgressLine, SaysTimeRateAndWhatIsLeft) {
  EXPECT_EQ(progress_line(kHalf, 2.0, 120),
            "[#####-----]  50 %  simulated 12.3 µs  4.1 M events/s  about 2 s left");
}

TEST(ProgressLine, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(progress_line({.simulated_seconds = 1e-3, .events = 1000}, 4.0, 120),
            "simulated 1.00 ms  250 events/s");
  EXPECT_EQ(progress_line({}, 0, 120), "simulated 0 s");
}

TEST(ProgressLine, CountsTheRunsOfASweep) {
  EXPECT_EQ(progress_line({.done = 0.25, .runs_done = 3, .runs_total = 12}, 3.0, 200),
            "[##--------]  25 %  3 of 12 runs  simulated 0 s  about 9 s left");
}

TEST(ProgressLine, NeverWrapsATerminal) {
  for (int columns = 0; columns < 120; ++columns) {
    EXPECT_LE(report::display_width(progress_line(kHalf, 2.0, columns)),
              static_cast<size_t>(columns));
  }
}

TEST(ProgressLine, EverythingFitsIntoEightyColumns) {
  const Progress slow{.simulated_seconds = 123e-6, .done = 0.0123, .events = 987'654'321};
  EXPECT_THAT(progress_line(slow, 100, 79), testing::EndsWith("about 2 h 14 min left"));
}

TEST(ProgressLine, MoreThanAllIsAll) {
  EXPECT_EQ(progress_line({.done = 1.7}, 2.0, 120).substr(0, 18), "[##########] 100 %");
}

TEST(StoppedText, SaysWhatWasSimulated) {
  EXPECT_EQ(stopped_text(kHalf),
            "stopped after 12.3 µs of simulated time (8,200,000 events); nothing was written");
  EXPECT_EQ(stopped_text({.runs_done = 3, .runs_total = 12}),
            "stopped after 3 of 12 runs; nothing was written");
}

}  // namespace
}  // namespace windtunnel::study
