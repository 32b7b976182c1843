#include "report/figure_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/html_parts.h"
#include "report/measurements.h"

namespace windtunnel::report {

std::string titled(std::string_view title, const Scale& scale) {
  return scale.unit.empty() ? std::string(title) : fmt::format("{} ({})", title, scale.unit);
}

std::string cell(double value, const Scale& scale) { return human_number(value / scale.factor, 4); }

std::string legend_of(const std::vector<std::string>& labels, const std::string& dashed) {
  std::string items;
  for (size_t i = 0; i < labels.size(); ++i) {
    fmt::format_to(std::back_inserter(items), "<li style=\"--swatch: var(--line-{})\">{}</li>",
                   i % kColours + 1, html_escape(labels[i]));
  }
  if (!dashed.empty()) {
    fmt::format_to(std::back_inserter(items), "<li class=\"dashed\">{}</li>", html_escape(dashed));
  }
  return fmt::format("<ul class=\"legend\">{}</ul>\n", items);
}

std::string plain_bars(const std::vector<PlainBar>& bars) {
  std::string text = "<ul class=\"shares\">\n";
  for (const PlainBar& bar : bars) {
    fmt::format_to(std::back_inserter(text),
                   "<li><span>{}</span><span class=\"bar\" aria-hidden=\"true\">"
                   "<span style=\"width:{:.2f}%\"></span></span><output>{}</output></li>\n",
                   html_escape(bar.label), 100 * std::clamp(bar.length, 0.0, 1.0),
                   html_escape(bar.value));
  }
  return text + "</ul>\n";
}

namespace {

// "working 62 %, starved 38 %".
std::string parts_text(const std::vector<std::string>& parts, std::string_view unit,
                       const StackedRow& row) {
  std::string text;
  for (size_t p = 0; p < parts.size(); ++p) {
    if (!(row.values[p] > 0)) continue;
    fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ", parts[p],
                   human(row.values[p], unit));
  }
  return text.empty() ? "nothing was measured" : text;
}

}  // namespace

std::string stacked_bars(const std::vector<std::string>& parts, std::string_view unit,
                         const std::vector<StackedRow>& rows) {
  std::string text = legend_of(parts) + "<ul class=\"stacks\">\n";
  for (const StackedRow& row : rows) {
    std::string spans;
    for (size_t p = 0; p < parts.size(); ++p) {
      if (!(row.values[p] > 0)) continue;
      fmt::format_to(std::back_inserter(spans),
                     "<span style=\"width:{:.2f}%;background:var(--line-{})\"></span>",
                     100 * std::min(row.values[p], 1.0), p % kColours + 1);
    }
    fmt::format_to(std::back_inserter(text),
                   "<li><span>{}</span><span class=\"bar\" aria-hidden=\"true\">{}</span>"
                   "<small>{}</small></li>\n",
                   html_escape(row.label), spans, html_escape(parts_text(parts, unit, row)));
  }
  return text + "</ul>\n";
}

double short_number(double value) {
  constexpr int kDigits = 5;
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10.0, std::floor(std::log10(std::fabs(value))) - (kDigits - 1));
  // Dividing by the inverse keeps 0.1 at 0.1 instead of 0.1000000001.
  return unit < 1 ? std::round(value / unit) / std::round(1 / unit)
                  : std::round(value / unit) * unit;
}

double largest_magnitude(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  return largest;
}

void write_scaled(JsonWriter& json, std::string_view key, const std::vector<double>& values,
                  double factor) {
  json.key(key);
  json.begin_array(true);
  for (const double value : values) json.value(short_number(value / factor));
  json.end();
}

}  // namespace windtunnel::report
