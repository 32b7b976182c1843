#include "base/result.h"

#include "base/check.h"

namespace windtunnel::base {
namespace {

Error error(const char* file, int line, int column, const char* message, const char* hint = "") {
  Error e;
  e.mark.file = file;
  e.mark.line = line;
  e.mark.column = column;
  e.message = message;
  e.hint = hint;
  return e;
}

TEST(Error, SaysWhereWhatAndTheWayOut) {
  EXPECT_EQ(error("a.yaml", 3, 7, "found 5, expected 6", "try 6").to_string(),
            "a.yaml:3:7: found 5, expected 6 (try 6)");
  EXPECT_EQ(error("a.yaml", 3, 0, "m").to_string(), "a.yaml:3: m");
  EXPECT_EQ(error("a.yaml", 0, 0, "m").to_string(), "a.yaml: m");
  EXPECT_EQ(error("", 0, 0, "m", "h").to_string(), "m (h)");
}

TEST(Error, AllOfThemInOrderOfPlace) {
  EXPECT_EQ(to_string({error("a", 10, 1, "third"), error("a", 9, 2, "second"),
                       error("a", 9, 1, "first"), error("a", 10, 1, "fourth, as given")}),
            "a:9:1: first\na:9:2: second\na:10:1: third\na:10:1: fourth, as given\n");
}

TEST(Result, CarriesAValueOrAnError) {
  const Result<int> good = 5;
  const Result<int> bad = fail({"f", 1, 2}, "no", "yes");
  EXPECT_EQ(*good, 5);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().to_string(), "f:1:2: no (yes)");
  const Status status = fail("no");
  EXPECT_EQ(status.error().message, "no");
}

// A failed check says the seed and the time of the world that was running.
TEST(CheckDeathTest, SaysWhatTheProgramWasAt) {
  const auto fail_a_check = [] {
    const unsigned long long seed = 77;
    const long long now = 123;
    check_context() = {&seed, &now};
    const int two = 2;
    WT_CHECK(two == 3, "arithmetic");
  };
  EXPECT_DEATH(fail_a_check(), "arithmetic(.|\n)*two == 3(.|\n)*seed 77(.|\n)*time 123 ps");
  WT_CHECK(true, "not reached");
}

}  // namespace
}  // namespace windtunnel::base
