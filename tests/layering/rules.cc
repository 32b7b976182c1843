// Banned words and lengths.
#include "tests/layering/rules.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace windtunnel::layering {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

// Where `word` stands in the line: whole at an end that is a letter, unless that end is a `*`.
bool says(std::string_view line, std::string_view word) {
  const bool any_beginning = word.starts_with('*');
  if (any_beginning) word.remove_prefix(1);
  for (size_t at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const size_t end = at + word.size();
    const bool starts =
        any_beginning || at == 0 || !is_word(word.front()) || !is_word(line[at - 1]);
    if (starts && (end == line.size() || !is_word(word.back()) || !is_word(line[end]))) {
      return true;
    }
  }
  return false;
}

bool allowed(const Ban& ban, const std::string& path) {
  return std::ranges::any_of(ban.allowed, [&](const std::string& glob) {
    return fnmatch(glob.c_str(), path.c_str(), 0) == 0;
  });
}

int count_lines(std::string_view text) { return static_cast<int>(std::ranges::count(text, '\n')); }

}  // namespace

std::vector<Ban> read_bans(std::string_view bans_txt) {
  std::vector<Ban> bans;
  for (const std::string& line : split_lines(bans_txt)) {
    const size_t first = line.find('|');
    const size_t second = line.find('|', first + 1);
    if (line.starts_with('#') || second == std::string::npos) continue;
    Ban ban{trimmed(line.substr(0, first)), {}, trimmed(line.substr(second + 1))};
    std::istringstream globs(line.substr(first + 1, second - first - 1));
    for (std::string glob; globs >> glob;) ban.allowed.push_back(glob);
    bans.push_back(std::move(ban));
  }
  return bans;
}

std::vector<Finding> check_bans(const std::vector<SourceFile>& files,
                                const std::vector<Ban>& bans) {
  std::vector<Finding> findings;
  for (const SourceFile& file : files) {
    int number = 0;
    for (const std::string& line : split_lines(code_only(file.text))) {
      ++number;
      for (const Ban& ban : bans) {
        if (!says(line, ban.word) || allowed(ban, file.path)) continue;
        findings.push_back(
            {file.path, number, fmt::format("`{}` is banned: {}", ban.word, ban.reason)});
      }
    }
  }
  return findings;
}

Ratchet read_ratchet(std::string_view ratchet_txt) {
  Ratchet ratchet;
  std::istringstream in{std::string(ratchet_txt)};
  for (std::string line; std::getline(in, line);) {
    std::istringstream parts(line);
    std::string name;
    int value = 0;
    parts >> name >> value;
    if (name == "file_lines_max") ratchet.file_lines_max = value;
    if (name == "function_lines_max") ratchet.function_lines_max = value;
  }
  return ratchet;
}

Ratchet measure_lengths(const std::vector<SourceFile>& files) {
  Ratchet longest;
  for (const SourceFile& file : files) {
    longest.file_lines_max = std::max(longest.file_lines_max, count_lines(file.text));
    for (const Function& function : functions_of(file)) {
      longest.function_lines_max = std::max(longest.function_lines_max, function.lines);
    }
  }
  return longest;
}

std::vector<Finding> check_lengths(const std::vector<SourceFile>& files, const Ratchet& ratchet) {
  std::vector<Finding> findings;
  for (const SourceFile& file : files) {
    if (const int lines = count_lines(file.text); lines > ratchet.file_lines_max) {
      findings.push_back(
          {file.path, 0,
           fmt::format("{} lines, tools/ratchet.txt allows {}", lines, ratchet.file_lines_max)});
    }
    for (const Function& function : functions_of(file)) {
      if (function.lines <= ratchet.function_lines_max) continue;
      findings.push_back({file.path, function.line,
                          fmt::format("a function of {} lines, tools/ratchet.txt allows {}: {}",
                                      function.lines, ratchet.function_lines_max, function.head)});
    }
  }
  return findings;
}

}  // namespace windtunnel::layering
