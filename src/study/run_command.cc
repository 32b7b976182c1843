// `windtunnel run`: one scenario, its summary, its files.
#include <fmt/format.h>

#include "report/html.h"
#include "report/json.h"
#include "report/output.h"
#include "study/command_support.h"
#include "study/network_run.h"

namespace windtunnel::study {
namespace {

base::Result<std::vector<std::string>> write_results(const std::string& folder,
                                                     const NetworkRun& run) {
  const report::Measurements& measurements = run.measurements;
  return report::write_files(folder, {{"results.json", report::to_json(measurements)},
                                      {"report.html", report::to_html(measurements)},
                                      {"flows.csv", run.flows_csv},
                                      {"links.csv", run.links_csv}});
}

}  // namespace

Outcome run(const RunOptions& options, Observer& observer) {
  const auto scenario = load_network(options.file, assignments(options.settings, options.seed));
  if (!scenario) return bad_input(scenario.error());

  NetworkRunOptions run_options;
  run_options.threads = static_cast<uint32_t>(
      options.threads.value_or(static_cast<int>(scenario->description.threads)));
  run_options.ignore_memory = options.force;
  run_options.tables = !options.out.empty();
  if (!options.out.empty()) run_options.trace_file = options.out + "/trace.json";
  const auto run = run_network(*scenario, run_options, observer);
  if (!run) return bad_input(run.error());
  if (run->stopped) return interrupted(run->progress);

  Outcome outcome;
  outcome.err = warnings_text(scenario->warnings) + warnings_text(run->warnings);
  if (!options.out.empty()) {
    const auto files = write_results(options.out, *run);
    if (!files) return bad_input(files.error());
    if (!options.printing.quiet && !options.printing.json) {
      for (const std::string& file : *files) outcome.err += fmt::format("wrote {}\n", file);
    }
  }
  const report::Metric* failed = report::find_metric(run->measurements, "flow.failed");
  if (failed != nullptr && failed->value > 0) {
    outcome.err += fmt::format("{} flows failed: the transport gave them up\n", failed->value);
    outcome.exit = ExitCode::kFellShort;
  }
  if (options.printing.json) {
    outcome.out = report::to_json(run->measurements);
  } else if (!options.printing.quiet) {
    outcome.out = report::to_terminal(run->measurements, options.printing.style);
  }
  return outcome;
}

}  // namespace windtunnel::study
