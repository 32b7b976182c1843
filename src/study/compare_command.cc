// `windtunnel compare`: scenarios, or results of earlier runs, side by side.
#include <optional>

#include "base/version.h"
#include "report/compare.h"
#include "report/json.h"
#include "report/output.h"
#include "study/command_support.h"
#include "study/memory_budget.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

bool is_result(const std::string& file) {
  constexpr std::string_view kEnding = ".json";
  return file.size() >= kEnding.size() &&
         file.compare(file.size() - kEnding.size(), kEnding.size(), kEnding) == 0;
}

// One column: a results.json is read, anything else is a scenario and is run.
tl::expected<report::Measurements, std::vector<base::Error>> column(const std::string& file,
                                                                    const CompareOptions& options,
                                                                    Observer& observer,
                                                                    std::optional<Progress>& stop) {
  const auto one = [](const base::Error& error) {
    std::vector<base::Error> errors;
    errors.push_back(error);
    return tl::unexpected(std::move(errors));
  };
  if (is_result(file)) {
    auto results = report::read_results(file);
    if (!results) return one(results.error());
    return *results;
  }
  const auto scenario = load_scenario(file);
  if (!scenario) return tl::unexpected(scenario.error());
  RunRequest request;
  request.sample = false;
  request.threads = (*scenario)->threads();
  MemoryDemand demand;
  demand.need = (*scenario)->memory_need(request);
  demand.limit = (*scenario)->memory_limit();
  demand.force = options.force;
  const auto room = memory_room();
  if (!options.printing.quiet) observer.announce(file + ": " + memory_text(demand, room));
  if (const base::Status ok = check_memory(demand, room); !ok) return one(ok.error());
  auto run = (*scenario)->run(request, observer);
  if (!run) return one(run.error());
  if (run->stopped) stop = run->progress;
  return std::move(run->measurements);
}

}  // namespace

Outcome compare(const CompareOptions& options, Observer& observer) {
  if (!options.out.empty()) {
    const auto writable = report::probe_folder(options.out, {"comparison.csv", "comparison.json"});
    if (!writable) return bad_input(writable.error());
  }
  std::vector<report::Case> cases;
  std::vector<base::Error> errors;
  for (const std::string& file : options.files) {
    std::optional<Progress> stop;
    if (observer.stop_requested()) return interrupted({});
    auto measurements = column(file, options, observer, stop);
    if (stop) return interrupted(*stop);
    if (measurements) {
      cases.push_back({file, std::move(*measurements)});
    } else {
      errors.insert(errors.end(), measurements.error().begin(), measurements.error().end());
    }
  }
  if (!errors.empty()) return bad_input(errors);
  const std::string json = report::comparison_json(std::string(base::version()), cases);
  Outcome outcome;
  if (!options.out.empty()) {
    observer.writing();
    const auto written = report::write_files(
        options.out,
        {{"comparison.csv", report::comparison_csv(cases)}, {"comparison.json", json}});
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
