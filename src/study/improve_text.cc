// What `windtunnel improve` prints.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/version.h"
#include "report/human.h"
#include "report/json_writer.h"
#include "study/improve.h"

namespace windtunnel::study {
namespace {

// Enough digits that the last is of the size of the half width.
int digits_for(double value, double half_width) {
  if (!(half_width > 0) || !std::isfinite(half_width) || value == 0) return 5;
  const double magnitude = std::floor(std::log10(std::abs(value)));
  return std::clamp(static_cast<int>(magnitude - std::floor(std::log10(half_width))) + 2, 3, 9);
}

std::string number(double value, double half_width, const std::string& unit) {
  if (unit == report::unit::kCount)
    return report::human_number(value, digits_for(value, half_width));
  return report::human(value, unit, digits_for(value, half_width));
}

std::string interval(const des::Interval& i, const std::string& unit) {
  const std::string value = number(i.mean, i.half_width, unit);
  if (!std::isfinite(i.half_width)) return value;
  return fmt::format("{} ± {}", value, number(i.half_width, i.half_width, unit));
}

std::string signed_interval(const des::Interval& i, const std::string& unit) {
  return (i.mean >= 0 ? "+" : "") + interval(i, unit);
}

std::string settings_text(const std::vector<Setting>& settings) {
  std::string text;
  for (const Setting& s : settings)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", s.path, s.value);
  return text;
}

std::string changes_text(const ChangeTable& table, const ImproveReport& report) {
  std::string text = fmt::format("{}: {} as it is ({} runs each, 95 % intervals)\n", report.metric,
                                 interval(table.base, report.unit), table.base.count);
  if (table.changes.empty())
    return text + "There is no change to weigh; name some with --change.\n";
  text += "What one change is worth:\n";
  size_t width = 0;
  for (const ChangeWorth& c : table.changes)
    width = std::max(width, signed_interval(c.difference, report.unit).size());
  for (const ChangeWorth& c : table.changes) {
    const std::string worth = signed_interval(c.difference, report.unit);
    const bool none = c.difference.contains(0);
    const double share = 100 * c.difference.mean / table.base.mean;
    const std::string percent = none || table.base.mean == 0 ? std::string("nothing sure")
                                                             : fmt::format("{:+.2f} %", share);
    text += fmt::format("  {:>{}}  {:>12}  {}\n      --set {}\n", worth, width, percent,
                        c.change.what, settings_text(c.change.settings));
  }
  return text;
}

std::string target_text(const Target& target) {
  return fmt::format("{} {} {}", target.metric, target.at_least ? ">=" : "<=", target.value);
}

std::string target_text(const TargetSearch& search, const ImproveReport& report,
                        const ImproveOptions& options) {
  const std::string target = target_text(*options.target);
  const std::string tried =
      fmt::format("{} of {} settings were run.\n", search.asked, search.points);
  if (!search.point)
    return fmt::format("Not within these ranges: {} comes to {} with the highest values{}.\n{}",
                       target, interval(search.value, report.unit),
                       search.sure ? "" : ", and the interval does not rule it out", tried);
  std::string text = fmt::format(
      "The least for {}: {}\n  {}{}, price {:g}\n", target,
      variant_of(options.search, *search.point).name, interval(search.value, report.unit),
      search.sure ? "" : " (the interval still holds the target)", search.price);
  for (const SearchNeighbour& n : search.neighbours)
    text += fmt::format(
        "  with {} instead: {}, {}\n", n.what, interval(n.value, report.unit),
        n.meets ? "which meets it as well: more is not always better here" : "which falls short");
  return text + tried;
}

std::string budget_text(const BudgetSearch& search, const ImproveReport& report,
                        const ImproveOptions& options) {
  const std::string promise =
      search.chosen
          ? fmt::format("the best of {} settings, or within {} of it, with 95 % certainty",
                        search.points, number(search.indifference, 0, report.unit))
          : fmt::format(
                "the largest mean of {} settings; {} runs did not tell the first ones apart",
                search.points, search.rounds);
  return fmt::format("Within a budget of {:g}: {}\n  {} {}, price {:g}\n  {}\n", *options.budget,
                     variant_of(options.search, search.point).name, report.metric,
                     interval(search.value, report.unit), search.price, promise);
}

void write_interval(report::JsonWriter& json, const char* name, const des::Interval& i) {
  json.key(name);
  json.begin_object(true);
  json.member("value", i.mean);
  json.member("ci95", i.half_width);
  json.member("runs", i.count);
  json.end();
}

void write_settings(report::JsonWriter& json, const std::vector<Setting>& settings) {
  json.key("settings");
  json.begin_object(true);
  for (const Setting& s : settings) json.member(s.path, s.value);
  json.end();
}

void write_changes(report::JsonWriter& json, const ChangeTable& table) {
  write_interval(json, "base", table.base);
  json.key("changes");
  json.begin_array();
  for (const ChangeWorth& c : table.changes) {
    json.begin_object();
    json.member("what", c.change.what);
    write_settings(json, c.change.settings);
    write_interval(json, "value", c.value);
    write_interval(json, "difference", c.difference);
    json.end();
  }
  json.end();
}

void write_target(report::JsonWriter& json, const TargetSearch& search,
                  const ImproveOptions& options) {
  json.key("target");
  json.begin_object();
  json.member("metric", options.target->metric);
  json.member("rule", options.target->at_least ? "at_least" : "at_most");
  json.member("bound", options.target->value);
  json.member("met", search.point.has_value());
  json.member("sure", search.sure);
  if (search.point) {
    write_settings(json, variant_of(options.search, *search.point).settings);
    json.member("price", search.price);
  }
  write_interval(json, "value", search.value);
  json.key("less");
  json.begin_array();
  for (const SearchNeighbour& n : search.neighbours) {
    json.begin_object();
    json.member("what", n.what);
    json.member("meets", n.meets);
    write_interval(json, "value", n.value);
    json.end();
  }
  json.end();
  json.member("asked", search.asked);
  json.member("points", search.points);
  json.end();
}

void write_budget(report::JsonWriter& json, const BudgetSearch& search,
                  const ImproveOptions& options) {
  json.key("budget");
  json.begin_object();
  json.member("budget", *options.budget);
  write_settings(json, variant_of(options.search, search.point).settings);
  json.member("price", search.price);
  write_interval(json, "value", search.value);
  json.member("indifference", search.indifference);
  json.member("chosen", search.chosen);
  json.member("points", search.points);
  json.member("rounds", search.rounds);
  json.end();
}

}  // namespace

std::string improve_text(const ImproveReport& report, const ImproveOptions& options) {
  std::string text;
  if (report.changes) text += changes_text(*report.changes, report);
  if (report.target) text += target_text(*report.target, report, options);
  if (report.budget) text += budget_text(*report.budget, report, options);
  return text;
}

std::string improve_json(const ImproveReport& report, const ImproveOptions& options) {
  report::JsonWriter json;
  json.begin_object();
  json.member("windtunnel", base::version());
  json.member("metric", report.metric);
  json.member("unit", report.unit);
  json.member("level", kImproveLevel);
  if (report.changes) write_changes(json, *report.changes);
  if (report.target) write_target(json, *report.target, options);
  if (report.budget) write_budget(json, *report.budget, options);
  json.member("runs", report.runs);
  json.end();
  return json.take() + "\n";
}

}  // namespace windtunnel::study
