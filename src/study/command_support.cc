#include "study/command_support.h"

#include "study/progress.h"

namespace windtunnel::study {

std::vector<std::string> assignments(const std::vector<Setting>& settings,
                                     std::optional<uint64_t> seed) {
  std::vector<std::string> all;
  all.reserve(settings.size() + 1);
  for (const Setting& setting : settings) all.push_back(setting.path + "=" + setting.value);
  if (seed) all.push_back("seed=" + std::to_string(*seed));
  return all;
}

Outcome bad_input(const std::vector<base::Error>& errors) {
  Outcome outcome;
  outcome.err = base::to_string(errors);
  outcome.exit = ExitCode::kBadInput;
  return outcome;
}

Outcome bad_input(const base::Error& error) {
  std::vector<base::Error> errors;
  errors.push_back(error);
  return bad_input(errors);
}

std::string warnings_text(const std::vector<base::Error>& warnings) {
  std::string text;
  for (const base::Error& warning : warnings) text += "warning: " + warning.to_string() + "\n";
  return text;
}

Outcome interrupted(const Progress& progress) {
  Outcome outcome;
  outcome.err = stopped_text(progress) + "\n";
  outcome.exit = ExitCode::kInterrupted;
  return outcome;
}

}  // namespace windtunnel::study
