// Tables as spreadsheets write them: CSV with commas, semicolons or tabs, quotes, either kind of
// line end, a byte-order mark. Every cell knows where it was written.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"

namespace windtunnel::scenario {

struct Cell {
  std::string text;  // without quotes, blanks around it and doubled quotes
  base::SourceMark mark;
};

struct Spreadsheet {
  char separator = ',';                 // the one there is most of in the first line that has any
  std::vector<std::vector<Cell>> rows;  // lines without any text are left out; at least one row
};

struct SpreadsheetLimits {
  size_t bytes = size_t{16} << 20;
  size_t rows = 200'000;
  size_t columns = 2'000;
};

using SpreadsheetResult = tl::expected<Spreadsheet, base::Error>;

// Total over arbitrary bytes.
SpreadsheetResult read_spreadsheet(std::string_view text, const std::string& file,
                                   const SpreadsheetLimits& limits = {});
SpreadsheetResult load_spreadsheet(const std::string& path, const SpreadsheetLimits& limits = {});

// A number in a cell: where semicolons part cells, a comma may stand for the decimal point.
std::string number_text(const Spreadsheet& sheet, const Cell& cell);

}  // namespace windtunnel::scenario
