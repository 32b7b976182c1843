// Partitions of the network: a SwitchBlock runs the ports of some switches, a HostBlock the hosts
// of some positions. A block owns its state; only its own run touches it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fabric/arrivals.h"
#include "fabric/earliest.h"
#include "fabric/fault.h"
#include "fabric/link.h"
#include "fabric/port.h"
#include "fabric/topology.h"

namespace windtunnel::fabric {

// Per worker; nothing in it outlives a block's run.
struct WorkerScratch {
  ArrivalSorter arrivals;
  std::vector<uint32_t> cursors;
  Earliest ports;
};

// What hosts do with the network. Calls come from the worker that runs the host's block; two hosts
// of different blocks run at the same time.
class HostSide : public DropSink {
 public:
  // Runs `host` (a position) over its arrivals, all before until_ps, and everything of its own
  // before until_ps; sends through out on links (one a plane). A link may carry one parcel at a
  // time: the host keeps link.busy_until_ps. Returns the time of the host's next own event, or
  // INT64_MAX.
  virtual int64_t run_host(uint32_t host, std::span<const Arrival> arrivals, int64_t until_ps,
                           std::span<HostLink> links, Emitter& out) = 0;
};

class Block {
 public:
  virtual ~Block() = default;
  // Runs the window over the lists of all outboxes for this partition; parcels stay readable
  // until run returns.
  virtual void run(std::span<Chunk* const> lists, const des::Window& window, Emitter& out,
                   WorkerScratch& scratch) = 0;
  int64_t next_ps() const { return next_ps_; }
  // In order of time; `index` is the block's own number of the link. `of_peer`: what fails or comes
  // back is the other direction of that link's cable, which ends a pause as well (PFC only).
  void add_fault(const Fault& fault, uint32_t index, bool of_peer) {
    faults_.push_back({fault, index, of_peer});
  }

 protected:
  struct LocalFault {
    Fault fault;
    uint32_t index;
    bool of_peer;
  };
  bool has_faults() const { return !faults_.empty(); }
  // Those inside the window that have not been applied.
  std::span<const LocalFault> faults_in(const des::Window& window) const {
    size_t last = fault_next_;
    while (last < faults_.size() && faults_[last].fault.at < window.end) ++last;
    return std::span(faults_).subspan(fault_next_, last - fault_next_);
  }
  // Runs `run(until)` in pieces split at the faults inside the window, applying each in turn. What
  // arrives after the end of a cut-off window is left, for `next_ps` to tell of.
  template <class Run, class Apply>
  void run_between_faults(const des::Window& window, Run&& run, Apply&& apply) {
    for (const LocalFault& fault : faults_in(window)) {
      run(fault.fault.at.ps());
      apply(fault);
      ++fault_next_;
    }
    run(window.end.ps());
    if (fault_next_ < faults_.size()) note_next(faults_[fault_next_].fault.at.ps());
  }
  void note_next(int64_t ps) { next_ps_ = ps < next_ps_ ? ps : next_ps_; }
  // Notes the first arrival of each receiver that was not taken; there are none in a whole window.
  void note_left(const WorkerScratch& scratch, const Emitter& out, const des::Window& window);

  int64_t next_ps_ = 0;

 private:
  std::vector<LocalFault> faults_;
  size_t fault_next_ = 0;
};

class SwitchBlock final : public Block {
 public:
  // Switches [first, last) of the topology.
  SwitchBlock(const Topology& topology, uint32_t first, uint32_t last, const QueueSettings& queue,
              DropSink& drops);
  void run(std::span<Chunk* const> lists, const des::Window& window, Emitter& out,
           WorkerScratch& scratch) override;
  std::span<Port> ports() { return ports_; }
  std::span<const Port> ports() const { return ports_; }
  uint32_t port_base() const { return port_base_; }
  size_t waiting_slots() const { return slots_.allocated(); }

 private:
  void classify(std::span<Chunk* const> lists, ArrivalSorter& arrivals) const;
  void run_ports(int64_t until_ps, PortContext& context, WorkerScratch& scratch);
  void run_coupled(uint32_t sw, int64_t until_ps, PortContext& context, WorkerScratch& scratch);
  bool input_holds(uint32_t sw, const Parcel& parcel) const;
  void account_pfc(uint32_t sw, Inlet from, int64_t bytes, int64_t now_ps, PortContext& context);
  void judge_input(uint32_t port, int64_t now_ps, PortContext& context);
  void apply(const LocalFault& fault, PortContext& context);
  void apply_to_pauses(const LocalFault& fault, PortContext& context);

  const Topology& topology_;
  const QueueSettings& queue_;
  DropSink& drops_;
  uint32_t first_;
  uint32_t last_;
  uint32_t port_base_;
  std::vector<Port> ports_;
  SlotPool slots_;
  // PFC only: bytes in this switch that came in by each port, and whether its sender is paused,
  // which it never is while its cable is down.
  struct Ingress {
    int64_t bytes = 0;
    uint32_t frames = 0;  // pause frames sent, either way
    bool paused = false;
  };
  std::vector<Ingress> ingress_;
};

class HostBlock final : public Block {
 public:
  HostBlock(uint32_t first, uint32_t last, uint32_t planes, Discipline discipline, HostSide& hosts);
  void run(std::span<Chunk* const> lists, const des::Window& window, Emitter& out,
           WorkerScratch& scratch) override;
  // host-major: [host - first][plane]
  std::span<HostLink> links() { return links_; }
  std::span<const HostLink> links() const { return links_; }

 private:
  uint32_t outages_by(uint32_t index, base::Time at, const des::Window& window) const;
  void add_with_pauses(std::span<Chunk* const> lists, const des::Window& window,
                       ArrivalSorter& arrivals);
  void apply(const LocalFault& fault);

  uint32_t first_;
  uint32_t count_;
  uint32_t planes_;
  bool pauses_;  // PFC
  HostSide& hosts_;
  std::vector<HostLink> links_;
  std::vector<int64_t> host_next_ps_;
  std::vector<Parcel> ends_of_pauses_;  // of the window being run
};

// Applies up, down, rate and loss to a link; the queue in front of it is the caller's.
void apply_fault(Link& link, const Fault& fault);

}  // namespace windtunnel::fabric
