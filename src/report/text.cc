#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/human.h"

namespace windtunnel::report {

size_t display_width(std::string_view text) {
  // Every byte except UTF-8 continuation bytes starts a code point.
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string pad_left(std::string_view text, size_t width) {
  const size_t shown = display_width(text);
  return std::string(width > shown ? width - shown : 0, ' ') + std::string(text);
}

std::string pad_right(std::string_view text, size_t width) {
  const size_t shown = display_width(text);
  return std::string(text) + std::string(width > shown ? width - shown : 0, ' ');
}

std::string plain_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return line;
}

std::string wrapped(std::string_view text, size_t width) {
  std::string out;
  size_t column = 0;
  const std::string words = plain_line(text);
  std::string_view rest = words;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (word.empty()) continue;
    const size_t shown = display_width(word);
    if (column > 0 && column + 1 + shown > width) {
      out += '\n';
      column = 0;
    }
    if (column > 0) out += ' ';
    out += word;
    column += shown + (column > 0 ? 1 : 0);
  }
  return out + "\n";
}

std::string human_with_interval(const Metric& metric) {
  constexpr int kDigits = 3;
  constexpr int kDigitsMax = 6;
  if (!metric.ci95 || !(*metric.ci95 > 0) || !std::isfinite(metric.value)) {
    return human(metric.value, metric.unit, kDigits, kDigits);
  }
  // The value goes as far as the first digit of its uncertainty: 57.24 µs ± 0.04 µs.
  const auto magnitude = [](double x) { return static_cast<int>(std::floor(std::log10(x))); };
  const double value = std::fabs(metric.value);
  const int gap = value > 0 ? magnitude(value) - magnitude(*metric.ci95) + 1 : kDigits;
  const int digits = std::clamp(gap, kDigits, kDigitsMax);
  const Scale scale = scale_for(metric.value, metric.unit);
  const std::string unit = scale.unit.empty() ? "" : " " + scale.unit;
  return fmt::format("{} ± {}{}", human(metric.value, metric.unit, digits, digits),
                     human_number(*metric.ci95 / scale.factor, 1), unit);
}

std::string Paint::painted(std::string_view code, std::string_view text) const {
  if (!on_) return std::string(text);
  const bool ended = text.ends_with('\n');
  if (ended) text.remove_suffix(1);
  return fmt::format("\x1b[{}m{}\x1b[0m{}", code, text, ended ? "\n" : "");
}

std::string text_table(const std::vector<std::vector<std::string>>& rows, const Paint& paint) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i]));
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += i == 0 ? pad_right(row[i], widths[i]) : "   " + pad_left(row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += (&row == rows.data() ? paint.bold(line) : line) + "\n";
  }
  return text;
}

}  // namespace windtunnel::report
