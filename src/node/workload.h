// What the hosts want to move: flows, and triggers that start one flow when others are done.
//
// Flows are numbered in the order of the list. Generators are deterministic: the same options give
// the same list, on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/units.h"

namespace windtunnel::node {

inline constexpr uint32_t kNoTrigger = 0xffffffff;

struct FlowSpec {
  uint32_t src = 0;
  uint32_t dst = 0;
  int64_t bytes = 0;  // payload; at least 1
  base::Time start;   // ignored when started_by names a trigger
  uint32_t started_by = kNoTrigger;
  uint32_t on_sent = kNoTrigger;      // fired when the sender knows that everything arrived
  uint32_t on_received = kNoTrigger;  // fired when the receiver has everything
  uint64_t label = 0;                 // the user's own id
  uint8_t group = 0;                  // index into Workload::groups
};

enum class TriggerKind : uint8_t {
  kOneshot,    // the first firing starts all its flows
  kMultishot,  // each firing starts the next of its flows
  kBarrier,    // the count-th firing starts all its flows
};

struct TriggerSpec {
  TriggerKind kind = TriggerKind::kOneshot;
  uint32_t count = 1;
  std::vector<uint32_t> flows;  // in the order in which they are started
};

struct Workload {
  uint32_t hosts = 0;
  std::vector<FlowSpec> flows;
  std::vector<TriggerSpec> triggers;
  std::vector<std::string> groups = {"all"};  // named parts measured apart: "incast", "victim"

  int64_t total_bytes() const;
};

// Every host sends to another; nobody to itself, everybody receives once. hosts >= 2.
Workload permutation(uint32_t hosts, int64_t bytes, base::Time start, base::RandomStream stream);

struct IncastOptions {
  uint32_t hosts = 0;
  std::vector<uint32_t> sources;
  uint32_t destination = 0;
  int64_t bytes = 0;
  base::Time start;
};
Workload incast(const IncastOptions& options);

// `count` distinct hosts other than `except`, in ascending order.
std::vector<uint32_t> draw_hosts(uint32_t hosts, uint32_t count, std::vector<uint32_t> except,
                                 base::RandomStream stream);

// Every host sends to every other; each keeps `parallel` (>= 1) flows open and starts the next when
// one is done. Host i begins with i + 1, i + 2... so that destinations are spread.
Workload all_to_all(uint32_t hosts, int64_t bytes, uint32_t parallel, base::Time start);

struct VictimOptions {
  IncastOptions incast;
  uint32_t source = 0;
  uint32_t destination = 0;
  int64_t bytes = 0;
};
// An incast and one flow that shares no end with it; groups "incast" and "victim".
Workload victim(const VictimOptions& options);

}  // namespace windtunnel::node
