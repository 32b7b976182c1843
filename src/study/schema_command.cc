// `windtunnel schema`: every key of a kind of scenario.
#include <fmt/format.h>

#include "study/command_support.h"
#include "study/scenario_kind.h"

namespace windtunnel::study {

Outcome schema(const SchemaOptions& options) {
  Outcome outcome;
  if (options.kind.empty()) {
    for (const ScenarioKind& kind : scenario_kinds()) {
      outcome.out += fmt::format("{:<12}{}\n", kind.name, kind.about);
    }
    return outcome;
  }
  const auto kind = find_kind(options.kind);
  if (!kind) return bad_input(kind.error());
  outcome.out = (*kind)->schema();
  return outcome;
}

}  // namespace windtunnel::study
