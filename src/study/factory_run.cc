#include "study/factory_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <utility>

#include "base/version.h"
#include "des/confidence.h"
#include "des/replication.h"
#include "factory/model.h"
#include "report/human.h"
#include "scenario/dump.h"
#include "study/factory_measure.h"
#include "study/scenario_tree.h"
#include "study/timing.h"
#include "study/warm_up_check.h"

namespace windtunnel::study {
namespace {

using factory::Time;

// Outcomes that are kept at a time before they are added up: bounds memory, decides nothing.
constexpr int64_t kChunk = 16;

// Replications share the observer; it is called by one thread at a time.
class SharedObserver {
 public:
  SharedObserver(Observer& observer, const FactoryScenario& scenario)
      : observer_(observer),
        seconds_((scenario.warm_up + scenario.description.run.duration).seconds()) {}

  void expect(int64_t runs) {
    const std::lock_guard lock(mutex_);
    expected_ = std::max(expected_, runs);
  }
  bool go_on(Time now) {
    if (stopped_) return false;
    const std::lock_guard lock(mutex_);
    last_.simulated_seconds = now.seconds();
    last_.runs_done = static_cast<int>(done_);
    last_.runs_total = static_cast<int>(expected_);
    last_.done = std::min(1.0, (static_cast<double>(done_) + now.seconds() / seconds_) /
                                   static_cast<double>(std::max<int64_t>(expected_, 1)));
    observer_.progress(last_);
    if (observer_.stop_requested()) stopped_ = true;
    return !stopped_;
  }
  void run_done(int64_t events) {
    const std::lock_guard lock(mutex_);
    ++done_;
    last_.events += static_cast<uint64_t>(events);
  }
  bool stopped() const { return stopped_; }
  const Progress& last() const { return last_; }

 private:
  Observer& observer_;
  const double seconds_;
  std::mutex mutex_;
  std::atomic<bool> stopped_{false};
  int64_t expected_ = 1;
  int64_t done_ = 0;
  Progress last_;
};

class Runner {
 public:
  Runner(const FactoryScenario& scenario, const FactoryRunOptions& options, Observer& observer)
      : scenario_(scenario),
        options_(options),
        model_(factory::Model::build(scenario.plant)),
        observer_(observer, scenario),
        fold_(scenario) {}

  const FactoryFold& fold() const { return fold_; }
  bool stopped() const { return observer_.stopped(); }
  const Progress& progress() const { return observer_.last(); }
  bool reached() const { return reached_; }

  // Rounds grow by what the interval so far asks for, at most doubling (des::replicate_until has
  // the reasoning), so their sizes do not depend on the number of threads.
  void run(size_t wanted) {
    const FactoryRunDescription& run = scenario_.description.run;
    const bool open_end = run.half_width.part > 0;
    int64_t goal = open_end ? std::max<int64_t>(run.replications, 2) : run.replications;
    for (;;) {
      run_until(goal);
      if (stopped() || !open_end) return;
      const double relative = relative_half_width(wanted);
      const double ratio = relative / wanted_half_width();
      reached_ = ratio <= 1;
      if (reached_ || goal >= run.replications_max) return;
      const double needed = std::min(ratio * ratio, 2.0) * static_cast<double>(goal);
      goal = std::clamp(static_cast<int64_t>(needed), goal + 1, run.replications_max);
    }
  }

 private:
  double wanted_half_width() const {
    const base::Ratio& ratio = scenario_.description.run.half_width;
    return static_cast<double>(ratio.part) / static_cast<double>(ratio.whole);
  }
  double relative_half_width(size_t index) const {
    const des::Tally& tally = fold_.tallies()[index];
    if (tally.count() > 1 && tally.variance() == 0) return 0;
    return des::confidence_interval(tally).relative();
  }

  void run_until(int64_t goal) {
    observer_.expect(goal);
    while (fold_.count() < goal && !stopped()) {
      des::ReplicationOptions options;
      options.seed = static_cast<uint64_t>(scenario_.description.seed);
      options.threads = static_cast<int>(std::max<uint32_t>(options_.threads, 1));
      options.first = fold_.count();
      options.count = std::min(kChunk, goal - fold_.count());
      const auto outcomes = des::replicate(options, [&](des::Replication r) { return one(r); });
      if (stopped()) return;
      for (const factory::Outcome& outcome : outcomes) fold_.add(outcome);
    }
  }

  factory::Outcome one(des::Replication replication) {
    const FactoryRunDescription& run = scenario_.description.run;
    factory::RunOptions options;
    options.seed = replication.seed;
    options.warm_up = scenario_.warm_up;
    options.measured = run.duration;
    options.go_on = [this](Time now) { return observer_.go_on(now); };
    if (replication.index == 0 && options_.sample && run.gantt_length > factory::Duration::zero()) {
      const Time begin = Time::at(run.gantt_from.value_or(scenario_.warm_up));
      options.gantt = factory::GanttWindow{begin, begin + run.gantt_length};
    }
    factory::Outcome outcome = factory::run_plant(model_, options);
    observer_.run_done(outcome.events);
    return outcome;
  }

