#include "study/memory_budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <vector>

#include "report/human.h"
#include "report/measurements.h"

namespace windtunnel::study {
namespace {

std::string human(base::Bytes bytes) {
  return report::human(static_cast<double>(bytes.count()), report::unit::kBytes, 3);
}

// A file that holds one number. "max" and what is absent or no number are no limit.
std::optional<int64_t> read_number(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  if (!(file >> word)) return {};
  int64_t value = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc() || stop != end || value < 0) return {};
  return value;
}

// The number behind `key` in a file of "key number" lines.
std::optional<int64_t> read_key(const std::string& path, std::string_view key) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    int64_t value = 0;
    if (word == key && file >> value) return value;
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return {};
}

// One control group's folder, with the names its version uses.
struct GroupFiles {
  std::vector<const char*> limits;
  const char* usage;
  const char* reclaimable;  // in memory.stat
};
const GroupFiles& version_2() {
  static const GroupFiles files = {
      {"memory.max", "memory.high"}, "memory.current", "inactive_file"};
  return files;
}
const GroupFiles& version_1() {
  static const GroupFiles files = {
      {"memory.limit_in_bytes"}, "memory.usage_in_bytes", "total_inactive_file"};
  return files;
}

// Version 1 says "no limit" with the largest multiple of a page.
constexpr int64_t kNoLimit = int64_t{1} << 60;

std::optional<int64_t> room_in(const std::string& folder, const GroupFiles& names) {
  std::optional<int64_t> room;
  for (const char* name : names.limits) {
    const auto limit = read_number(folder + "/" + name);
    if (!limit || *limit >= kNoLimit) continue;
    const int64_t used = read_number(folder + "/" + names.usage).value_or(0);
    // Cached files are given up when memory is short.
    const int64_t cached = read_key(folder + "/memory.stat", names.reclaimable).value_or(0);
    const int64_t left = std::max<int64_t>(0, *limit - std::max<int64_t>(0, used - cached));
    room = std::min(room.value_or(left), left);
  }
  return room;
}

// The groups from the process's own up to the root: a limit of any of them counts.
std::optional<int64_t> room_along(const std::string& root, std::string group,
                                  const GroupFiles& names) {
  std::optional<int64_t> room;
  while (true) {
    while (!group.empty() && group.back() == '/') group.pop_back();
    if (const auto left = room_in(root + group, names)) {
      room = std::min(room.value_or(*left), *left);
    }
    if (group.empty()) return room;
    group.erase(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

// Lines of /proc/self/cgroup: "hierarchy:controllers:/path"; version 2 is hierarchy 0.
std::optional<int64_t> group_room(const std::string& proc, const std::string& cgroup) {
  std::ifstream file(proc + "/self/cgroup");
  std::optional<int64_t> room;
  std::string line;
  while (std::getline(file, line)) {
    const size_t first = line.find(':');
    const size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    std::optional<int64_t> left;
    if (line.rfind("0::", 0) == 0) {
      left = room_along(cgroup, path, version_2());
    } else if (controllers.find(",memory,") != std::string::npos) {
      left = room_along(cgroup + "/memory", path, version_1());
    }
    if (left) room = std::min(room.value_or(*left), *left);
  }
  return room;
}

base::Bytes whole_need(const MemoryDemand& demand) { return demand.need * demand.runs_at_a_time; }

std::string need_text(const MemoryDemand& demand) {
  if (demand.runs_at_a_time == 1) return human(demand.need);
  return fmt::format("{} ({} runs at a time, {} each)", human(whole_need(demand)),
                     demand.runs_at_a_time, human(demand.need));
}

}  // namespace

std::optional<MemoryRoom> memory_room(const std::string& proc, const std::string& cgroup) {
  std::optional<MemoryRoom> room;
  if (const auto kib = read_key(proc + "/meminfo", "MemAvailable:")) {
    room = MemoryRoom{base::Bytes::kib(*kib), "this machine has"};
  }
  if (const auto left = group_room(proc, cgroup); left && (!room || *left < room->bytes.count())) {
    room = MemoryRoom{base::Bytes(*left), "this container (cgroup) has"};
  }
  return room;
}

base::Status check_memory(const MemoryDemand& demand, const std::optional<MemoryRoom>& room) {
  if (demand.limit && demand.need > *demand.limit) {
    return base::fail(fmt::format("a run needs about {} of memory, limits.memory is {}",
                                  human(demand.need), human(*demand.limit)),
                      "raise limits.memory, or simulate fewer nodes or flows");
  }
  if (demand.force || !room || whole_need(demand) <= room->bytes) return {};
  return base::fail(fmt::format("{} about {} of memory, {} {} left",
                                demand.runs_at_a_time == 1 ? "this run needs" : "these runs need",
                                need_text(demand), room->of, human(room->bytes)),
                    demand.runs_at_a_time == 1 ? "--force runs it nevertheless"
                                               : "lower --jobs, or --force runs them nevertheless");
}

std::string memory_text(const MemoryDemand& demand, const std::optional<MemoryRoom>& room) {
  std::string text = fmt::format("memory: about {}", need_text(demand));
  if (room) text += fmt::format("; {} {} left", room->of, human(room->bytes));
  return text;
}

}  // namespace windtunnel::study
