// What the figures of all pages share: words, tables, legends, and numbers for the script. For the
// writers of this room only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/drawings.h"
#include "report/human.h"
#include "report/json_writer.h"

namespace windtunnel::report {

using TableRows = std::vector<std::vector<std::string>>;

inline constexpr size_t kTableRowsMax = 24;  // more say no more to a reader
inline constexpr size_t kColours = 8;        // --line-1 to --line-8 of page.css

// A figure without its drawing.
struct FigureWords {
  std::string summary = {};
  TableRows table = {};     // empty: there is nothing to draw either
  size_t first_number = 1;  // column of the table
  std::string caption = {};
  std::string legend = {};   // HTML
  std::string picture = {};  // HTML of a figure that needs no script
  std::string more = {};     // HTML of a second table
};

FigureWords words_of(const Diagram& diagram);
FigureWords words_of(const Gantt& gantt);
FigureWords words_of(const Stack& stack);

// The same as members of an object for the script.
void write_data(JsonWriter& json, const Diagram& diagram);
void write_data(JsonWriter& json, const Gantt& gantt);

// "Queue (kB)", and a number that stands under it.
std::string titled(std::string_view title, const Scale& scale);
std::string cell(double value, const Scale& scale);

// An item for each label in the colour of its index, and one for a dashed line unless it is empty.
std::string legend_of(const std::vector<std::string>& labels, const std::string& dashed = {});

// Rows of bars, each a whole shared out among `parts`; NaN: a row has no such part. `unit` is that
// of the values, which are shares of 1.
struct StackedRow {
  std::string label = {};
  std::vector<double> values = {};
};
std::string stacked_bars(const std::vector<std::string>& parts, std::string_view unit,
                         const std::vector<StackedRow>& rows);

// One bar a row, the longest for the largest value.
struct PlainBar {
  std::string label = {};
  double length = 0;  // 0 to 1
  std::string value = {};
};
std::string plain_bars(const std::vector<PlainBar>& bars);

// Five digits: a pixel is about one part in a thousand of a figure, and tooltips are served too.
double short_number(double value);
double largest_magnitude(const std::vector<double>& values);
// The values over `factor`, short.
void write_scaled(JsonWriter& json, std::string_view key, const std::vector<double>& values,
                  double factor);

}  // namespace windtunnel::report
