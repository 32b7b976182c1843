#include "study/scenario_kind.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "scenario/overrides.h"
#include "scenario/reader.h"
#include "scenario/suggest.h"
#include "scenario/text_file.h"
#include "scenario/yaml_reader.h"
#include "study/collective_kind.h"
#include "study/factory_kind.h"
#include "study/host_kind.h"
#include "study/network_kind.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;

tl::unexpected<Errors> refuse(Errors errors) {
  scenario::sort_by_place(errors);
  return tl::unexpected(std::move(errors));
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const ScenarioKind& kind : scenario_kinds()) names.emplace_back(kind.name);
  return names;
}

}  // namespace

const std::vector<ScenarioKind>& scenario_kinds() {
  static const std::vector<ScenarioKind> kinds = {network_kind(), collective_kind(), host_kind(),
                                                  factory_kind()};
  return kinds;
}

base::Result<const ScenarioKind*> find_kind(std::string_view name) {
  for (const ScenarioKind& kind : scenario_kinds()) {
    if (kind.name == name) return &kind;
  }
  const std::vector<std::string> names = kind_names();
  return base::fail(
      fmt::format("kind: found {}, expected {}", scenario::quoted(name), fmt::join(names, " or ")),
      scenario::suggestion(name, names));
}

base::Result<std::string> kind_of(const scenario::Node& root,
                                  const std::vector<std::string>& kinds) {
  if (root.kind != scenario::Node::Kind::kMapping) {
    return base::fail(root.mark, fmt::format("found {}, expected a scenario: a group of keys",
                                             scenario::kind_name(root.kind)));
  }
  const scenario::Node* kind = root.find("kind");
  if (kind == nullptr) {
    return base::fail(root.mark,
                      fmt::format("found no key `kind`, expected a scenario with `kind: {}`",
                                  fmt::join(kinds, "` or `kind: ")),
                      fmt::format("`windtunnel schema {}` prints every key", kinds.front()));
  }
  if (kind->kind == scenario::Node::Kind::kScalar) {
    for (const std::string& known : kinds) {
      if (kind->text == known) return known;
    }
  }
  const std::string found = kind->kind == scenario::Node::Kind::kScalar
                                ? scenario::quoted(kind->text)
                                : std::string(scenario::kind_name(kind->kind));
  return base::fail(kind->mark,
                    fmt::format("kind: found {}, expected {}", found, fmt::join(kinds, " or ")),
                    scenario::suggestion(kind->text, kinds));
}

ScenarioResult load_scenario(const std::string& path, const std::vector<std::string>& overrides) {
  const auto text = scenario::read_text_file(path, scenario::YamlLimits{}.bytes);
  if (!text) return refuse({text.error()});
  return read_scenario(*text, path, overrides);
}

ScenarioResult read_scenario(std::string_view text, const std::string& file,
                             const std::vector<std::string>& overrides) {
  scenario::YamlText yaml = scenario::read_yaml(text, file);
  Errors errors = std::move(yaml.errors);
  if (!yaml.complete) return refuse(std::move(errors));
  Errors more = scenario::apply_overrides(yaml.root, overrides);
  errors.insert(errors.end(), more.begin(), more.end());
  const base::Result<std::string> name = kind_of(yaml.root, kind_names());
  if (!name) {
    errors.push_back(name.error());
    return refuse(std::move(errors));
  }
  ScenarioResult scenario = (*find_kind(*name))->read(yaml.root);
  if (!scenario) errors.insert(errors.end(), scenario.error().begin(), scenario.error().end());
  if (!errors.empty()) return refuse(std::move(errors));
  return scenario;
}

}  // namespace windtunnel::study
