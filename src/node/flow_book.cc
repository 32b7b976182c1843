#include "node/flow_book.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::node {

FlowBook::FlowBook(const Workload& workload, std::vector<uint32_t> position_of)
    : workload_(workload),
      position_of_(std::move(position_of)),
      hosts_(position_of_.size()),
      progress_(workload.flows.size()),
      reception_(workload.flows.size()),
      triggers_(workload.triggers.size()) {
  for (uint32_t f = 0; f < workload.flows.size(); ++f) {
    const FlowSpec& flow = workload.flows[f];
    if (flow.started_by == kNoTrigger) {
      hosts_[source(f)].timed.push_back({flow.start.ps(), f});
    }
  }
  for (HostFlows& host : hosts_) {
    std::stable_sort(host.timed.begin(), host.timed.end(),
                     [](const Due& a, const Due& b) { return a.at_ps < b.at_ps; });
  }
  for (uint32_t t = 0; t < workload.triggers.size(); ++t) {
    const TriggerSpec& trigger = workload.triggers[t];
    triggers_[t].home = trigger.flows.empty() ? 0 : source(trigger.flows.front());
    for (const uint32_t f : trigger.flows) {
      WT_CHECK(workload.flows[f].started_by == t, "a trigger starts a flow that waits for another");
    }
  }
}

int64_t FlowBook::next_due_ps(uint32_t host) const {
  const HostFlows& h = hosts_[host];
  int64_t due = h.timed_next < h.timed.size() ? h.timed[h.timed_next].at_ps : kNever;
  if (h.triggered_next < h.triggered.size()) {
    due = std::min(due, h.triggered[h.triggered_next].at_ps);
  }
  return due;
}

std::optional<uint32_t> FlowBook::take_due(uint32_t host, int64_t now_ps) {
  HostFlows& h = hosts_[host];
  std::optional<uint32_t> flow;
  if (h.timed_next < h.timed.size() && h.timed[h.timed_next].at_ps <= now_ps) {
    flow = h.timed[h.timed_next++].flow;
  } else if (h.triggered_next < h.triggered.size() &&
             h.triggered[h.triggered_next].at_ps <= now_ps) {
    flow = h.triggered[h.triggered_next++].flow;
    if (h.triggered_next == h.triggered.size()) {
      h.triggered.clear();
      h.triggered_next = 0;
    }
  }
  if (flow) progress_[*flow].started_ps = now_ps;
  return flow;
}

void FlowBook::sent(uint32_t flow, int64_t now_ps, fabric::Emitter& out) {
  progress_[flow].finished_ps = now_ps;
  ++hosts_[source(flow)].ended;
  const uint32_t trigger = workload_.flows[flow].on_sent;
  if (trigger != kNoTrigger) fire(trigger, source(flow), now_ps, out);
}

void FlowBook::failed(uint32_t flow, int64_t now_ps) {
  (void)now_ps;
  progress_[flow].failed = true;
  ++hosts_[source(flow)].ended;
}

void FlowBook::received(uint32_t flow, int64_t payload, int64_t now_ps, fabric::Emitter& out) {
  FlowReception& reception = reception_[flow];
  reception.bytes += payload;
  if (reception.bytes < bytes(flow) || reception.complete_ps >= 0) return;
  reception.complete_ps = now_ps;
  const uint32_t trigger = workload_.flows[flow].on_received;
  if (trigger != kNoTrigger) fire(trigger, destination(flow), now_ps, out);
}

void FlowBook::message(uint32_t host, const fabric::Parcel& parcel, int64_t now_ps,
                       fabric::Emitter& out) {
  if (HostPosts::kind(parcel) == PostKind::kFire) {
    fire_at_home(parcel.cargo[1], now_ps, out);
  } else {
    hosts_[host].triggered.push_back({now_ps, parcel.cargo[1]});
  }
}

void FlowBook::fire(uint32_t trigger, uint32_t from, int64_t now_ps, fabric::Emitter& out) {
  if (triggers_[trigger].home == from) {
    fire_at_home(trigger, now_ps, out);
  } else {
    post(PostKind::kFire, trigger, triggers_[trigger].home, now_ps, out);
  }
}

void FlowBook::fire_at_home(uint32_t trigger, int64_t now_ps, fabric::Emitter& out) {
  const TriggerSpec& spec = workload_.triggers[trigger];
  TriggerState& state = triggers_[trigger];
  ++state.fired;
  const auto count = static_cast<uint32_t>(spec.flows.size());
  uint32_t last = state.next_flow;
  switch (spec.kind) {
    case TriggerKind::kOneshot:
      last = count;
      break;
    case TriggerKind::kMultishot:
      last = std::min(count, last + 1);
      break;
    case TriggerKind::kBarrier:
      last = state.fired >= spec.count ? count : last;
      break;
  }
  for (; state.next_flow < last; ++state.next_flow) {
    start(spec.flows[state.next_flow], state.home, now_ps, out);
  }
}

void FlowBook::start(uint32_t flow, uint32_t from, int64_t now_ps, fabric::Emitter& out) {
  if (source(flow) == from) {
    hosts_[from].triggered.push_back({now_ps, flow});
  } else {
    post(PostKind::kStart, flow, source(flow), now_ps, out);
  }
}

void FlowBook::post(PostKind kind, uint32_t number, uint32_t to, int64_t now_ps,
                    fabric::Emitter& out) {
  fabric::Parcel parcel;
  parcel.cargo[1] = number;
  posts_.post(kind, to, parcel, now_ps, out);
}

int64_t FlowBook::ended() const {
  int64_t total = 0;
  for (const HostFlows& host : hosts_) total += host.ended;
  return total;
}

}  // namespace windtunnel::node
