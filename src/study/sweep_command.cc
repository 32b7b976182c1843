// `windtunnel sweep`: the crossed values of some keys, each with as many seeds as wanted.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "base/version.h"
#include "report/compare.h"
#include "report/output.h"
#include "study/command_support.h"
#include "study/memory_budget.h"
#include "study/scenario_kind.h"
#include "study/sweep_points.h"

namespace windtunnel::study {
namespace {

// Runs of a sweep stay on their own thread, and nobody looks at their series.
const RunRequest kRequest = {.threads = 1, .sample = false, .folder = {}};

// One run of the sweep: a point and a seed.
struct Job {
  size_t point = 0;
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
    show();
  }
  bool stop_requested() const override {
    const std::lock_guard lock(mutex_);
    return inner_.stop_requested();
  }
  void run_done() {
    const std::lock_guard lock(mutex_);
    ++done_;
    show();
  }
  Progress last() const {
    const std::lock_guard lock(mutex_);
    Progress progress = last_;
    progress.runs_done = done_;
    progress.runs_total = total_;
    return progress;
  }

 private:
  void show() {
    Progress progress = last_;
    progress.runs_done = done_;
    progress.runs_total = total_;
    progress.done = static_cast<double>(done_) / total_;
    inner_.progress(progress);
  }
  Observer& inner_;
  const int total_;
  int done_ = 0;
  Progress last_;
  mutable std::mutex mutex_;
};

tl::expected<std::vector<Job>, std::vector<base::Error>> make_jobs(
    const SweepOptions& options, const std::vector<SweepPoint>& points) {
  std::vector<Job> jobs;
  for (size_t p = 0; p < points.size(); ++p) {
    std::vector<Setting> settings = options.settings;
    settings.insert(settings.end(), points[p].settings.begin(), points[p].settings.end());
    auto scenario = load_scenario(options.file, assignments(settings, options.seed));
    if (!scenario) return tl::unexpected(scenario.error());
    for (int r = 0; r < options.replications; ++r) {
      const uint64_t seed = (*scenario)->seed() + static_cast<uint64_t>(r);
      jobs.push_back({p, (*scenario)->with_seed(seed), {}});
    }
  }
  return jobs;
}

// The largest run decides: that many of it may be under way at a time.
base::Status check_jobs(const std::vector<Job>& jobs, const SweepOptions& options,
                        Observer& observer) {
  MemoryDemand demand;
  demand.runs_at_a_time =
      static_cast<int>(std::min(static_cast<size_t>(options.jobs), jobs.size()));
  demand.force = options.force;
  const auto room = memory_room();
  for (const Job& job : jobs) {
    const base::Bytes need = job.scenario->memory_need(kRequest);
    demand.need = std::max(demand.need, need);
    const base::Status within =
        check_memory({need, job.scenario->memory_limit(), 1, options.force}, {});
    if (!within) return within;
  }
  if (!options.printing.quiet) observer.announce(memory_text(demand, room));
  return check_memory(demand, room);
}

// Results do not depend on which thread ran what: every job writes its own slot.
std::vector<base::Error> run_jobs(std::vector<Job>& jobs, const SweepOptions& options,
                                  SharedObserver& observer, std::atomic<bool>& stopped) {
  std::vector<base::Error> errors;
  std::mutex errors_mutex;
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t j = next.fetch_add(1); j < jobs.size() && !stopped; j = next.fetch_add(1)) {
      auto run = jobs[j].scenario->run(kRequest, observer);
      if (!run) {
        const std::lock_guard lock(errors_mutex);
        errors.push_back(run.error());
        stopped = true;
      } else if (run->stopped) {
        stopped = true;
      } else {
        jobs[j].measurements = std::move(run->measurements);
        observer.run_done();
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (int i = 1; i < options.jobs; ++i) helpers.emplace_back(work);
  work();
  return errors;
}

}  // namespace

Outcome sweep(const SweepOptions& options, Observer& observer) {
  const std::vector<SweepPoint> points = cross(options.variations);
  auto jobs = make_jobs(options, points);
  if (!jobs) return bad_input(jobs.error());
  if (!options.out.empty()) {
    const auto writable = report::probe_folder(options.out, {"sweep.csv", "sweep.json"});
    if (!writable) return bad_input(writable.error());
  }
  if (const base::Status ok = check_jobs(*jobs, options, observer); !ok) {
    return bad_input(ok.error());
  }
  SharedObserver shared(observer, static_cast<int>(jobs->size()));
  std::atomic<bool> stopped{false};
  const std::vector<base::Error> errors = run_jobs(*jobs, options, shared, stopped);
  if (!errors.empty()) return bad_input(errors);
  if (stopped) return interrupted(shared.last());

  std::vector<report::Case> cases;
  for (size_t p = 0; p < points.size(); ++p) {
    std::vector<report::Measurements> runs;
    for (Job& job : *jobs) {
      if (job.point == p) runs.push_back(std::move(job.measurements));
    }
    cases.push_back({points[p].name, summarise(runs)});
  }
  const std::string json = report::comparison_json(std::string(base::version()), cases);
  Outcome outcome;
  if (!options.out.empty()) {
    observer.writing();
    const auto written = report::write_files(
        options.out, {{"sweep.csv", report::comparison_csv(cases)}, {"sweep.json", json}});
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
