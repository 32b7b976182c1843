#include "cli/command_line.h"
#include "cli/stop.h"

namespace cli = windtunnel::cli;
namespace study = windtunnel::study;

int main(int argc, char** argv) {
  cli::install_signal_handlers();
  const cli::Commands commands{&study::run,       &study::sweep,  &study::improve, &study::compare,
                               &study::validate,  &study::schema, &study::claims,  &study::catalog,
                               &study::show_node, &study::plan};
  return cli::run_command_line({argv + (argc > 0 ? 1 : 0), argv + argc}, commands,
                               cli::process_console());
}
