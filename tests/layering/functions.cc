// Finds function bodies by their braces. A statement head is the text since the last `;`, `{` or
// `}` outside functions; what it looks like decides whether its `{` opens a scope to look into
// (namespace, class), an initialiser to skip, or a function to measure. Written for our own style,
// not for all of C++: a misread would show as a function of absurd length.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "tests/layering/source.h"

namespace windtunnel::layering {
namespace {

enum class Opens { kScope, kInitialiser, kFunction };

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool has_word(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool starts = at == 0 || !is_word(text[at - 1]);
    const size_t end = at + word.size();
    if (starts && (end == text.size() || !is_word(text[end]))) return true;
  }
  return false;
}

// The head without what stands in parentheses, square brackets and template parameter lists.
std::string outer_text(std::string_view head) {
  std::string out;
  int depth = 0;
  for (size_t i = 0; i < head.size(); ++i) {
    const char c = head[i];
    const bool arrow = c == '>' && i > 0 && (head[i - 1] == '-' || head[i - 1] == '=');
    if (c == '(' || c == '[' || c == '<') ++depth;
    if (depth == 0) out.push_back(c);
    if ((c == ')' || c == ']' || (c == '>' && !arrow)) && depth > 0) --depth;
  }
  return out;
}

Opens classify(std::string_view head) {
  while (!head.empty() && head.back() == ' ') head.remove_suffix(1);
  const std::string outer = outer_text(head);
  for (const char* word : {"namespace", "class", "struct", "union", "enum", "extern"}) {
    if (has_word(outer, word)) return Opens::kScope;
  }
  if (head.empty() || head.find('(') == std::string_view::npos || head.back() == '=') {
    return Opens::kInitialiser;
  }
  // In a constructor's list, `member_{` and `Base<T>{` initialise; the body follows `)` or `}`.
  const size_t colon = outer.find(" : ");
  const bool listed = colon != std::string::npos && outer.find("::") != colon;
  if (listed && (is_word(head.back()) || head.back() == '>')) return Opens::kInitialiser;
  return Opens::kFunction;
}

class Scanner {
 public:
  explicit Scanner(std::string_view code) : code_(code) {}

  std::vector<Function> run() {
    while (at_ < code_.size()) step();
    return std::move(found_);
  }

 private:
  void step() {
    const char c = code_[at_];
    if (c == '{' && (parentheses_ > 0 || classify(head_) == Opens::kInitialiser)) {
      skip_block();
      return;
    }
    if (c == '{' && classify(head_) == Opens::kFunction) {
      const int first = head_line_;
      skip_block();
      found_.push_back({head_, first, line_ - first + 1});
      head_.clear();
      return;
    }
    if (c == '(') ++parentheses_;
    if (c == ')') --parentheses_;
    if (c == '{' || c == '}' || (c == ';' && parentheses_ == 0) || ends_access(c)) {
      head_.clear();
    } else if (c == '\n' ? !head_.empty() && head_.back() != ' ' : c != ' ' || !head_.empty()) {
      if (head_.empty()) head_line_ = line_;
      head_.push_back(c == '\n' ? ' ' : c);
    }
    advance();
  }

  bool ends_access(char c) const {
    return c == ':' && (head_ == "public" || head_ == "private" || head_ == "protected");
  }

  void skip_block() {
    int depth = 0;
    do {
      if (code_[at_] == '{') ++depth;
      if (code_[at_] == '}') --depth;
      if (depth > 0) advance();
    } while (depth > 0 && at_ < code_.size());
    if (at_ < code_.size()) advance();
  }

  void advance() {
    if (code_[at_] == '\n') ++line_;
    ++at_;
  }

  std::string_view code_;
  size_t at_ = 0;
  int line_ = 1;
  int parentheses_ = 0;
  std::string head_;
  int head_line_ = 1;
  std::vector<Function> found_;
};

// The Scanner sees no include lines: `#include <x>` has no end of statement.
std::string without_includes(std::string code) {
  for (size_t at = code.find("#include"); at != std::string::npos; at = code.find("#include", at)) {
    const size_t end = std::min(code.find('\n', at), code.size());
    std::fill(code.begin() + static_cast<std::ptrdiff_t>(at),
              code.begin() + static_cast<std::ptrdiff_t>(end), ' ');
  }
  return code;
}

}  // namespace

std::vector<Function> functions_of(const SourceFile& file) {
  const std::string code = without_includes(code_only(file.text));
  return Scanner(code).run();
}

}  // namespace windtunnel::layering
