// Laying out words in columns: widths, padding, wrapping and paint, for every writer of plain text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/measurements.h"

namespace windtunnel::report {

// Code points of UTF-8 text. Our own symbols and Latin text take one column each.
size_t display_width(std::string_view text);
std::string pad_left(std::string_view text, size_t width);
std::string pad_right(std::string_view text, size_t width);

// Words broken into lines of at most `width`; every line ended. A longer word stands alone.
std::string wrapped(std::string_view text, size_t width);

// Text from a user's file on one line, with control characters (escape sequences among them) shown
// as spaces, so that a scenario cannot repaint the terminal.
std::string plain_line(std::string_view text);

// "57.2 µs ± 0.04 µs", or without the interval when it was not estimated.
std::string human_with_interval(const Metric& metric);

// Escape sequences when painting is on, the bare text when it is off. Paint keeps a final line
// break outside of the sequences.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  std::string bold(std::string_view text) const { return painted("1", text); }
  std::string dim(std::string_view text) const { return painted("2", text); }
  std::string red(std::string_view text) const { return painted("31", text); }
  std::string green(std::string_view text) const { return painted("32", text); }

 private:
  std::string painted(std::string_view code, std::string_view text) const;
  bool on_;
};

// A table of plain text. The first column is aligned to the left, the others to the right.
std::string text_table(const std::vector<std::vector<std::string>>& rows, const Paint& paint);

}  // namespace windtunnel::report
