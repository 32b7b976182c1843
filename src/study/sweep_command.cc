// `windtunnel sweep`: the crossed values of some keys, each with as many seeds as wanted.
#include "base/version.h"
#include "report/compare.h"
#include "report/output.h"
#include "study/command_support.h"
#include "study/experiment.h"
#include "study/sweep_points.h"

namespace windtunnel::study {
namespace {

std::vector<report::Case> cases_of(const std::vector<Variant>& points, const ExperimentRuns& runs) {
  std::vector<report::Case> cases;
  for (size_t p = 0; p < points.size(); ++p)
    cases.push_back({points[p].name, summarise(runs.variants[p])});
  return cases;
}

}  // namespace

Outcome sweep(const SweepOptions& options, Observer& observer) {
  const std::vector<Variant> points = cross(options.variations);
  auto experiment = Experiment::load({.file = options.file,
                                      .settings = options.settings,
                                      .seed = options.seed,
                                      .replications = options.replications,
                                      .jobs = options.jobs,
                                      .force = options.force,
                                      .quiet = options.printing.quiet},
                                     points);
  if (!experiment) return bad_input(experiment.error());
  if (!options.out.empty()) {
    const auto writable = report::probe_folder(options.out, {"sweep.csv", "sweep.json"});
    if (!writable) return bad_input(writable.error());
  }
  if (const base::Status ok = experiment->check_memory(observer); !ok) return bad_input(ok.error());
  const ExperimentResult runs = experiment->run(observer);
  if (!runs) return bad_input(runs.error());
  if (runs->stopped) return interrupted(runs->last);

  const std::vector<report::Case> cases = cases_of(points, *runs);
  const std::string json = report::comparison_json(std::string(base::version()), cases);
  Outcome outcome;
  if (!options.out.empty()) {
    observer.writing();
    const auto written = report::write_files(
        options.out, {{"sweep.csv", report::comparison_csv(cases)}, {"sweep.json", json}});
    if (!written) return bad_input(written.error());
  }
  if (options.printing.json) {
    outcome.out = json;
  } else if (!options.printing.quiet) {
    outcome.out = report::comparison_text(cases, options.printing.style);
  }
  return outcome;
}

}  // namespace windtunnel::study
