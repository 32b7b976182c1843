#include "study/claim_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scenario/overrides.h"
#include "scenario/text_file.h"
#include "scenario/yaml_reader.h"

namespace windtunnel::study {
namespace {

using Errors = std::vector<base::Error>;

// `path=value` changes, of which a later one wins over an earlier one of the same path.
std::vector<std::string> without_overruled(const std::vector<std::string>& set) {
  const auto path = [](const std::string& text) { return text.substr(0, text.find('=')); };
  std::vector<std::string> kept;
  for (size_t i = 0; i < set.size(); ++i) {
    const bool overruled =
        std::any_of(set.begin() + static_cast<std::ptrdiff_t>(i) + 1, set.end(),
                    [&](const auto& later) { return path(later) == path(set[i]); });
    if (!overruled) kept.push_back(set[i]);
  }
  return kept;
}

// A mistake in a change is a mistake at the place where the sheet makes it.
Errors placed(Errors errors, const ClaimRun& run, const base::SourceMark& at) {
  for (base::Error& error : errors) {
    if (error.mark.line > 0) continue;
    const std::string where = error.mark.file.empty() ? "" : error.mark.file + ": ";
    error.message = fmt::format("run `{}`: {}{}", run.name, where, error.message);
    error.mark = at;
  }
  return errors;
}

tl::expected<scenario::Node, Errors> tree_of(const ClaimRun& run) {
  if (run.inlined) return *run.inlined;
  const auto text = scenario::read_text_file(run.file, scenario::YamlLimits{}.bytes);
  if (!text) return tl::unexpected(Errors{text.error()});
  scenario::YamlText yaml = scenario::read_yaml(*text, run.file);
  if (!yaml.complete || !yaml.errors.empty()) return tl::unexpected(std::move(yaml.errors));
  return std::move(yaml.root);
}

std::vector<std::string> known_kinds() {
  std::vector<std::string> names;
  for (const ScenarioKind& kind : scenario_kinds()) names.emplace_back(kind.name);
  return names;
}

}  // namespace

tl::expected<std::string, Errors> kind_of_run(const ClaimRun& run) {
  auto tree = tree_of(run);
  if (!tree) return tl::unexpected(placed(std::move(tree.error()), run, run.at));
  Errors errors = scenario::apply_overrides(*tree, run.set);
  if (!errors.empty()) return tl::unexpected(placed(std::move(errors), run, run.at));
  const base::Result<std::string> kind = kind_of(*tree, known_kinds());
  if (!kind) return tl::unexpected(placed({kind.error()}, run, run.at));
  return *kind;
}

ScenarioResult read_run(const ClaimRun& run, const std::vector<std::string>& set) {
  if (!run.inlined) return load_scenario(run.file, set);
  scenario::Node tree = *run.inlined;
  Errors errors = scenario::apply_overrides(tree, set);
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  const base::Result<std::string> kind = kind_of(tree, known_kinds());
  if (!kind) return tl::unexpected(Errors{kind.error()});
  return (*find_kind(*kind))->read(tree);
}

tl::expected<size_t, Errors> ClaimJobs::need(size_t run_index, const std::vector<std::string>& more,
                                             const base::SourceMark& at) {
  const ClaimRun& run = runs_[run_index];
  std::vector<std::string> set = run.set;
  set.insert(set.end(), more.begin(), more.end());
  set = without_overruled(set);
  // Scenarios inside the sheet are told apart by the run that holds them.
  std::string key = run.inlined ? fmt::format("{}:{}", run.file, run.inlined->mark.line) : run.file;
  for (const std::string& change : set) key += "\n" + change;
  const auto known = by_key_.find(key);
  if (known != by_key_.end()) return known->second;
  ScenarioResult scenario = read_run(run, set);
  if (!scenario) return tl::unexpected(placed(std::move(scenario.error()), run, at));
  ClaimJob job;
  job.run = run_index;
  job.set = std::move(set);
  job.key = key;
  job.scenario = std::move(*scenario);
  jobs_.push_back(std::move(job));
  by_key_.emplace(std::move(key), jobs_.size() - 1);
  return jobs_.size() - 1;
}

}  // namespace windtunnel::study
