// A figure of the page without its drawing: heading, words and table. See html_parts.h.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "report/html_parts.h"
#include "report/human.h"

namespace windtunnel::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr size_t kTableRowsMax = 24;
constexpr size_t kTableColumnsMax = 12;

struct Words {
  std::string summary = {};
  Rows table = {};
  std::string caption = {};
  std::string legend = {};  // HTML
};

std::string titled(std::string_view title, const Scale& scale) {
  return scale.unit.empty() ? std::string(title) : fmt::format("{} ({})", title, scale.unit);
}

std::string cell(double value, const Scale& scale) { return human_number(value / scale.factor, 4); }

Words words_of(const std::string& title, const Distribution& distribution) {
  Words words;
  if (distribution.points.empty()) return {.summary = "Nothing was measured."};
  const auto at = [&](double share) { return quantile(distribution, share); };
  const auto human_at = [&](double share) { return human(at(share), distribution.unit, 3, 3); };
  words.summary =
      fmt::format("Median {}, 99th percentile {}, largest {}, of {} values.", human_at(0.5),
                  human_at(0.99), human_at(1), human_count(distribution.count));
  static constexpr std::array<double, 11> kShares{0.01, 0.05, 0.1,  0.25,  0.5, 0.75,
                                                  0.9,  0.95, 0.99, 0.999, 1};
  const Scale scale = scale_for(at(1), distribution.unit);
  words.table = {{"Share at or below", titled(title, scale)}};
  words.table.push_back({"smallest", cell(distribution.points.front().value, scale)});
  for (const double share : kShares) {
    words.table.push_back({human(share, unit::kShare), cell(at(share), scale)});
  }
  words.caption = "Quantiles";
  return words;
}

struct Peak {
  double value = -1;
  size_t index = 0;
};

Peak peak_of(const double* values, size_t count) {
  Peak peak{.value = std::nan(""), .index = 0};
  for (size_t i = 0; i < count; ++i) {
    if (std::isnan(peak.value) || values[i] > peak.value) peak = {values[i], i};
  }
  return peak;
}

std::string legend_of(const TimeSeries& series) {
  constexpr size_t kColours = 6;  // --line-1 to --line-6 of page.css
  std::string items;
  for (size_t i = 0; i < series.lines.size(); ++i) {
    fmt::format_to(std::back_inserter(items), "<li style=\"--swatch: var(--line-{})\">{}</li>",
                   i % kColours + 1, html_escape(series.lines[i].label));
  }
  if (series.limit) {
    fmt::format_to(std::back_inserter(items), "<li class=\"dashed\">{} ({})</li>",
                   html_escape(series.limit_label), html_escape(human(*series.limit, series.unit)));
  }
  return fmt::format("<ul class=\"legend\">{}</ul>\n", items);
}

Words words_of(const std::string&, const TimeSeries& series) {
  Words words;
  const size_t samples = series.time_s.size();
  if (samples == 0 || series.lines.empty()) return {.summary = "Nothing was measured."};
  words.legend = legend_of(series);
  double largest = 0;
  for (const TimeSeries::Line& line : series.lines) {
    const Peak peak = peak_of(line.values.data(), samples);
    largest = std::fmax(largest, std::fabs(peak.value));
    words.summary += fmt::format("{}{} {} at {}", words.summary.empty() ? "Largest values: " : "; ",
                                 line.label, human(peak.value, series.unit, 3, 3),
                                 human(series.time_s[peak.index], unit::kSeconds, 3, 3));
  }
  words.summary += ".";
  const Scale scale = scale_for(largest, series.unit);
  const Scale time = scale_for(series.time_s.back(), unit::kSeconds);
  words.table = {{titled("Simulated time", time)}};
  for (const TimeSeries::Line& line : series.lines) {
    words.table[0].push_back(titled(line.label, scale));
  }
  const size_t shown = std::min(samples, kTableRowsMax);
  for (size_t row = 0; row < shown; ++row) {
    const size_t i = shown == 1 ? 0 : row * (samples - 1) / (shown - 1);
    words.table.push_back({cell(series.time_s[i], time)});
    for (const TimeSeries::Line& line : series.lines) {
      words.table.back().push_back(cell(line.values[i], scale));
    }
  }
  words.caption = shown == samples
                      ? "Every sample"
                      : fmt::format("{} of {} samples, evenly chosen", shown, human_count(samples));
  return words;
}

std::string axis_text(const Axis& axis, size_t index) {
  return axis.labels.empty() ? human(axis.values[index], axis.unit, 3, 3) : axis.labels[index];
}

// "simulated time 45.0 µs", and just "leaf to host" where the entry is a name by itself.
std::string named(const Axis& axis, size_t index) {
  std::string title = axis.title;
  std::string text = axis_text(axis, index);
  const bool number = axis.labels.empty() || text.find_first_not_of("0123456789") == text.npos;
  if (!number || title.empty()) return text;
  if (title[0] >= 'A' && title[0] <= 'Z') title[0] = static_cast<char>(title[0] - 'A' + 'a');
  return title + " " + text;
}

double mean_of(const double* values, size_t count) {
  double sum = 0;
  double measured = 0;
  for (size_t i = 0; i < count; ++i) {
    if (std::isnan(values[i])) continue;
    sum += values[i];
    measured += 1;
  }
  return measured > 0 ? sum / measured : std::nan("");
}

