#include "study/htsim_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenario/reader.h"
#include "scenario/suggest.h"

namespace windtunnel::study {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

void split(std::string_view line, int number, std::vector<Word>& words) {
  words.clear();
  for (size_t i = 0; i < line.size();) {
    if (is_blank(line[i])) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < line.size() && !is_blank(line[i])) ++i;
    words.push_back({line.substr(start, i - start), number, static_cast<int>(start) + 1});
  }
}

}  // namespace

bool LineWalker::next(std::vector<Word>& words) {
  while (!rest_.empty()) {
    const size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    split(line, ++line_, words);
    if (!words.empty() && words[0].text.front() != '#') return true;
  }
  words.clear();
  return false;
}

void Complaints::add(base::SourceMark mark, std::string message, std::string hint) {
  if (full()) {
    ++left_out_;
    return;
  }
  errors_.push_back({std::move(mark), std::move(message), std::move(hint)});
}

std::vector<base::Error> Complaints::take() {
  scenario::sort_by_place(errors_);
  if (left_out_ > 0) {
    base::Error last = errors_.back();
    last.message = fmt::format("and {} more errors", std::exchange(left_out_, 0));
    last.hint.clear();
    errors_.push_back(std::move(last));
  }
  return std::exchange(errors_, {});
}

std::optional<int64_t> whole_number(const Word& value, std::string_view name, int64_t min,
                                    int64_t max, Complaints& complaints) {
  int64_t number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stopped, code] = std::from_chars(value.text.data(), end, number);
  if (code == std::errc::result_out_of_range) {
    complaints.add(value, fmt::format("{}: found {}, which does not fit in 64 bits", name,
                                      scenario::quoted(value.text)));
    return std::nullopt;
  }
  if (code != std::errc() || stopped != end) {
    complaints.add(value, fmt::format("{}: found {}, expected a whole number", name,
                                      scenario::quoted(value.text)));
    return std::nullopt;
  }
  if (number >= min && number <= max) return number;
  complaints.add(value, max == INT64_MAX
                            ? fmt::format("{}: found {}, expected at least {}", name, number, min)
                            : fmt::format("{}: found {}, expected a whole number from {} to {}",
                                          name, number, min, max));
  return std::nullopt;
}

}  // namespace windtunnel::study
