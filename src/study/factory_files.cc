#include "study/factory_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "scenario/quantity.h"
#include "scenario/span.h"
#include "scenario/suggest.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;
using factory::Duration;
using scenario::Cell;
using scenario::quoted;
using scenario::Spreadsheet;
using Row = std::vector<Cell>;

constexpr size_t kErrorsMax = 100;
constexpr Duration kLongest = Duration::s(int64_t{36'500} * 86'400);

std::string found(const Cell& cell) { return cell.text.empty() ? "nothing" : quoted(cell.text); }

// A time of at least zero, or what is wrong with it.
base::Result<Duration> time_of(const std::string& text) {
  const base::Result<Duration> time = scenario::parse_span(text);
  if (!time) return time;
  if (*time < Duration::zero() || *time > kLongest)
    return base::fail(fmt::format("found {}, expected a time from 0 s to {}", quoted(text),
                                  scenario::format(kLongest)));
  return time;
}

class OrderReader {
 public:
  explicit OrderReader(const Spreadsheet& sheet) : sheet_(sheet) {}

  OrderFileResult read() {
    header();
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    for (size_t r = 1; r < sheet_.rows.size() && errors_.size() < kErrorsMax; ++r)
      order(sheet_.rows[r]);
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    return std::move(file_);
  }

 private:
  void complain(const Cell& cell, std::string message, std::string hint = {}) {
    errors_.push_back({cell.mark, std::move(message), std::move(hint)});
  }

  void header() {
    const std::vector<std::string> known = {"name", "item", "quantity", "release",
                                            "due",  "rush", "by"};
    const Row& row = sheet_.rows.front();
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string& name = row[c].text;
      if (name.empty()) continue;
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        std::string hint = scenario::suggestion(name, known);
        if (hint.empty()) hint = fmt::format("columns: {}", fmt::join(known, ", "));
        complain(row[c], fmt::format("found column {}, expected one of an order", quoted(name)),
                 std::move(hint));
      } else if (!column_.emplace(name, c).second) {
        complain(row[c], fmt::format("found column `{}` again, expected it once", name));
      }
    }
    if (!column_.contains("item") && errors_.empty())
      complain(row.front(), "found no column `item`, expected one in the first row");
  }

  void order(const Row& row) {
    for (size_t c = sheet_.rows.front().size(); c < row.size(); ++c)
      if (!row[c].text.empty())
        complain(row[c], fmt::format("found {} beyond the last column", found(row[c])));
    factory::Order order;
    if (const Cell* cell = at(row, "name")) order.name = cell->text;
    if (const Cell* cell = at(row, "by")) order.by = cell->text;
    if (const Cell* cell = at(row, "item")) {
      order.item = cell->text;
    } else {
      complain(row.front(), "found no item, expected what is ordered");
    }
    if (const Cell* cell = at(row, "quantity")) quantity(*cell, order.quantity);
    if (const Cell* cell = at(row, "release")) time(*cell, order.release);
    if (const Cell* cell = at(row, "due")) time(*cell, order.due);
    if (const Cell* cell = at(row, "rush")) rush(*cell, order.rush);
    file_.orders.push_back(std::move(order));
    file_.marks.push_back(row.front().mark);
  }
  // The cell below a header; null when it is empty or there is no such column.
  const Cell* at(const Row& row, const std::string& name) const {
    const auto found = column_.find(name);
    if (found == column_.end() || found->second >= row.size()) return nullptr;
    const Cell& cell = row[found->second];
    return cell.text.empty() ? nullptr : &cell;
  }
  void quantity(const Cell& cell, int64_t& value) {
    const auto number = scenario::parse_integer(scenario::number_text(sheet_, cell));
    if (number && *number >= 1 && *number <= 1'000'000) {
      value = *number;
    } else {
      complain(cell, fmt::format("found {}, expected a quantity from 1 to 1000000", found(cell)));
    }
  }
  void time(const Cell& cell, std::optional<Duration>& value) {
    const auto time = time_of(scenario::number_text(sheet_, cell));
    if (time) {
      value = *time;
    } else {
      complain(cell, time.error().message, time.error().hint);
    }
  }
  void rush(const Cell& cell, bool& value) {
    static const std::map<std::string, bool> words = {
        {"yes", true}, {"true", true},   {"1", true},  {"x", true},
        {"no", false}, {"false", false}, {"0", false}, {"TRUE", true},
        {"Yes", true}, {"FALSE", false}, {"No", false}};
    const auto word = words.find(cell.text);
    if (word != words.end()) {
      value = word->second;
    } else {
      complain(cell, fmt::format("found {}, expected yes or no", found(cell)));
    }
  }

  const Spreadsheet& sheet_;
  std::map<std::string, size_t> column_;
  OrderFile file_;
  Errors errors_;
};

