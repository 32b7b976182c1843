// A machine of closed forms: every message takes a fixed latency plus its bytes over a rate, every
// rank sends one message at a time and receives one at a time, and between them there is no
// network to congest. What an algorithm costs on it is the alpha-beta model of the literature
// (Thakur et al. 2005), so bounds.h is tested against it and packet runs are compared with it.
//
// Inside a server (ranks `per_server` * k to `per_server` * (k + 1) - 1) there may be a second set
// of ports with its own latency and rate. A receiving port is taken when a message's first byte is
// there: cut-through, so an idle port adds nothing. One thread, deterministic.
#pragma once

#include <cstdint>
#include <memory>

#include "base/units.h"
#include "cluster/machine.h"

namespace windtunnel::cluster {

struct PortModel {
  base::Duration latency;  // alpha: from the first byte sent to the first byte there
  base::Rate rate;         // net of headers: 1 / beta
};

struct FixedLatencyOptions {
  PortModel network;
  PortModel server;         // used when per_server > 1
  uint32_t per_server = 1;  // ranks of a server
  // From the last byte in place to sent(); negative: the latency of the message.
  base::Duration acknowledgement = base::Duration::ticks(-1);
  // Messages that never arrive and fail instead, after `failure_time`; may be null.
  bool (*fails)(void* context, const Message& message) = nullptr;
  void* context = nullptr;
  base::Duration failure_time;
};

struct FixedLatencyResult {
  base::Time last_arrival;  // of a message or the end of computing: when the result is there
  base::Time end;           // the last acknowledgement
  int64_t messages = 0;
  int64_t events = 0;
  uint32_t ranks_done = 0;
  uint32_t ranks_gave_up = 0;
  bool complete(uint32_t ranks) const { return ranks_done == ranks && ranks_gave_up == 0; }
};

// Starts every rank at time zero, in order, and runs until nothing is under way.
FixedLatencyResult run_fixed_latency(Program& program, const FixedLatencyOptions& options);

}  // namespace windtunnel::cluster
