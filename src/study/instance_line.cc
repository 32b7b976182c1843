#include "study/instance_line.h"

#include <fmt/format.h>

#include "scenario/suggest.h"
#include "study/instance_text.h"

namespace windtunnel::study {
namespace {

using planning::LineTasks;

constexpr size_t kArcsMax = planning::kLineTasksMax * planning::kLineTasksMax;

// `i,j` in the first word, or with blanks after the comma in the first two.
struct Arc {
  int64_t first = 0;
  int64_t second = 0;
};
std::optional<Arc> read_arc(InstanceLines& lines, int64_t tasks) {
  if (!lines.next("an arc `i,j` or the end mark `-1,-1`") || !lines.has(1, "arc"))
    return std::nullopt;
  const Word word = lines.words()[0];
  const size_t comma = word.text.find(',');
  if (comma == std::string_view::npos) {
    lines.fail(word, fmt::format("found {}, expected an arc `i,j` or the end mark `-1,-1`",
                                 scenario::quoted(word.text)));
    return std::nullopt;
  }
  if (word.text == "-1,-1") return Arc{-1, -1};
  const Word first{word.text.substr(0, comma), word.line, word.column};
  const Word second{word.text.substr(comma + 1), word.line,
                    word.column + static_cast<int>(comma) + 1};
  const auto a = lines.whole(first, "task", 1, tasks);
  const auto b = a ? lines.whole(second, "task", 1, tasks) : std::nullopt;
  if (!a || !b) return std::nullopt;
  return Arc{*a, *b};
}

bool read_times(InstanceLines& lines, LineTasks& tasks) {
  if (!lines.next("the number of tasks") || !lines.has(1, "number of tasks")) return false;
  const auto count =
      lines.whole(0, "number of tasks", 1, static_cast<int64_t>(planning::kLineTasksMax));
  for (int64_t task = 1; count && task <= *count; ++task) {
    const std::string name = fmt::format("time of task {}", task);
    if (!lines.next(name) || !lines.has(1, name)) return false;
    const auto time = lines.whole(0, name, 0, planning::kTaskTimeMax);
    if (!time) return false;
    tasks.times.push_back(*time);
  }
  return count.has_value();
}

// The arcs, one at a time so that a ring is reported where it closes.
bool read_arcs(InstanceLines& lines, LineTasks& tasks) {
  Word last;
  while (true) {
    const auto arc = read_arc(lines, static_cast<int64_t>(tasks.times.size()));
    if (!arc) return false;
    if (arc->first == -1) break;
    last = lines.words()[0];
    if (tasks.precedences.size() >= kArcsMax) {
      lines.fail(last, fmt::format("more than {} arcs", kArcsMax));
      return false;
    }
    tasks.precedences.emplace_back(static_cast<uint32_t>(arc->first - 1),
                                   static_cast<uint32_t>(arc->second - 1));
  }
  std::vector<uint32_t> ring = planning::precedence_ring(tasks);
  if (ring.empty()) return true;
  for (uint32_t& task : ring) ++task;
  lines.fail(last, fmt::format("tasks {} wait for each other in a ring, expected none to wait for "
                               "itself",
                               fmt::join(ring, ", ")));
  return false;
}

}  // namespace

base::Result<LineTasks> read_line_tasks(std::string_view text, const std::string& file) {
  InstanceLines lines(text, file);
  LineTasks tasks;
  if (!read_times(lines, tasks) || !read_arcs(lines, tasks)) return lines.error();
  return tasks;
}

}  // namespace windtunnel::study
