// The command line as options: pure parsing, no effect. Errors name what was found, what was
// expected and the nearest valid name.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "study/commands.h"

namespace windtunnel::cli {

// Text that answers by itself: --help and --version.
struct ShowText {
  std::string text;
};

using Command = std::variant<ShowText, study::RunOptions, study::SweepOptions,
                             study::ImproveOptions, study::CompareOptions, study::ValidateOptions,
                             study::SchemaOptions, study::ClaimsOptions, study::CatalogOptions,
                             study::NodeOptions, study::PlanOptions>;

// `arguments` without the program's name. `version` is what --version shows. Nothing is read or
// opened here: whether a file exists is the command's business.
base::Result<Command> parse_arguments(const std::vector<std::string>& arguments,
                                      const std::string& version);

}  // namespace windtunnel::cli
