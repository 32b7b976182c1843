#include "tests/layering/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

namespace windtunnel::layering {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Blanks comments and literals of one file, character by character.
class Stripper {
 public:
  explicit Stripper(std::string_view text) : text_(text) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  bool starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  char last() const { return out_.empty() ? '\n' : out_.back(); }

  void keep(size_t count) {
    out_.append(text_.substr(at_, count));
    at_ += count;
  }
  void blank(size_t count) {
    for (const char c : text_.substr(at_, count)) out_.push_back(c == '\n' ? '\n' : ' ');
    at_ += std::min(count, text_.size() - at_);
  }
  void blank_through(std::string_view end, size_t from) {
    const size_t found = text_.find(end, from);
    blank(found == std::string_view::npos ? text_.size() - at_ : found + end.size() - at_);
  }

  void step() {
    if (starts("//")) {
      blank(std::min(text_.find('\n', at_), text_.size()) - at_);
    } else if (starts("/*")) {
      blank_through("*/", at_ + 2);
    } else if (text_[at_] == '#' && only_space_before()) {
      directive();
    } else if (starts("R\"") && !is_word(last())) {
      raw_string();
    } else if (text_[at_] == '"' || (text_[at_] == '\'' && !is_word(last()))) {
      literal(text_[at_]);
    } else {
      keep(1);
    }
  }

  bool only_space_before() const {
    const size_t line = out_.find_last_of('\n');
    const size_t from = line == std::string::npos ? 0 : line + 1;
    return std::all_of(out_.begin() + static_cast<std::ptrdiff_t>(from), out_.end(),
                       [](char c) { return c == ' ' || c == '\t'; });
  }

  // Includes are kept for the rules; other directives are blanked with their continuation lines,
  // since half a macro's braces would confuse the search for functions.
  void directive() {
    const bool include = starts("#include");
    bool more = true;
    while (more && at_ < text_.size()) {
      const size_t end = std::min(text_.find('\n', at_), text_.size());
      more = end > at_ && text_[end - 1] == '\\';
      if (include) {
        keep(end - at_);
      } else {
        blank(end - at_);
      }
      if (more) blank(1);
    }
  }

  // R"delimiter( ... )delimiter"
  void raw_string() {
    const size_t open = text_.find('(', at_ + 2);
    if (open == std::string_view::npos) return blank(2);
    const std::string_view delimiter = text_.substr(at_ + 2, open - at_ - 2);
    blank_through(fmt::format("){}\"", delimiter), open);
  }

  void literal(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? size_t{2} : size_t{1};
    }
    keep(1);
    blank(std::min(end, text_.size()) - at_);
    if (at_ < text_.size() && text_[at_] == quote) keep(1);
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string to_string(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& f : findings) {
    out += fmt::format("{}:{}: {}\n", f.path, f.line, f.message);
  }
  return out;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<SourceFile> read_sources(const std::filesystem::path& root,
                                     const std::vector<std::string>& folders) {
  namespace fs = std::filesystem;
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    if (!fs::is_directory(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const fs::path& path = entry.path();
      if (!entry.is_regular_file() || (path.extension() != ".h" && path.extension() != ".cc")) {
        continue;
      }
      files.push_back({fs::relative(path, root).generic_string(), read_text(path)});
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string code_only(std::string_view text) { return Stripper(text).run(); }

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> includes;
  int number = 0;
  for (const std::string& line : split_lines(code_only(file.text))) {
    ++number;
    if (line.find("#include") == std::string::npos) continue;
    const size_t open = line.find_first_of("<\"");
    if (open == std::string::npos) continue;
    const size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
    if (close == std::string::npos) continue;
    includes.push_back({line.substr(open + 1, close - open - 1), line[open] == '"', number});
  }
  return includes;
}

}  // namespace windtunnel::layering