// The rows that a table shows: all, or the busiest ones in their own order.
std::vector<size_t> rows_shown(const HeatMap& map) {
  const size_t columns = map.columns.size();
  std::vector<size_t> rows(map.rows.size());
  for (size_t row = 0; row < rows.size(); ++row) rows[row] = row;
  if (rows.size() <= kTableRowsMax) return rows;
  std::ranges::stable_sort(rows, std::greater{}, [&](size_t row) {
    const double mean = mean_of(&map.values[row * columns], columns);
    return std::isnan(mean) ? -1 : mean;
  });
  rows.resize(kTableRowsMax);
  std::ranges::sort(rows);
  return rows;
}

Rows heat_table(const HeatMap& map, const Scale& scale) {
  const size_t columns = map.columns.size();
  const bool whole = columns <= kTableColumnsMax;
  Rows table{{map.rows.title}};
  if (whole) {
    for (size_t i = 0; i < columns; ++i) {
      table[0].push_back(titled(axis_text(map.columns, i), scale));
    }
  } else {
    table[0] = {map.rows.title, titled("mean", scale), titled("largest", scale),
                "at " + map.columns.title};
  }
  for (const size_t row : rows_shown(map)) {
    const double* values = &map.values[row * columns];
    table.push_back({axis_text(map.rows, row)});
    for (size_t i = 0; whole && i < columns; ++i) table.back().push_back(cell(values[i], scale));
    if (whole) continue;
    const Peak peak = peak_of(values, columns);
    table.back().push_back(cell(mean_of(values, columns), scale));
    table.back().push_back(cell(peak.value, scale));
    table.back().push_back(axis_text(map.columns, peak.index));
  }
  return table;
}

Words words_of(const std::string&, const HeatMap& map) {
  Words words;
  if (map.values.empty()) return {.summary = "Nothing was measured."};
  const size_t columns = map.columns.size();
  const Peak peak = peak_of(map.values.data(), map.values.size());
  words.summary =
      fmt::format("Largest: {} at {}, {}.", human(peak.value, map.unit),
                  named(map.rows, peak.index / columns), named(map.columns, peak.index % columns));
  words.table = heat_table(map, scale_for(peak.value, map.unit));
  if (map.rows.size() > kTableRowsMax) {
    words.caption = fmt::format("The {} of {} rows with the highest mean", kTableRowsMax,
                                human_count(map.rows.size()));
  }
  if (thinned_in_figure(map)) {
    words.summary += " Each cell drawn is the largest of a group of neighbours.";
  }
  return words;
}

bool tall(const Series& series) {
  constexpr size_t kRowsThatNeedHeight = 20;
  const auto* map = std::get_if<HeatMap>(&series.data);
  return map != nullptr && map->rows.size() > kRowsThatNeedHeight;
}

}  // namespace

std::string html_table(const Rows& rows, size_t first_number, std::string_view caption) {
  std::string text = "<div class=\"scroll\" tabindex=\"0\"><table>";
  if (!caption.empty()) text += fmt::format("<caption>{}</caption>", html_escape(caption));
  for (size_t row = 0; row < rows.size(); ++row) {
    text += row == 0 ? "<thead><tr>" : row == 1 ? "<tbody>\n<tr>" : "<tr>";
    for (size_t i = 0; i < rows[row].size(); ++i) {
      const bool heading = row == 0 || i == 0;
      const std::string_view scope = row == 0 ? " scope=\"col\"" : i == 0 ? " scope=\"row\"" : "";
      const std::string_view align = i >= first_number ? " class=\"n\"" : "";
      const std::string_view tag = heading ? "th" : "td";
      fmt::format_to(std::back_inserter(text), "<{}{}{}>{}</{}>", tag, scope, align,
                     html_escape(rows[row][i]), tag);
    }
    text += row == 0 ? "</tr></thead>\n" : "</tr>\n";
  }
  return text + (rows.size() > 1 ? "</tbody></table></div>\n" : "</table></div>\n");
}

std::string html_figure(const Series& series, size_t index, bool drawn) {
  const std::string& title = series.title.empty() ? series.name : series.title;
  const Words words =
      std::visit([&](const auto& data) { return words_of(title, data); }, series.data);
  std::string text = fmt::format("<figure>\n<h2>{}</h2>\n", html_escape(title));
  if (!series.about.empty()) {
    text += fmt::format("<p class=\"about\">{}</p>\n", html_escape(series.about));
  }
  if (drawn && !words.table.empty()) {
    text += words.legend;
    text += fmt::format(
        "<div class=\"plot{}\" data-figure=\"{}\" role=\"img\" aria-label=\"{}\"></div>\n",
        tall(series) ? " tall" : "", index, html_escape(title + ". " + words.summary));
  }
  text += fmt::format("<p class=\"summary\">{}</p>\n", html_escape(words.summary));
  if (!words.table.empty()) {
    // Without a drawing the table is the figure, so it stands open.
    text += fmt::format("<details{}><summary>The same as a table</summary>\n{}</details>\n",
                        drawn ? "" : " open", html_table(words.table, 1, words.caption));
  }
  return text + "</figure>\n";
}

}  // namespace windtunnel::report
