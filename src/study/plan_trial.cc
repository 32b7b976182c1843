#include "study/plan_trial.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "des/replication.h"
#include "factory/capacity.h"
#include "factory/model.h"

namespace windtunnel::study {
namespace {

constexpr double kYear = 365.0 * 86'400;

std::vector<double> values_of(const Trial& trial, double TrialFigures::*figure) {
  std::vector<double> values;
  values.reserve(trial.size());
  for (const TrialFigures& figures : trial) values.push_back(figures.*figure);
  return values;
}

void add_order(const factory::OrderOutcome& order, factory::Time end, TrialFigures& figures) {
  const bool all = order.finished >= order.quantity;
  const factory::Time done = all ? order.done : end;
  figures.done = std::max(figures.done, done.seconds());
  if (!order.has_due) return;
  if (all && done <= order.due) return;
  figures.late += 1;
  if (done > order.due) figures.tardiness += (done - order.due).seconds();
}

TrialFigures figures_of(const factory::Plant& plant, const factory::Outcome& outcome,
                        factory::Time end) {
  TrialFigures figures;
  figures.stuck = outcome.stuck ? 1 : 0;
  const double years = outcome.measured.seconds() / kYear;
  for (size_t i = 0; i < plant.items.size(); ++i) {
    const factory::ItemOutcome& item = outcome.items[i];
    figures.stock += item.stock_mean;
    if (factory::is_shipped(plant, plant.items[i]) && years > 0)
      figures.shipped_per_year += static_cast<double>(item.finished) / years;
  }
  bool done = !outcome.orders.empty();
  for (const factory::OrderOutcome& order : outcome.orders) {
    add_order(order, end, figures);
    done = done && order.finished >= order.quantity;
  }
  if (done) figures.stuck = 0;  // nothing moves because nothing is left to do
  return figures;
}

}  // namespace

Trial try_plan(const factory::Plant& plant, const TrialOptions& options, Observer& observer) {
  const factory::Model model = factory::Model::build(plant);
  const factory::Time end = factory::Time::at(options.warm_up + options.measured);
  std::atomic<bool> stopped{false};
  std::mutex mutex;
  const auto go_on = [&](factory::Time) {
    const std::lock_guard lock(mutex);
    if (observer.stop_requested()) stopped = true;
    return !stopped;
  };
  Trial trial = des::replicate(
      {.count = options.replications, .seed = options.seed, .threads = options.threads},
      [&](des::Replication replication) {
        factory::RunOptions run;
        run.seed = replication.seed;
        run.warm_up = options.warm_up;
        run.measured = options.measured;
        run.go_on = go_on;
        const factory::Outcome outcome = factory::run_plant(model, run);
        return stopped ? TrialFigures{} : figures_of(plant, outcome, end);
      });
  if (stopped) trial.clear();
  return trial;
}

des::Interval interval_of(const Trial& trial, double TrialFigures::*figure) {
  return des::confidence_interval(values_of(trial, figure));
}

des::Interval difference(const Trial& trial, const Trial& from, double TrialFigures::*figure) {
  return des::paired_difference(values_of(trial, figure), values_of(from, figure));
}

}  // namespace windtunnel::study
