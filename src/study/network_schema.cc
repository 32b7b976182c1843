#include "study/network_schema.h"

#include <fmt/format.h>

#include <utility>

#include "scenario/dump.h"
#include "scenario/overrides.h"
#include "scenario/reader.h"
#include "scenario/schema_text.h"
#include "scenario/text_file.h"
#include "scenario/yaml_reader.h"
#include "study/network_schema_check.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;
using scenario::MarkTable;

tl::unexpected<Errors> refuse(Errors errors) {
  scenario::sort_by_place(errors);
  return tl::unexpected(std::move(errors));
}

void append(Errors& to, Errors from) {
  for (base::Error& error : from) to.push_back(std::move(error));
}

// The errors of a file that a key names: where the file could not be opened at all, the key is the
// place to look.
void append_file_errors(Errors& errors, Errors from, const std::string& key,
                        const MarkTable& marks) {
  for (base::Error& error : from) {
    if (error.mark.line == 0) {
      error.message = fmt::format("{}: {} {}", key, error.mark.file, error.message);
      error.mark = marks.at(key);
    }
    errors.push_back(std::move(error));
  }
}

// Keys that a topology file overrules. Where they say the same nothing is lost; where they do not,
// a user who set a rate must hear that the file's holds.
void warn_overruled(const FabricDescription& given, const FabricDescription& holds,
                    const MarkTable& marks, Errors& warnings) {
  const auto warn = [&](const char* name, bool differs) {
    const std::string key = fmt::format("fabric.{}", name);
    if (differs && marks.given(key))
      warnings.push_back(
          {marks.at(key),
           fmt::format("{} has no effect: {} says otherwise", key, given.topology.text),
           {}});
  };
  const FabricDescription none;
  warn("shape", given.shape != holds.shape);
  warn("nodes", given.nodes != holds.nodes);
  warn("tiers", given.tiers != holds.tiers);
  warn("link_rate", given.link_rate != holds.link_rate);
  warn("link_latency", given.link_latency != holds.link_latency);
  warn("switch_latency", given.switch_latency != holds.switch_latency);
  warn("oversubscription", given.oversubscription != none.oversubscription);
  warn("radix", given.radix.has_value());
  warn("nodes_per_leaf", given.nodes_per_leaf.has_value());
  warn("rails", given.rails != none.rails);
}

void read_topology_file(NetworkScenario& scenario, MarkTable& marks, Errors& errors) {
  FabricDescription& fabric = scenario.description.fabric;
  if (!fabric.topology.given()) return;
  auto topology = load_htsim_topology(fabric.topology.resolved);
  if (!topology) {
    append_file_errors(errors, std::move(topology.error()), "fabric.topology", marks);
    marks.add_bad("fabric.topology");
    return;
  }
  const HtsimTier& first = topology->tier.front();
  const FabricDescription given = fabric;
  fabric.shape = topology->tiers == 2 ? Shape::kLeafSpine : Shape::kFatTree;
  fabric.nodes = topology->nodes;
  fabric.tiers = topology->tiers;
  fabric.link_rate = Rate::gbps(first.downlink_gbps);
  fabric.link_latency = Duration::ns(first.downlink_latency_ns);
  fabric.switch_latency = Duration::ns(first.switch_latency_ns);
  warn_overruled(given, fabric, marks, scenario.warnings);
  append(scenario.warnings, std::move(topology->warnings));
  scenario.topology = std::move(*topology);
}

void read_matrix_file(NetworkScenario& scenario, const MarkTable& marks, Errors& errors) {
  WorkloadDescription& workload = scenario.description.workload;
  if (!workload.matrix.given()) return;
  workload.kind = WorkloadKind::kMatrix;
  auto matrix =
      load_connection_matrix(workload.matrix.resolved, {.start_unit = workload.matrix_start_unit});
  if (!matrix) {
    append_file_errors(errors, std::move(matrix.error()), "workload.matrix", marks);
    return;
  }
  append(scenario.warnings, std::exchange(matrix->warnings, {}));
  scenario.matrix = std::move(*matrix);
}

// Defaults that depend on other keys.
void settle(NetworkDescription& description, const MarkTable& marks) {
  TransportDescription& transport = description.transport;
  if (transport.kind == TransportKind::kRoce) {
    if (!marks.given("transport.congestion")) transport.congestion = Congestion::kDcqcn;
    if (!marks.given("transport.paths.selection"))
      transport.paths.selection = PathSelection::kOnePath;
    if (!marks.given("transport.paths.count")) transport.paths.count = 1;
  }
  WorkloadDescription& workload = description.workload;
  if (!workload.sources.empty() && !marks.given("workload.fan_in"))
    workload.fan_in = static_cast<int64_t>(workload.sources.size());
  if (description.fabric.shape != Shape::kFatTree && !marks.given("fabric.tiers"))
    description.fabric.tiers = 2;
}

}  // namespace

NetworkResult load_network(const std::string& path, const std::vector<std::string>& overrides) {
  const auto text = scenario::read_text_file(path, scenario::YamlLimits{}.bytes);
  if (!text) return refuse({text.error()});
  return read_network(*text, path, overrides);
}

NetworkResult read_network(std::string_view text, const std::string& file,
                           const std::vector<std::string>& overrides) {
  scenario::YamlText yaml = scenario::read_yaml(text, file);
  Errors errors = std::move(yaml.errors);
  if (!yaml.complete) return refuse(std::move(errors));
  append(errors, scenario::apply_overrides(yaml.root, overrides));
  if (const auto kind = kind_of(yaml.root, {"network"}); !kind) {
    errors.push_back(kind.error());
    return refuse(std::move(errors));
  }
  NetworkResult scenario = read_network(yaml.root);
  if (!scenario) append(errors, std::move(scenario.error()));
  if (!errors.empty()) return refuse(std::move(errors));
  return scenario;
}

void complete_network(NetworkScenario& scenario, Errors& errors) {
  settle(scenario.description, scenario.marks);
  read_topology_file(scenario, scenario.marks, errors);
  read_matrix_file(scenario, scenario.marks, errors);
  append(errors, check_network(scenario, scenario.marks));
}

NetworkResult read_network(const scenario::Node& root) {
  NetworkScenario scenario;
  Errors errors;
  scenario::ReadOutcome outcome = scenario::read(root, scenario.description);
  append(errors, std::move(outcome.errors));
  scenario.marks = std::move(outcome.marks);
  complete_network(scenario, errors);
  if (!errors.empty()) return refuse(std::move(errors));
  return scenario;
}

std::string network_schema() { return scenario::schema_text<NetworkDescription>(); }

std::string network_yaml(const NetworkDescription& description) {
  return scenario::to_yaml(scenario::dump(description));
}

std::string network_json(const NetworkDescription& description) {
  return scenario::to_json(scenario::dump(description));
}

}  // namespace windtunnel::study
