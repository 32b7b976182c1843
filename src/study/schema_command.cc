// `windtunnel schema`: every key of a kind of file that the command reads.
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "scenario/suggest.h"
#include "study/claim_sheet.h"
#include "study/command_support.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {
namespace {

struct FileKind {
  std::string_view name;
  std::string_view about;
  std::string (*schema)();
};

// Scenarios, and what is no scenario but has keys as one.
std::vector<FileKind> file_kinds() {
  std::vector<FileKind> kinds;
  for (const ScenarioKind& kind : scenario_kinds()) {
    kinds.push_back({kind.name, kind.about, kind.schema});
  }
  kinds.push_back(
      {"claims", "an announcement taken apart into claims, for `windtunnel claims`", sheet_schema});
  return kinds;
}

}  // namespace

Outcome schema(const SchemaOptions& options) {
  Outcome outcome;
  std::vector<std::string> names;
  for (const FileKind& kind : file_kinds()) {
    if (options.kind == kind.name) {
      outcome.out = kind.schema();
      return outcome;
    }
    names.emplace_back(kind.name);
    outcome.out += fmt::format("{:<12}{}\n", kind.name, kind.about);
  }
  if (options.kind.empty()) return outcome;
  base::Error unknown;
  unknown.message = fmt::format("kind: found {}, expected {}", scenario::quoted(options.kind),
                                fmt::join(names, " or "));
  unknown.hint = scenario::suggestion(options.kind, names);
  return bad_input(unknown);
}

}  // namespace windtunnel::study
