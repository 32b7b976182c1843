// Kinds of scenarios as the commands see them: each kind is one row of scenario_kinds(), and no
// command knows more of it than what stands here. A new kind adds a row in scenario_kind.cc and the
// file that the row points to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "report/measurements.h"
#include "report/output.h"
#include "scenario/tree.h"
#include "study/commands.h"
#include "study/improvements.h"

namespace windtunnel::study {

// What a command wants of one run.
struct RunRequest {
  uint32_t threads = 1;
  bool sample = true;  // series for the report
  // Folder that result files go to; empty: none are wanted. Files that are large are streamed there
  // under temporary names, see RunResult::files.
  std::string folder = {};
};

struct RunResult {
  report::Measurements measurements;
  std::vector<base::Error> warnings = {};
  // Besides results.json and report.html, where files are wanted: texts still to be written, and
  // files that are on disk but not yet under their names.
  std::vector<report::NamedText> texts = {};
  std::vector<report::OutputFile> files = {};
  std::string shortfall = {};  // what had to be done and was not; the exit code is 1 then
  Progress progress = {};      // where it ended
  bool stopped = false;        // the observer said so; measurements are empty then
};

// A scenario that was read and checked and is ready to run.
class Scenario {
 public:
  virtual ~Scenario() = default;

  virtual const std::vector<base::Error>& warnings() const = 0;
  virtual uint64_t seed() const = 0;
  virtual uint32_t threads() const = 0;  // that the scenario asks for
  // The same with another seed: one replication.
  virtual std::unique_ptr<Scenario> with_seed(uint64_t seed) const = 0;

  // Resident memory that a run needs at most, reckoned from the description alone: it is asked for
  // before anything is laid out. `limit` is what the scenario itself allows.
  virtual base::Bytes memory_need(const RunRequest& request) const = 0;
  virtual std::optional<base::Bytes> memory_limit() const = 0;

  // For `windtunnel improve`. By default nothing is offered and the user says it all.
  virtual Improvements improvements() const { return {}; }

  // Errors: what only planning can find, with the place of the key.
  virtual base::Result<RunResult> run(const RunRequest& request, Observer& observer) const = 0;
};

using ScenarioResult = tl::expected<std::unique_ptr<Scenario>, std::vector<base::Error>>;

struct ScenarioKind {
  std::string_view name;
  std::string_view about;   // one line for `windtunnel schema`
  std::string (*schema)();  // `windtunnel schema NAME`
  // From the tree, overrides applied. Errors are all that were found, in any order.
  ScenarioResult (*read)(const scenario::Node& root);
};

const std::vector<ScenarioKind>& scenario_kinds();
// Error: the kind that was found, those that exist, and the nearest of them.
base::Result<const ScenarioKind*> find_kind(std::string_view name);

// `overrides` are `path=value` (scenario/overrides.h), later ones winning. On failure all mistakes,
// sorted by place.
ScenarioResult load_scenario(const std::string& path,
                             const std::vector<std::string>& overrides = {});
ScenarioResult read_scenario(std::string_view text, const std::string& file,
                             const std::vector<std::string>& overrides = {});

// The value of `kind` in a tree, if it is one of `kinds`. A scenario of another kind, or a file
// that is no scenario, has this one error and not one per key.
base::Result<std::string> kind_of(const scenario::Node& root,
                                  const std::vector<std::string>& kinds);

}  // namespace windtunnel::study
