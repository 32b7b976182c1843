// `windtunnel run`: one scenario, its summary, its files.
#include <fmt/format.h>

#include "report/html.h"
#include "report/json.h"
#include "report/output.h"
#include "study/command_support.h"
#include "study/memory_budget.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

base::Result<std::vector<std::string>> write_results(const std::string& folder, RunResult& run) {
  std::vector<report::NamedText> texts = {{"results.json", report::to_json(run.measurements)},
                                          {"report.html", report::to_html(run.measurements)}};
  for (report::NamedText& text : run.texts) texts.push_back(std::move(text));
  return report::write_files(folder, texts, std::move(run.files));
}

// What can be refused before anything is built: a folder that cannot be written, too little memory.
base::Status prepare(const RunOptions& options, const Scenario& scenario, const RunRequest& request,
                     Observer& observer) {
  if (!options.out.empty()) {
    const auto writable = report::probe_folder(options.out, {"results.json", "report.html"});
    if (!writable) return writable;
  }
  MemoryDemand demand;
  demand.need = scenario.memory_need(request);
  demand.limit = scenario.memory_limit();
  demand.force = options.force;
  const auto room = memory_room();
  if (!options.printing.quiet) observer.announce(memory_text(demand, room));
  return check_memory(demand, room);
}

}  // namespace

Outcome run(const RunOptions& options, Observer& observer) {
  const auto scenario = load_scenario(options.file, assignments(options.settings, options.seed));
  if (!scenario) return bad_input(scenario.error());
  RunRequest request;
  request.threads =
      options.threads ? static_cast<uint32_t>(*options.threads) : (*scenario)->threads();
  request.folder = options.out;
  if (const base::Status ready = prepare(options, **scenario, request, observer); !ready) {
    return bad_input(ready.error());
  }
  auto run = (*scenario)->run(request, observer);
  if (!run) return bad_input(run.error());
  if (run->stopped || observer.stop_requested()) return interrupted(run->progress);

  Outcome outcome;
  outcome.err = warnings_text((*scenario)->warnings()) + warnings_text(run->warnings);
  if (!options.out.empty()) {
    observer.writing();
    const auto files = write_results(options.out, *run);
    if (!files) return bad_input(files.error());
    if (!options.printing.quiet && !options.printing.json) {
      for (const std::string& file : *files) outcome.err += fmt::format("wrote {}\n", file);
    }
  }
  if (!run->shortfall.empty()) {
    outcome.err += run->shortfall + "\n";
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
