// Ctrl-C as a flag that the run polls. The one place with process-wide state: a signal handler can
// reach nothing else.
#pragma once

namespace windtunnel::cli {

// From now on the first SIGINT or SIGTERM sets the flag and the second ends the process at once.
// A broken invariant (SIGABRT) ends it with the exit code for internal faults.
void install_signal_handlers();

// The signal that asked to stop, or 0.
int stop_signal();

}  // namespace windtunnel::cli
