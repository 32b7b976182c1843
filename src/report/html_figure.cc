// A figure of the page without its drawing: heading, words and table. See html_parts.h.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "report/figure_parts.h"
#include "report/html_parts.h"
#include "report/human.h"

namespace windtunnel::report {
namespace {

constexpr size_t kTableColumnsMax = 12;

FigureWords words_of(const std::string& title, const Distribution& distribution) {
  FigureWords words;
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

std::string lines_legend(const TimeSeries& series) {
  std::vector<std::string> labels;
  for (const TimeSeries::Line& line : series.lines) labels.push_back(line.label);
  return legend_of(labels, series.limit ? fmt::format("{} ({})", series.limit_label,
                                                      human(*series.limit, series.unit))
                                        : "");
}

// "A cable died at 21.0 µs, as before again at 64.0 µs."
std::string marks_text(const std::vector<TimeSeries::Mark>& marks) {
  std::string text;
  for (const TimeSeries::Mark& mark : marks) {
    fmt::format_to(std::back_inserter(text), "{}{} at {}", text.empty() ? " Marked: " : ", ",
                   mark.label, human(mark.at_s, unit::kSeconds, 3, 3));
  }
  return text.empty() ? text : text + ".";
}

FigureWords words_of(const TimeSeries& series) {
  FigureWords words;
  const size_t samples = series.time_s.size();
  if (samples == 0 || series.lines.empty()) return {.summary = "Nothing was measured."};
  words.legend = lines_legend(series);
  double largest = 0;
  for (const TimeSeries::Line& line : series.lines) {
    const Peak peak = peak_of(line.values.data(), samples);
    largest = std::fmax(largest, std::fabs(peak.value));
    words.summary += fmt::format("{}{} {} at {}", words.summary.empty() ? "Largest values: " : "; ",
                                 line.label, human(peak.value, series.unit, 3, 3),
                                 human(series.time_s[peak.index], unit::kSeconds, 3, 3));
  }
  words.summary += "." + marks_text(series.marks);
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

TableRows heat_table(const HeatMap& map, const Scale& scale) {
  const size_t columns = map.columns.size();
  const bool whole = columns <= kTableColumnsMax;
  TableRows table{{map.rows.title}};
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

FigureWords words_of(const HeatMap& map) {
  FigureWords words;
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

struct WordsOf {
  const std::string& title;
  FigureWords operator()(const Distribution& data) const { return words_of(title, data); }
  template <class Data>
  FigureWords operator()(const Data& data) const {
    return words_of(data);
  }
};

bool tall(const Series& series) {
  constexpr size_t kRowsThatNeedHeight = 20;
  const auto* map = std::get_if<HeatMap>(&series.data);
  return map != nullptr && map->rows.size() > kRowsThatNeedHeight;
}

}  // namespace

std::string html_table(const TableRows& rows, size_t first_number, std::string_view caption) {
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
  const FigureWords words = std::visit(WordsOf{title}, series.data);
  std::string text = fmt::format("<figure>\n<h2>{}</h2>\n", html_escape(title));
  if (!series.about.empty()) {
    text += fmt::format("<p class=\"about\">{}</p>\n", html_escape(series.about));
  }
  text += words.picture;
  if (drawn && words.picture.empty() && !words.table.empty()) {
    text += words.legend;
    text += fmt::format(
        "<div class=\"plot{}\" data-figure=\"{}\" role=\"img\" aria-label=\"{}\"></div>\n",
        tall(series) ? " tall" : "", index, html_escape(title + ". " + words.summary));
  }
  if (!words.summary.empty()) {
    text += fmt::format("<p class=\"summary\">{}</p>\n", html_escape(words.summary));
  }
  if (!words.table.empty()) {
    // Without a drawing the table is the figure, so it stands open.
    const bool shown = drawn || !words.picture.empty();
    text += fmt::format("<details{}><summary>The same as a table</summary>\n{}</details>\n",
                        shown ? "" : " open",
                        html_table(words.table, words.first_number, words.caption) + words.more);
  }
  return text + "</figure>\n";
}

}  // namespace windtunnel::report
