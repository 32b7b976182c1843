// `windtunnel improve`: what single changes are worth, and the least that meets a target.
#include <fmt/format.h>

#include "report/output.h"
#include "study/command_support.h"
#include "study/improve.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

ExperimentOptions experiment_of(const ImproveOptions& options, const Improvements& offered) {
  ExperimentOptions experiment;
  experiment.file = options.file;
  experiment.settings = options.settings;
  experiment.settings.insert(experiment.settings.end(), offered.one_run.begin(),
                             offered.one_run.end());
  experiment.seed = options.seed;
  experiment.jobs = options.jobs;
  experiment.force = options.force;
  experiment.quiet = options.printing.quiet;
  return experiment;
}

// The user's changes first; they may be all there is.
std::vector<Improvement> changes_of(const ImproveOptions& options, const Improvements& offered) {
  std::vector<Improvement> changes;
  for (const Setting& s : options.changes)
    changes.push_back({fmt::format("{} = {}", s.path, s.value), {s}});
  changes.insert(changes.end(), offered.changes.begin(), offered.changes.end());
  return changes;
}

base::Result<std::string> metric_of(const ImproveOptions& options, const Improvements& offered) {
  if (options.target) return options.target->metric;
  if (!options.metric.empty()) return options.metric;
  if (!offered.metric.empty()) return offered.metric;
  return base::fail("improve: found no --metric, expected one for this kind of scenario",
                    "`windtunnel run FILE` prints its metrics");
}

Outcome give_up(const MetricStore& store) {
  return store.stopped() ? interrupted(store.last()) : bad_input(store.errors());
}

Outcome printed(const ImproveReport& report, const ImproveOptions& options, Observer& observer) {
  Outcome outcome;
  const std::string json = improve_json(report, options);
  if (!options.out.empty()) {
    observer.writing();
    const auto written = report::write_files(options.out, {{"improve.json", json}});
    if (!written) return bad_input(written.error());
  }
  if (report.target && !report.target->point) outcome.exit = ExitCode::kFellShort;
  if (options.printing.json) {
    outcome.out = json;
  } else if (!options.printing.quiet) {
    outcome.out = improve_text(report, options);
  }
  return outcome;
}

}  // namespace

Outcome improve(const ImproveOptions& options, Observer& observer) {
  const auto scenario = load_scenario(options.file, assignments(options.settings, options.seed));
  if (!scenario) return bad_input(scenario.error());
  const Improvements offered = (*scenario)->improvements();
  const auto metric = metric_of(options, offered);
  if (!metric) return bad_input(metric.error());
  if (!options.out.empty()) {
    const auto writable = report::probe_folder(options.out, {"improve.json"});
    if (!writable) return bad_input(writable.error());
  }
  MetricStore store(experiment_of(options, offered), *metric, observer);
  ImproveReport report;
  report.metric = *metric;
  if (options.search.empty()) {
    report.changes = weigh_changes(store, changes_of(options, offered), options.replications);
    if (!report.changes) return give_up(store);
  } else if (options.target) {
    report.target = search_target(store, options);
    if (!report.target) return give_up(store);
  } else {
    auto best = search_budget(store, options);
    if (!best) return bad_input(best.error());
    if (!*best) return give_up(store);
    report.budget = std::move(*best);
  }
  report.unit = store.unit();
  report.label = store.label();
  report.runs = store.runs();
  return printed(report, options, observer);
}

}  // namespace windtunnel::study