  const FactoryScenario& scenario_;
  const FactoryRunOptions options_;
  const factory::Model model_;
  SharedObserver observer_;
  FactoryFold fold_;
  bool reached_ = false;
};

// The pieces in process, averaged over replications, tell whether the plant had settled when
// measuring began. With an order book it need not.
void warn_of_warm_up(const FactoryScenario& scenario, const FactoryFold& fold, FactoryRun& run) {
  if (!scenario.plant.orders.empty()) return;
  std::vector<double> curve;
  for (const des::Tally& tally : fold.in_process()) curve.push_back(tally.mean());
  const factory::Time begin = factory::Time::at(scenario.warm_up);
  size_t warm_up = 0;
  for (const auto& bin : fold.bins()) warm_up += bin.begin < begin.ticks() ? 1U : 0U;
  const WarmUpCheck check = check_warm_up(curve, warm_up);
  if (check.verdict == WarmUpCheck::Verdict::kFine) return;
  const auto pieces = [](double x) { return report::human_number(x, 3); };
  if (check.verdict == WarmUpCheck::Verdict::kNotSettled) {
    run.warnings.push_back(
        {scenario.marks.at("run.warm_up"),
         fmt::format(
             "run.warm_up: the plant does not settle: {} pieces are in process in the first "
             "third of what is measured and {} in the last",
             pieces(check.early), pieces(check.late)),
         "means over a run that grows say little; look for the station whose queue grows"});
    return;
  }
  const double seconds = factory::Duration::ticks(fold.bins()[check.steady_from].begin).seconds();
  run.warnings.push_back(
      {scenario.marks.at("run.warm_up"),
       fmt::format("run.warm_up: found {}, expected about {}: until then {} pieces are in process, "
                   "afterwards {}",
                   report::human(scenario.warm_up.seconds(), report::unit::kSeconds),
                   report::human(seconds, report::unit::kSeconds), pieces(check.early),
                   pieces(check.late)),
       {}});
}

void warn(const FactoryScenario& scenario, const Runner& runner, FactoryRun& run) {
  const FactoryFold& fold = runner.fold();
  const FactoryRunDescription& described = scenario.description.run;
  if (fold.stuck() > 0)
    run.warnings.push_back(
        {scenario.marks.at(""),
         fmt::format("the plant came to a standstill in {} of {} replications: {}", fold.stuck(),
                     fold.count(), fold.stuck_where()),
         {}});
  if (described.half_width.part > 0 && !runner.reached())
    run.warnings.push_back(
        {scenario.marks.at("run.half_width"),
         fmt::format("run.half_width: {} replications did not narrow the interval of {} so far",
                     fold.count(), described.half_width_of),
         "raise run.replications_max or run.duration"});
  warn_of_warm_up(scenario, fold, run);
}

}  // namespace

FactoryRun run_factory(const FactoryScenario& scenario, const FactoryRunOptions& options,
                       Observer& observer) {
  const Stamp begin = stamp(options.threads);
  Runner runner(scenario, options, observer);
  const Stamp built = stamp(options.threads);
  runner.run(find_half_width_value(scenario).value());
  FactoryRun run;
  run.stopped = runner.stopped();
  run.progress = runner.progress();
  if (run.stopped) return run;
  const Stamp end = stamp(options.threads);

  const FactoryFold& fold = runner.fold();
  run.measurements = measure_factory(scenario, fold);
  if (options.sample) run.measurements.series = factory_series(scenario, fold);
  run.tables.push_back({"stations.csv", factory_stations_csv(scenario.plant, fold)});
  if (!scenario.plant.orders.empty())
    run.tables.push_back({"orders.csv", factory_orders_csv(scenario.plant, fold)});
  warn(scenario, runner, run);
  report::Measurements& m = run.measurements;
  m.version = std::string(base::version());
  m.title = scenario.description.name;
  m.seed = static_cast<uint64_t>(scenario.description.seed);
  m.fingerprint = fmt::format("{:016x}", fold.fingerprint());
  m.scenario = to_scenario_tree(scenario::dump(scenario.description));
  m.run.setup_cpu_seconds = built.cpu_seconds - begin.cpu_seconds;
  m.run.cpu_seconds = end.cpu_seconds - built.cpu_seconds;
  m.run.wall_seconds = end.wall_seconds - begin.wall_seconds;
  m.run.peak_rss_bytes = peak_rss().count();
  m.run.events = fold.events();
  m.run.threads = static_cast<int>(options.threads);
  m.run.more.push_back({"cpu_seconds_per_replication",
                        m.run.cpu_seconds / static_cast<double>(fold.count()),
                        report::unit::kSeconds,
                        {},
                        "CPU per replication",
                        false});
  return run;
}

}  // namespace windtunnel::study
