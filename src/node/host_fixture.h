// Servers for tests, and processes that move data in them.
#pragma once

#include <string>
#include <vector>

#include "des/simulation.h"
#include "node/host_machine.h"
#include "node/host_problems.h"

namespace windtunnel::node {

// A device at its place; further fields by hand.
struct Part {
  std::string name;
  HostPart kind = HostPart::kOther;
  std::string under;
  int64_t generation = 5;
  int64_t lanes = 16;
};

inline HostDevice make_device(const Part& part) {
  HostDevice device;
  device.name = part.name;
  device.kind = part.kind;
  device.under = part.under;
  device.generation = part.generation;
  device.lanes = part.lanes;
  return device;
}

inline HostDescription make_host(const std::vector<Part>& parts, int64_t sockets = 1) {
  HostDescription host;
  host.sockets = sockets;
  host.dllp_share = {0, 1};
  for (const Part& part : parts) host.devices.push_back(make_device(part));
  complete_host(host);
  return host;
}

//   cpu0 - switch0 - gpu0, nic0, ssd0      cpu1 - gpu2
//        - gpu1
inline HostDescription small_host() {
  return make_host({{"switch0", HostPart::kSwitch, "cpu0"},
                    {"gpu0", HostPart::kGpu, "switch0"},
                    {"nic0", HostPart::kNic, "switch0"},
                    {"ssd0", HostPart::kSsd, "switch0", 5, 4},
                    {"gpu1", HostPart::kGpu, "cpu0"},
                    {"gpu2", HostPart::kGpu, "cpu1"}},
                   2);
}

inline uint32_t part(const HostModel& model, const std::string& name) {
  const auto found = model.find(name);
  WT_CHECK(found.has_value(), "a part of the fixture");
  return *found;
}

inline HostRoute route(const HostModel& model, const std::string& from, const std::string& to,
                       RouteUse use) {
  auto found = find_route(model, part(model, from), part(model, to), use);
  WT_CHECK(found.has_value(), found ? "" : found.error().message);
  return *found;
}

// One transfer, and when it ended.
inline des::Process move_data(HostMachine& machine, uint32_t route, Bytes data, base::Time& ended) {
  co_await machine.transfer(route, data);
  ended = machine.simulation().now();
}

inline double gigabytes(Rate rate) { return static_cast<double>(rate.bits_per_second()) / 8e9; }

}  // namespace windtunnel::node
