// From arguments to exit code: parse, call the command, print what it says. The streams, the
// commands and the signal flag come from outside, so a test runs the whole without a process.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "study/commands.h"

namespace windtunnel::cli {

// The commands that are called; `main` passes those of study.
struct Commands {
  std::function<study::Outcome(const study::RunOptions&, study::Observer&)> run;
  std::function<study::Outcome(const study::SweepOptions&, study::Observer&)> sweep;
  std::function<study::Outcome(const study::ImproveOptions&, study::Observer&)> improve;
  std::function<study::Outcome(const study::CompareOptions&, study::Observer&)> compare;
  std::function<study::Outcome(const study::ValidateOptions&, study::Observer&)> validate;
  std::function<study::Outcome(const study::SchemaOptions&)> schema;
  std::function<study::Outcome(const study::ClaimsOptions&, study::Observer&)> claims;
  std::function<study::Outcome(const study::CatalogOptions&)> catalog;
  std::function<study::Outcome(const study::NodeOptions&)> node;
  std::function<study::Outcome(const study::PlanOptions&, study::Observer&)> plan;
};

// Where text goes and what is known of it.
struct Console {
  std::FILE* out = stdout;
  std::FILE* err = stderr;
  report::TerminalStyle style = {};  // of `out`
  bool show_progress = false;        // `err` is a terminal
  int progress_columns = 80;
  std::function<int()> stop_signal = [] { return 0; };
  std::string data = ".";    // catalog/ and claims/, where --data does not say
  bool last_resort = false;  // a command that does not heed stop_signal is ended (cli/stop.h)
  std::function<void()> hold_stop = [] {};  // result files are being put in place
};

// The console of this process: colour and width by terminal, NO_COLOR and TERM.
Console process_console();

// Returns the exit code of the process.
int run_command_line(const std::vector<std::string>& arguments, const Commands& commands,
                     const Console& console);

}  // namespace windtunnel::cli
