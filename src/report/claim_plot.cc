// Plots of the claims page: curves as data for the script and as tables, bars as HTML.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/claim_html_parts.h"
#include "report/figure_parts.h"
#include "report/html_parts.h"
#include "report/human.h"
#include "report/json_parts.h"

namespace windtunnel::report {
namespace {

double largest_value(const Curve& curve) {
  double most = std::fabs(curve.reference.value_or(0));
  for (const Curve::Line& line : curve.lines) most = std::max(most, largest_magnitude(line.values));
  return most;
}

// --- curves ------------------------------------------------------------------------------------

TableRows curve_table(const Curve& curve) {
  const Scale x = scale_for(largest_magnitude(curve.at), curve.x_unit);
  const Scale y = scale_for(largest_value(curve), curve.unit);
  TableRows rows{{curve.placed ? titled(curve.x_title, x) : curve.x_title}};
  for (const Curve::Line& line : curve.lines) rows[0].push_back(titled(line.label, y));
  const size_t count = curve.at.size();
  const size_t shown = std::min(count, kTableRowsMax);
  for (size_t row = 0; row < shown; ++row) {
    const size_t i = shown == 1 ? 0 : row * (count - 1) / (shown - 1);
    rows.push_back({curve.placed ? cell(curve.at[i], x) : curve.labels[i]});
    for (const Curve::Line& line : curve.lines) rows.back().push_back(cell(line.values[i], y));
  }
  return rows;
}

std::string point_text(const Curve& curve, size_t i) {
  return curve.placed ? human(curve.at[i], curve.x_unit) : curve.labels[i];
}

// "one path 3.2 ms to 12.4 ms, many paths 1.1 ms to 1.3 ms."
std::string curve_summary(const Curve& curve) {
  std::string text;
  for (const Curve::Line& line : curve.lines) {
    if (line.values.empty()) continue;
    fmt::format_to(std::back_inserter(text), "{}{}: {} at {}, {} at {}", text.empty() ? "" : "; ",
                   line.label, human(line.values.front(), curve.unit), point_text(curve, 0),
                   human(line.values.back(), curve.unit),
                   point_text(curve, line.values.size() - 1));
  }
  return text + ".";
}

std::string reference_text(const Curve& curve) {
  if (!curve.reference) return "";
  const std::string label = curve.reference_label.empty() ? "reference" : curve.reference_label;
  return fmt::format("{} ({})", label, human(*curve.reference, curve.unit, 4));
}

std::string curve_body(const ClaimPlotResult& plot, const Curve& curve, size_t index, bool drawn) {
  std::string text;
  const std::string summary = curve_summary(curve);
  if (drawn) {
    std::vector<std::string> labels;
    for (const Curve::Line& line : curve.lines) labels.push_back(line.label);
    text += legend_of(labels, reference_text(curve));
    text += fmt::format(
        "<div class=\"plot\" data-figure=\"{}\" role=\"img\" aria-label=\"{}\"></div>\n", index,
        html_escape(plot.title + ". " + summary));
  }
  text += fmt::format("<p class=\"summary\">{}</p>\n", html_escape(summary));
  return text + fmt::format("<details{}><summary>The same as a table</summary>\n{}</details>\n",
                            drawn ? "" : " open", html_table(curve_table(curve), 1, ""));
}

void write_curve(JsonWriter& json, const Curve& curve, const std::string& title) {
  const Scale x = scale_for(largest_magnitude(curve.at), curve.x_unit);
  const Scale y = scale_for(largest_value(curve), curve.unit);
  json.begin_object();
  json.member("shape", "curve");
  json.member("x_title", curve.x_title);
  json.member("x_unit", curve.placed ? x.unit : std::string());
  json.member("value_title", title);
  json.member("unit", y.unit);
  json.member("log_x", curve.log_x);
  json.member("log_y", curve.log_y);
  if (!curve.placed) write_texts(json, "labels", curve.labels);
  write_scaled(json, "x", curve.at, curve.placed ? x.factor : 1);
  if (curve.reference) {
    json.member("limit", *curve.reference / y.factor);
    json.member("limit_label", curve.reference_label);
  }
  json.key("lines");
  json.begin_array();
  for (const Curve::Line& line : curve.lines) {
    json.begin_object();
    json.member("label", line.label);
    write_scaled(json, "values", line.values, y.factor);
    json.end();
  }
  json.end();
  json.end();
}

// --- bars --------------------------------------------------------------------------------------

// Shares of which each is one of a whole by itself: bars of their own, row by row.
std::string grouped_bars(const Bars& bars) {
  std::string text;
  for (const Bars::Row& row : bars.rows) {
    std::vector<PlainBar> parts;
    for (size_t p = 0; p < bars.parts.size(); ++p) {
      if (std::isnan(row.values[p])) continue;
      parts.push_back({bars.parts[p], row.values[p], human(row.values[p], bars.unit)});
    }
    text += html_paragraph("group", row.label) + plain_bars(parts);
  }
  return text;
}

std::string bars_body(const Bars& bars) {
  if (bars.parts.size() > 1) return grouped_bars(bars);
  double most = 0;
  for (const Bars::Row& row : bars.rows) most = std::max(most, largest_magnitude(row.values));
  std::vector<PlainBar> rows;
  for (const Bars::Row& row : bars.rows) {
    const double value = row.values.front();
    rows.push_back({row.label, most > 0 ? value / most : 0, human(value, bars.unit)});
  }
  return plain_bars(rows);
}

// --- sensitivities -----------------------------------------------------------------------------

// A scale that all ranges of a claim share.
struct Span {
  double low = 0;
  double high = 1;
  double at(double value) const { return 100 * std::clamp((value - low) / (high - low), 0.0, 1.0); }
};

Span span_of(const ClaimResult& claim, double needed) {
  Span span{std::fmin(claim.value, needed), std::fmax(claim.value, needed)};
  for (const SensitivityResult& result : claim.sensitivity) {
    span.low = std::fmin(span.low, result.low);
    span.high = std::fmax(span.high, result.high);
  }
  const double room = span.high > span.low ? 0.04 * (span.high - span.low)
                                           : std::fmax(1e-9, 0.1 * std::fabs(span.high));
  span.low -= room;
  span.high += room;
  return span;
}

std::string range_row(const SensitivityResult& result, const ClaimResult& claim, double needed,
                      const Span& span) {
  const auto shown = [&](double value) { return html_escape(human(value, claim.unit)); };
  const double from = span.at(result.low);
  const std::string where = result.everywhere ? "the claim holds over the whole range"
                            : result.nowhere  ? "the claim holds nowhere in the range"
                                              : "the claim holds if " + result.condition;
  return fmt::format(
      "<li><span class=\"of\">{}</span><span class=\"range\" aria-hidden=\"true\">"
      "<span class=\"extent\" style=\"left:{:.2f}%;width:{:.2f}%\"></span>"
      "<span class=\"needed\" style=\"left:{:.2f}%\"></span>"
      "<span class=\"base\" style=\"left:{:.2f}%\"></span></span>"
      "<output>{} to {}</output><small>{}. {}</small></li>\n",
      html_escape(result.label), from, std::fmax(0.5, span.at(result.high) - from), span.at(needed),
      span.at(claim.value), shown(result.low), shown(result.high), html_escape(where),
      html_escape(result.why));
}

}  // namespace

bool is_scripted(const ClaimPlotResult& plot) { return !std::holds_alternative<Bars>(plot.data); }

std::string claim_figure(const ClaimPlotResult& plot, size_t index, bool drawn) {
  if (const Series* series = std::get_if<Series>(&plot.data)) {
    Series named = *series;
    named.title = plot.title;
    if (!plot.about.empty()) named.about = plot.about;
    std::string text = html_figure(named, index, drawn);
    // Within a claim, figures stand a level lower than on a page of their own.
    for (const auto& [from, to] : {std::pair{"<h2>", "<h3>"}, std::pair{"</h2>", "</h3>"}}) {
      const size_t at = text.find(from);
      if (at != std::string::npos) text.replace(at, std::string_view(from).size(), to);
    }
    return text;
  }
  std::string text = fmt::format("<figure>\n<h3>{}</h3>\n", html_escape(plot.title));
  if (!plot.about.empty()) {
    text += fmt::format("<p class=\"about\">{}</p>\n", html_escape(plot.about));
  }
  if (const Curve* curve = std::get_if<Curve>(&plot.data)) {
    text += curve_body(plot, *curve, index, drawn);
  } else if (const Bars* bars = std::get_if<Bars>(&plot.data)) {
    text += bars_body(*bars);
  }
  return text + "</figure>\n";
}

void write_claim_figure(JsonWriter& json, const ClaimPlotResult& plot) {
  if (const Series* series = std::get_if<Series>(&plot.data)) {
    write_figure(json, *series);
  } else if (const Curve* curve = std::get_if<Curve>(&plot.data)) {
    write_curve(json, *curve, plot.title);
  }
}

std::string sensitivity_figure(const ClaimResult& claim) {
  if (claim.sensitivity.empty()) return "";
  const Curve& first = claim.sensitivity.front().curve;
  const double needed = first.reference.value_or(claim.value);
  const Span span = span_of(claim, needed);
  std::string text = fmt::format(
      "<figure>\n<h3>If the assumptions are wrong</h3>\n<p class=\"about\">How far the figure "
      "moves "
      "when one assumption is varied and the others stay.</p>\n<ul class=\"legend\">"
      "<li class=\"extent\">over the range tried</li><li class=\"base\">as assumed ({})</li>"
      "<li class=\"needed\">what the claim needs ({})</li></ul>\n<ul class=\"ranges\">\n",
      html_escape(human(claim.value, claim.unit)), html_escape(claim.rule));
  for (const SensitivityResult& result : claim.sensitivity) {
    text += range_row(result, claim, needed, span);
  }
  return text + "</ul>\n</figure>\n";
}

}  // namespace windtunnel::report
