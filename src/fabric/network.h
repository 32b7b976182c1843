// A network ready to run: topology cut into blocks, ports in front of links, outboxes between them.
//
// The network moves labelled parcels and knows nothing of transports; what hosts do comes in
// through HostSide. Two networks can run in one process.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "des/windowed_run.h"
#include "fabric/block.h"
#include "fabric/fault.h"
#include "fabric/topology.h"

namespace windtunnel::fabric {

struct NetworkOptions {
  QueueSettings queue;
  uint64_t seed = 1;
  uint32_t threads = 1;
  // Windows no longer than this, for hosts that tell each other things sooner than links do; zero:
  // as long as the shortest link latency. Not visible in results.
  base::Duration window_max;
  std::vector<Fault> faults;
  std::vector<uint32_t> traced_flows;  // flow labels; empty: no trace
  // Hops kept, up to the end of the window in which there are as many.
  int64_t trace_hops_max = 2'000'000;
};

struct NetworkTotals {
  int64_t packet_hops = 0;
  int64_t events = 0;
  int64_t trimmed = 0;
  int64_t dropped = 0;
  int64_t lost = 0;
  int64_t marked = 0;
};

class Network final : public des::WindowedModel {
 public:
  // `topology` and `hosts` outlive the network.
  Network(const Topology& topology, const NetworkOptions& options, HostSide& hosts);
  // Blocks refer to what the network owns.
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  uint32_t partition_count() const override { return static_cast<uint32_t>(blocks_.size()); }
  base::Duration lookahead() const override { return lookahead_; }
  bool has_work(uint32_t partition, const des::Window& window) const override;
  void run(uint32_t partition, uint32_t worker, const des::Window& window) override;
  base::Time next_time(const des::Window& window) override;
  // Closes the counters of time: pauses still going on count up to `end`, and of what is on the
  // wire only what has been sent.
  void finish(base::Time end) override;

  const Topology& topology() const { return topology_; }
  uint32_t partition_of_unit(uint32_t unit) const { return partition_of_unit_[unit]; }
  const LinkCounters& counters(PortEnd end) const;
  const Link& link(PortEnd end) const;
  // Bytes waiting in the data queue of a switch port.
  base::Bytes queued(PortEnd end) const;
  NetworkTotals totals() const;
  // Events so far; cheap enough to ask between windows.
  int64_t events() const;
  // Hops of the traced flows in order of time; how many were too many to keep.
  std::vector<HopRecord> trace() const;
  int64_t trace_not_kept() const;
  // Bytes of the network's own state: ports, slots, parcels under way.
  base::Bytes footprint() const;

 private:
  void cut(uint32_t threads);
  void connect(uint64_t seed);
  void plan_faults(std::vector<Fault> faults);
  void add_fault(const Fault& fault, PortEnd end, bool of_peer);
  void bound_trace();
  Link make_link(PortEnd end, uint64_t seed) const;
  const Port& port(PortEnd end) const;
  uint32_t slots_needed() const;

  const Topology& topology_;
  HostSide& hosts_;
  QueueSettings queue_;
  TraceFilter filter_;
  int64_t trace_hops_max_;
  base::Duration lookahead_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<HostBlock*> host_blocks_;
  std::vector<SwitchBlock*> switch_blocks_;
  std::vector<uint16_t> partition_of_unit_;
  std::vector<uint32_t> first_of_partition_;  // first unit
  struct Worker {
    std::unique_ptr<Outbox> outbox;
    WorkerScratch scratch;
    WorkerCounters counters;
    std::vector<Chunk*> lists;
    TraceLog trace;
  };
  std::vector<Worker> workers_;
};

}  // namespace windtunnel::fabric
