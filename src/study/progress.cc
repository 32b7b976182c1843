#include "study/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/human.h"
#include "report/measurements.h"
#include "report/text.h"

namespace windtunnel::study {
namespace {

namespace unit = report::unit;

std::string bar(double done) {
  constexpr int kCells = 10;  // leaves room for all parts in 80 columns
  const int filled = static_cast<int>(std::floor(done * kCells));
  return fmt::format("[{:#<{}}{:-<{}}] {:3.0f} %", "", filled, "", kCells - filled,
                     std::floor(done * 100));
}

}  // namespace

std::string progress_line(const Progress& progress, double elapsed_s, int columns) {
  std::vector<std::string> parts;
  const double done = std::min(progress.done, 1.0);
  if (done >= 0) parts.push_back(bar(done));
  if (progress.runs_total > 0) {
    parts.push_back(fmt::format("{} of {} runs", progress.runs_done, progress.runs_total));
  }
  parts.push_back("simulated " + report::human(progress.simulated_seconds, unit::kSeconds, 3, 3));
  if (elapsed_s > 0 && progress.events > 0) {
    const double rate = static_cast<double>(progress.events) / elapsed_s;
    parts.push_back(report::human(rate, unit::kEventsPerSecond));
  }
  // Below one percent an estimate would be a guess.
  if (done >= 0.01) {
    const double left = elapsed_s * (1 - done) / done;
    parts.push_back(fmt::format("about {} left", report::human(std::ceil(left), unit::kSeconds)));
  }
  std::string line;
  for (const std::string& part : parts) {
    const std::string longer = line.empty() ? part : fmt::format("{}  {}", line, part);
    if (report::display_width(longer) > static_cast<size_t>(std::max(columns, 0))) break;
    line = longer;
  }
  return line;
}

std::string stopped_text(const Progress& progress) {
  std::string text = "stopped";
  if (progress.runs_total > 0) {
    text += fmt::format(" after {} of {} runs;", progress.runs_done, progress.runs_total);
  } else {
    text += fmt::format(" after {} of simulated time ({} events);",
                        report::human(progress.simulated_seconds, unit::kSeconds),
                        report::human_count(progress.events));
  }
  return text + " nothing was written";
}

}  // namespace windtunnel::study
