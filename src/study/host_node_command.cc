// `windtunnel node`: a server from a file of its machine or a scenario, drawn, and ways through it.
#include <fmt/format.h>

#include "node/host_path.h"
#include "scenario/suggest.h"
#include "scenario/text_file.h"
#include "study/command_support.h"
#include "study/host_schema.h"
#include "study/host_tree.h"
#include "study/host_xml.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;

tl::expected<node::HostModel, Errors> load_model(const std::string& file) {
  const auto text = scenario::read_text_file(file, kHostXmlBytesMax);
  if (!text) return tl::unexpected(Errors{text.error()});
  if (looks_like_xml(*text)) {
    auto host = read_host_xml(*text, file);
    if (!host) return tl::unexpected(Errors{host.error()});
    return node::HostModel::build(*host);
  }
  auto scenario = read_host(*text, file);
  if (!scenario) return tl::unexpected(std::move(scenario.error()));
  return std::move(scenario->model);
}

base::Result<uint32_t> find_part(const node::HostModel& model, const char* option,
                                 const std::string& name) {
  if (const auto found = model.find(name);
      found && model.vertex(*found).device != node::HostModel::kNone)
    return *found;
  for (uint32_t v = 0; v < model.vertices().size(); ++v) {
    if (!name.empty() && model.vertex(v).bus_id == name) return v;
  }
  const std::vector<std::string> names = model.names();
  return base::fail(fmt::format("{}: found {}, expected the name or bus id of a part", option,
                                scenario::quoted(name)),
                    scenario::suggestion(name, names));
}

}  // namespace

Outcome show_node(const NodeOptions& options) {
  if (options.from.empty() != options.to.empty())
    return bad_input(base::fail("found one of --from and --to, expected both or neither").value());
  const auto model = load_model(options.file);
  if (!model) return bad_input(model.error());
  Outcome outcome;
  if (options.from.empty()) {
    outcome.out = options.printing.json ? host_json(*model, 0, 0, nullptr)
                                        : host_tree_text(*model, options.printing.style);
    return outcome;
  }
  const auto from = find_part(*model, "--from", options.from);
  if (!from) return bad_input(from.error());
  const auto to = find_part(*model, "--to", options.to);
  if (!to) return bad_input(to.error());
  const auto answer = node::find_paths(*model, *from, *to);
  if (!answer) return bad_input(answer.error());
  outcome.out = options.printing.json
                    ? host_json(*model, *from, *to, &*answer)
                    : host_tree_text(*model, options.printing.style) + "\n" +
                          host_paths_text(*model, *from, *to, *answer, options.printing.style);
  return outcome;
}

}  // namespace windtunnel::study
