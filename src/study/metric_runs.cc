#include "study/metric_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/check.h"
#include "scenario/suggest.h"

namespace windtunnel::study {
namespace {

std::vector<base::Error> one_error(const base::Error& error) {
  std::vector<base::Error> errors;
  errors.push_back(error);
  return errors;
}

base::Error no_such_metric(const std::string& metric, const report::Measurements& run) {
  std::vector<std::string> names;
  for (const report::Metric& m : run.metrics) names.push_back(m.name);
  const std::string hint = scenario::suggestion(metric, names);
  return base::fail(
             fmt::format("found metric {}, expected one of a run's", scenario::quoted(metric)),
             hint.empty()
                 ? fmt::format("among others there are {}, {}", names.front(), names.back())
                 : hint)
      .value();
}

}  // namespace

MetricRunsResult run_metric(const ExperimentOptions& options, const std::vector<Variant>& variants,
                            const std::string& metric, Observer& observer) {
  auto experiment = Experiment::load(options, variants);
  if (!experiment) return tl::unexpected(experiment.error());
  if (const base::Status ok = experiment->check_memory(observer); !ok)
    return tl::unexpected(one_error(ok.error()));
  auto runs = experiment->run(observer);
  if (!runs) return tl::unexpected(runs.error());
  MetricRuns out;
  out.stopped = runs->stopped;
  out.last = runs->last;
  if (out.stopped) return out;
  for (const std::vector<report::Measurements>& variant : runs->variants) {
    std::vector<double> values;
    for (const report::Measurements& run : variant) {
      const report::Metric* found = report::find_metric(run, metric);
      if (found == nullptr) return tl::unexpected(one_error(no_such_metric(metric, run)));
      if (!std::isfinite(found->value))
        return tl::unexpected(
            one_error(base::fail(fmt::format("{}: has no value in some runs", metric)).value()));
      values.push_back(found->value);
      out.unit = found->unit;
      out.label = found->label.empty() ? metric : found->label;
    }
    out.variants.push_back(std::move(values));
  }
  return out;
}

MetricStore::MetricStore(ExperimentOptions options, std::string metric, Observer& observer)
    : options_(std::move(options)), metric_(std::move(metric)), observer_(observer) {}

MetricStore::Kept& MetricStore::kept(const std::string& name) {
  const auto at =
      std::find_if(kept_.begin(), kept_.end(), [&](const Kept& k) { return k.name == name; });
  if (at != kept_.end()) return *at;
  kept_.push_back({name, {}});
  return kept_.back();
}

const std::vector<double>& MetricStore::of(const Variant& variant) const {
  const auto at = std::find_if(kept_.begin(), kept_.end(),
                               [&](const Kept& k) { return k.name == variant.name; });
  WT_CHECK(at != kept_.end(), "the variant was run");
  return at->values;
}

bool MetricStore::extend(const std::vector<Variant>& variants, int replications) {
  // Those that have equally many run together.
  std::map<int, std::vector<Variant>> by_count;
  for (const Variant& variant : variants) {
    const auto have = static_cast<int>(kept(variant.name).values.size());
    if (have < replications) by_count[have].push_back(variant);
  }
  for (const auto& [have, group] : by_count) {
    ExperimentOptions options = options_;
    options.first = have;
    options.replications = replications - have;
    options.quiet = options_.quiet || runs_ > 0;  // what a run needs is said once
    auto runs = run_metric(options, group, metric_, observer_);
    if (!runs) {
      errors_ = runs.error();
      return false;
    }
    last_ = runs->last;
    stopped_ = runs->stopped;
    if (stopped_) return false;
    unit_ = runs->unit;
    label_ = runs->label;
    for (size_t v = 0; v < group.size(); ++v) {
      std::vector<double>& values = kept(group[v].name).values;
      values.insert(values.end(), runs->variants[v].begin(), runs->variants[v].end());
      runs_ += static_cast<int64_t>(runs->variants[v].size());
    }
  }
  return true;
}

}  // namespace windtunnel::study
