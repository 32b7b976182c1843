#include "study/claim_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "study/memory_budget.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

// Progress of all jobs as one: the share of each counts by its weight.
class Together {
 public:
  Together(Observer& inner, std::vector<double> weights)
      : inner_(inner), weights_(std::move(weights)), jobs_(weights_.size()) {
    for (const double weight : weights_) total_ += weight;
  }

  void update(size_t job, const Progress& progress) {
    const std::lock_guard lock(mutex_);
    jobs_[job] = progress;
    inner_.progress(sum());
  }
  void job_done(size_t job) {
    const std::lock_guard lock(mutex_);
    ++done_;
    jobs_[job].done = 1;
    inner_.progress(sum());
  }
  bool stop_requested() {
    const std::lock_guard lock(mutex_);
    return inner_.stop_requested();
  }
  Progress last() {
    const std::lock_guard lock(mutex_);
    return sum();
  }

 private:
  Progress sum() const {
    Progress sum;
    sum.done = 0;
    for (size_t i = 0; i < jobs_.size(); ++i) {
      sum.done += std::clamp(jobs_[i].done, 0.0, 1.0) * weights_[i] / total_;
      sum.events += jobs_[i].events;
      sum.simulated_seconds += jobs_[i].simulated_seconds;
    }
    sum.runs_done = done_;
    sum.runs_total = static_cast<int>(jobs_.size());
    return sum;
  }

  Observer& inner_;
  const std::vector<double> weights_;
  double total_ = 0;
  std::vector<Progress> jobs_;
  int done_ = 0;
  std::mutex mutex_;
};

class JobObserver final : public Observer {
 public:
  JobObserver(Together& together, size_t job) : together_(together), job_(job) {}
  void progress(const Progress& progress) override { together_.update(job_, progress); }
  bool stop_requested() const override { return together_.stop_requested(); }

 private:
  Together& together_;
  size_t job_;
};

// Jobs whose series are drawn; the others need not sample.
std::set<size_t> sampled_jobs(const ClaimPlan& plan) {
  std::set<size_t> jobs;
  for (const PlannedClaim& claim : plan.claims) {
    for (const ClaimPlot& plot : claim.plots) {
      if (plot.text.kind != PlotKind::kSeries) continue;
      for (const size_t run : plot.runs) jobs.insert(plan.base_jobs[run].value());
    }
  }
  return jobs;
}

RunRequest request_for(size_t job, const std::set<size_t>& sampled) {
  return {.threads = 1, .sample = sampled.count(job) > 0, .folder = {}};
}

// How many may run at a time: fewer than asked for when the largest would not fit so often.
base::Result<int> at_a_time(const ClaimPlan& plan, const std::set<size_t>& sampled,
                            const ClaimRunOptions& options, Observer& observer) {
  MemoryDemand demand;
  demand.force = options.force;
  for (size_t j = 0; j < plan.jobs.size(); ++j) {
    const Scenario& scenario = *plan.jobs[j].scenario;
    const base::Bytes need = scenario.memory_need(request_for(j, sampled));
    demand.need = std::max(demand.need, need);
    const base::Status within = check_memory({need, scenario.memory_limit(), 1, options.force}, {});
    if (!within) return tl::unexpected(within.error());
  }
  const auto room = memory_room();
  demand.runs_at_a_time = std::max(1, std::min(options.jobs, static_cast<int>(plan.jobs.size())));
  while (demand.runs_at_a_time > 1 && !check_memory(demand, room)) --demand.runs_at_a_time;
  if (!options.quiet && !plan.jobs.empty()) observer.announce(memory_text(demand, room));
  if (const base::Status fits = check_memory(demand, room); !fits) {
    return tl::unexpected(fits.error());
  }
  return demand.runs_at_a_time;
}

// The largest first, so that the last to end is a small one.
std::vector<size_t> order_of(const std::vector<double>& weights) {
  std::vector<size_t> order(weights.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return weights[a] > weights[b]; });
  return order;
}

struct Slot {
  std::optional<base::Result<RunResult>> result;
};

void collect_warnings(const ClaimPlan& plan, const std::vector<Slot>& slots, ClaimRuns& runs) {
  std::set<std::string> said;
  const auto add = [&](const std::vector<base::Error>& warnings) {
    for (const base::Error& warning : warnings) {
      if (said.insert(warning.to_string()).second) runs.warnings.push_back(warning);
    }
  };
  for (size_t j = 0; j < plan.jobs.size(); ++j) {
    add(plan.jobs[j].scenario->warnings());
    add((*slots[j].result)->warnings);
  }
}

}  // namespace

base::Result<ClaimRuns> run_claims(const ClaimPlan& plan, const ClaimRunOptions& options,
                                   Observer& observer) {
  const std::set<size_t> sampled = sampled_jobs(plan);
  const base::Result<int> many = at_a_time(plan, sampled, options, observer);
  if (!many) return tl::unexpected(many.error());
  ClaimRuns runs;
  runs.at_a_time = *many;
  std::vector<double> weights;
  for (size_t j = 0; j < plan.jobs.size(); ++j) {
    const base::Bytes need = plan.jobs[j].scenario->memory_need(request_for(j, sampled));
    weights.push_back(1 + static_cast<double>(need.count()));
  }
  const std::vector<size_t> order = order_of(weights);
  Together together(observer, weights);
  std::vector<Slot> slots(plan.jobs.size());
  std::atomic<size_t> next{0};
  std::atomic<bool> stopped{false};
  const auto work = [&] {
    for (size_t i = next.fetch_add(1); i < order.size() && !stopped; i = next.fetch_add(1)) {
      const size_t job = order[i];
      JobObserver watch(together, job);
      Slot& slot = slots[job];
      slot.result = plan.jobs[job].scenario->run(request_for(job, sampled), watch);
      if (!*slot.result || (*slot.result)->stopped) stopped = true;
      together.job_done(job);
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int i = 1; i < *many; ++i) helpers.emplace_back(work);
    work();
  }
  runs.progress = together.last();
  for (const Slot& slot : slots) {
    if (slot.result && !*slot.result) return tl::unexpected(slot.result->error());
  }
  runs.stopped = stopped || observer.stop_requested();
  if (runs.stopped) return runs;
  collect_warnings(plan, slots, runs);
  for (Slot& slot : slots) {
    runs.results.push_back(std::move((*slot.result)->measurements));
    runs.shortfalls.push_back(std::move((*slot.result)->shortfall));
  }
  return runs;
}

}  // namespace windtunnel::study
