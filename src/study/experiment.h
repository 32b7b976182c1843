// A scenario under several changes, each run with the same seeds, so that what two variants share
// cancels when they are compared (common random numbers).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/measurements.h"
#include "study/commands.h"

namespace windtunnel::study {

struct Variant {
  std::string name;
  std::vector<Setting> settings = {};
};

struct ExperimentOptions {
  std::string file;
  std::vector<Setting> settings = {};  // of every variant, before its own
  std::optional<uint64_t> seed = {};   // of the first replication; empty: the scenario's own
  int replications = 1;                // seeds seed, seed + 1...
  int first = 0;                       // number of the first replication
  int jobs = 1;                        // runs at the same time
  bool force = false;
  bool quiet = false;
};

struct ExperimentRuns {
  std::vector<std::vector<report::Measurements>> variants;  // by variant, then by replication
  bool stopped = false;                                     // `variants` is not usable then
  Progress last;
};

using ExperimentResult = tl::expected<ExperimentRuns, std::vector<base::Error>>;

// Everything that is wrong with any variant is found before the first run begins. Results do not
// depend on `jobs`. Runs keep no series.
class Experiment {
 public:
  static tl::expected<Experiment, std::vector<base::Error>> load(
      const ExperimentOptions& options, const std::vector<Variant>& variants);
  ~Experiment();
  Experiment(Experiment&&) noexcept;
  Experiment& operator=(Experiment&&) = delete;

  // Says what the runs need, unless quiet, and refuses when there is less.
  base::Status check_memory(Observer& observer) const;
  ExperimentResult run(Observer& observer);

 private:
  struct Job;
  Experiment(const ExperimentOptions& options, size_t variants);
  std::vector<base::Error> run_jobs(class SharedObserver& observer);

  ExperimentOptions options_;
  size_t variants_;
  std::vector<Job> jobs_;
};

}  // namespace windtunnel::study
