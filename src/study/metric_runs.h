// One metric of variants of a scenario, run by run with common seeds: what comparing, searching and
// choosing are made of.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "des/confidence.h"
#include "study/commands.h"
#include "study/experiment.h"

namespace windtunnel::study {

// Values by variant, then by replication.
struct MetricRuns {
  std::vector<std::vector<double>> variants;
  std::string unit;
  std::string label;  // words for people; the name of the metric when it has none
  bool stopped = false;
  Progress last;
};

using MetricRunsResult = tl::expected<MetricRuns, std::vector<base::Error>>;

// Errors: what is wrong with a variant, too little memory, a metric that runs do not have (with the
// nearest that they do), or that has no value.
MetricRunsResult run_metric(const ExperimentOptions& options, const std::vector<Variant>& variants,
                            const std::string& metric, Observer& observer);

// Keeps what was run of a metric by variant and adds replications to it. Replication r of every
// variant has the same seed.
class MetricStore {
 public:
  MetricStore(ExperimentOptions options, std::string metric, Observer& observer);

  // Until all variants have `replications`. Those that have fewer need not have equally many.
  // False: errors() or stopped() say why.
  bool extend(const std::vector<Variant>& variants, int replications);

  const std::vector<double>& of(const Variant& variant) const;
  const std::string& unit() const { return unit_; }
  const std::string& label() const { return label_; }
  const std::vector<base::Error>& errors() const { return errors_; }
  bool stopped() const { return stopped_; }
  const Progress& last() const { return last_; }
  int64_t runs() const { return runs_; }

 private:
  struct Kept {
    std::string name;
    std::vector<double> values;
  };
  Kept& kept(const std::string& name);

  ExperimentOptions options_;
  std::string metric_;
  Observer& observer_;
  std::vector<Kept> kept_;
  std::string unit_;
  std::string label_;
  std::vector<base::Error> errors_;
  bool stopped_ = false;
  Progress last_;
  int64_t runs_ = 0;
};

}  // namespace windtunnel::study