class SetupReader {
 public:
  explicit SetupReader(const Spreadsheet& sheet) : sheet_(sheet) {}

  SetupFileResult read() {
    header();
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    rows_.resize(families_.size());
    for (size_t f = 0; f < families_.size(); ++f) rows_[f].from = families_[f];
    std::vector<bool> seen(families_.size());
    for (size_t r = 1; r < sheet_.rows.size() && errors_.size() < kErrorsMax; ++r)
      row(sheet_.rows[r], seen);
    for (size_t f = 0; f < families_.size() && errors_.size() < kErrorsMax; ++f)
      if (!seen[f])
        complain(sheet_.rows.front()[f + 1],
                 fmt::format("found family `{}` in the first row but not in the first column: a "
                             "setup matrix is square",
                             families_[f]));
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    return std::move(rows_);
  }

 private:
  void complain(const Cell& cell, std::string message, std::string hint = {}) {
    errors_.push_back({cell.mark, std::move(message), std::move(hint)});
  }

  void header() {
    Row row = sheet_.rows.front();
    while (row.size() > 1 && row.back().text.empty()) row.pop_back();
    for (size_t c = 1; c < row.size(); ++c) {
      const std::string& family = row[c].text;
      if (family.empty()) {
        complain(row[c], "found nothing, expected a family");
      } else if (!index_.emplace(family, c - 1).second) {
        complain(row[c], fmt::format("found family {} again, expected it once", quoted(family)));
      }
      families_.push_back(family);
    }
    if (families_.empty())
      complain(row.front(), "found no families, expected them in the first row",
               "the first cell of the row stays empty");
  }

  void row(const Row& row, std::vector<bool>& seen) {
    const auto family = index_.find(row.front().text);
    if (family == index_.end()) {
      complain(row.front(),
               fmt::format("found family {}, expected one of the first row: a setup matrix is "
                           "square",
                           found(row.front())),
               scenario::suggestion(row.front().text, families_));
      return;
    }
    if (seen[family->second]) {
      complain(row.front(), fmt::format("found family {} again, expected one row for each",
                                        quoted(row.front().text)));
      return;
    }
    seen[family->second] = true;
    for (size_t c = families_.size() + 1; c < row.size(); ++c)
      if (!row[c].text.empty())
        complain(row[c], fmt::format("found {} beyond the last family", found(row[c])));
    times(row, family->second);
  }

  void times(const Row& row, size_t from) {
    std::vector<Duration>& to = rows_[from].to;
    for (size_t c = 1; c <= families_.size(); ++c) {
      const bool there = c < row.size() && !row[c].text.empty();
      to.emplace_back();
      if (there) {
        time(row[c], to.back());
      } else if (c - 1 != from) {
        complain(c < row.size() ? row[c] : row.back(),
                 fmt::format("found nothing, expected the time from `{}` to `{}`", families_[from],
                             families_[c - 1]));
      }
    }
  }
  void time(const Cell& cell, Duration& value) {
    std::string text = scenario::number_text(sheet_, cell);
    if (text.find_first_not_of("0123456789.-+") == std::string::npos) text += " min";
    const auto time = time_of(text);
    if (time) {
      value = *time;
    } else {
      complain(cell, time.error().message, time.error().hint);
    }
  }

  const Spreadsheet& sheet_;
  std::vector<std::string> families_;
  std::map<std::string, size_t> index_;
  std::vector<factory::SetupRow> rows_;
  Errors errors_;
};

}  // namespace

OrderFileResult read_orders(const Spreadsheet& sheet) { return OrderReader(sheet).read(); }
SetupFileResult read_setups(const Spreadsheet& sheet) { return SetupReader(sheet).read(); }

}  // namespace windtunnel::study
