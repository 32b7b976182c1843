#include "study/plan_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/human.h"
#include "report/json_writer.h"
#include "report/text.h"

namespace windtunnel::study {
namespace {

constexpr double kYear = 365.0 * 86'400;

struct GoalFigures {
  double TrialFigures::*first;
  double TrialFigures::*second;
  double sign;  // of a first figure that is better when larger
};

GoalFigures figures_of(PlanGoal goal) {
  if (goal == PlanGoal::kShipped) return {&TrialFigures::shipped_per_year, &TrialFigures::stock, 1};
  return {&TrialFigures::tardiness, &TrialFigures::done, -1};
}

double mean(const Trial& trial, double TrialFigures::*figure) {
  return interval_of(trial, figure).mean;
}

// Beyond chance. Two trials without any chance in them differ as soon as their means do.
bool better(const Trial& a, const Trial& b, const GoalFigures& goal) {
  const des::Interval d = difference(a, b, goal.first);
  const double gain = goal.sign * d.mean;
  return gain > 0 && (std::isinf(d.half_width) || gain > d.half_width);
}

bool smaller(const Trial& a, const Trial& b, double TrialFigures::*figure) {
  const des::Interval d = difference(a, b, figure);
  return d.mean < 0 && (std::isinf(d.half_width) || -d.mean > d.half_width);
}

// One replication has no interval.
std::string with_interval(const des::Interval& interval, std::string_view unit, bool sign = false) {
  const char* plus = sign && interval.mean > 0 ? "+" : "";
  const std::string mean = plus + report::human(interval.mean, unit, 5);
  if (std::isinf(interval.half_width)) return mean;
  return mean + " ± " + report::human(interval.half_width, unit, 2);
}

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const PlanReport& report) {
  const GoalFigures goal = figures_of(report.goal);
  const bool shipped = report.goal == PlanGoal::kShipped;
  Rows rows;
  rows.push_back(
      shipped
          ? std::vector<std::string>{"plan", "shipped a year", "against the first", "mean stock"}
          : std::vector<std::string>{"plan", "late for, together", "against the first",
                                     "orders late", "all done"});
  const Trial& first = report.tried.front().trial;
  for (const TriedPlan& tried : report.tried) {
    const char* unit = shipped ? report::unit::kCount : report::unit::kSeconds;
    const bool stuck = mean(tried.trial, &TrialFigures::stuck) > 0;
    std::vector<std::string> row = {tried.plan.name + (stuck ? " (gets stuck)" : ""),
                                    with_interval(interval_of(tried.trial, goal.first), unit)};
    row.push_back(&tried == &report.tried.front()
                      ? ""
                      : with_interval(difference(tried.trial, first, goal.first), unit, true));
    if (!shipped) row.push_back(report::human_number(mean(tried.trial, &TrialFigures::late), 3));
    row.push_back(report::human(mean(tried.trial, goal.second), unit, 4));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string span_text(int64_t ticks) {
  return report::human(factory::Duration::ticks(ticks).seconds(), report::unit::kSeconds);
}

std::string lots_text(const LotStudy& study) {
  const planning::SetupOrders& orders = study.orders;
  std::vector<std::string> names;
  for (const uint32_t family : orders.best.order) names.push_back(study.families[family]);
  const std::string proof =
      orders.best.setup.optimal()
          ? "proved"
          : fmt::format("within {} of the bound",
                        report::human(orders.best.setup.gap(), report::unit::kShare));
  std::string text = fmt::format(
      "changeovers of a cycle at {}: {} at best ({}), {} as given, {} on average, {} at worst\n",
      study.station, span_text(orders.best.setup.value), proof, span_text(orders.given_setup),
      span_text(static_cast<int64_t>(orders.mean_setup)), span_text(orders.worst_setup));
  text += fmt::format("best order: {}\n", fmt::join(names, ", "));
  const std::string rate = report::human(study.rate * kYear, report::unit::kCount, 5);
  text += study.cycle_min > factory::Duration::zero()
              ? fmt::format("shortest cycle that makes the parts of {} a year: {}\n", rate,
                            span_text(study.cycle_min.ticks()))
              : fmt::format(
                    "no cycle makes the parts of {} a year: work alone takes all the "
                    "time\n",
                    rate);
  return text;
}

std::string bound_text(const PlanReport& report) {
  if (std::isinf(report.capacity.rate)) return "";
  const double bound = report.capacity.rate * kYear;
  const double shipped = mean(report.tried[report.released].trial, &TrialFigures::shipped_per_year);
  // By chance a few years have fewer breakdowns than the long run, which the bound is reckoned for.
  const double gap = std::max(0.0, 1 - shipped / bound);
  return fmt::format(
      "In the long run no plan ships more than {} a year, which {} allows; this one is {} below.\n",
      report::human(bound, report::unit::kCount, 5),
      report.capacity.stations[report.capacity.narrowest].name,
      report::human(gap, report::unit::kShare));
}

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

void write_interval(report::JsonWriter& json, std::string_view name,
                    const des::Interval& interval) {
  json.key(name);
  json.begin_object(true);
  json.member("value", interval.mean);
  if (!std::isinf(interval.half_width)) json.member("ci95", interval.half_width);
  json.end();
}

void write_lots(report::JsonWriter& json, const LotStudy& study) {
  const planning::SetupOrders& orders = study.orders;
  const auto seconds = [](double ticks) {
    return ticks / static_cast<double>(factory::Tick::kPerSecond);
  };
  json.key("changeovers");
  json.begin_object();
  json.member("station", study.station);
  json.member("best_s", seconds(static_cast<double>(orders.best.setup.value)));
  json.member("bound_s", seconds(static_cast<double>(orders.best.setup.lower_bound)));
  json.member("given_s", seconds(static_cast<double>(orders.given_setup)));
  json.member("mean_s", seconds(orders.mean_setup));
  json.member("worst_s", seconds(static_cast<double>(orders.worst_setup)));
  json.key("order");
  json.begin_array(true);
  for (const uint32_t family : orders.best.order) json.value(study.families[family]);
  json.end();
  json.member("cycle_min_s", study.cycle_min.seconds());
  json.member("rate_per_year", study.rate * kYear);
  json.end();
}

void write_plan(report::JsonWriter& json, const TriedPlan& tried, const Trial& first) {
  json.begin_object();
  json.member("name", tried.plan.name);
  const auto both = [&](std::string_view name, double TrialFigures::*figure) {
    write_interval(json, name, interval_of(tried.trial, figure));
    write_interval(json, fmt::format("{}.difference", name),
                   difference(tried.trial, first, figure));
  };
  both("shipped.per_year", &TrialFigures::shipped_per_year);
  both("stock.mean", &TrialFigures::stock);
  both("orders.tardiness", &TrialFigures::tardiness);
  both("orders.late", &TrialFigures::late);
  both("orders.done", &TrialFigures::done);
  both("stuck", &TrialFigures::stuck);
  json.key("settings");
  json.begin_array();
  for (const Setting& setting : tried.plan.settings) json.value(setting.path + "=" + setting.value);
  json.end();
  json.end();
}

}  // namespace

size_t choose_plan(PlanGoal goal, const std::vector<TriedPlan>& tried) {
  const GoalFigures figures = figures_of(goal);
  size_t best = 0;
  for (size_t i = 1; i < tried.size(); ++i) {
    const bool beats_first = better(tried[i].trial, tried[0].trial, figures);
    const double gain = figures.sign * (mean(tried[i].trial, figures.first) -
                                        mean(tried[best].trial, figures.first));
    if (beats_first && gain > 0) best = i;
  }
  size_t chosen = best;
  for (size_t i = 0; i < tried.size(); ++i) {
    const bool as_good = !better(tried[best].trial, tried[i].trial, figures);
    if (as_good && smaller(tried[i].trial, tried[chosen].trial, figures.second)) chosen = i;
  }
  return chosen;
}

std::string plan_text(const PlanReport& report, const report::TerminalStyle& style) {
  const report::Paint paint(style.colour);
  std::string text = paint.bold(fmt::format("Plan for {}\n", report.subject));
  if (report.lots) text += lots_text(*report.lots);
  if (report.orders)
    text += fmt::format("{} orders to be placed, {} begun before and left as they are\n",
                        report.orders->open, report.orders->frozen);
  text += "\n" + report::text_table(rows_of(report), paint) + "\n";
  const Plan& plan = report.tried[report.released].plan;
  text += paint.bold(fmt::format("Follow: {}\n", plan.name));
  if (report.goal == PlanGoal::kShipped) text += bound_text(report);
  for (const Setting& setting : plan.settings)
    text += "  --set " + shell_quoted(setting.path + "=" + setting.value) + "\n";
  return text;
}

std::string plan_json(const std::string& version, const PlanReport& report) {
  report::JsonWriter json;
  json.begin_object();
  json.member("windtunnel", version);
  json.member("subject", report.subject);
  json.member("goal", report.goal == PlanGoal::kShipped ? "shipped" : "tardiness");
  if (report.lots) write_lots(json, *report.lots);
  if (report.orders) {
    json.member("orders_begun", static_cast<int64_t>(report.orders->frozen));
    json.member("orders_open", static_cast<int64_t>(report.orders->open));
  }
  json.member("bound_per_year", report.capacity.rate * kYear);
  json.member("search_runs", report.runs);
  json.key("plans");
  json.begin_array();
  for (const TriedPlan& tried : report.tried) write_plan(json, tried, report.tried.front().trial);
  json.end();
  json.member("follow", static_cast<int64_t>(report.released));
  json.end();
  return json.take();
}

}  // namespace windtunnel::study
