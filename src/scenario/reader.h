// From a tree to a struct, by its description: every mistake of the tree is reported, not only the
// first, and it is remembered where each value came from so that checks made later can point there.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "scenario/tree.h"
#include "scenario/visitor.h"

namespace windtunnel::scenario {

// Places of the keys a user wrote, by path (`fabric.queue.capacity`, `faults[0].at`).
class MarkTable {
 public:
  void add(const std::string& path, base::SourceMark mark) { marks_[path] = std::move(mark); }
  // The user wrote this key (in the file or as a flag); otherwise its value is the default.
  bool given(std::string_view path) const { return marks_.find(path) != marks_.end(); }
  // What was written there could not be read, so the struct holds something else.
  void add_bad(const std::string& path) { bad_.push_back(path); }
  // Something at or below this path could not be read, `except` and what is below it aside.
  bool bad_in(std::string_view path, std::string_view except = "?") const;
  // Where the key is written, or the nearest group around it that is.
  base::SourceMark at(std::string_view path) const;

 private:
  std::map<std::string, base::SourceMark, std::less<>> marks_;
  std::vector<std::string> bad_;
};

struct ReadOutcome {
  MarkTable marks;
  std::vector<base::Error> errors;  // sorted by place; the first hundred
};

// Sorted by file, line and column, as every list of errors we hand out. What a YAML alias repeats
// is said once, for the first path.
void sort_by_place(std::vector<base::Error>& errors);

// Every path a description knows, lists with `[]` (`faults[].at`).
std::vector<std::string> known_paths(const DescribeFunction& describe_root);

ReadOutcome read_tree(const Node& root, const DescribeFunction& describe_root);

// Keys that are absent keep what `value` holds. When there are errors, `value` holds what could be
// read and must not be used.
template <class T>
ReadOutcome read(const Node& root, T& value) {
  return read_tree(root, [&value](Visitor& visitor) { describe(visitor, value); });
}

}  // namespace windtunnel::scenario
