#include "study/network_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/version.h"
#include "scenario/dump.h"
#include "study/network_measure.h"
#include "study/network_tables.h"
#include "study/network_trace.h"
#include "study/network_world.h"
#include "study/run_facts.h"
#include "study/scenario_tree.h"
#include "study/timing.h"

namespace windtunnel::study {
namespace {

Progress progress_of(const NetworkPlan& plan, base::Time now, int64_t ended, int64_t events) {
  Progress progress;
  progress.simulated_seconds = now.seconds();
  progress.events = static_cast<uint64_t>(events);
  const auto flows = static_cast<double>(plan.workload.flows.size());
  progress.done = flows > 0 ? static_cast<double>(ended) / flows : 1;
  return progress;
}

// Flows of a permutation end almost together, so until the first has ended the share of bytes that
// arrived says more; here the larger of the two is shown.
class Watch {
 public:
  Watch(const NetworkPlan& plan, Observer& observer, Progress& last)
      : plan_(plan),
        observer_(observer),
        last_(last),
        data_hops_(static_cast<double>(plan.workload.total_bytes()) /
                   static_cast<double>((plan.braid.mtu).count()) * plan.topology.diameter()) {}

  bool operator()(base::Time now, int64_t ended, int64_t events) {
    last_ = progress_of(plan_, now, ended, events);
    // Three events a packet-hop, acknowledgements a quarter more.
    const double by_events = static_cast<double>(events) / (data_hops_ * 3 * 1.25);
    last_.done = std::min(0.99, std::max(last_.done, by_events));
    observer_.progress(last_);
    return !observer_.stop_requested();
  }

 private:
  const NetworkPlan& plan_;
  Observer& observer_;
  Progress& last_;
  double data_hops_;
};

report::RunFacts facts(const NetworkWorld& world, const RunStamps& stamps, uint32_t threads) {
  report::RunFacts run =
      facts_of_network_run(stamps, world.network().totals(), world.footprint(), threads);
  add_fact(run, "rss_bytes_per_node",
           static_cast<double>(run.peak_rss_bytes) / world.plan().topology.hosts(),
           report::unit::kBytes, "resident memory per node");
  return run;
}

std::string flows(int64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "flow" : "flows");
}

// Why flows that had to be done are not. Those that a time limit cut off are the user's own wish.
std::string shortfall_of(const NetworkWorld& world) {
  int64_t failed = 0;
  int64_t waiting = 0;
  for (const node::FlowProgress& flow : world.book().progress()) {
    failed += flow.failed ? 1 : 0;
    waiting += flow.started_ps < 0 && !flow.failed ? 1 : 0;
  }
  std::string text;
  if (failed > 0) text = flows(failed) + " failed: the transport gave up";
  if (world.exhausted() && waiting > 0) {
    text += fmt::format("{}{} never began: what was to start {} did not happen",
                        text.empty() ? "" : "; ", flows(waiting), waiting == 1 ? "it" : "them");
  }
  return text;
}

}  // namespace

base::Result<NetworkRun> run_network(const NetworkScenario& loaded,
                                     const NetworkRunOptions& options, Observer& observer) {
  const Stamp begin = stamp(options.threads);
  auto plan = plan_network(loaded);
  if (!plan) return tl::unexpected(plan.error());
  NetworkRun run;
  if (auto warning = pfc_warning(*plan)) run.warnings.push_back(std::move(*warning));
  WorldOptions world_options;
  world_options.threads = options.threads;
  world_options.sample = options.sample;
  world_options.watch = Watch(*plan, observer, run.progress);
  NetworkWorld world(*plan, world_options);
  const Stamp built = stamp(options.threads);
  world.run();
  const Stamp end = stamp(options.threads);
  run.progress = progress_of(*plan, world.end(), world.book().ended(), world.network().events());
  run.stopped = world.stopped();
  if (run.stopped) return run;
  if (!options.trace_file.empty() && !loaded.description.output.trace_flows.empty()) {
    observer.writing();
    auto trace = write_trace(world, options.trace_file);
    if (!trace) return tl::unexpected(trace.error());
    run.trace.emplace(std::move(*trace));
    if (const int64_t left_out = world.network().trace_not_kept(); left_out > 0) {
      base::Error warning;
      warning.message =
          fmt::format("the trace is not whole: {} packet-hops were too many", left_out);
      warning.hint = "choose fewer flows";
      run.warnings.push_back(std::move(warning));
    }
  }
  if (options.tables) {
    run.flows_csv = flows_csv(world);
    run.links_csv = links_csv(world);
  }
  run.shortfall = shortfall_of(world);
  run.measurements = measure(world);
  run.measurements.version = std::string(base::version());
  run.measurements.title = loaded.description.name;
  run.measurements.scenario = to_scenario_tree(scenario::dump(loaded.description));
  run.measurements.run = facts(world, {begin, built, end}, options.threads);
  return run;
}

}  // namespace windtunnel::study
