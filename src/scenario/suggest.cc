#include "scenario/suggest.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace windtunnel::scenario {
namespace {

constexpr size_t kLongest = 64;
constexpr size_t kFar = std::numeric_limits<size_t>::max();
using Row = std::array<size_t, kLongest + 1>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(char a, char b) { return lower(a) == lower(b); }

bool begins_with(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && std::equal(start.begin(), start.end(), text.begin(), same);
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  if (a.size() > kLongest || b.size() > kLongest) return kFar;
  Row before{};
  Row last{};
  Row row{};
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = last[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> nearest_name(std::string_view found,
                                        std::span<const std::string> names) {
  std::optional<std::string> best;
  size_t best_distance = kFar;
  for (const std::string& name : names) {
    const bool begun = found.size() >= 3 && begins_with(name, found);
    const size_t distance = begun ? 0 : edit_distance(found, name);
    const size_t allowed = std::max<size_t>(1, std::max(found.size(), name.size()) / 3);
    if (distance >= best_distance || distance > allowed) continue;
    best = name;
    best_distance = distance;
  }
  return best;
}

std::string suggestion(std::string_view found, std::span<const std::string> names) {
  const std::optional<std::string> name = nearest_name(found, names);
  return name ? "did you mean `" + *name + "`?" : std::string();
}

std::string quoted(std::string_view found) {
  constexpr size_t kShown = 60;
  std::string text;
  for (const char c : found.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x20 || byte >= 0x7f ? '?' : c;
  }
  if (found.size() > kShown) text += "...";
  return "`" + text + "`";
}

}  // namespace windtunnel::scenario
