// Spreadsheets of a factory: order books and setup matrices.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "factory/plant.h"
#include "scenario/spreadsheet.h"

namespace windtunnel::study {

struct OrderFile {
  std::vector<factory::Order> orders;
  std::vector<base::SourceMark> marks;  // of each order
};
using OrderFileResult = tl::expected<OrderFile, std::vector<base::Error>>;

// Columns by the names in the first row: item, and any of name, quantity, release, due, rush, by.
// Empty cells stand for defaults. Times have units; rush is yes or no.
OrderFileResult read_orders(const scenario::Spreadsheet& sheet);

using SetupFileResult = tl::expected<std::vector<factory::SetupRow>, std::vector<base::Error>>;

// Families in the first row and in the first column, in any order; the rows returned have that of
// the first row. Cells are times, or plain numbers of minutes; the diagonal may be empty.
SetupFileResult read_setups(const scenario::Spreadsheet& sheet);

}  // namespace windtunnel::study
