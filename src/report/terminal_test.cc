#include "report/terminal.h"

#include <gtest/gtest.h>

#include <sstream>

#include "report/fixture.h"
#include "report/text.h"

namespace windtunnel::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Terminal, NamesTheBottleneckInWords) {
  const std::string text = to_terminal(fixture_measurements(), {});
  EXPECT_THAT(text,
              HasSubstr("Limited by downlinks from leaf to host (leaf 117, port 9) for 72 %"));
  EXPECT_THAT(text, HasSubstr("Next: uplinks from host to leaf 18 %, propagation 10 %."));
}

TEST(Terminal, KeyFiguresComeFirstAndValuesAlign) {
  const std::string text = to_terminal(fixture_measurements(), {});
  EXPECT_LT(text.find("Goodput of all hosts"), text.find("Flow completion, median"));
  EXPECT_THAT(text, HasSubstr("57.17 µs ± 0.04 µs"));
  std::istringstream lines(text);
  std::set<size_t> widths;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  ")) widths.insert(display_width(line));
  }
  EXPECT_EQ(widths.size(), 1U) << text;
}

TEST(Terminal, LinesKeepToTheWidth) {
  std::istringstream lines(to_terminal(fixture_measurements(), {.colour = false, .columns = 60}));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  ") && !line.starts_with("windtunnel")) {
      EXPECT_LE(display_width(line), 60U) << line;
    }
  }
}

TEST(Terminal, ColourOnlyOnRequest) {
  EXPECT_THAT(to_terminal(fixture_measurements(), {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(to_terminal(fixture_measurements(), {.colour = true}), HasSubstr("\x1b[1m"));
}

TEST(Terminal, AScenarioCannotRepaintTheTerminal) {
  Measurements m = fixture_measurements();
  m.title = "\x1b[31mred\nsecond";
  m.bottleneck.what = "a\x1b[2Jb";
  EXPECT_THAT(to_terminal(m, {}), Not(HasSubstr("\x1b")));
}

TEST(Terminal, AnUnknownBottleneckIsSaid) {
  EXPECT_EQ(bottleneck_sentence({}), "What limited this run is not known.");
  EXPECT_EQ(runners_sentence({}), "");
}

TEST(Terminal, ShowsTheFirstFiguresAndCountsTheRest) {
  Measurements m = fixture_measurements();
  for (int i = 0; i < 60; ++i) m.metrics.push_back({"more." + std::to_string(i), 1.0 * i});
  const std::string text = to_terminal(m, {});
  EXPECT_THAT(text, HasSubstr("more.5"));
  EXPECT_THAT(text, HasSubstr("more figures with --json or --out"));
  EXPECT_THAT(text, Not(HasSubstr("more.59")));
}

TEST(Terminal, SharesOfAWholeAreATable) {
  Measurements m = fixture_measurements();
  m.series.clear();
  Stack stack;
  stack.parts = {"working", "setup", "off"};
  stack.rows = {{"press", {0.75, 0.25, 0}}, {"test", {1, 0, 0}}};
  m.series.push_back({"states", "What stations did", "", stack});
  EXPECT_THAT(to_terminal(m, {}), HasSubstr("What stations did\n"
                                            "  %      working  setup\n"
                                            "  press     75.0   25.0\n"
                                            "  test     100.0      –\n"));
}

TEST(HumanWithInterval, GoesAsFarAsTheUncertainty) {
  const auto text = [](double value, double ci95, const char* unit) {
    return human_with_interval({.name = "m", .value = value, .unit = unit, .ci95 = ci95});
  };
  EXPECT_EQ(text(57.2412e-6, 0.04e-6, "s"), "57.24 µs ± 0.04 µs");
  EXPECT_EQ(text(57.2412e-6, 4e-6, "s"), "57.2 µs ± 4 µs");
  EXPECT_EQ(text(0.5, 0.01, "share"), "50 % ± 1 %");
  EXPECT_EQ(text(1000, 0.5, "1"), "1,000 ± 0.5");
  EXPECT_EQ(human_with_interval({.name = "m", .value = 66e-6, .unit = "s"}), "66.0 µs");
}

TEST(Wrapped, BreaksBetweenWordsAndKeepsLongOnes) {
  EXPECT_EQ(wrapped("one two  three", 7), "one two\nthree\n");
  EXPECT_EQ(wrapped("a verylongword b", 5), "a\nverylongword\nb\n");
  EXPECT_EQ(wrapped("", 5), "\n");
  EXPECT_EQ(wrapped("µµµ µ", 5), "µµµ µ\n");
}

TEST(TextTable, AlignsColumns) {
  EXPECT_EQ(text_table({{"name", "a", "b"}, {"x", "1.0 µs", ""}}, Paint(false)),
            "name        a   b\n"
            "x      1.0 µs\n");
}

}  // namespace
}  // namespace windtunnel::report
