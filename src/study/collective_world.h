// One run of a collective: its programs on the ranks, the ranks on the network.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "fabric/network.h"
#include "node/message_nics.h"
#include "study/collective_plan.h"
#include "study/network_sampler.h"

namespace windtunnel::study {

struct CollectiveWorldOptions {
  uint32_t threads = 1;
  bool sample = true;
  // Called between windows; returning false stops the run.
  std::function<bool(base::Time now, int64_t bytes_arrived, int64_t events)> watch;
};

class CollectiveWorld {
 public:
  // Both outlive the world.
  CollectiveWorld(const CollectiveScenario& scenario, const CollectivePlan& plan,
                  const CollectiveWorldOptions& options);
  ~CollectiveWorld();

  // Until all iterations are over, a rank gives up, nothing is left to do, the time limit, or
  // `watch` says stop.
  void run();

  const CollectiveScenario& scenario() const { return scenario_; }
  const CollectivePlan& plan() const { return plan_; }
  const fabric::Network& network() const { return *network_; }
  const node::MessageNics& nics() const { return *nics_; }
  const NetworkSampler& sampler() const { return sampler_; }
  base::Duration series_interval() const { return series_interval_; }
  base::Time end() const { return outcome_.end; }
  bool stopped() const { return stopped_; }
  base::Bytes footprint() const;

 private:
  class OnRanks;
  bool between_windows(base::Time now);

  const CollectiveScenario& scenario_;
  const CollectivePlan& plan_;
  CollectiveWorldOptions options_;
  std::vector<std::unique_ptr<cluster::Collective>> collectives_;
  std::vector<std::unique_ptr<OnRanks>> programs_;
  base::Duration series_interval_;
  std::unique_ptr<node::MessageNics> nics_;
  std::unique_ptr<fabric::Network> network_;
  NetworkSampler sampler_;
  des::WindowedOutcome outcome_;
  bool stopped_ = false;
};

}  // namespace windtunnel::study
