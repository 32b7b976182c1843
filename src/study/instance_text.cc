#include "study/instance_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenario/suggest.h"

namespace windtunnel::study {

InstanceLines::InstanceLines(std::string_view text, const std::string& file)
    : text_(text), walker_(text), complaints_(file) {
  const base::Status status = scenario::check_text(text, file);
  if (!status) complaints_.add(status.error().mark, status.error().message, status.error().hint);
}

bool InstanceLines::next(std::string_view wanted) {
  if (failed()) return false;
  if (walker_.next(words_)) return true;
  if (wanted.empty()) return false;
  const size_t last = text_.find_last_not_of(" \t\r\n");
  const std::string_view read = text_.substr(0, last == std::string_view::npos ? 0 : last + 1);
  const auto line = static_cast<int>(1 + std::count(read.begin(), read.end(), '\n'));
  const size_t begin = read.rfind('\n');
  const size_t column = read.size() - (begin == std::string_view::npos ? 0 : begin + 1) + 1;
  complaints_.add(complaints_.mark(line, static_cast<int>(column)),
                  fmt::format("the file ends here, expected {}", wanted), "is the file truncated?");
  return false;
}

bool InstanceLines::has(size_t count, std::string_view what) {
  if (failed()) return false;
  if (words_.size() == count) return true;
  const bool many = words_.size() > count;
  fail(many ? words_[count] : words_.back(),
       fmt::format("{}: found {} word{}, expected {}", what, words_.size(),
                   words_.size() == 1 ? "" : "s", count),
       many ? fmt::format("{} is one too many", scenario::quoted(words_[count].text)) : "");
  return false;
}

std::optional<int64_t> InstanceLines::whole(const Word& word, std::string_view name, int64_t min,
                                            int64_t max) {
  if (failed()) return std::nullopt;
  return whole_number(word, name, min, max, complaints_);
}

std::optional<std::vector<int64_t>> InstanceLines::row(size_t count, std::string_view what,
                                                       int64_t min, int64_t max) {
  if (!has(count, what)) return std::nullopt;
  std::vector<int64_t> numbers;
  numbers.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const auto number = whole(i, what, min, max);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

bool InstanceLines::ends() {
  if (failed()) return false;
  if (!next({})) return true;
  fail(words_[0],
       fmt::format("found {}, expected the end of the file", scenario::quoted(words_[0].text)));
  return false;
}

void InstanceLines::fail(const Word& word, std::string message, std::string hint) {
  if (!failed()) complaints_.add(word, std::move(message), std::move(hint));
}

tl::unexpected<base::Error> InstanceLines::error() {
  return tl::unexpected(complaints_.take().front());
}

}  // namespace windtunnel::study
