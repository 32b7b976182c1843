// What is wrong with the description of a server. A list of problems rather than errors: whoever
// read the file knows the places and finds the nearest valid name.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "node/host_description.h"

namespace windtunnel::node {

struct HostProblem {
  static constexpr size_t kServer = std::numeric_limits<size_t>::max();
  size_t device = kServer;         // index into devices, or the server itself
  std::string key;                 // "under", "lanes"
  std::string message;             // what was found and what was expected
  std::string found;               // a name that is not known; empty: nothing to suggest
  std::vector<std::string> names;  // the valid ones
};

// Bounds: what no machine has, and what keeps an absurd file from costing memory.
inline constexpr size_t kHostDevicesMax = 4096;
inline constexpr size_t kHostMeshGpusMax = 256;
inline constexpr int64_t kHostSocketsMax = 64;
inline constexpr int kHostDepthMax = 32;  // switches above one another

// Of a completed description. Empty: HostModel can be built.
std::vector<HostProblem> find_host_problems(const HostDescription& host);

}  // namespace windtunnel::node
