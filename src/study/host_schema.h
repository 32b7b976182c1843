// Scenarios of `kind: host`: load, check, describe, write back, and the flows they come to.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "node/host_model.h"
#include "node/host_traffic.h"
#include "scenario/tree.h"
#include "study/host_description.h"

namespace windtunnel::study {

// A flow of the model, and the item of `traffic` it comes from.
struct HostFlow {
  node::HostFlowSpec spec;
  size_t item = 0;
  base::SourceMark mark;
};

// A scenario that is ready to run: every key checked, files read, the servers built. `description`
// is what the user wrote; the model holds the servers with all their devices.
struct HostScenario {
  HostScenarioDescription description;
  node::HostModel model;
  std::vector<HostFlow> flows;
  std::vector<base::Error> warnings;
};

using HostResult = tl::expected<HostScenario, std::vector<base::Error>>;

// From a tree, overrides applied. Errors are all that were found.
HostResult read_host(const scenario::Node& root);
// The same from a text; `kind` must be host.
HostResult read_host(std::string_view text, const std::string& file,
                     const std::vector<std::string>& overrides = {});

// `windtunnel schema host`.
std::string host_schema();
std::string host_yaml(const HostScenarioDescription& description);

}  // namespace windtunnel::study
