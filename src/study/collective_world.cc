#include "study/collective_world.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "study/collective_recovery.h"

namespace windtunnel::study {
namespace {

cluster::Message to_cluster(const node::RankMessage& m) {
  return {m.from, m.to, base::Bytes(m.bytes), m.tag, m.channel, m.priority};
}

// The machine of cluster, as node has it.
class OnMachine final : public cluster::Machine {
 public:
  explicit OnMachine(node::RankMachine& machine) : machine_(machine) {}
  base::Time now() const override { return base::Time::at(base::Duration::ps(machine_.now_ps())); }
  void send(const cluster::Message& m) override {
    machine_.send({m.from, m.to, m.bytes.count(), m.tag, m.channel, m.priority});
  }
  void compute(cluster::Rank rank, base::Duration time, uint64_t tag) override {
    machine_.compute(rank, time.ps(), tag);
  }

 private:
  node::RankMachine& machine_;
};

// Fine enough to see a fault in a run that takes as long as its bound.
base::Duration interval_for(const CollectiveScenario& scenario, const CollectivePlan& plan) {
  const auto& given = scenario.description.output.series_interval;
  if (given) return *given;
  constexpr int64_t kSamples = 200;
  const int64_t least = plan.network.topology.link_latency_min().ps();
  const int64_t whole = plan.bound.ps() * scenario.description.collective.iterations;
  return base::Duration::ps(std::max(least, whole / kSamples / least * least));
}

}  // namespace

class CollectiveWorld::OnRanks final : public node::RankProgram {
 public:
  explicit OnRanks(cluster::Collective& collective) : program_(collective) {}
  uint32_t ranks() const override { return program_.ranks(); }
  void start(uint32_t rank, node::RankMachine& machine) override {
    OnMachine on(machine);
    program_.start(rank, on);
  }
  void sent(const node::RankMessage& m, node::RankMachine& machine) override {
    OnMachine on(machine);
    program_.sent(to_cluster(m), on);
  }
  void arrived(const node::RankMessage& m, node::RankMachine& machine) override {
    OnMachine on(machine);
    program_.arrived(to_cluster(m), on);
  }
  void computed(uint32_t rank, uint64_t tag, node::RankMachine& machine) override {
    OnMachine on(machine);
    program_.computed(rank, tag, on);
  }
  void failed(const node::RankMessage& m, node::RankMachine& machine) override {
    OnMachine on(machine);
    program_.failed(to_cluster(m), on);
  }
  bool done(uint32_t rank) const override { return program_.done(rank); }
  bool gave_up(uint32_t rank) const override { return program_.gave_up(rank); }

 private:
  cluster::Collective& program_;
};

CollectiveWorld::CollectiveWorld(const CollectiveScenario& scenario, const CollectivePlan& plan,
                                 const CollectiveWorldOptions& options)
    : scenario_(scenario),
      plan_(plan),
      options_(options),
      series_interval_(interval_for(scenario, plan)),
      sampler_(plan.network.topology, plan.network.topology.link_latency_min(),
               scenario.description.output.series_interval.value_or(base::Duration::zero()),
               plan.network.watched_queues) {
  std::vector<node::RankProgram*> rounds;
  for (int64_t i = 0; i < scenario.description.collective.iterations; ++i) {
    auto collective = cluster::make_collective(scenario.spec);
    WT_CHECK(collective.has_value(), "a collective was checked and is refused");
    collectives_.push_back(std::move(*collective));
    programs_.push_back(std::make_unique<OnRanks>(*collectives_.back()));
    rounds.push_back(programs_.back().get());
  }
  node::MessageNicOptions nics;
  nics.endpoint = plan.network.braid;
  if (scenario.description.transport.kind == TransportKind::kRoce) nics.roce = plan.network.roce;
  nics.shape = plan.shape;
  nics.server = plan.server;
  nics.dma = plan.dma;
  nics.posted_max = plan.posted_max;
  nics.background = plan.background;
  nics.gpu_of_rank = scenario.gpu_of_rank;
  nics.series_interval = series_interval_;
  nics.watched = hosts_touched(plan.network.topology, plan.network.faults);
  nics.seed = static_cast<uint64_t>(scenario.description.seed);
  nics.workers = options.threads;
  nics_ = std::make_unique<node::MessageNics>(plan.network.topology, nics, std::move(rounds));

  fabric::NetworkOptions network;
  network.queue = plan.network.queue;
  network.seed = nics.seed;
  network.threads = options.threads;
  network.window_max = plan.server.latency;
  network.faults = plan.network.faults;
  network_ = std::make_unique<fabric::Network>(plan.network.topology, network, *nics_);
  std::vector<uint32_t> partitions(plan.network.topology.hosts());
  for (uint32_t host = 0; host < partitions.size(); ++host) {
    partitions[host] = network_->partition_of_unit(host);
  }
  nics_->set_partitions(std::move(partitions));
}

CollectiveWorld::~CollectiveWorld() = default;

void CollectiveWorld::run() {
  des::WindowedOptions options;
  options.threads = options_.threads;
  const auto& limit = scenario_.description.limits.time;
  if (limit) options.until = base::Time::at(*limit);
  options.on_window = [this](base::Time now) { return between_windows(now); };
  outcome_ = run_windowed(*network_, options);
  if (options_.sample && !stopped_) sampler_.close(*network_, outcome_.end);
}

bool CollectiveWorld::between_windows(base::Time now) {
  if (options_.sample) sampler_.sample(*network_, now);
  if (options_.threads > 1) nics_->balance();
  if (nics_->finished() || nics_->gave_up()) return false;
  if (!options_.watch) return true;
  const node::MessageNics::Moved moved = nics_->moved();
  if (options_.watch(now, moved.bytes + moved.inside_bytes, network_->events())) return true;
  stopped_ = true;
  return false;
}

base::Bytes CollectiveWorld::footprint() const {
  return network_->footprint() + nics_->footprint();
}

}  // namespace windtunnel::study
