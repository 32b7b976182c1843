// `windtunnel compare`: results of earlier runs side by side.
#include "base/version.h"
#include "report/compare.h"
#include "report/json.h"
#include "report/output.h"
#include "study/command_support.h"

namespace windtunnel::study {

Outcome compare(const CompareOptions& options, Observer& observer) {
  (void)observer;  // reading files takes no time worth watching
  std::vector<report::Case> cases;
  std::vector<base::Error> errors;
  for (const std::string& file : options.files) {
    auto results = report::read_results(file);
    if (results) {
      cases.push_back({file, std::move(*results)});
    } else {
      errors.push_back(results.error());
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
