// `windtunnel schema`: every key of a kind of scenario.
#include "study/command_support.h"

namespace windtunnel::study {

Outcome schema(const SchemaOptions& options) {
  Outcome outcome;
  if (options.kind.empty()) {
    outcome.out = "network   packets through a network of NICs and switches\n";
    return outcome;
  }
  if (options.kind == "network") {
    outcome.out = network_schema();
    return outcome;
  }
  base::Error error;
  error.message = "schema: found kind `" + options.kind + "`, expected network";
  return bad_input(error);
}

}  // namespace windtunnel::study
