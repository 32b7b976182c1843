#include "node/host_machine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace windtunnel::node {
namespace {

// A window holds at least this many bursts, so that it is not the cut that limits.
constexpr int64_t kBurstsPerWindow = 8;

enum Purpose : uint32_t { kTags, kPosts, kSends, kReceives };

}  // namespace

HostMachine::HostMachine(Simulation& simulation, const HostModel& model,
                         const HostMachineOptions& options)
    : simulation_(&simulation),
      model_(&model),
      options_(options),
      target_(simulation.add_target(*this)),
      lanes_(model.lanes().size()) {
  WT_CHECK(options.burst > Bytes(0), "bursts carry something");
}

HostMachine::~HostMachine() {
  for (const TransferState& transfer : transfers_) {
    if (transfer.waiter != nullptr) transfer.waiter->orphan();
  }
}

uint32_t HostMachine::window_of(uint32_t vertex, uint32_t purpose, Bytes size) {
  const WindowKey key{vertex, purpose};
  const auto found = std::find(window_keys_.begin(), window_keys_.end(), key);
  if (found != window_keys_.end()) return static_cast<uint32_t>(found - window_keys_.begin());
  window_keys_.push_back(key);
  windows_.push_back({size, {}, {}});
  return static_cast<uint32_t>(windows_.size() - 1);
}

uint32_t HostMachine::add_route(const HostRoute& route) {
  WT_CHECK(!route.steps.empty(), "a route crosses a lane");
  CompiledRoute compiled;
  compiled.route = route;
  compiled.burst = options_.burst;
  const auto shrink = [&](Bytes window, Bytes unit) {
    const int64_t units = std::max<int64_t>(1, window / unit / kBurstsPerWindow);
    compiled.burst = std::min(compiled.burst, std::max(unit, unit * units));
  };
  const size_t read = route.read_steps;
  if (read > 0) {
    const uint32_t reader = model_->lane(route.steps[read - 1].lane).to;
    const HostDescription& host = model_->host(reader);
    const Bytes tags = host.read_request_max * host.tags;
    compiled.window = window_of(reader, kTags, tags);
    shrink(tags, host.read_request_max);
  }
  if (read < route.steps.size()) {
    const uint32_t sender = model_->lane(route.steps[read].lane).from;
    const HostDescription& host = model_->host(sender);
    HostRoute beyond = route;  // what follows the part that is read
    beyond.steps.erase(beyond.steps.begin(), beyond.steps.begin() + static_cast<ptrdiff_t>(read));
    beyond.read_steps = 0;
    const auto wire = std::find_if(
        beyond.steps.begin(), beyond.steps.end(),
        [&](const RouteStep& s) { return model_->lane(s.lane).kind == LaneKind::kWire; });
    const bool crosses_wire = wire != beyond.steps.end();
    const Rate cable = crosses_wire ? model_->lane(wire->lane).rate : Rate();
    // What comes from the network is bounded by the NIC that receives it, apart from what that NIC
    // sends. What a device passes on after reading it is in its buffer, and no posted write.
    const bool from_network = model_->vertex(sender).kind == HostPart::kNetwork;
    const uint32_t owner = from_network ? model_->lane(route.steps[read].lane).to : sender;
    const uint32_t purpose = from_network ? kReceives : read > 0 || crosses_wire ? kSends : kPosts;
    Bytes size = host.write_window;
    if (crosses_wire) size += base::transferred(idle_latency(*model_, beyond, kWirePayload), cable);
    const uint32_t window = window_of(owner, purpose, size);
    (read > 0 ? compiled.outer : compiled.window) = window;
    shrink(size, host.payload_max);
  }
  compiled.full.reserve(route.steps.size());
  for (const RouteStep& step : route.steps)
    compiled.full.push_back(step_time(*model_, step, compiled.burst));
  routes_.push_back(std::move(compiled));
  return static_cast<uint32_t>(routes_.size() - 1);
}

TransferWait HostMachine::transfer(uint32_t route, Bytes data) {
  WT_CHECK(route < routes_.size(), "a route of this machine");
  WT_CHECK(data > Bytes(0), "a transfer moves something");
  return {*this, route, data};
}

void HostMachine::restart_statistics() {
  for (Lane& lane : lanes_) lane.use = {};
  for (CompiledRoute& route : routes_) route.delivered = {};
}

uint32_t HostMachine::begin(uint32_t route, Bytes data, TransferWait* waiter) {
  uint32_t id = 0;
  if (transfers_free_.empty()) {
    id = static_cast<uint32_t>(transfers_.size());
    transfers_.emplace_back();
  } else {
    id = transfers_free_.back();
    transfers_free_.pop_back();
  }
  transfers_[id] = {route, data, data, waiter};
  const uint32_t window = routes_[route].window;
  Window& w = windows_[window];
  (routes_[route].route.urgent ? w.urgent : w.waiting).push_back(id);
  pump(window);
  return id;
}

void HostMachine::forget(uint32_t transfer) { transfers_[transfer].waiter = nullptr; }

