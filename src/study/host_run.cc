#include "study/host_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/version.h"
#include "scenario/dump.h"
#include "study/host_measure.h"
#include "study/scenario_tree.h"
#include "study/timing.h"

namespace windtunnel::study {
namespace {

using base::Duration;
using base::Time;

// Simulated between two looks at the observer: a few ten thousand events.
constexpr Duration kSlice = Duration::us(10);

class Runner {
 public:
  Runner(const HostScenario& scenario, Observer& observer)
      : scenario_(scenario), observer_(observer) {}

  // False when the observer stopped it.
  bool run_until(node::HostMachine::Simulation& sim, const node::HostWorkload& workload, Time end) {
    while (sim.now() < end && !workload.done()) {
      sim.run_until(std::min(end, sim.now() + kSlice));
      progress.simulated_seconds = sim.now().seconds();
      progress.events = static_cast<uint64_t>(sim.events());
      const HostRunDescription& run = scenario_.description.run;
      progress.done = std::min(1.0, sim.now().seconds() / (run.warm_up + run.duration).seconds());
      observer_.progress(progress);
      if (observer_.stop_requested()) return false;
    }
    return true;
  }
  Progress progress;

 private:
  const HostScenario& scenario_;
  Observer& observer_;
};

}  // namespace

base::Result<HostRun> run_host(const HostScenario& scenario, Observer& observer) {
  const Stamp begin = stamp(1);
  const HostScenarioDescription& description = scenario.description;
  node::HostMachine::Simulation sim;
  node::HostMachineOptions options;
  options.burst = description.run.burst;
  node::HostMachine machine(sim, scenario.model, options);
  node::HostWorkload workload(machine);
  for (const HostFlow& flow : scenario.flows) {
    const base::Status added = workload.add(flow.spec);
    if (!added)
      return base::fail(flow.mark, fmt::format("traffic[{}]: {}", flow.item, added.error().message),
                        "see server.policy, or stage the data with bounce: true");
  }
  const Stamp built = stamp(1);
  Runner runner(scenario, observer);
  workload.start();
  const Time from = Time::at(description.run.warm_up);
  HostRun run;
  run.stopped = !runner.run_until(sim, workload, from);
  workload.measure();
  const Time measured_from = sim.now();
  run.stopped = run.stopped || !runner.run_until(sim, workload, from + description.run.duration);
  run.progress = runner.progress;
  if (run.stopped) return run;
  const Stamp end = stamp(1);

  const HostOutcome outcome{scenario, machine, workload.results(),
                            std::max(sim.now() - measured_from, Duration::ticks(1))};
  run.measurements = measure_host(outcome);
  run.links_csv = host_links_csv(outcome);
  report::Measurements& m = run.measurements;
  m.version = std::string(base::version());
  m.title = description.name;
  m.seed = static_cast<uint64_t>(description.seed);
  m.fingerprint = fmt::format("{:016x}", sim.fingerprint().value());
  m.scenario = to_scenario_tree(scenario::dump(description));
  m.run.setup_cpu_seconds = built.cpu_seconds - begin.cpu_seconds;
  m.run.cpu_seconds = end.cpu_seconds - built.cpu_seconds;
  m.run.wall_seconds = end.wall_seconds - begin.wall_seconds;
  m.run.peak_rss_bytes = peak_rss().count();
  m.run.events = static_cast<uint64_t>(sim.events());
  return run;
}

}  // namespace windtunnel::study
