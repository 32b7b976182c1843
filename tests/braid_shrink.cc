#include "tests/braid_shrink.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace windtunnel::braid_hostile {

namespace {

class Shrinker {
 public:
  Shrinker(const Episode& episode, const std::function<bool(const Episode&)>& fails, int attempts)
      : episode_(episode), fails_(fails), attempts_(attempts), kept_(episode.numbers) {}

  std::vector<uint32_t> run() {
    size_t chunk = kept_.size() / 2;
    while (chunk > 0 && attempts_ > 0) {
      const bool smaller = pass(chunk);
      if (!smaller || chunk > kept_.size()) chunk = chunk == 1 && smaller ? 1 : chunk / 2;
    }
    return dropped(kept_);
  }

 private:
  // Tries to leave out each stretch of `chunk` items once.
  bool pass(size_t chunk) {
    bool smaller = false;
    for (size_t at = 0; at < kept_.size() && attempts_ > 0;) {
      std::vector<uint32_t> rest = kept_;
      const auto from = rest.begin() + static_cast<std::ptrdiff_t>(at);
      rest.erase(from, from + static_cast<std::ptrdiff_t>(std::min(chunk, rest.size() - at)));
      --attempts_;
      if (fails_(without(episode_, dropped(rest)))) {
        kept_ = std::move(rest);
        smaller = true;
      } else {
        at += chunk;
      }
    }
    return smaller;
  }

  std::vector<uint32_t> dropped(const std::vector<uint32_t>& kept) const {
    std::vector<uint32_t> out;
    std::set_difference(episode_.numbers.begin(), episode_.numbers.end(), kept.begin(), kept.end(),
                        std::back_inserter(out));
    return out;
  }

  const Episode& episode_;
  const std::function<bool(const Episode&)>& fails_;
  int attempts_;
  std::vector<uint32_t> kept_;
};

uint32_t read_number(std::string_view text) {
  uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::vector<uint32_t> shrink(const Episode& episode,
                             const std::function<bool(const Episode&)>& fails, int attempts_max) {
  return Shrinker(episode, fails, attempts_max).run();
}

std::string write_numbers(std::vector<uint32_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  std::string text;
  for (size_t i = 0; i < numbers.size();) {
    size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (!text.empty()) text += ',';
    text += end == i + 1 ? fmt::format("{}", numbers[i])
                         : fmt::format("{}-{}", numbers[i], numbers[end - 1]);
    i = end;
  }
  return text;
}

std::vector<uint32_t> read_numbers(std::string_view text) {
  std::vector<uint32_t> numbers;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    const size_t dash = part.find('-');
    const uint32_t first = read_number(part.substr(0, dash));
    const uint32_t last =
        dash == std::string_view::npos ? first : read_number(part.substr(dash + 1));
    for (uint32_t n = first; n <= last && n - first < 100'000; ++n) numbers.push_back(n);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return numbers;
}

bool fails_in_child(const std::function<bool()>& work) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(0);
    _exit(work() ? 1 : 0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return false;
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

}  // namespace windtunnel::braid_hostile
