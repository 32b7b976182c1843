// What the commands share: loading a scenario with its settings, and saying what was wrong.
#pragma once

#include <string>
#include <vector>

#include "study/commands.h"
#include "study/network_schema.h"

namespace windtunnel::study {

// `--set` flags and a seed as the loader wants them, later ones winning.
std::vector<std::string> assignments(const std::vector<Setting>& settings,
                                     std::optional<uint64_t> seed);

// Exit code 2, the errors one a line on standard error.
Outcome bad_input(const std::vector<base::Error>& errors);
Outcome bad_input(const base::Error& error);

// "warning: ..." lines.
std::string warnings_text(const std::vector<base::Error>& warnings);

// What a stopped command says, and its exit code.
Outcome interrupted(const Progress& progress);

}  // namespace windtunnel::study
