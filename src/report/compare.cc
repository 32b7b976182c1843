#include "report/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/csv.h"
#include "report/human.h"
#include "report/json_parts.h"
#include "report/text.h"

namespace windtunnel::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// Every metric of any case once, in the order of first appearance.
std::vector<const Metric*> metrics_of(const std::vector<Case>& cases) {
  std::vector<const Metric*> metrics;
  for (const Case& c : cases) {
    for (const Metric& metric : c.measurements.metrics) {
      if (std::ranges::find(metrics, metric.name, &Metric::name) == metrics.end()) {
        metrics.push_back(&metric);
      }
    }
  }
  std::ranges::stable_sort(metrics, std::greater{}, &Metric::headline);
  return metrics;
}

std::string label_of(const Metric& metric) {
  return plain_line(metric.label.empty() ? metric.name : metric.label);
}

std::string value_in(const Case& c, const Metric& metric) {
  const Metric* found = find_metric(c.measurements, metric.name);
  return found == nullptr ? "–" : human_with_interval(*found);
}

// "+12 %", "-3.4 %", "=" for no change; empty where a change has no meaning.
std::string change(const Case& first, const Case& other, const Metric& metric) {
  const Metric* a = find_metric(first.measurements, metric.name);
  const Metric* b = find_metric(other.measurements, metric.name);
  if (a == nullptr || b == nullptr || a->unit != b->unit) return "";
  if (a->value == b->value) return "=";
  if (a->value == 0 || !std::isfinite(a->value) || !std::isfinite(b->value)) return "";
  const double ratio = (b->value - a->value) / std::fabs(a->value);
  // From tenfold on, a factor reads better than a percentage.
  if (ratio >= 9) return fmt::format("x{}", human_number(b->value / a->value, 3));
  const int digits = ratio < -0.99 ? 4 : 2;  // "-99.9 %" is not "-100 %"
  return fmt::format("{}{}", ratio > 0 ? "+" : "", human(ratio, unit::kShare, digits));
}

Rows metrics_down(const std::vector<Case>& cases) {
  Rows rows{{"Metric"}};
  for (size_t i = 0; i < cases.size(); ++i) {
    rows[0].push_back(plain_line(cases[i].name));
    if (i > 0) rows[0].push_back("change");
  }
  for (const Metric* metric : metrics_of(cases)) {
    std::vector<std::string> row{label_of(*metric)};
    for (size_t i = 0; i < cases.size(); ++i) {
      row.push_back(value_in(cases[i], *metric));
      if (i > 0) row.push_back(change(cases[0], cases[i], *metric));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Rows cases_down(const std::vector<Case>& cases) {
  std::vector<const Metric*> metrics = metrics_of(cases);
  if (std::ranges::any_of(metrics, &Metric::headline)) {
    std::erase_if(metrics, [](const Metric* metric) { return !metric->headline; });
  }
  Rows rows{{"Case"}};
  for (const Metric* metric : metrics) rows[0].push_back(label_of(*metric));
  for (const Case& c : cases) {
    std::vector<std::string> row{plain_line(c.name)};
    for (const Metric* metric : metrics) row.push_back(value_in(c, *metric));
    rows.push_back(std::move(row));
  }
  return rows;
}

size_t widest_line(std::string_view text) {
  size_t widest = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    widest = std::max(widest, display_width(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return widest;
}

}  // namespace

std::string comparison_text(const std::vector<Case>& cases, const TerminalStyle& style) {
  const auto columns = static_cast<size_t>(std::max(style.columns, 1));
  const Rows rows = metrics_down(cases);
  const bool fits = widest_line(text_table(rows, Paint(false))) <= columns;
  const Paint paint(style.colour);
  std::string text = text_table(fits || cases.size() < 3 ? rows : cases_down(cases), paint);
  text += "\n";
  for (const Case& c : cases) {
    text += wrapped(fmt::format("{}: {}", c.name, bottleneck_sentence(c.measurements.bottleneck)),
                    columns);
  }
  return text;
}

std::string comparison_csv(const std::vector<Case>& cases) {
  std::string text = "case,metric,value,unit,ci95\n";
  for (const Case& c : cases) {
    for (const Metric& metric : c.measurements.metrics) {
      fmt::format_to(std::back_inserter(text), "{},{},{},{},{}\n", csv_field(c.name),
                     csv_field(metric.name), csv_number(metric.value), csv_field(metric.unit),
                     metric.ci95 ? csv_number(*metric.ci95) : "");
    }
  }
  return text;
}

std::string comparison_json(const std::string& version, const std::vector<Case>& cases) {
  JsonWriter json;
  json.begin_object();
  json.member("windtunnel", std::string_view(version));
  json.key("cases");
  json.begin_array();
  for (const Case& c : cases) {
    json.begin_object();
    json.member("name", std::string_view(c.name));
    json.member("seed", c.measurements.seed);
    write_metrics(json, c.measurements.metrics);
    write_bottleneck(json, c.measurements.bottleneck);
    json.end();
  }
  json.end();
  json.end();
  return json.take();
}

}  // namespace windtunnel::report
