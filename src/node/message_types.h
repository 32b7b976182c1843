// Messages between ranks (GPUs) on a network of hosts (NICs): what runs on them, where they sit,
// and what their servers are like.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"

namespace windtunnel::node {

// `tag` is the program's own. Messages with the same from, to, channel and priority arrive in the
// order in which they were sent; where several wait for the same channel or port, the lowest
// priority goes first.
struct RankMessage {
  uint32_t from = 0;
  uint32_t to = 0;
  int64_t bytes = 0;  // may be 0; below 2^40
  uint64_t tag = 0;
  uint16_t channel = 0;
  uint8_t priority = 0;
};

// What a program may ask for; valid within the call it is handed to.
class RankMachine {
 public:
  virtual ~RankMachine() = default;
  virtual int64_t now_ps() const = 0;
  // `from` is the rank that runs. No callback happens within.
  virtual void send(const RankMessage& message) = 0;
  // Keeps `rank`, the one that runs, busy; work asked for while it is busy follows in order.
  virtual void compute(uint32_t rank, int64_t time_ps, uint64_t tag) = 0;
};

// A program on the ranks. Calls about a rank come from the thread that runs its host; ranks of
// different hosts run at the same time.
class RankProgram {
 public:
  virtual ~RankProgram() = default;
  virtual uint32_t ranks() const = 0;
  virtual void start(uint32_t rank, RankMachine& machine) = 0;
  virtual void sent(const RankMessage& message, RankMachine& machine) = 0;
  virtual void arrived(const RankMessage& message, RankMachine& machine) = 0;
  virtual void computed(uint32_t rank, uint64_t tag, RankMachine& machine) = 0;
  virtual void failed(const RankMessage& message, RankMachine& machine) = 0;
  virtual bool done(uint32_t rank) const = 0;
  virtual bool gave_up(uint32_t rank) const = 0;
};

// What lies between a GPU and its NIC. Plain figures, so that whoever knows the PCIe tree can fill
// them in: the attachment (switch in the NIC, separate switch, root complex) decides them.
struct DmaPath {
  base::Duration send_latency;     // doorbell, descriptor fetch, first payload read
  base::Duration receive_latency;  // last placement, completion write
  base::Rate read_rate;            // GPU to NIC, payload; zero: never the limit
  base::Rate write_rate;           // NIC to GPU
};

// The fabric between the GPUs of a server, all to all through a switch: each GPU sends and receives
// at `rate` at the same time, first come first served.
struct ServerFabric {
  base::Rate rate = base::Rate::gbps(3000);  // one way; 375 GB/s are measured on an H100 (of 450)
  base::Duration latency = base::Duration::us(1);
};

// Traffic of others beside the program: every NIC with ranks sends messages to NICs of other
// servers, drawn anew each time, one after `interval` from the start of the one before.
struct Background {
  int64_t bytes = 0;  // of a message; 0: none
  base::Duration interval;
};

// GPUs are numbered server by server; those of a server share its NICs evenly, in order. NIC n of
// server s is host s * nics_per_server + n of the topology.
struct ServerShape {
  uint32_t gpus_per_server = 8;
  uint32_t nics_per_server = 8;  // divides gpus_per_server

  uint32_t server(uint32_t gpu) const { return gpu / gpus_per_server; }
  uint32_t gpus_per_nic() const { return gpus_per_server / nics_per_server; }
  uint32_t nic(uint32_t gpu) const { return gpu / gpus_per_nic(); }
};

}  // namespace windtunnel::node
