#include "node/workload.h"

#include <algorithm>

#include "base/check.h"

namespace windtunnel::node {
namespace {

void shuffle(std::vector<uint32_t>& items, base::RandomStream& stream) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[stream.below(i)]);
}

}  // namespace

int64_t Workload::total_bytes() const {
  int64_t total = 0;
  for (const FlowSpec& flow : flows) total += flow.bytes;
  return total;
}

Workload permutation(uint32_t hosts, int64_t bytes, base::Time start, base::RandomStream stream) {
  WT_CHECK(hosts >= 2, "a permutation without self flows takes two hosts");
  Workload workload;
  workload.hosts = hosts;
  std::vector<uint32_t> src(hosts);
  for (uint32_t i = 0; i < hosts; ++i) src[i] = i;
  std::vector<uint32_t> dst = src;
  shuffle(src, stream);
  shuffle(dst, stream);
  for (uint32_t i = 0; i < hosts; ++i) {
    // Swapping with the next, the last with the first, makes no new self flow: flow i gets another
    // destination than its own, and the next one gets src[i], which is not its source.
    if (src[i] == dst[i]) std::swap(dst[i], dst[(i + 1) % hosts]);
  }
  for (uint32_t i = 0; i < hosts; ++i) {
    FlowSpec flow;
    flow.src = src[i];
    flow.dst = dst[i];
    flow.bytes = bytes;
    flow.start = start;
    flow.label = i + 1;
    workload.flows.push_back(flow);
  }
  return workload;
}

std::vector<uint32_t> draw_hosts(uint32_t hosts, uint32_t count, std::vector<uint32_t> except,
                                 base::RandomStream stream) {
  std::sort(except.begin(), except.end());
  std::vector<uint32_t> candidates;
  for (uint32_t i = 0; i < hosts; ++i) {
    if (!std::binary_search(except.begin(), except.end(), i)) candidates.push_back(i);
  }
  WT_CHECK(count <= candidates.size(), "more hosts asked for than there are");
  shuffle(candidates, stream);
  candidates.resize(count);
  std::sort(candidates.begin(), candidates.end());
  return candidates;
}

Workload incast(const IncastOptions& options) {
  Workload workload;
  workload.hosts = options.hosts;
  for (const uint32_t source : options.sources) {
    FlowSpec flow;
    flow.src = source;
    flow.dst = options.destination;
    flow.bytes = options.bytes;
    flow.start = options.start;
    flow.label = workload.flows.size() + 1;
    workload.flows.push_back(flow);
  }
  return workload;
}

Workload all_to_all(uint32_t hosts, int64_t bytes, uint32_t parallel, base::Time start) {
  WT_CHECK(parallel >= 1, "a host needs at least one flow open");
  Workload workload;
  workload.hosts = hosts;
  for (uint32_t src = 0; src < hosts; ++src) {
    // Flow k of a host starts when flow k - parallel of the same host is done.
    std::vector<uint32_t> open;
    for (uint32_t step = 1; step < hosts; ++step) {
      FlowSpec flow;
      flow.src = src;
      flow.dst = (src + step) % hosts;
      flow.bytes = bytes;
      flow.start = start;
      flow.label = workload.flows.size() + 1;
      const auto number = static_cast<uint32_t>(workload.flows.size());
      if (open.size() >= parallel) {
        TriggerSpec trigger;
        trigger.flows = {number};
        flow.started_by = static_cast<uint32_t>(workload.triggers.size());
        workload.flows[open[open.size() - parallel]].on_sent = flow.started_by;
        workload.triggers.push_back(trigger);
      }
      open.push_back(number);
      workload.flows.push_back(flow);
    }
  }
  return workload;
}

Workload victim(const VictimOptions& options) {
  Workload workload = incast(options.incast);
  workload.groups = {"incast", "victim"};
  FlowSpec flow;
  flow.src = options.source;
  flow.dst = options.destination;
  flow.bytes = options.bytes;
  flow.start = options.incast.start;
  flow.label = workload.flows.size() + 1;
  flow.group = 1;
  workload.flows.push_back(flow);
  return workload;
}

}  // namespace windtunnel::node
