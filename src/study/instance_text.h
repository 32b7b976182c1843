// Lines of numbers with their places: what the readers of published scheduling instances share.
// Blank lines and lines that begin with `#` are left out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scenario/text_file.h"
#include "study/htsim_lines.h"

namespace windtunnel::study {

inline constexpr size_t kInstanceBytesMax = size_t{64} << 20;

// Walks over an instance line by line. The first mistake is kept, and everything after it fails:
// in a grid of numbers one missing makes all that follow look wrong.
class InstanceLines {
 public:
  InstanceLines(std::string_view text, const std::string& file);

  // Steps to the next line. At the end of the file false, and an error when `wanted` is not empty.
  bool next(std::string_view wanted);
  const std::vector<Word>& words() const { return words_; }
  // That the line has exactly so many words.
  bool has(size_t count, std::string_view what);
  // Word i of the line as a whole number in [min, max].
  std::optional<int64_t> whole(size_t i, std::string_view name, int64_t min, int64_t max) {
    return failed() ? std::nullopt : whole(words_[i], name, min, max);
  }
  std::optional<int64_t> whole(const Word& word, std::string_view name, int64_t min, int64_t max);
  // All words of the line, `count` of them.
  std::optional<std::vector<int64_t>> row(size_t count, std::string_view what, int64_t min,
                                          int64_t max);
  // That nothing follows the current line.
  bool ends();

  bool failed() const { return !complaints_.empty(); }
  void fail(const Word& word, std::string message, std::string hint = {});
  tl::unexpected<base::Error> error();

 private:
  std::string_view text_;
  LineWalker walker_;
  std::vector<Word> words_;
  Complaints complaints_;
};

// A file's text, checked, to one of the readers.
template <class Instance>
base::Result<Instance> load_instance(const std::string& path,
                                     base::Result<Instance> (*read)(std::string_view,
                                                                    const std::string&)) {
  const auto text = scenario::read_text_file(path, kInstanceBytesMax);
  if (!text) return tl::unexpected(text.error());
  return read(*text, path);
}

}  // namespace windtunnel::study
