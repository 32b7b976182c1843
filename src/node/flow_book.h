// The course of a workload: which flows are due at which host, and what their ends set off.
//
// Every entry is written by one host only (its source, its destination, or the home of a trigger)
// and read by others at least one window later, so hosts can run on different threads. What one
// host must tell another goes as a message that takes one lookahead: a trigger between two hosts
// fires one link latency late, at its home, and the flows it starts elsewhere one more later.
// Triggers within one host take no time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fabric/link.h"
#include "node/host_posts.h"
#include "node/workload.h"

namespace windtunnel::node {

// How far a flow is. Times are -1 until they happen.
struct FlowProgress {
  int64_t started_ps = -1;   // by the source
  int64_t finished_ps = -1;  // the source knows that everything has arrived
  bool failed = false;       // the transport gave up
};
struct FlowReception {
  int64_t bytes = 0;  // distinct payload, by the destination
  int64_t complete_ps = -1;
};

// Where a unit receives messages; the network's partition of each host.
using PartitionOf = std::vector<uint32_t>;

class FlowBook {
 public:
  // Positions: hosts of the workload are mapped by `position_of` (one entry a host).
  FlowBook(const Workload& workload, std::vector<uint32_t> position_of);

  // Network partitions by position; set once, before the run.
  void set_partitions(PartitionOf partitions) { posts_.set_partitions(std::move(partitions)); }
  const HostPosts& posts() const { return posts_; }

  const Workload& workload() const { return workload_; }
  uint32_t source(uint32_t flow) const { return position_of_[workload_.flows[flow].src]; }
  uint32_t destination(uint32_t flow) const { return position_of_[workload_.flows[flow].dst]; }
  int64_t bytes(uint32_t flow) const { return workload_.flows[flow].bytes; }

  // When the next flow of `host` is due; kNever when none is known.
  int64_t next_due_ps(uint32_t host) const;
  // Takes one flow due at or before now_ps and marks it started.
  std::optional<uint32_t> take_due(uint32_t host, int64_t now_ps);

  // Called by the source and by the destination of `flow`.
  void sent(uint32_t flow, int64_t now_ps, fabric::Emitter& out);
  void failed(uint32_t flow, int64_t now_ps);
  void received(uint32_t flow, int64_t payload, int64_t now_ps, fabric::Emitter& out);
  // A post of a kind for the book arrived at `host`.
  void message(uint32_t host, const fabric::Parcel& parcel, int64_t now_ps, fabric::Emitter& out);

  std::span<const FlowProgress> progress() const { return progress_; }
  std::span<const FlowReception> reception() const { return reception_; }
  // Flows that are finished or have failed. Between windows only.
  int64_t ended() const;

 private:
  struct Due {
    int64_t at_ps;
    uint32_t flow;
  };
  struct HostFlows {
    std::vector<Due> timed;  // by (time, flow), taken from the front
    size_t timed_next = 0;
    std::vector<Due> triggered;  // a queue: due at the time they were pushed
    size_t triggered_next = 0;
    int64_t ended = 0;
  };
  struct TriggerState {
    uint32_t home = 0;  // position of the host that counts
    uint32_t fired = 0;
    uint32_t next_flow = 0;
  };
  void fire(uint32_t trigger, uint32_t from, int64_t now_ps, fabric::Emitter& out);
  void fire_at_home(uint32_t trigger, int64_t now_ps, fabric::Emitter& out);
  void start(uint32_t flow, uint32_t from, int64_t now_ps, fabric::Emitter& out);
  void post(PostKind kind, uint32_t number, uint32_t to, int64_t now_ps, fabric::Emitter& out);

  const Workload& workload_;
  std::vector<uint32_t> position_of_;
  HostPosts posts_;
  std::vector<HostFlows> hosts_;
  std::vector<FlowProgress> progress_;
  std::vector<FlowReception> reception_;
  std::vector<TriggerState> triggers_;
};

}  // namespace windtunnel::node
