// `windtunnel compare`: scenarios, or results of earlier runs, side by side.
#include "base/version.h"
#include "report/compare.h"
#include "report/json.h"
#include "report/output.h"
#include "study/command_support.h"
#include "study/network_run.h"

namespace windtunnel::study {
namespace {

bool is_result(const std::string& file) {
  constexpr std::string_view kEnding = ".json";
  return file.size() >= kEnding.size() &&
         file.compare(file.size() - kEnding.size(), kEnding.size(), kEnding) == 0;
}

// One column: a results.json is read, anything else is a scenario and is run.
tl::expected<report::Measurements, std::vector<base::Error>> column(const std::string& file,
                                                                    Observer& observer,
                                                                    bool& stopped) {
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
  const auto scenario = load_network(file);
  if (!scenario) return tl::unexpected(scenario.error());
  NetworkRunOptions options;
  options.sample = false;
  auto run = run_network(*scenario, options, observer);
  if (!run) return one(run.error());
  stopped = run->stopped;
  return run->measurements;
}

}  // namespace

Outcome compare(const CompareOptions& options, Observer& observer) {
  std::vector<report::Case> cases;
  std::vector<base::Error> errors;
  for (const std::string& file : options.files) {
    bool stopped = false;
    auto measurements = column(file, observer, stopped);
    if (stopped) return interrupted({});
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
