// A server in motion: transfers cut into bursts that queue at lanes, each lane a first-come
// first-served server of bandwidth. One event per burst and lane.
//
//   des::Simulation<base::Picoseconds> sim;
//   HostMachine machine(sim, model, {});
//   const uint32_t route = machine.add_route(*find_route(model, gpu, nic, RouteUse::kRead));
//   ...
//   co_await machine.transfer(route, Bytes::mib(1));   // in a process of `sim`
//
// A burst enters a lane when its first piece (TLP, frame) has arrived there and occupies it for the
// time of all its pieces; it leaves no earlier than its last piece can. What is in flight is
// bounded as hardware bounds it: reads by the tags of the part that reads, writes by a window of
// the part that posts; over a network, by that window and what fills the way at the cable's rate.
// So what queues at a full lane is a window of each part that posts there, and read requests that
// share the lane wait behind it, as PCI Express orders them. Transfers of one part take turns burst
// by burst.
//
// Errors of the granularity, against a simulation of every TLP (host_oracle_test.cc, docs/pcie.md):
// bandwidth within 2 %, usually within 0.2 %.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "des/simulation.h"
#include "des/waiter.h"
#include "node/host_model.h"
#include "node/host_route.h"

namespace windtunnel::node {

struct HostMachineOptions {
  Bytes burst = Bytes(4096);
};

// What a lane did since the last restart of the statistics.
struct LaneUse {
  Duration busy;
  Bytes data;  // payload; requests have none
  int64_t bursts = 0;
};

class TransferWait;

class HostMachine {
 public:
  using Simulation = des::Simulation<base::Picoseconds>;
  using Time = base::Time;

  // Both must outlive the machine's last use.
  HostMachine(Simulation& simulation, const HostModel& model, const HostMachineOptions& options);
  HostMachine(const HostMachine&) = delete;
  HostMachine& operator=(const HostMachine&) = delete;
  // Those still waiting wait for ever.
  ~HostMachine();

  const HostModel& model() const { return *model_; }
  Simulation& simulation() { return *simulation_; }
  des::Kernel& kernel() { return simulation_->kernel(); }

  // Routes are added before the run. Answers its number.
  uint32_t add_route(const HostRoute& route);
  const HostRoute& route(uint32_t id) const { return routes_[id].route; }

  // Waits until `data` > 0 bytes have gone the whole way.
  TransferWait transfer(uint32_t route, Bytes data);

  const LaneUse& use(uint32_t lane) const { return lanes_[lane].use; }
  // Data of a route that has gone the whole way since the last restart.
  Bytes delivered(uint32_t route) const { return routes_[route].delivered; }
  void restart_statistics();

  void handle(const des::Event& event);

 private:
  friend class TransferWait;
  enum Kind : uint32_t { kRequest, kStep, kRelease, kDone };

  struct Lane {
    Time free;
    LaneUse use;
  };
  // What may be in flight of one part, and whose transfers wait for it.
  struct Window {
    Bytes free;
    std::deque<uint32_t> urgent;   // transfers that go first
    std::deque<uint32_t> waiting;  // transfers, in the order of their turns
  };
  struct CompiledRoute {
    HostRoute route;
    Bytes burst;                  // the size bursts have
    std::vector<Duration> full;   // time of a full burst on each step
    uint32_t window = kNoWindow;  // tags of the reader, or of the one that posts
    uint32_t outer = kNoWindow;   // what is sent beyond a read
    Bytes delivered;
  };
  struct TransferState {
    uint32_t route = 0;
    Bytes left;         // not yet cut into bursts
    Bytes outstanding;  // not yet arrived
    TransferWait* waiter = nullptr;
  };
  struct Burst {
    uint32_t transfer = 0;
    uint32_t step = 0;
    Bytes size;
    Time tail;  // when the last piece can enter the lane that comes next
  };

  static constexpr uint32_t kNoWindow = 0xffffffff;

  uint32_t window_of(uint32_t vertex, uint32_t purpose, Bytes size);
  uint32_t begin(uint32_t route, Bytes data, TransferWait* waiter);
  void forget(uint32_t transfer);
  void pump(uint32_t window);
  void issue(uint32_t transfer, Bytes size);
  void on_request(uint32_t id);
  void on_step(uint32_t id);
  void on_release(uint32_t id);
  void on_done(uint32_t id);
  void schedule(Time at, Kind kind, uint32_t burst);
  struct Passage {
    Time start;
    Time finish;
  };
  struct Occupancy {
    Duration time;  // of the burst
    Duration last;  // of its last piece
  };
  Passage pass(uint32_t lane, Time tail, const Occupancy& occupancy);
  Duration burst_time(const CompiledRoute& route, size_t step, Bytes size) const;

  Simulation* simulation_;
  const HostModel* model_;
  HostMachineOptions options_;
  des::TargetId target_;
  std::vector<Lane> lanes_;
  std::vector<Window> windows_;
  struct WindowKey {
    uint32_t vertex;
    uint32_t purpose;
    bool operator==(const WindowKey&) const = default;
  };
  std::vector<WindowKey> window_keys_;
  std::vector<CompiledRoute> routes_;
  std::vector<TransferState> transfers_;
  std::vector<uint32_t> transfers_free_;
  std::vector<Burst> bursts_;
  std::vector<uint32_t> bursts_free_;
};

// co_await machine.transfer(route, bytes).
class TransferWait final : public des::Wait<TransferWait> {
 public:
  TransferWait(HostMachine& machine, uint32_t route, Bytes data)
      : machine_(&machine), route_(route), data_(data) {}
  TransferWait(TransferWait&&) noexcept = default;
  ~TransferWait() override { abandon(); }

  bool poll() const { return false; }
  void arm() { transfer_ = machine_->begin(route_, data_, this); }
  void result() const {}
  des::Outcome outcome() const { return outcome_now(); }

 protected:
  // The data goes on; nobody waits for it any more.
  void disarm() noexcept override { machine_->forget(transfer_); }

 private:
  HostMachine* machine_;
  uint32_t route_;
  uint32_t transfer_ = 0;
  Bytes data_;
};

}  // namespace windtunnel::node
