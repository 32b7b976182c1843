// The progress line on standard error, for people: after two seconds, on a terminal, redrawn at
// most ten times a second and erased at the end. In a pipe it is silent.
#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>

#include "study/commands.h"

namespace windtunnel::cli {

class ProgressBar final : public study::Observer {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    bool shown = false;
    int columns = 80;
    std::FILE* stream = stderr;
    std::function<Clock::time_point()> now = &Clock::now;
    std::function<bool()> stop_requested = [] { return false; };
    // A stop that is asked for from here on waits for the command's end.
    std::function<void()> writing = [] {};
  };
  explicit ProgressBar(Options options);
  ~ProgressBar() override { erase(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void progress(const study::Progress& progress) override;
  void announce(const std::string& line) override;
  void writing() override { options_.writing(); }
  bool stop_requested() const override { return options_.stop_requested(); }

  // What to say when the command is ended from another thread, the line's removal included.
  std::string last_words() const;

  // Removes the line, so that other text may be printed.
  void erase();

 private:
  Options options_;
  Clock::time_point start_;
  Clock::time_point next_;
  bool drawn_ = false;
  mutable std::mutex mutex_;  // last_words() comes from another thread
  study::Progress last_;
};

}  // namespace windtunnel::cli
