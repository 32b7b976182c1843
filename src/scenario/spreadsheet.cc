#include "scenario/spreadsheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "scenario/decimal.h"
#include "scenario/text_file.h"

namespace windtunnel::scenario {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

char separator_of(std::string_view text) {
  // The rarer in names first: it decides where there are as many of both.
  constexpr std::array<char, 3> kSeparators = {';', '\t', ','};
  std::array<size_t, 3> count = {};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    const bool any = count[0] + count[1] + count[2] > 0;
    if ((c == '\n' || c == '\r') && any) break;
    for (size_t i = 0; i < kSeparators.size(); ++i)
      count[i] += c == kSeparators[i] ? size_t{1} : size_t{0};
  }
  if (count[0] + count[1] + count[2] == 0) return ',';
  return kSeparators[static_cast<size_t>(std::max_element(count.begin(), count.end()) -
                                         count.begin())];
}

class Reader {
 public:
  Reader(std::string_view text, std::string file, const SpreadsheetLimits& limits)
      : text_(text), file_(std::move(file)), limits_(limits) {}

  SpreadsheetResult read() {
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
    sheet_.separator = separator_of(text_);
    while (at_ < text_.size()) {
      if (const base::Status row = read_row(); !row) return tl::unexpected(row.error());
      if (sheet_.rows.size() > limits_.rows)
        return base::fail(here(),
                          fmt::format("found more than {} rows, expected fewer", limits_.rows));
    }
    if (sheet_.rows.empty())
      return base::fail(base::SourceMark{file_, 1, 1},
                        "found no rows, expected a table with a row of headers");
    return std::move(sheet_);
  }

 private:
  base::SourceMark here() const { return {file_, line_, column_}; }
  bool done() const { return at_ >= text_.size(); }
  char peek() const { return done() ? '\n' : text_[at_]; }
  bool at_line_end() const { return peek() == '\n' || peek() == '\r'; }
  // Columns count characters, of which only the first byte of each is none of 10xxxxxx.
  void step() {
    if (text_[at_] == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(text_[at_]) & 0xc0U) != 0x80U) {
      ++column_;
    }
    ++at_;
  }
  void end_line() {
    if (!done() && text_[at_] == '\r') ++at_;
    if (!done() && text_[at_] == '\n') {
      step();
    } else if (!done()) {  // a lone carriage return, as old Macs wrote
      ++line_;
      column_ = 1;
    }
  }

  base::Status read_row() {
    std::vector<Cell> row;
    for (;;) {
      auto cell = read_cell();
      if (!cell) return tl::unexpected(cell.error());
      row.push_back(std::move(*cell));
      if (row.size() > limits_.columns)
        return base::fail(here(), fmt::format("found more than {} cells in a row, expected fewer",
                                              limits_.columns));
      if (at_line_end()) break;
      step();
    }
    end_line();
    const auto is_empty = [](const Cell& cell) { return cell.text.empty(); };
    if (!std::all_of(row.begin(), row.end(), is_empty)) sheet_.rows.push_back(std::move(row));
    return {};
  }

  base::Result<Cell> read_cell() {
    while (!done() && (peek() == ' ' || (peek() == '\t' && sheet_.separator != '\t'))) step();
    Cell cell;
    cell.mark = here();
    if (!done() && peek() == '"') {
      const base::Status quoted = read_quoted(cell);
      if (!quoted) return tl::unexpected(quoted.error());
      return cell;
    }
    while (!at_line_end() && peek() != sheet_.separator) {
      cell.text += peek();
      step();
    }
    cell.text = std::string(detail::trimmed(cell.text));
    return cell;
  }

  base::Status read_quoted(Cell& cell) {
    step();
    for (;;) {
      if (done())
        return base::fail(cell.mark, "found a quote that does not end, expected another `\"`");
      const char c = text_[at_];
      step();
      if (c != '"') {
        cell.text += c;
      } else if (!done() && text_[at_] == '"') {
        cell.text += '"';
        step();
      } else {
        break;
      }
    }
    cell.text = std::string(detail::trimmed(cell.text));
    while (!done() && peek() == ' ') step();
    if (!at_line_end() && peek() != sheet_.separator)
      return base::fail(here(), "found text behind a closing quote, expected the next cell",
                        "a quote within quotes is written twice");
    return {};
  }

  std::string_view text_;
  std::string file_;
  SpreadsheetLimits limits_;
  Spreadsheet sheet_;
  size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

}  // namespace

SpreadsheetResult read_spreadsheet(std::string_view text, const std::string& file,
                                   const SpreadsheetLimits& limits) {
  if (const base::Status readable = check_text(text, file); !readable)
    return tl::unexpected(readable.error());
  return Reader(text, file, limits).read();
}

SpreadsheetResult load_spreadsheet(const std::string& path, const SpreadsheetLimits& limits) {
  const auto text = read_text_file(path, limits.bytes);
  if (!text) return tl::unexpected(text.error());
  return read_spreadsheet(*text, path, limits);
}

std::string number_text(const Spreadsheet& sheet, const Cell& cell) {
  std::string text = cell.text;
  if (sheet.separator != ',' && std::count(text.begin(), text.end(), ',') == 1)
    std::replace(text.begin(), text.end(), ',', '.');
  return text;
}

}  // namespace windtunnel::scenario
