// One run of a planned network: builds the model, lets it run, keeps what was measured.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "fabric/network.h"
#include "node/flow_book.h"
#include "node/nic_totals.h"
#include "study/network_plan.h"
#include "study/network_sampler.h"

namespace windtunnel::study {

struct WorldOptions {
  uint32_t threads = 1;
  bool sample = true;  // utilisation and queues over time, for the report
  // Called now and then between windows; returning false stops the run.
  std::function<bool(base::Time now, int64_t flows_ended, int64_t events)> watch;
};

// Either kind of NIC, as far as a run is concerned.
class NicSet {
 public:
  virtual ~NicSet() = default;
  virtual fabric::HostSide& side() = 0;
  virtual node::NicTotals totals() const = 0;
  virtual base::Bytes footprint() const = 0;
  virtual void balance() = 0;
};

class NetworkWorld {
 public:
  // `plan` outlives the world.
  NetworkWorld(const NetworkPlan& plan, const WorldOptions& options);
  ~NetworkWorld();

  // Until every flow has ended, nothing is left to do, the plan's time limit, or `watch` says stop.
  void run();

  const NetworkPlan& plan() const { return plan_; }
  const fabric::Network& network() const { return *network_; }
  const node::FlowBook& book() const { return book_; }
  node::NicTotals nic_totals() const { return nics_->totals(); }
  const NetworkSampler& sampler() const { return sampler_; }
  base::Time end() const { return outcome_.end; }
  bool stopped() const { return stopped_; }
  // Nothing was left to do, though perhaps not all flows have ended.
  bool exhausted() const { return outcome_.exhausted; }
  base::Bytes footprint() const;

 private:
  bool between_windows(base::Time now);

  const NetworkPlan& plan_;
  WorldOptions options_;
  node::FlowBook book_;
  std::unique_ptr<NicSet> nics_;
  std::unique_ptr<fabric::Network> network_;
  NetworkSampler sampler_;
  des::WindowedOutcome outcome_;
  bool stopped_ = false;
};

// Flow labels in the network per flow of the workload, numbered flow by flow.
int64_t labels_per_flow(const NetworkPlan& plan);

// From the start of the first flow until the last was done, or until the run ended when none was.
base::Duration busy_period(const NetworkWorld& world);

}  // namespace windtunnel::study
