#include "study/host_schema.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "node/host_problems.h"
#include "scenario/dump.h"
#include "scenario/overrides.h"
#include "scenario/reader.h"
#include "scenario/schema_text.h"
#include "scenario/suggest.h"
#include "scenario/yaml_reader.h"
#include "study/host_flows.h"
#include "study/host_preset.h"
#include "study/host_xml.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;
using scenario::MarkTable;

tl::unexpected<Errors> refuse(Errors errors) {
  scenario::sort_by_place(errors);
  return tl::unexpected(std::move(errors));
}

// A server with all its devices: those of the file, of the preset, and of the list.
class ServerReader {
 public:
  ServerReader(HostServerDescription& server, std::string path, const MarkTable& marks,
               Errors& errors)
      : server_(server), path_(std::move(path)), marks_(marks), errors_(errors) {}

  std::optional<node::HostDescription> read() {
    node::HostDescription host = server_.host;
    for (size_t i = 0; i < host.devices.size(); ++i)
      host.devices[i].mark = marks_.at(fmt::format("{}.devices[{}]", path_, i));
    std::vector<node::HostDevice> listed = std::exchange(host.devices, {});
    if (server_.topology.given() && !add_file(host)) return std::nullopt;
    add_preset(host, server_.preset, {server_.preset_gpus, server_.preset_ssds});
    const size_t before = host.devices.size();
    host.devices.insert(host.devices.end(), listed.begin(), listed.end());
    if (host.devices.empty()) {
      errors_.push_back({marks_.at(path_),
                         fmt::format("{}: found no devices, expected some", path_),
                         "give devices, a preset, or the topology file of a machine"});
      return std::nullopt;
    }
    node::complete_host(host);
    report(host, before);
    if (!sound_) return std::nullopt;
    return host;
  }

 private:
  // What the file says of processors and GPU links holds unless the scenario says otherwise.
  bool add_file(node::HostDescription& host) {
    const auto file = load_host_xml(server_.topology.resolved);
    if (!file) {
      base::Error error = file.error();
      if (error.mark.line == 0) {
        error.message = fmt::format("{}.topology: {} {}", path_, error.mark.file, error.message);
        error.mark = marks_.at(path_ + ".topology");
      }
      errors_.push_back(std::move(error));
      return false;
    }
    host.devices = file->devices;
    if (!marks_.given(path_ + ".socket_link.peer_rate"))
      host.socket_link.peer_rate = file->socket_link.peer_rate;
    if (!marks_.given(path_ + ".policy.root_payload"))
      host.policy.root_payload = file->policy.root_payload;
    if (!marks_.given(path_ + ".gpu_fabric")) host.gpu_fabric = file->gpu_fabric;
    if (!marks_.given(path_ + ".gpu_links")) host.gpu_links = file->gpu_links;
    return true;
  }

  // `listed` is the index of the first device of the list.
  void report(const node::HostDescription& host, size_t listed) {
    for (const node::HostProblem& problem : node::find_host_problems(host)) {
      sound_ = false;
      const bool of_list = problem.device != node::HostProblem::kServer &&
                           problem.device >= listed &&
                           problem.device - listed < server_.host.devices.size();
      std::string key = path_;
      if (of_list) key += fmt::format(".devices[{}]", problem.device - listed);
      if (!problem.key.empty()) key += "." + problem.key;
      const bool of_file = problem.device < listed;
      const base::SourceMark mark = of_file ? host.devices[problem.device].mark : marks_.at(key);
      errors_.push_back({mark, fmt::format("{}: {}", key, problem.message),
                         scenario::suggestion(problem.found, problem.names)});
    }
  }

  HostServerDescription& server_;
  std::string path_;
  const MarkTable& marks_;
  Errors& errors_;
  bool sound_ = true;
};

}  // namespace

HostResult read_host(const scenario::Node& root) {
  HostScenario scenario;
  HostScenarioDescription& description = scenario.description;
  scenario::ReadOutcome outcome = scenario::read(root, description);
  Errors errors = std::move(outcome.errors);
  if (!errors.empty()) return refuse(std::move(errors));

  auto local = ServerReader(description.server, "server", outcome.marks, errors).read();
  std::optional<node::HostDescription> remote;
  if (description.remote_server == RemoteServer::kSame) remote = local;
  if (description.remote_server == RemoteServer::kOwn)
    remote = ServerReader(description.remote, "remote", outcome.marks, errors).read();
  if (!errors.empty() || !local) return refuse(std::move(errors));
  scenario.model = remote
                       ? node::HostModel::build_pair(*local, *remote, {description.network_latency})
                       : node::HostModel::build(*local);
  scenario.flows = expand_flows(description, scenario.model, outcome.marks, errors);
  if (!errors.empty()) return refuse(std::move(errors));
  return scenario;
}

HostResult read_host(std::string_view text, const std::string& file,
                     const std::vector<std::string>& overrides) {
  scenario::YamlText yaml = scenario::read_yaml(text, file);
  Errors errors = std::move(yaml.errors);
  if (!yaml.complete) return refuse(std::move(errors));
  Errors more = scenario::apply_overrides(yaml.root, overrides);
  errors.insert(errors.end(), more.begin(), more.end());
  const base::Result<std::string> kind = kind_of(yaml.root, {"host"});
  if (!kind) {
    errors.push_back(kind.error());
    return refuse(std::move(errors));
  }
  HostResult scenario = read_host(yaml.root);
  if (!scenario) errors.insert(errors.end(), scenario.error().begin(), scenario.error().end());
  if (!errors.empty()) return refuse(std::move(errors));
  return scenario;
}

std::string host_schema() { return scenario::schema_text<HostScenarioDescription>(); }

std::string host_yaml(const HostScenarioDescription& description) {
  return scenario::to_yaml(scenario::dump(description));
}

}  // namespace windtunnel::study
