#include "node/host_traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace windtunnel::node {
namespace {

constexpr uint32_t kNone = HostModel::kNone;

Duration interval_of(int64_t per_second) {
  return Duration::ticks(std::max<int64_t>(1, base::Picoseconds::kPerSecond / per_second));
}

}  // namespace

// One thing an operation does after the other.
struct HostWorkload::Action {
  enum class Kind : uint8_t { kTransfer, kWait, kSlot };
  Kind kind = Kind::kTransfer;
  uint32_t target = 0;   // kTransfer: the route; kSlot: the vertex
  Bytes size;            // kTransfer
  Duration time;         // kWait; kSlot: until the next may begin
  bool payload = false;  // kTransfer: the data itself, no command or completion
};

struct HostWorkload::Flow {
  HostFlowSpec spec;
  std::vector<Action> actions;
  uint32_t payload = 0;  // the route that puts the data in place
  int64_t begun = 0;
  int64_t ended = 0;
  int64_t measured = 0;
  base::Time last;  // completion
  base::Duration latency_sum;
  des::QuantileSketch latency;
};

// From what a flow is to what each of its operations does.
class HostWorkload::Compiler {
 public:
  Compiler(HostMachine& machine, const HostFlowSpec& spec)
      : machine_(machine), model_(machine.model()), spec_(spec) {}

  base::Result<std::vector<Action>> run() {
    wait(spec_.software);
    switch (spec_.kind) {
      case TrafficKind::kCopyPush:
        copy(RouteUse::kWrite);
        break;
      case TrafficKind::kCopyPull:
        copy(RouteUse::kRead);
        break;
      case TrafficKind::kSend:
        send();
        break;
      case TrafficKind::kReceive:
        receive();
        break;
      case TrafficKind::kSsdRead:
        ssd_read(spec_.from, spec_.bounce ? memory_beside(spec_.to) : spec_.to);
        unstage();
        break;
      case TrafficKind::kSsdWrite:
        ssd_write();
        break;
      case TrafficKind::kRemoteRead:
        remote_read();
        break;
    }
    if (failed_) return tl::unexpected(error_);
    return std::move(actions_);
  }

 private:
  void wait(Duration time) {
    if (time > Duration::zero()) actions_.push_back({Action::Kind::kWait, 0, {}, time, false});
  }
  void slot(uint32_t vertex, int64_t per_second) {
    actions_.push_back({Action::Kind::kSlot, vertex, {}, interval_of(per_second), false});
  }
  void transfer(const base::Result<HostRoute>& route, Bytes size) {
    if (!route) {
      if (!std::exchange(failed_, true)) error_ = route.error();
      return;
    }
    actions_.push_back({Action::Kind::kTransfer, machine_.add_route(*route), size, {}, false});
  }
  void payload(const base::Result<HostRoute>& route) {
    transfer(route, spec_.block);
    if (route) actions_.back().payload = true;
  }
  void payload(uint32_t from, uint32_t to, RouteUse use) {
    payload(find_route(model_, from, to, use));
  }
  // Doorbells, descriptors, completions.
  void move(uint32_t from, uint32_t to, RouteUse use, Bytes size) {
    auto route = find_route(model_, from, to, use);
    if (route) route->urgent = true;
    transfer(route, size);
  }

  uint32_t memory_beside(uint32_t part) const { return model_.memory_of(model_.socket_of(part)); }

  void copy(RouteUse use) {
    if (!spec_.bounce) return payload(spec_.from, spec_.to, use);
    const uint32_t memory = memory_beside(spec_.to);
    payload(spec_.from, memory, RouteUse::kWrite);
    payload(memory, spec_.to, RouteUse::kRead);
  }

  // The last stretch of what stopped in the memory beside the sink.
  void unstage() {
    if (spec_.bounce) payload(memory_beside(spec_.to), spec_.to, RouteUse::kRead);
  }

  // A doorbell from the socket beside `device`, which then reads its descriptor or command.
  void ring(uint32_t device) {
    move(model_.socket_of(device), device, RouteUse::kWrite, kDoorbell);
    move(memory_beside(device), device, RouteUse::kRead, kDescriptor);
  }
  void ring_nic(uint32_t nic) {
    ring(nic);
    slot(nic, model_.device(nic).messages_per_second);
  }

  void send() {
    uint32_t source = spec_.from;
    if (spec_.bounce) {
      source = memory_beside(spec_.from);
      payload(spec_.from, source, RouteUse::kWrite);
    }
    ring_nic(spec_.nic);
    if (spec_.nic_remote == kNone) {
      payload(route_to_wire(model_, source, spec_.nic));
    } else {
      payload(route_over_network(model_, source, spec_.to, {spec_.nic, spec_.nic_remote}));
    }
    move(spec_.nic, memory_beside(spec_.nic), RouteUse::kWrite, kCompletion);
  }

  void receive() {
    slot(spec_.nic, model_.device(spec_.nic).messages_per_second);
    const uint32_t sink = spec_.bounce ? memory_beside(spec_.to) : spec_.to;
    payload(route_from_wire(model_, spec_.nic, sink));
    move(spec_.nic, memory_beside(spec_.nic), RouteUse::kWrite, kCompletion);
    unstage();
  }

  void ssd_read(uint32_t ssd, uint32_t to) {
    const HostSsd& drive = model_.device(ssd).ssd;
    ring(ssd);
    slot(ssd, drive.read_iops);
    wait(drive.read_latency);
    payload(route_from_flash(model_, ssd, to));
    move(ssd, memory_beside(ssd), RouteUse::kWrite, kSsdCompletion);
  }

