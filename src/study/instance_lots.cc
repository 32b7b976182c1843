#include "study/instance_lots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "scenario/suggest.h"
#include "study/instance_text.h"

namespace windtunnel::study {
namespace {

using planning::LotItem;

constexpr double kHoursPerDay = 8;
constexpr double kDaysPerYear = 240;
constexpr double kHoldingPerYear = 0.10;
constexpr double kNumberMax = 1e12;
constexpr size_t kItemsMax = 1'000;
constexpr size_t kColumns = 6;
const std::array<std::string, kColumns> kNames = {
    "item", "setup_cost", "unit_cost", "production_per_day", "demand_per_day", "setup_hours"};

// The words of a line are its blank-separated parts; fields are what commas separate.
std::vector<Word> fields(const std::vector<Word>& words) {
  std::vector<Word> found;
  for (const Word& word : words) {
    size_t begin = 0;
    while (true) {
      const size_t comma = std::min(word.text.find(',', begin), word.text.size());
      const Word field{word.text.substr(begin, comma - begin), word.line,
                       word.column + static_cast<int>(begin)};
      if (!field.text.empty() || comma < word.text.size()) found.push_back(field);
      if (comma == word.text.size()) break;
      begin = comma + 1;
    }
  }
  return found;
}

// Place of each of kNames among the columns.
std::optional<std::array<size_t, kColumns>> read_header(InstanceLines& lines) {
  if (!lines.next("a header line of columns")) return std::nullopt;
  const std::vector<Word> columns = fields(lines.words());
  std::array<size_t, kColumns> place = {};
  std::array<bool, kColumns> given = {};
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto known = std::find(kNames.begin(), kNames.end(), columns[i].text);
    const auto at = static_cast<size_t>(known - kNames.begin());
    if (known == kNames.end() || given[at]) {
      lines.fail(
          columns[i],
          fmt::format("{} column {}, expected {}", known == kNames.end() ? "unknown" : "second",
                      scenario::quoted(columns[i].text), fmt::join(kNames, ", ")),
          known == kNames.end() ? scenario::suggestion(columns[i].text, kNames) : "");
      return std::nullopt;
    }
    place[at] = i;
    given[at] = true;
  }
  for (size_t i = 0; i < kColumns; ++i)
    if (!given[i])
      lines.fail(lines.words()[0],
                 fmt::format("no column {}, expected {}", kNames[i], fmt::join(kNames, ", ")));
  if (lines.failed()) return std::nullopt;
  return place;
}

std::optional<double> number(InstanceLines& lines, const Word& word, const std::string& name,
                             bool zero_allowed) {
  double value = 0;
  const char* end = word.text.data() + word.text.size();
  const auto [stopped, code] = std::from_chars(word.text.data(), end, value);
  const bool good = code == std::errc() && stopped == end && std::isfinite(value);
  if (good && value <= kNumberMax && (value > 0 || (zero_allowed && value == 0))) return value;
  lines.fail(word, fmt::format("{}: found {}, expected a number {} and at most {:g}", name,
                               scenario::quoted(word.text),
                               zero_allowed ? "of at least 0" : "above 0", kNumberMax));
  return std::nullopt;
}

bool read_item(InstanceLines& lines, const std::array<size_t, kColumns>& place, LotItem& item) {
  const std::vector<Word> found = fields(lines.words());
  if (found.size() != kColumns) {
    lines.fail(found.empty() ? lines.words()[0] : found.back(),
               fmt::format("item: found {} fields, expected {}", found.size(), kColumns));
    return false;
  }
  item.name = std::string(found[place[0]].text);
  std::array<double, kColumns> value = {};
  for (size_t i = 1; i < kColumns; ++i) {
    const auto read = number(lines, found[place[i]], kNames[i], kNames[i] != "production_per_day");
    if (!read) return false;
    value[i] = *read;
  }
  item.setup_cost = value[1];
  item.holding_cost = value[2] * kHoldingPerYear / kDaysPerYear;
  item.production = value[3];
  item.demand = value[4];
  item.setup_time = value[5] / kHoursPerDay;
  return true;
}

}  // namespace

base::Result<std::vector<LotItem>> read_lot_items(std::string_view text, const std::string& file) {
  InstanceLines lines(text, file);
  const auto place = read_header(lines);
  if (!place) return lines.error();
  std::vector<LotItem> items;
  while (lines.next(items.empty() ? "an item" : "")) {
    if (items.size() >= kItemsMax) {
      lines.fail(lines.words()[0], fmt::format("more than {} items", kItemsMax));
      break;
    }
    items.emplace_back();
    if (!read_item(lines, *place, items.back())) break;
  }
  if (lines.failed()) return lines.error();
  return items;
}

}  // namespace windtunnel::study
