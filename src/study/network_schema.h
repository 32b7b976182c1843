// Scenarios of `kind: network`: load, check, describe, write back. What other code calls.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "scenario/reader.h"
#include "scenario/tree.h"
#include "study/htsim_matrix.h"
#include "study/htsim_topology.h"
#include "study/network_description.h"

namespace windtunnel::study {

// A scenario that is ready to run: every key checked, alone and together with the others; the files
// it names read and checked too.
struct NetworkScenario {
  NetworkDescription description;
  std::optional<HtsimTopology> topology;   // when fabric.topology names a file
  std::optional<ConnectionMatrix> matrix;  // when workload.matrix names a file
  std::vector<base::Error> warnings;       // to be shown; nothing is wrong
  scenario::MarkTable marks;               // where each key is written
};

using NetworkResult = tl::expected<NetworkScenario, std::vector<base::Error>>;

// `overrides` are `path=value` (see scenario/overrides.h), later ones winning. On failure all
// mistakes, sorted by place. base::to_string(errors) prints them.
//
// Defaults that depend on other keys are settled here, so that the description says what is run:
// roce has one path and dcqcn unless told otherwise; a matrix file sets workload.kind, a topology
// file the shape keys (with a warning where they said something else); sources set fan_in.
NetworkResult load_network(const std::string& path, const std::vector<std::string>& overrides = {});
// The same for a text already in memory; `file` is its name in messages, and relative file names
// count from its folder.
NetworkResult read_network(std::string_view text, const std::string& file,
                           const std::vector<std::string>& overrides = {});
// From a tree of this kind, overrides applied.
NetworkResult read_network(const scenario::Node& root);
// What follows reading the keys, also for kinds that hold the sections of a network among others:
// defaults that depend on other keys, the files that keys name, the checks of keys together. Adds
// to `errors`.
void complete_network(NetworkScenario& scenario, std::vector<base::Error>& errors);

// `windtunnel schema network`.
std::string network_schema();

// The resolved scenario, defaults included. Reading the YAML gives an equal description.
std::string network_yaml(const NetworkDescription& description);
std::string network_json(const NetworkDescription& description);

}  // namespace windtunnel::study
