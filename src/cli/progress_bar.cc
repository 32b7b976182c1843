#include "cli/progress_bar.h"

#include <utility>

#include "study/progress.h"

namespace windtunnel::cli {
namespace {

constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::milliseconds kInterval{100};
// Back to the first column, and clear to the end of the line (ECMA-48 EL).
constexpr char kErase[] = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar(Options options)
    : options_(std::move(options)), start_(options_.now()), next_(start_ + kPatience) {}

void ProgressBar::progress(const study::Progress& progress) {
  {
    const std::lock_guard lock(mutex_);
    last_ = progress;
  }
  if (!options_.shown) return;
  const Clock::time_point now = options_.now();
  if (now < next_) return;
  next_ = now + kInterval;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  // One column stays free: some terminals wrap as soon as the last one is written.
  const std::string line = study::progress_line(progress, elapsed, options_.columns - 1);
  std::fprintf(options_.stream, "%s%s", kErase, line.c_str());
  std::fflush(options_.stream);
  drawn_ = true;
}

void ProgressBar::announce(const std::string& line) {
  erase();
  std::fprintf(options_.stream, "%s\n", line.c_str());
  std::fflush(options_.stream);
}

std::string ProgressBar::last_words() const {
  const std::lock_guard lock(mutex_);
  return (options_.shown ? kErase : "") + study::stopped_text(last_) + "\n";
}

void ProgressBar::erase() {
  if (!std::exchange(drawn_, false)) return;
  std::fputs(kErase, options_.stream);
  std::fflush(options_.stream);
}

}  // namespace windtunnel::cli