  void ssd_write() {
    const HostSsd& drive = model_.device(spec_.to).ssd;
    uint32_t source = spec_.from;
    if (spec_.bounce) {
      source = memory_beside(spec_.from);
      payload(spec_.from, source, RouteUse::kWrite);
    }
    ring(spec_.to);
    slot(spec_.to, drive.write_iops);
    wait(drive.write_latency);
    payload(route_to_flash(model_, source, spec_.to));
    move(spec_.to, memory_beside(spec_.to), RouteUse::kWrite, kSsdCompletion);
  }

  // The command goes to the memory over there, whose software hands it to the drive.
  void remote_read() {
    const uint32_t memory_here = memory_beside(spec_.nic);
    const uint32_t memory_there = memory_beside(spec_.nic_remote);
    const uint32_t sink = spec_.bounce ? memory_beside(spec_.to) : spec_.to;
    const NicPair out{spec_.nic, spec_.nic_remote};
    const NicPair back{spec_.nic_remote, spec_.nic};
    ring_nic(spec_.nic);
    transfer(route_over_network(model_, memory_here, memory_there, out), kCommandCapsule);
    wait(spec_.software_remote);
    const HostSsd& drive = model_.device(spec_.from).ssd;
    if (spec_.bounce_remote) {
      ssd_read(spec_.from, memory_beside(spec_.from));
      ring_nic(spec_.nic_remote);
      payload(route_over_network(model_, memory_beside(spec_.from), sink, back));
    } else {
      ring(spec_.from);
      slot(spec_.from, drive.read_iops);
      wait(drive.read_latency);
      slot(spec_.nic_remote, model_.device(spec_.nic_remote).messages_per_second);
      payload(route_flash_over_network(model_, spec_.from, sink, back));
    }
    transfer(route_over_network(model_, memory_there, memory_here, back), kCompletion);
    unstage();
  }

  HostMachine& machine_;
  const HostModel& model_;
  const HostFlowSpec& spec_;
  std::vector<Action> actions_;
  base::Error error_;
  bool failed_ = false;
};

// The last transfer of the data itself.
uint32_t HostWorkload::payload_route(const std::vector<Action>& actions) {
  uint32_t route = 0;
  for (const Action& action : actions) {
    if (action.payload) route = action.target;
  }
  return route;
}

HostWorkload::HostWorkload(HostMachine& machine)
    : machine_(&machine), slots_(machine.model().vertices().size()) {}
HostWorkload::~HostWorkload() = default;

base::Status HostWorkload::add(const HostFlowSpec& spec) {
  WT_CHECK(spec.block > Bytes(0) && spec.queue_depth > 0, "a flow moves something");
  auto actions = Compiler(*machine_, spec).run();
  if (!actions) return tl::unexpected(actions.error());
  flows_.push_back(std::make_unique<Flow>());
  flows_.back()->spec = spec;
  flows_.back()->payload = payload_route(*actions);
  flows_.back()->actions = std::move(*actions);
  return {};
}

des::Process HostWorkload::work(Flow& flow) {
  HostMachine::Simulation& sim = machine_->simulation();
  co_await sim.delay(flow.spec.start);
  while (flow.spec.operations == 0 || flow.begun < flow.spec.operations) {
    ++flow.begun;
    const base::Time began = sim.now();
    for (const Action& action : flow.actions) {
      switch (action.kind) {
        case Action::Kind::kTransfer:
          co_await machine_->transfer(action.target, action.size);
          break;
        case Action::Kind::kWait:
          co_await sim.delay(action.time);
          break;
        case Action::Kind::kSlot: {
          const base::Time at = std::max(sim.now(), slots_[action.target]);
          slots_[action.target] = at + action.time;
          if (at > sim.now()) co_await sim.until(at);
          break;
        }
      }
    }
    ++flow.ended;
    ++flow.measured;
    flow.last = sim.now();
    flow.latency_sum += sim.now() - began;
    flow.latency.add((sim.now() - began).seconds());
  }
}

void HostWorkload::start() {
  for (const auto& flow : flows_) {
    for (int64_t i = 0; i < flow->spec.queue_depth; ++i) machine_->kernel().spawn(work(*flow));
  }
}

void HostWorkload::measure() {
  measure_from_ = machine_->simulation().now();
  machine_->restart_statistics();
  for (const auto& flow : flows_) {
    flow->measured = 0;
    flow->latency_sum = {};
    flow->latency = {};
  }
}

std::vector<HostFlowResult> HostWorkload::results() const {
  std::vector<HostFlowResult> results;
  results.reserve(flows_.size());
  for (const auto& flow : flows_) {
    HostFlowResult result;
    result.name = flow->spec.name;
    result.operations = flow->measured;
    result.latency = flow->latency;
    if (flow->measured > 0)
      result.latency_mean = flow->latency_sum.seconds() / static_cast<double>(flow->measured);
    // An endless flow is measured to the end, a finite one to its own end.
    const bool ended = flow->spec.operations > 0 && flow->ended == flow->spec.operations;
    const base::Time from = std::max(measure_from_, base::Time::at(flow->spec.start));
    const base::Time to = ended ? flow->last : machine_->simulation().now();
    if (to > from) result.rate = base::average_rate(machine_->delivered(flow->payload), to - from);
    results.push_back(std::move(result));
  }
  return results;
}

bool HostWorkload::done() const {
  return std::all_of(flows_.begin(), flows_.end(), [](const auto& flow) {
    return flow->spec.operations > 0 && flow->ended == flow->spec.operations;
  });
}

}  // namespace windtunnel::node
