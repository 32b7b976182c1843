#include "study/experiment.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "study/command_support.h"
#include "study/memory_budget.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

// A run stays on its own thread, and nobody looks at its series.
const RunRequest kRequest = {.threads = 1, .sample = false, .folder = {}};

}  // namespace

// One run: a variant and a seed.
struct Experiment::Job {
  size_t variant = 0;
  std::unique_ptr<Scenario> scenario;
  report::Measurements measurements;
};

// Runs share the observer; it is called by one thread at a time.
class SharedObserver final : public Observer {
 public:
  SharedObserver(Observer& inner, int total) : inner_(inner), total_(total) {}
  void progress(const Progress& progress) override {
    const std::lock_guard lock(mutex_);
    last_ = progress;
    inner_.progress(counted());
  }
  bool stop_requested() const override {
    const std::lock_guard lock(mutex_);
    return stopped_ || inner_.stop_requested();
  }
  void run_done() {
    const std::lock_guard lock(mutex_);
    ++done_;
    inner_.progress(counted());
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  Progress last() const {
    const std::lock_guard lock(mutex_);
    return counted();
  }

 private:
  Progress counted() const {
    Progress progress = last_;
    progress.runs_done = done_;
    progress.runs_total = total_;
    progress.done = static_cast<double>(done_) / total_;
    return progress;
  }
  Observer& inner_;
  const int total_;
  int done_ = 0;
  bool stopped_ = false;
  Progress last_;
  mutable std::mutex mutex_;
};

Experiment::Experiment(const ExperimentOptions& options, size_t variants)
    : options_(options), variants_(variants) {}
Experiment::~Experiment() = default;
Experiment::Experiment(Experiment&&) noexcept = default;

tl::expected<Experiment, std::vector<base::Error>> Experiment::load(
    const ExperimentOptions& options, const std::vector<Variant>& variants) {
  Experiment experiment(options, variants.size());
  for (size_t v = 0; v < variants.size(); ++v) {
    std::vector<Setting> settings = options.settings;
    settings.insert(settings.end(), variants[v].settings.begin(), variants[v].settings.end());
    auto scenario = load_scenario(options.file, assignments(settings, options.seed));
    if (!scenario) return tl::unexpected(scenario.error());
    for (int r = 0; r < options.replications; ++r) {
      const uint64_t seed = (*scenario)->seed() + static_cast<uint64_t>(options.first + r);
      experiment.jobs_.push_back({v, (*scenario)->with_seed(seed), {}});
    }
  }
  return experiment;
}

// The largest run decides: that many of it may be under way at a time.
base::Status Experiment::check_memory(Observer& observer) const {
  MemoryDemand demand;
  demand.runs_at_a_time =
      static_cast<int>(std::min(static_cast<size_t>(options_.jobs), jobs_.size()));
  demand.force = options_.force;
  const auto room = memory_room();
  for (const Job& job : jobs_) {
    const base::Bytes need = job.scenario->memory_need(kRequest);
    demand.need = std::max(demand.need, need);
    const base::Status within =
        study::check_memory({need, job.scenario->memory_limit(), 1, options_.force}, {});
    if (!within) return within;
  }
  if (!options_.quiet) observer.announce(memory_text(demand, room));
  return study::check_memory(demand, room);
}

// Results do not depend on which thread ran what: every job writes its own slot.
std::vector<base::Error> Experiment::run_jobs(SharedObserver& observer) {
  std::vector<base::Error> errors;
  std::mutex errors_mutex;
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t j = next++; j < jobs_.size() && !observer.stop_requested(); j = next++) {
      auto run = jobs_[j].scenario->run(kRequest, observer);
      if (!run) {
        const std::lock_guard lock(errors_mutex);
        errors.push_back(run.error());
        observer.stop();
      } else if (run->stopped) {
        observer.stop();
      } else {
        jobs_[j].measurements = std::move(run->measurements);
        observer.run_done();
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (int i = 1; i < options_.jobs; ++i) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins
  return errors;
}

ExperimentResult Experiment::run(Observer& observer) {
  SharedObserver shared(observer, static_cast<int>(jobs_.size()));
  const std::vector<base::Error> errors = run_jobs(shared);
  if (!errors.empty()) return tl::unexpected(errors);
  ExperimentRuns runs;
  runs.last = shared.last();
  runs.stopped = shared.stop_requested();
  runs.variants.resize(variants_);
  for (Job& job : jobs_) runs.variants[job.variant].push_back(std::move(job.measurements));
  return runs;
}

}  // namespace windtunnel::study
