#include "study/network_world.h"

#include <algorithm>

#include "node/braid_nic.h"
#include "node/roce_nic.h"

namespace windtunnel::study {
namespace {

template <class Nics>
class NicSetOf final : public NicSet {
 public:
  template <class... Arguments>
  explicit NicSetOf(Arguments&&... arguments) : nics_(std::forward<Arguments>(arguments)...) {}
  fabric::HostSide& side() override { return nics_; }
  node::NicTotals totals() const override { return nics_.totals(); }
  base::Bytes footprint() const override { return nics_.footprint(); }
  void balance() override { nics_.balance(); }

 private:
  Nics nics_;
};

std::unique_ptr<NicSet> make_nics(const NetworkPlan& plan, node::FlowBook& book, uint32_t threads) {
  if (plan.description.transport.kind == TransportKind::kRoce) {
    return std::make_unique<NicSetOf<node::RoceNics>>(plan.topology, book, plan.roce);
  }
  node::BraidNicOptions options;
  options.endpoint = plan.braid;
  options.seed = static_cast<uint64_t>(plan.description.seed);
  options.workers = threads;
  return std::make_unique<NicSetOf<node::BraidNics>>(plan.topology, book, options);
}

std::vector<uint32_t> positions(const fabric::Topology& topology) {
  std::vector<uint32_t> position(topology.hosts());
  for (uint32_t host = 0; host < topology.hosts(); ++host) position[host] = topology.position(host);
  return position;
}

}  // namespace

NetworkWorld::NetworkWorld(const NetworkPlan& plan, const WorldOptions& options)
    : plan_(plan),
      options_(options),
      book_(plan.workload, positions(plan.topology)),
      sampler_(plan.topology, plan.topology.link_latency_min(),
               plan.description.output.series_interval.value_or(base::Duration::zero()),
               plan.watched_queues) {
  nics_ = make_nics(plan, book_, options.threads);
  fabric::NetworkOptions network;
  network.queue = plan.queue;
  network.seed = static_cast<uint64_t>(plan.description.seed);
  network.threads = options.threads;
  network.faults = plan.faults;
  for (const int64_t flow : plan.description.output.trace_flows) {
    // The labels of RoCE are those of its queue pairs.
    const int64_t labels = labels_per_flow(plan);
    for (int64_t q = 0; q < labels; ++q) {
      network.traced_flows.push_back(static_cast<uint32_t>(flow * labels + q));
    }
  }
  network_ = std::make_unique<fabric::Network>(plan.topology, network, nics_->side());
  std::vector<uint32_t> partitions(plan.topology.hosts());
  for (uint32_t host = 0; host < plan.topology.hosts(); ++host) {
    partitions[host] = network_->partition_of_unit(host);
  }
  book_.set_partitions(std::move(partitions));
}

NetworkWorld::~NetworkWorld() = default;

void NetworkWorld::run() {
  des::WindowedOptions options;
  options.threads = options_.threads;
  if (plan_.description.limits.time) {
    options.until = base::Time::at(*plan_.description.limits.time);
  }
  options.on_window = [this](base::Time now) { return between_windows(now); };
  outcome_ = run_windowed(*network_, options);
  if (options_.sample && !stopped_) sampler_.close(*network_, outcome_.end);
}

bool NetworkWorld::between_windows(base::Time now) {
  if (options_.sample) sampler_.sample(*network_, now);
  if (options_.threads > 1) nics_->balance();
  const int64_t ended = book_.ended();
  if (ended == static_cast<int64_t>(plan_.workload.flows.size())) return false;
  if (options_.watch && !options_.watch(now, ended, network_->events())) {
    stopped_ = true;
    return false;
  }
  return true;
}

int64_t labels_per_flow(const NetworkPlan& plan) {
  return plan.description.transport.kind == TransportKind::kRoce ? plan.roce.qps_per_flow : 1;
}

base::Duration busy_period(const NetworkWorld& world) {
  int64_t first_ps = node::kNever;
  int64_t last_ps = -1;
  for (const node::FlowProgress& p : world.book().progress()) {
    if (p.started_ps >= 0) first_ps = std::min(first_ps, p.started_ps);
    last_ps = std::max(last_ps, p.finished_ps);
  }
  if (first_ps == node::kNever) return base::Duration::zero();
  if (last_ps < 0) last_ps = world.end().ps();
  return base::Duration::ps(std::max<int64_t>(0, last_ps - first_ps));
}

base::Bytes NetworkWorld::footprint() const {
  return network_->footprint() + nics_->footprint() +
         base::Bytes(static_cast<int64_t>(
             plan_.workload.flows.size() *
             (sizeof(node::FlowSpec) + sizeof(node::FlowProgress) + sizeof(node::FlowReception))));
}

}  // namespace windtunnel::study
