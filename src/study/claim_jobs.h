// The simulations of a claim sheet, each once: a run with the changes of a point of a sweep is a
// job, and equal ones are shared.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "study/claim_plan.h"

namespace windtunnel::study {

class ClaimJobs {
 public:
  ClaimJobs(const std::vector<ClaimRun>& runs, std::vector<ClaimJob>& jobs)
      : runs_(runs), jobs_(jobs) {}

  // The job of a run with further changes. Errors are those of the scenario; where they have no
  // place in a file, or come from a change, they get `at`.
  tl::expected<size_t, std::vector<base::Error>> need(size_t run,
                                                      const std::vector<std::string>& more,
                                                      const base::SourceMark& at);

 private:
  const std::vector<ClaimRun>& runs_;
  std::vector<ClaimJob>& jobs_;
  std::map<std::string, size_t> by_key_;
};

// The kind of a run's scenario, with its changes; errors as above.
tl::expected<std::string, std::vector<base::Error>> kind_of_run(const ClaimRun& run);

// A scenario read from a run's file or from inside the sheet.
ScenarioResult read_run(const ClaimRun& run, const std::vector<std::string>& set);

}  // namespace windtunnel::study
