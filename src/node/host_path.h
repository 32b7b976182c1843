// Ways between two parts of a server side by side, the best of them, and a summary of the way
// between a GPU and its NIC for models that want figures and no PCIe tree.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "node/host_model.h"
#include "node/host_route.h"

namespace windtunnel::node {

struct PathChoice {
  RouteUse use = RouteUse::kWrite;
  bool staged = false;          // written to host memory and read from there
  std::vector<HostRoute> legs;  // one, or two when staged
  Duration latency;             // of 64 B, idle
  Rate rate;                    // of payload, an endless stream alone
  std::string limit;            // what holds the rate down
  std::string why;              // the rule that chose the way
};

struct PathAnswer {
  // All that the policy allows, best first: the highest rate, and among those within 10 % of it
  // what does not stage, then the lowest latency.
  std::vector<PathChoice> choices;
  std::vector<std::string> refused;  // why others are not among them
};

// Ways for data from one part to another. Error: there is none at all.
base::Result<PathAnswer> find_paths(const HostModel& model, uint32_t from, uint32_t to);

// What a message costs between a GPU (or any part) and the NIC that sends and receives for it, the
// network's own time left out. Latencies are idle ones and leave out the time of the payload on the
// lanes, which `*_rate` gives.
struct NicPath {
  Duration send_latency;     // from the doorbell at the NIC to the first byte on the cable
  Rate send_rate;            // the NIC reads the payload; the cable is not counted
  Duration receive_latency;  // from the last byte off the cable to the last byte in place
  Rate receive_rate;
  Duration post;      // doorbell and descriptor fetch, before send_latency begins
  Duration complete;  // completion entry written, after the last byte is in place
  std::string limit;  // what holds the lower of the two rates down
  std::string why;
};
base::Result<NicPath> nic_path(const HostModel& model, uint32_t part, uint32_t nic);

}  // namespace windtunnel::node
