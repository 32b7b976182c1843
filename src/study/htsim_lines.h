// Words with their places: what the readers of the two htsim formats (.cm, .topo) share. Both are
// lines of words between blanks, with `#` comment lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace windtunnel::study {

struct Word {
  std::string_view text;  // into the file's text
  int line = 0;
  int column = 0;
};

// Walks over a text line by line, leaving out blank lines and comments.
class LineWalker {
 public:
  explicit LineWalker(std::string_view text) : rest_(text) {}
  // Words of the next line that has any; false at the end.
  bool next(std::vector<Word>& words);

 private:
  std::string_view rest_;
  int line_ = 0;
};

// Errors of one file, at most kErrorsMax of them: a file of the wrong kind has one per line.
class Complaints {
 public:
  static constexpr size_t kErrorsMax = 50;
  explicit Complaints(std::string file) : file_(std::move(file)) {}
  base::SourceMark mark(int line, int column) const { return {file_, line, column}; }
  base::SourceMark mark(const Word& word) const { return mark(word.line, word.column); }
  void add(base::SourceMark mark, std::string message, std::string hint = {});
  void add(const Word& word, std::string message, std::string hint = {}) {
    add(mark(word), std::move(message), std::move(hint));
  }
  bool empty() const { return errors_.empty(); }
  bool full() const { return errors_.size() >= kErrorsMax; }
  // Sorted by place; the last one says how many were left out.
  std::vector<base::Error> take();

 private:
  std::string file_;
  std::vector<base::Error> errors_;
  size_t left_out_ = 0;
};

// A whole number from min to max, or a complaint that names the word before it.
std::optional<int64_t> whole_number(const Word& value, std::string_view name, int64_t min,
                                    int64_t max, Complaints& complaints);

}  // namespace windtunnel::study