// Issues bursts while the window, and the outer one of the transfer whose turn it is, have room.
void HostMachine::pump(uint32_t window) {
  Window& w = windows_[window];
  while (!w.urgent.empty() || !w.waiting.empty()) {
    std::deque<uint32_t>& line = w.urgent.empty() ? w.waiting : w.urgent;
    const uint32_t id = line.front();
    TransferState& transfer = transfers_[id];
    const CompiledRoute& route = routes_[transfer.route];
    const Bytes size = std::min(transfer.left, route.burst);
    if (w.free < size) return;
    if (route.outer != kNoWindow && windows_[route.outer].free < size) return;
    w.free -= size;
    if (route.outer != kNoWindow) windows_[route.outer].free -= size;
    transfer.left -= size;
    const bool turn_ends = !route.route.in_order || transfer.left == Bytes(0);
    if (turn_ends) line.pop_front();
    if (turn_ends && transfer.left > Bytes(0)) line.push_back(id);
    issue(id, size);
  }
}

void HostMachine::issue(uint32_t transfer, Bytes size) {
  uint32_t id = 0;
  if (bursts_free_.empty()) {
    id = static_cast<uint32_t>(bursts_.size());
    bursts_.emplace_back();
  } else {
    id = bursts_free_.back();
    bursts_free_.pop_back();
  }
  const HostRoute& route = routes_[transfers_[transfer].route].route;
  const bool reads = route.read_steps > 0;
  const Time at = simulation_->now() + (reads ? route.request_begin : route.begin);
  bursts_[id] = {transfer, 0, size, at};
  schedule(at, reads ? kRequest : kStep, id);
}

void HostMachine::schedule(Time at, Kind kind, uint32_t burst) {
  simulation_->schedule(at, {.target = target_, .kind = kind, .data = burst});
}

void HostMachine::handle(const des::Event& event) {
  const auto id = static_cast<uint32_t>(event.data);
  switch (static_cast<Kind>(event.kind)) {
    case kRequest:
      return on_request(id);
    case kStep:
      return on_step(id);
    case kRelease:
      return on_release(id);
    case kDone:
      return on_done(id);
  }
}

// The lane serves the burst when it is free, and not faster than the burst arrives.
HostMachine::Passage HostMachine::pass(uint32_t lane, Time tail, const Occupancy& occupancy) {
  Lane& l = lanes_[lane];
  const Time start = std::max(simulation_->now(), l.free);
  l.free = start + occupancy.time;
  l.use.busy += occupancy.time;
  return {start, std::max(l.free, tail + occupancy.last)};
}

void HostMachine::on_request(uint32_t id) {
  Burst& burst = bursts_[id];
  const HostRoute& route = routes_[transfers_[burst.transfer].route].route;
  const RouteStep& step = route.request_steps[burst.step];
  const Duration one = request_time(*model_, step, std::min(burst.size, step.cut.request));
  const Passage passage =
      pass(step.lane, burst.tail, {request_time(*model_, step, burst.size), one});
  Time head = passage.start + one + step.after;
  burst.tail = passage.finish + step.after;
  if (++burst.step < route.request_steps.size()) return schedule(head, kRequest, id);
  burst.step = 0;
  head += route.access + route.begin;
  burst.tail += route.access + route.begin;
  schedule(head, kStep, id);
}

Duration HostMachine::burst_time(const CompiledRoute& route, size_t step, Bytes size) const {
  return size == route.burst ? route.full[step] : step_time(*model_, route.route.steps[step], size);
}

void HostMachine::on_step(uint32_t id) {
  Burst& burst = bursts_[id];
  const CompiledRoute& compiled = routes_[transfers_[burst.transfer].route];
  const HostRoute& route = compiled.route;
  const RouteStep& step = route.steps[burst.step];
  const Bytes piece = step_piece(*model_, step);
  const Duration first = step_time(*model_, step, std::min(burst.size, piece));
  const Duration last = step_time(*model_, step, last_piece(burst.size, piece));
  const Passage passage =
      pass(step.lane, burst.tail, {burst_time(compiled, burst.step, burst.size), last});
  LaneUse& use = lanes_[step.lane].use;
  use.data += burst.size;
  ++use.bursts;
  const Duration onward = step.after + step.relay;
  burst.tail = passage.finish + onward;
  ++burst.step;
  // The tag of each request of the burst is free when its own answer is there. They were taken all
  // at once, so they are given back all at once when the first one's is, which holds each for one
  // round trip.
  if (burst.step == route.read_steps) {
    const Bytes request = std::min(burst.size, step.cut.request);
    schedule(std::min(passage.start + step_time(*model_, step, request) + step.after, burst.tail),
             kRelease, id);
  }
  if (burst.step < route.steps.size()) return schedule(passage.start + first + onward, kStep, id);
  schedule(burst.tail, kDone, id);
}

void HostMachine::on_release(uint32_t id) {
  const Burst& burst = bursts_[id];
  const uint32_t window = routes_[transfers_[burst.transfer].route].window;
  windows_[window].free += burst.size;
  pump(window);
}

void HostMachine::on_done(uint32_t id) {
  const Burst burst = bursts_[id];
  bursts_free_.push_back(id);
  TransferState& transfer = transfers_[burst.transfer];
  CompiledRoute& route = routes_[transfer.route];
  route.delivered += burst.size;
  const uint32_t window = route.window;
  const bool posted = route.route.read_steps == 0;
  const uint32_t outer = posted ? window : route.outer;
  if (outer != kNoWindow) windows_[outer].free += burst.size;
  transfer.outstanding -= burst.size;
  if (transfer.outstanding == Bytes(0)) {
    TransferWait* waiter = std::exchange(transfer.waiter, nullptr);
    transfers_free_.push_back(burst.transfer);
    if (waiter != nullptr) waiter->complete();
  }
  if (outer != kNoWindow && outer != window) pump(outer);
  if (outer != kNoWindow) pump(window);
}

}  // namespace windtunnel::node
