#include "fabric/network.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/check.h"

namespace windtunnel::fabric {
namespace {

// A block should fit a core's second-level cache with its ports, its window of parcels and its
// queues (about 1 KiB a port); a host brings its transport state as well. Small networks still need
// enough blocks to keep every thread busy.
constexpr uint32_t kPortsPerBlock = 384;
constexpr uint32_t kHostsPerBlock = 128;
constexpr uint32_t kBlocksPerThread = 8;

uint32_t block_size(uint32_t total, uint32_t limit, uint32_t threads) {
  if (threads == 1) return limit;
  return std::clamp(total / (threads * kBlocksPerThread), 1u, limit);
}

}  // namespace

Network::Network(const Topology& topology, const NetworkOptions& options, HostSide& hosts)
    : topology_(topology),
      hosts_(hosts),
      queue_(options.queue),
      filter_(options.traced_flows),
      trace_hops_max_(options.trace_hops_max),
      lookahead_(options.window_max > base::Duration::zero()
                     ? std::min(options.window_max, topology.link_latency_min())
                     : topology.link_latency_min()) {
  cut(options.threads);
  workers_.resize(options.threads);
  for (Worker& worker : workers_) {
    worker.outbox = std::make_unique<Outbox>(slots_needed(), partition_count());
    if (!options.traced_flows.empty()) worker.trace.filter = &filter_;
  }
  connect(options.seed);
  plan_faults(options.faults);
}

uint32_t Network::slots_needed() const {
  const int64_t windows = topology_.flight_max() / lookahead_ + 3;
  return std::bit_ceil(static_cast<uint32_t>(windows));
}

void Network::cut(uint32_t threads) {
  partition_of_unit_.resize(topology_.units());
  const auto assign = [this](uint32_t first_unit, uint32_t last_unit) {
    const auto partition = static_cast<uint16_t>(blocks_.size() - 1);
    std::fill(partition_of_unit_.begin() + first_unit, partition_of_unit_.begin() + last_unit,
              partition);
    first_of_partition_.push_back(first_unit);
  };
  const uint32_t hosts = topology_.hosts();
  const uint32_t group = std::max(block_size(hosts, kHostsPerBlock, threads), hosts / 16'000 + 1);
  for (uint32_t first = 0; first < hosts; first += group) {
    const uint32_t last = std::min(first + group, hosts);
    auto block =
        std::make_unique<HostBlock>(first, last, topology_.planes(), queue_.discipline, hosts_);
    host_blocks_.push_back(block.get());
    blocks_.push_back(std::move(block));
    assign(first, last);
  }
  const uint32_t ports = std::max(block_size(topology_.switch_ports(), kPortsPerBlock, threads),
                                  topology_.switch_ports() / 16'000 + 1);
  for (uint32_t first = 0; first < topology_.switches();) {
    uint32_t last = first + 1;
    const uint32_t base = topology_.switch_at(first).port_base;
    while (last < topology_.switches() && topology_.switch_at(last).port_base - base < ports) {
      ++last;
    }
    auto block = std::make_unique<SwitchBlock>(topology_, first, last, queue_, hosts_);
    switch_blocks_.push_back(block.get());
    blocks_.push_back(std::move(block));
    assign(topology_.unit_of_switch(first), topology_.unit_of_switch(last));
    first = last;
  }
}

Link Network::make_link(PortEnd end, uint64_t seed) const {
  const TierDescription& tier = topology_.description().tiers[topology_.link_tier(end)];
  const PortEnd peer = topology_.peer(end);
  Link link;
  link.set_rate(tier.link_rate);
  link.nominal_bits_per_second = tier.link_rate.bits_per_second();
  base::Duration flight = tier.link_latency;
  if (!topology_.is_host(peer.unit)) {
    const SwitchModel& s = topology_.switch_at(topology_.switch_of_unit(peer.unit));
    flight += topology_.description().tiers[s.tier].switch_latency;
  }
  link.set_latency(flight, lookahead_);
  link.peer = Inlet(peer.unit, peer.port);
  link.peer_partition = partition_of_unit_[peer.unit];
  link.random = base::RandomStream(seed, "link", uint64_t{end.unit} << 12 | end.port);
  return link;
}

void Network::connect(uint64_t seed) {
  for (uint32_t host = 0; host < topology_.hosts(); ++host) {
    HostBlock& block = *host_blocks_[partition_of_unit_[host]];
    const uint32_t local = host - first_of_partition_[partition_of_unit_[host]];
    for (uint32_t plane = 0; plane < topology_.planes(); ++plane) {
      block.links()[local * topology_.planes() + plane].link = make_link({host, plane}, seed);
    }
  }
  for (uint32_t sw = 0; sw < topology_.switches(); ++sw) {
    const SwitchModel& s = topology_.switch_at(sw);
    const uint32_t unit = topology_.unit_of_switch(sw);
    SwitchBlock& block = *switch_blocks_[partition_of_unit_[unit] - host_blocks_.size()];
    for (uint32_t p = 0; p < uint32_t{s.down} + s.up; ++p) {
      Port& port = block.ports()[s.port_base - block.port_base() + p];
      port.link = make_link({unit, p}, seed);
      port.faces_host = s.tier == 0 && p < s.down;
      set_queue(port, queue_, base::Ratio{1, 1});
    }
  }
}

void Network::plan_faults(std::vector<Fault> faults) {
  std::stable_sort(faults.begin(), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  // The other end needs to know only where pauses are asked for.
  const bool pauses = queue_.discipline == Discipline::kPfc;
  for (const Fault& fault : faults) {
    add_fault(fault, fault.link, false);
    const bool outage = fault.kind == FaultKind::kDown || fault.kind == FaultKind::kUp;
    if (pauses && outage) add_fault(fault, topology_.peer(fault.link), true);
  }
}

void Network::add_fault(const Fault& fault, PortEnd end, bool of_peer) {
  WT_CHECK(end.unit < topology_.units(), "a fault names a unit that is not there");
  WT_CHECK(end.port < topology_.ports_of(end.unit), "a fault names a port that is not there");
  WT_CHECK(fault.at >= base::Time::zero(), "a fault before the run");
  const uint32_t partition = partition_of_unit_[end.unit];
  if (topology_.is_host(end.unit)) {
    const uint32_t local = end.unit - first_of_partition_[partition];
    blocks_[partition]->add_fault(fault, local * topology_.planes() + end.port, of_peer);
  } else {
    const uint32_t sw = topology_.switch_of_unit(end.unit);
    const SwitchBlock& block = *switch_blocks_[partition - host_blocks_.size()];
    const uint32_t local = topology_.switch_at(sw).port_base - block.port_base() + end.port;
    blocks_[partition]->add_fault(fault, local, of_peer);
  }
}

bool Network::has_work(uint32_t partition, const des::Window& window) const {
  if (blocks_[partition]->next_ps() < window.end.ps()) return true;
  return std::any_of(workers_.begin(), workers_.end(), [&](const Worker& w) {
    return w.outbox->peek(window.index, partition) != nullptr;
  });
}

void Network::run(uint32_t partition, uint32_t worker, const des::Window& window) {
  Worker& me = workers_[worker];
  me.lists.clear();
  for (Worker& other : workers_) {
    if (Chunk* list = other.outbox->take(window.index, partition)) me.lists.push_back(list);
  }
  Emitter out(*me.outbox, window, lookahead_, me.counters, worker,
              me.trace.filter != nullptr ? &me.trace : nullptr);
  blocks_[partition]->run(me.lists, window, out, me.scratch);
  for (Chunk* list : me.lists) {
    while (list != nullptr) {
      Chunk* next = list->next;
      me.outbox->pool().give(list);
      list = next;
    }
  }
}

base::Time Network::next_time(const des::Window& window) {
  int64_t next_ps = std::numeric_limits<int64_t>::max();
  for (const auto& block : blocks_) next_ps = std::min(next_ps, block->next_ps());
  for (Worker& worker : workers_) worker.outbox->finish(window.index);
  bound_trace();
  const uint32_t slots = workers_.front().outbox->slots();
  for (uint32_t ahead = 1; ahead < slots; ++ahead) {
    const int64_t begin_ps = (window.index + ahead) * lookahead_.ps();
    if (begin_ps >= next_ps) break;
    const bool waiting = std::any_of(workers_.begin(), workers_.end(), [&](const Worker& w) {
      return w.outbox->any(window.index + ahead);
    });
    if (waiting) next_ps = begin_ps;
  }
  if (workers_.size() > 1) {
    for (size_t i = 1; i < workers_.size(); ++i) {
      workers_[0].outbox->pool().balance_with(workers_[i].outbox->pool());
      workers_[i].outbox->pool().balance_with(workers_[0].outbox->pool());
    }
  }
  return next_ps == std::numeric_limits<int64_t>::max()
             ? base::Time::max()
             : base::Time::at(base::Duration::ps(next_ps));
}

// Between windows, so that which hops are kept does not depend on who ran them.
void Network::bound_trace() {
  if (workers_.front().trace.filter == nullptr) return;
  int64_t kept = 0;
  for (const Worker& worker : workers_) kept += static_cast<int64_t>(worker.trace.records.size());
  for (Worker& worker : workers_) worker.trace.full = kept >= trace_hops_max_;
}

void Network::finish(base::Time end) {
  for (SwitchBlock* block : switch_blocks_) {
    for (Port& port : block->ports()) {
      link_settle(port.link, port.serving != Serving::kNothing, end.ps(), port.counters);
    }
  }
  for (HostBlock* block : host_blocks_) {
    for (HostLink& link : block->links()) {
      link_settle(link.link, link.serving, end.ps(), link.counters);
    }
  }
}

const Port& Network::port(PortEnd end) const {
  const SwitchModel& s = topology_.switch_at(topology_.switch_of_unit(end.unit));
  const SwitchBlock& block = *switch_blocks_[partition_of_unit_[end.unit] - host_blocks_.size()];
  return block.ports()[s.port_base - block.port_base() + end.port];
}

const LinkCounters& Network::counters(PortEnd end) const {
  if (!topology_.is_host(end.unit)) return port(end).counters;
  const uint32_t partition = partition_of_unit_[end.unit];
  const uint32_t local = end.unit - first_of_partition_[partition];
  return host_blocks_[partition]->links()[local * topology_.planes() + end.port].counters;
}

const Link& Network::link(PortEnd end) const {
  if (!topology_.is_host(end.unit)) return port(end).link;
  const uint32_t partition = partition_of_unit_[end.unit];
  const uint32_t local = end.unit - first_of_partition_[partition];
  return host_blocks_[partition]->links()[local * topology_.planes() + end.port].link;
}

base::Bytes Network::queued(PortEnd end) const { return base::Bytes(port(end).data.bytes); }

int64_t Network::events() const {
  int64_t events = 0;
  for (const Worker& worker : workers_) events += worker.counters.events;
  return events;
}

NetworkTotals Network::totals() const {
  NetworkTotals totals;
  for (const Worker& worker : workers_) {
    totals.packet_hops += worker.counters.packet_hops;
    totals.events += worker.counters.events;
  }
  const auto add = [&totals](const LinkCounters& c) {
    totals.trimmed += c.trimmed;
    totals.dropped += c.dropped;
    totals.lost += c.lost;
    totals.marked += c.marked;
  };
  for (const SwitchBlock* block : switch_blocks_) {
    for (const Port& p : block->ports()) add(p.counters);
  }
  for (const HostBlock* block : host_blocks_) {
    for (const HostLink& l : block->links()) add(l.counters);
  }
  return totals;
}

std::vector<HopRecord> Network::trace() const {
  std::vector<HopRecord> all;
  for (const Worker& worker : workers_) {
    all.insert(all.end(), worker.trace.records.begin(), worker.trace.records.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

int64_t Network::trace_not_kept() const {
  int64_t total = 0;
  for (const Worker& worker : workers_) total += worker.trace.not_kept;
  return total;
}

base::Bytes Network::footprint() const {
  int64_t bytes = 0;
  for (const SwitchBlock* block : switch_blocks_) {
    bytes += static_cast<int64_t>(block->ports().size() * sizeof(Port) +
                                  block->waiting_slots() * sizeof(Parcel));
  }
  for (const HostBlock* block : host_blocks_) {
    bytes += static_cast<int64_t>(block->links().size() * sizeof(HostLink));
  }
  for (const Worker& worker : workers_) {
    bytes += worker.outbox->pool().allocated() * static_cast<int64_t>(sizeof(Chunk));
  }
  return base::Bytes(bytes);
}

}  // namespace windtunnel::fabric
