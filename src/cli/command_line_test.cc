#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

#include "cli/progress_bar.h"

namespace windtunnel::cli {
namespace {

using testing::HasSubstr;

// What was printed to a temporary stream.
class Capture {
 public:
  std::FILE* stream() { return file_; }
  std::string text() {
    std::fflush(file_);
    std::rewind(file_);
    std::string text(1 << 16, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file_));
    return text;
  }
  ~Capture() { std::fclose(file_); }

 private:
  std::FILE* file_ = std::tmpfile();
};

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    console_.out = out_.stream();
    console_.err = err_.stream();
    commands_.run = [this](const study::RunOptions& options, study::Observer& observer) {
      seen_ = options;
      stop_seen_ = observer.stop_requested();
      return outcome_;
    };
  }
  int call(const std::vector<std::string>& arguments) {
    return run_command_line(arguments, commands_, console_);
  }
  Capture out_;
  Capture err_;
  Console console_;
  Commands commands_;
  study::Outcome outcome_;
  study::RunOptions seen_;
  bool stop_seen_ = false;
};

TEST_F(CommandLineTest, PrintsWhatTheCommandSays) {
  outcome_ = {.out = "result\n", .err = "warning\n", .exit = study::ExitCode::kFellShort};
  console_.style = {.colour = true, .columns = 132};
  EXPECT_EQ(call({"run", "a.yaml"}), 1);
  EXPECT_EQ(out_.text(), "result\n");
  EXPECT_EQ(err_.text(), "warning\n");
  EXPECT_EQ(seen_.printing.style.columns, 132);
  EXPECT_TRUE(seen_.printing.style.colour);
  EXPECT_FALSE(stop_seen_);
}

TEST_F(CommandLineTest, BadArgumentsAreExitCodeTwo) {
  EXPECT_EQ(call({"rnu"}), 2);
  EXPECT_THAT(err_.text(), HasSubstr("windtunnel: unknown command `rnu`"));
  EXPECT_EQ(out_.text(), "");
}

TEST_F(CommandLineTest, HelpIsOutputAndDone) {
  EXPECT_EQ(call({"--help"}), 0);
  EXPECT_THAT(out_.text(), HasSubstr("validate"));
  EXPECT_EQ(err_.text(), "");
}

TEST_F(CommandLineTest, ASignalReachesTheRunAndTheExitCode) {
  console_.stop_signal = [] { return SIGINT; };
  outcome_ = {.err = "stopped\n", .exit = study::ExitCode::kInterrupted};
  EXPECT_EQ(call({"run", "a.yaml"}), 130);
  EXPECT_TRUE(stop_seen_);
  console_.stop_signal = [] { return SIGTERM; };
  EXPECT_EQ(call({"run", "a.yaml"}), 143);
}

// The run had ended before Ctrl-C came: its result stands.
TEST_F(CommandLineTest, ALateSignalChangesNothing) {
  console_.stop_signal = [] { return SIGINT; };
  EXPECT_EQ(call({"run", "a.yaml"}), 0);
}

TEST_F(CommandLineTest, ExceptionsOfLibrariesBecomeExitCodes) {
  commands_.run = [](const auto&, auto&) -> study::Outcome { throw std::bad_alloc(); };
  EXPECT_EQ(call({"run", "a.yaml"}), 2);
  commands_.run = [](const auto&, auto&) -> study::Outcome { throw std::runtime_error("odd"); };
  EXPECT_EQ(call({"run", "a.yaml"}), 3);
  EXPECT_THAT(err_.text(), HasSubstr("not enough memory"));
  EXPECT_THAT(err_.text(), HasSubstr("internal fault: odd"));
}

TEST_F(CommandLineTest, OutputThatDoesNotArriveIsAnError) {
  std::FILE* full = std::fopen("/dev/full", "w");
  if (full == nullptr) GTEST_SKIP() << "there is no /dev/full here";
  console_.out = full;
  outcome_ = {.out = "result\n"};
  EXPECT_EQ(call({"run", "a.yaml"}), 2);
  EXPECT_THAT(err_.text(), HasSubstr("cannot write the output: No space left"));
  std::fclose(full);
}

class ProgressBarTest : public testing::Test {
 protected:
  ProgressBar::Options options(bool shown) {
    return {.shown = shown, .columns = 100, .stream = err_.stream(), .now = [this] {
              return ProgressBar::Clock::time_point(now_);
            }};
  }
  Capture err_;
  std::chrono::milliseconds now_{0};
};

TEST_F(ProgressBarTest, WaitsTwoSecondsThenRedrawsSparinglyAndErases) {
  ProgressBar bar(options(true));
  now_ = std::chrono::milliseconds(1999);
  bar.progress({.done = 0.1});
  EXPECT_EQ(err_.text(), "");
  now_ = std::chrono::milliseconds(2000);
  for (int i = 0; i < 50; ++i) bar.progress({.done = 0.5});
  const std::string once = err_.text();
  EXPECT_THAT(once, HasSubstr(" 50 %"));
  EXPECT_EQ(std::count(once.begin(), once.end(), '\r'), 1);
  bar.erase();
  bar.erase();
  EXPECT_EQ(err_.text(), once + "\r\x1b[K");
}

TEST_F(ProgressBarTest, IsSilentInAPipe) {
  {
    ProgressBar bar(options(false));
    now_ = std::chrono::seconds(10);
    bar.progress({.done = 0.5});
  }
  EXPECT_EQ(err_.text(), "");
}

}  // namespace
}  // namespace windtunnel::cli
